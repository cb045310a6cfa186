"""infraai stop, start, status: the kill-switch, and where everything stands."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Json
from api.cli.output import console, print_json
from api.cli.runtime import run_system

if TYPE_CHECKING:
    from graphs.wiring import System
    from infraai.registry.control import Control


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("stop")(stop)
    app.command("start")(start)
    app.command("status")(status)


def stop(
    *,
    reason: Annotated[str, typer.Option(help="Why; everybody is told.")],
    by: Annotated[str, typer.Option(help="Your name; else the name you are logged in by.")] = "",
    as_json: Json = False,
) -> None:
    """STOP AUTONOMY: nothing is changed any more until a person starts it again; what waits stays waiting."""
    from api.cli.session import whoami

    async def work(system: "System") -> "Control":
        return await system.operations.stop(by or whoami(), reason)

    flag = run_system(work, as_json=as_json)
    if as_json:
        print_json(asdict(flag))
        return
    from rich.markup import escape

    out = console()
    out.print(f"[red]■[/] [bold]Autonomy is stopped[/] by {escape(flag.by)}: {escape(flag.reason)}")
    out.print("  A running apply ends cleanly, its state saved. What waits stays waiting.")
    out.print("  [bright_black]→[/] infraai start --by NAME --reason …", soft_wrap=True)


def start(
    *,
    by: Annotated[str, typer.Option(help="Your name.")],
    reason: Annotated[str, typer.Option(help="Why it may go on.")],
    as_json: Json = False,
) -> None:
    """Let it act again. What was approved before the stop is previewed and asked again."""

    async def work(system: "System") -> "tuple[Control, Control]":
        before = await system.registry.kill_switch.read()
        return before, await system.operations.start(by, reason)

    before, flag = run_system(work, as_json=as_json)
    if as_json:
        print_json(asdict(flag) | {"was_stopped": before.stopped})
        return
    from rich.markup import escape

    said = "acts again" if before.stopped else "was not stopped"
    console().print(f"[green]✔[/] It {said}: {escape(flag.by)}, {escape(flag.reason)}")


def status(*, as_json: Json = False) -> None:
    """Say where everything stands: autonomy, open incidents, what waits for a person, what runs."""
    document = run_system(_standing, as_json=as_json)
    if as_json:
        print_json(document)
        return
    from rich.markup import escape
    from rich.table import Table

    from api.cli.ops_cards import standing

    flag, out = document["control"], console()
    said = f"[red]■ stopped[/] by {escape(flag['by'])}: {escape(flag['reason'])}"
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bright_black")
    table.add_column(overflow="fold")
    table.add_row("where", escape(document["where"]))
    table.add_row(
        "autonomy",
        said
        if flag["stopped"]
        else f"[green]●[/] {document['autonomy']} [bright_black]in this shell; a watch keeps the one it began with[/]",
    )
    table.add_row("deployments", str(document["deployments"]))
    for one in document["incidents"]:
        line = f"{standing(one['status'])}  {one['incident_id'][:8]}  {escape(one['title'])}"
        table.add_row("incident", line)
    if not document["incidents"]:
        table.add_row("incidents", "none open")
    for one in document["approvals"]:
        table.add_row("waits", f"[yellow]⏸[/] {one['approval_id']}  {escape(one['what'])}")
    for one in document["runs"]:
        table.add_row("runs", f"[cyan]●[/] {one['run_id'][:8]}  {one['kind']}  {escape(one['goal'])}")
    for one in document["silences"]:
        table.add_row("silence", f"{one['silence_id'][:8]}  {escape(one['reason'])}")
    out.print(table)


async def _standing(system: "System") -> dict[str, Any]:
    from api.cli.approval_card import described

    registry = system.registry
    stands = [one for one in await registry.deployments.list() if one.status != "destroyed"]
    open_ = [one for one in await registry.incidents.list(limit=200) if one.closed_at is None]
    running = await registry.runs.list(limit=50, status="running")
    silences = await registry.silences.list(at=system.operations.clock.now().timestamp())
    return {
        "where": system.describe(),
        "autonomy": system.settings.autonomy,
        "control": asdict(await registry.kill_switch.read()),
        "deployments": len(stands),
        "incidents": [
            {"incident_id": one.incident_id, "status": one.status, "title": one.title} for one in open_
        ],
        "approvals": [
            {"approval_id": one.approval_id, "run_id": one.run_id, "what": described(one)}
            for one in await registry.approvals.pending()
        ],
        "runs": [
            {"run_id": run.run_id, "kind": run.request.kind, "goal": run.request.goal} for run in running
        ],
        "silences": [asdict(one) for one in silences],
    }
