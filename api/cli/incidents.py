"""infraai incidents: list, show, explain."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Json
from api.cli.output import console, print_json, print_listing
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from graphs.wiring import System

app = typer.Typer(help="What went wrong, and what was done about it.", no_args_is_help=True)
IdArgument = Annotated[
    str, typer.Argument(help="The incident's id, or 6 characters of its beginning.", metavar="ID")
]


@app.command("list")
def list_incidents(
    *,
    status: Annotated[
        str, typer.Option(help="Only those that stand so: pending, pending_approval, resolved, escalated …")
    ] = "",
    limit: Annotated[int, typer.Option(min=1)] = 20,
    as_json: Json = False,
) -> None:
    """List incidents, newest first."""
    from infraai.errors import InfraError

    try:
        wanted = checked_status(status)
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> list[dict[str, Any]]:
        from dataclasses import asdict

        found = await system.registry.incidents.list(status=wanted, limit=limit)
        return [asdict(one) for one in found]

    found = run_system(work, as_json=as_json)
    if as_json:
        print_json({"incidents": found})
        return
    if not found:
        console().print("There are no incidents" + (f" that are {status}." if status else "."))
        return
    from api.cli.spans import cloud_time

    rows = [
        (
            one["incident_id"][:8],
            one["status"].replace("_", " "),
            one["severity"],
            cloud_time(one["opened_at"]),
            str(one["alert_count"]),
            (one["decision"] or {}).get("recommended_action", "-"),
            one["title"],
        )
        for one in found
    ]
    print_listing(("incident", "status", "severity", "since", "alerts", "decision", "what"), rows)


def checked_status(status: str) -> Any:
    """Return the status, or None for an empty one; raise `InputError` for one that does not exist."""
    from typing import get_args

    from infraai.errors import InputError
    from infraai.operations.shapes import AlertStatus

    known = get_args(AlertStatus)
    if status and status not in known:
        raise InputError(
            f"No incident stands as {status!r}.", next_step=f"They stand as: {', '.join(known)}."
        )
    return status or None


@app.command("show")
def show(incident_id: IdArgument, *, as_json: Json = False) -> None:
    """Show one incident: alerts, evidence, decision, actions, re-check."""
    report = run_system(lambda system: system.operations.explain(incident_id), as_json=as_json)
    if as_json:
        print_json(report)
        return
    from api.cli.incident_card import incident_card

    console().print(incident_card(report))


@app.command("explain")
def explain(incident_id: IdArgument, *, as_json: Json = False) -> None:
    """Tell the whole story: what fired, what was seen, what was decided and why, who allowed it, what helped."""
    report = run_system(lambda system: system.operations.explain(incident_id), as_json=as_json)
    from api.cli.story import story

    told = story(report)
    if as_json:
        print_json({"incident_id": report["incident_id"], "status": report["status"], "story": told})
        return
    from api.cli.incident_card import story_card

    console().print(story_card(report, told))
