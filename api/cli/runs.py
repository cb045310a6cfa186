"""infraai runs: list, show, resume, logs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Accept, Json, Yes, rules
from api.cli.output import console, print_json, print_listing
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from graphs.wiring import System
    from infraai.models import Bundle
    from infraai.registry.runs import Run

app = typer.Typer(help="Look at runs, and take them up again.", no_args_is_help=True)
RunIdArgument = Annotated[
    str, typer.Argument(help="The run's id, or 6 characters of its beginning.", metavar="RUN_ID")
]


@app.command("list")
def list_runs(*, limit: Annotated[int, typer.Option(min=1)] = 20, as_json: Json = False) -> None:
    """List runs, newest first."""

    async def work(system: "System") -> list[dict[str, Any]]:
        return [
            {
                "run_id": run.run_id,
                "deployment_id": run.deployment_id,
                "kind": run.request.kind,
                "goal": run.request.goal or run.request.directory,
                "status": run.status,
                "driven": run.status == "running" and system.runner.owner.lives(run.owner),
                "phase": run.phase,
                "reason": run.reason,
                "message": run.message,
                "created_at": run.created_at,
                "updated_at": run.updated_at,
            }
            for run in await system.registry.runs.list(limit=limit)
        ]

    found = run_system(work, as_json=as_json)
    if as_json:
        print_json({"runs": found})
        return
    _table(found)


def _table(found: list[dict[str, Any]]) -> None:
    if not found:
        console().print('There are no runs yet. Start one: infraai deploy "a small web server"')
        return
    rows = [
        (
            run["run_id"][:8],
            run["kind"],
            "interrupted" if run["status"] == "running" and not run["driven"] else _stands(run),
            datetime.fromtimestamp(run["created_at"], UTC).astimezone().strftime("%d %b %H:%M"),
            " ".join(run["goal"].split()),
        )
        for run in found
    ]
    print_listing(("run", "what", "status", "when", "goal"), rows)


def _stands(run: dict[str, Any]) -> str:
    return f"{run['status']} ({run['reason']})" if run["reason"] else str(run["status"])


@app.command("reject")
def reject(
    run_id: RunIdArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit log.")] = "",
    as_json: Json = False,
) -> None:
    """Say no to the preview that a run waits with; the run ends and its deployment is free again."""
    from api.cli.session import whoami
    from infraai.errors import InputError

    async def work(system: "System") -> dict[str, Any]:
        run = await system.registry.runs.get(run_id)
        pending = await system.registry.approvals.pending(run.run_id)
        if not pending:
            raise InputError(
                f"Run {run.run_id} waits for no approval: {run.status}.", next_step="Nothing to reject."
            )
        approval_id = pending[0].approval_id
        decide = system.operations.decide if run.request.kind == "operate" else system.runner.decide
        run = await decide(approval_id, "reject", by=whoami(), channel="cli", reason=reason)
        return await system.report(run)

    report = run_system(work, as_json=as_json)
    if as_json:
        print_json(report)
        return
    from api.cli import cards

    console().print(cards.closing_card(report))


@app.command("show")
def show(run_id: RunIdArgument, *, as_json: Json = False) -> None:
    """Show one run: plan, preview, phases, ending."""

    async def work(system: "System") -> tuple[dict[str, Any], Mapping[str, Any]]:
        run = await system.registry.runs.get(run_id)
        return await system.report(run), await system.values(run)

    report, values = run_system(work, as_json=as_json)
    if as_json:
        print_json(report)
        return
    from api.cli import cards

    out = console()
    if values.get("plan"):
        out.print(cards.plan_card(values["plan"]))
    if values.get("preview"):
        out.print(cards.preview_card(values["preview"]))
    out.print(cards.closing_card(report))


@app.command("resume")
def resume(run_id: RunIdArgument, *, yes: Yes = False, accept: Accept = None, as_json: Json = False) -> None:
    """Take a run up where it stands; nothing that was applied is applied again."""
    from api.cli.session import Session
    from infraai.errors import InfraError

    try:
        accepted = rules(accept)
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> int:
        run = await system.registry.runs.get(run_id)
        if run.request.kind == "operate":
            return await _resume_operating(system, run, yes=yes, accept=accepted, as_json=as_json)
        return await Session(system, as_json=as_json).resume(run, yes=yes, accept=accepted)

    raise typer.Exit(run_system(work, as_json=as_json))


async def _resume_operating(
    system: "System", run: "Run", *, yes: bool, accept: tuple[str, ...], as_json: bool
) -> int:
    from api.cli.ops_session import OpsSession, screen_of

    async with screen_of(system, as_json=as_json) as screen:
        return await OpsSession(system, screen, as_json=as_json, yes=yes, accept=accept).act(run)


@app.command("logs")
def logs(run_id: RunIdArgument, *, as_json: Json = False) -> None:
    """Print a run's log, oldest first."""

    async def work(system: "System") -> list[dict[str, Any]]:
        run = await system.registry.runs.get(run_id)
        return [dict(line) for line in await system.registry.runs.logs(run.run_id)]

    lines = run_system(work, as_json=as_json)
    if as_json:
        print_json({"run_id": run_id, "logs": lines})
        return
    from rich.markup import escape

    out = console()
    for line in lines:
        at = datetime.fromtimestamp(line["at"], UTC).astimezone().strftime("%H:%M:%S")
        out.print(f"[bright_black]{at}[/] [cyan]{line['kind']:<10}[/] {escape(line['message'])}")


@app.command("files")
def files(
    run_id: RunIdArgument,
    *,
    out: Annotated[Path | None, typer.Option(help="Write the files into this directory instead.")] = None,
    as_json: Json = False,
) -> None:
    """Print the Terraform of a run as it is now, or write it into a directory."""
    from api.cli.bundles import check_writable, write_bundle

    async def work(system: "System") -> "Bundle":
        run = await system.registry.runs.get(run_id)
        sha = (await system.values(run)).get("bundle") or run.request.bundle_sha
        if not sha:
            raise NotFoundError(
                f"Run {run.run_id} has written no Terraform.", next_step="See: infraai runs show"
            )
        return await system.registry.artifacts.get_bundle(sha)

    from infraai.errors import InfraError, NotFoundError

    try:
        if out is not None:
            check_writable(out)
    except InfraError as error:
        fail(error, as_json=as_json)
    bundle = run_system(work, as_json=as_json)
    if out is not None:
        write_bundle(bundle, out)
    if as_json:
        print_json({"run_id": run_id, "files": bundle.files, "written_to": str(out) if out else None})
        return
    from rich.syntax import Syntax

    screen = console()
    if out is not None:
        screen.print(f"[green]✔[/] {len(bundle.files) + len(bundle.assets)} files written to {out}")
        return
    for name, text in sorted(bundle.files.items()):
        screen.print(f"[bold cyan]# {name}[/]")
        screen.print(Syntax(text.rstrip("\n"), "terraform", background_color="default"))
        screen.print()
