"""Homes: each deployment is built once, and every scenario gets a copy of it."""

import shutil
import socket
from pathlib import Path

from bench.incidents.scenario import Place
from graphs.wiring import open_system
from infraai.models import Bundle, Request
from infraai.policy import Autonomy
from infraai.settings import Settings

PROJECT = "bench-shop"
_DIRECTORIES = Path(__file__).parent / "deployments"
_USUAL_ADDRESS = "http://127.0.0.1:8080"


class BuildError(RuntimeError):
    """A deployment of the suite could not be built."""


def free_port() -> int:
    """Return a port of loopback that nothing listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def settings_of(
    home: Path, port: int, autonomy: Autonomy = "assisted", *, impatient: bool = False
) -> Settings:
    """Return the settings of one home; an impatient one waits for no slow model."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        INFRAAI_HOME=home,
        INFRAAI_CLOUD="sandbox",
        GCP_PROJECT_ID=PROJECT,
        PUBLIC_URL=f"http://127.0.0.1:{port}",
        INFRAAI_AUTONOMY=autonomy,
        INFRAAI_MODEL_TIMEOUT_S=2 if impatient else 60,
    )


async def build(place: Place, home: Path, port: int) -> None:
    """Deploy into an empty home; raise `BuildError` where that fails."""
    async with open_system(settings_of(home, port)) as system:
        request = Request(kind="deploy", goal=place.goal, budget_usd=place.budget_usd)
        bundle: Bundle | None = None
        if place.terraform:
            request = Request(kind="apply", goal=place.terraform, budget_usd=place.budget_usd)
            bundle = _bundle(place.terraform, port)
        run = await system.runner.start(request, bundle=bundle)
        run = await system.runner.drive(run.run_id)
        while run.status == "awaiting_approval":
            waits = (await system.registry.approvals.pending(run.run_id))[0]
            run = await system.runner.decide(waits.approval_id, "approve", by="builder", channel="bench")
        if run.status != "completed":
            raise BuildError(f"{place.goal or place.terraform}: {run.status}: {run.message}")


def copy_home(built: Path, to: Path) -> Path:
    """Return a copy of a home that nobody has open."""
    shutil.copytree(built, to, symlinks=True)
    return to


def _bundle(name: str, port: int) -> Bundle:
    files = sorted((_DIRECTORIES / name).glob("*.tf"))
    here = f"http://127.0.0.1:{port}"
    return Bundle(files={one.name: one.read_text().replace(_USUAL_ADDRESS, here) for one in files})
