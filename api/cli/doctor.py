"""infraai doctor: what is configured, what is missing, and how to get it."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import typer

from api.cli import exits
from api.cli.options import Json
from api.cli.output import console, print_json
from api.cli.runtime import run_system

if TYPE_CHECKING:
    from graphs.wiring import System

Level = Literal["ok", "note", "missing"]
MARKS = {"ok": "[green]✔[/]", "note": "[cyan]·[/]", "missing": "[red]✗[/]"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at."""

    name: str
    level: Level
    found: str
    next_step: str = ""


def doctor(*, as_json: Json = False) -> None:
    """Say what is configured: the engine, the model, the cloud, the registry; exit 1 where something is missing."""
    lines = run_system(_examine, as_json=as_json)
    missing = any(line.level == "missing" for line in lines)
    if as_json:
        print_json({"ok": not missing, "checks": [asdict(line) for line in lines]})
    else:
        from rich.markup import escape

        for line in lines:
            console().print(f"{MARKS[line.level]} [bold]{line.name:<10}[/] {escape(line.found)}")
            if line.next_step:
                console().print(f"             [bright_black]→ {escape(line.next_step)}[/]")
    raise typer.Exit(exits.FAILED if missing else exits.OK)


async def _examine(system: "System") -> list[Line]:
    return [_engine(system), await _model(system), _cloud(system), _registry(system), await _autonomy(system)]


def _engine(system: "System") -> Line:
    from infraai.errors import TerraformError
    from tools.terraform.missing import NoTerraform

    if isinstance(system.terraform, NoTerraform):
        error = system.terraform.error
        return Line("engine", "missing", error.message, error.next_step)
    engine = system.terraform.engine
    try:
        version = engine.version
    except TerraformError as error:
        return Line("engine", "missing", error.message, error.next_step)
    return Line("engine", "ok", f"{engine.kind} {version} ({' '.join(engine.argv)})")


async def _model(system: "System") -> Line:
    from infraai.errors import ModelError

    settings = system.settings
    if settings.model_is_sandbox:
        step = "For real plans set GEMINI_API_KEY, or LLM_PROVIDER with another provider's key."
        return Line("model", "note", "sandbox-rules, the rule-based stand-in of the sandbox", step)
    try:
        await system.model.check_model()
    except ModelError as error:
        return Line("model", "missing", error.message, error.next_step)
    return Line("model", "ok", f"{settings.gemini_model} by {settings.llm_provider}")


def _cloud(system: "System") -> Line:
    settings = system.settings
    if settings.cloud == "sandbox":
        step = "For the real one set INFRAAI_CLOUD=gcp and GCP_PROJECT_ID, and sign in with gcloud."
        return Line("cloud", "note", f"sandbox, project {settings.project}", step)
    path = settings.google_credentials
    if path is not None and not path.is_file():
        step = "Point GOOGLE_APPLICATION_CREDENTIALS at a key file, or unset it and sign in with gcloud."
        return Line("cloud", "missing", f"there is no credentials file {path}", step)
    from graphs.wiring import has_credentials

    if not has_credentials(settings):
        step = "gcloud auth application-default login"
        return Line("cloud", "missing", f"Google Cloud, project {settings.project}, but no credentials", step)
    return Line("cloud", "ok", f"Google Cloud, project {settings.project}")


def _registry(system: "System") -> Line:
    home = system.settings.home_dir
    url = system.registry.engine.url.render_as_string(hide_password=True)
    return Line("registry", "ok", f"{url} (home {home})")


async def _autonomy(system: "System") -> Line:
    flag = await system.registry.kill_switch.read()
    if flag.stopped:
        return Line("autonomy", "note", f"stopped by {flag.by or 'unknown'}: {flag.reason}")
    return Line("autonomy", "ok", system.settings.autonomy)
