"""infraai alert: feed the body of a webhook, and see what comes of it."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import exits
from api.cli.options import Json
from api.cli.output import console, print_json
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from api.cli.ops_session import OpsSession
    from graphs.wiring import System
    from infraai.registry.incidents import Incident, Received

MOST_BYTES = 1_000_000  # as the webhook takes them
GRAVEST = (
    exits.FAILED,
    exits.HALTED,
    exits.ESCALATED,
    exits.INTERRUPTED,
    exits.WAITING,
    exits.REJECTED,
    exits.OK,
)


def alert(
    source: Annotated[str, typer.Argument(help="A file with the body, or - for stdin.", metavar="FILE|-")],
    *,
    handle: Annotated[
        bool, typer.Option(help="See each incident to its end, or to a question; else only keep it.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Feed an alert: Google Cloud, Pub/Sub, Alertmanager, Grafana, or {resource_id, metric, value, threshold}.

    Exit codes: 0 resolved, ignored or only kept, 2 no alert we know, 4 waits, 6 rejected, 7 stopped, 8 escalated.
    """
    from infraai.errors import InfraError

    try:
        body = read_body(source)
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> tuple[dict[str, Any], int]:
        from api.cli.ops_session import OpsSession, screen_of

        received = await system.operations.receive(body, channel="cli")
        async with screen_of(system, as_json=as_json) as screen:
            session = OpsSession(system, screen, as_json=as_json)
            found = [await _seen(session, one, handle=handle) for one in _incidents(received)]
        document = {
            "received": [asdict(one) for one in received],
            "incidents": [await system.operations.explain(one.incident_id) for one, _ in found],
        }
        codes = {code for _, code in found} if handle else set[int]()
        return document, next((code for code in GRAVEST if code in codes), exits.OK)

    document, code = run_system(work, as_json=as_json)
    if as_json:
        print_json(document)
    else:
        _show(document, handled=handle)
    raise typer.Exit(code)


def read_body(source: str) -> bytes:
    """Return the body; raise `InputError` where it cannot be read, or is longer than a webhook takes."""
    from infraai.errors import InputError

    try:
        if source == "-":
            body = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{source} cannot be read: {error.strerror}.", next_step="Name a file, or - for stdin."
        ) from error
    if len(body) > MOST_BYTES:
        raise InputError(f"{source} is longer than {MOST_BYTES:,} bytes.", next_step="Send single alerts.")
    return body


def _incidents(received: "Sequence[Received]") -> list[str]:
    return list(dict.fromkeys(one.incident_id for one in received if one.incident_id))


async def _seen(session: "OpsSession", incident_id: str, *, handle: bool) -> "tuple[Incident, int]":
    """Return how the incident stands once it waits or is over, and its exit code."""
    from api.cli.ops_session import standing_code

    incidents, runs = session.system.registry.incidents, session.system.registry.runs
    incident = await incidents.get(incident_id)
    if handle and incident.status == "pending":
        await session.handle(incident_id)
        incident = await incidents.get(incident_id)
    run = await runs.get(incident.run_id) if incident.run_id else None
    return incident, standing_code(incident.status, run)


def _show(document: dict[str, Any], *, handled: bool) -> None:
    from rich.markup import escape

    from api.cli.ops_cards import standing
    from infraai.operations.shapes import OVER

    out = console()
    for one in document["received"]:
        if one["duplicate"]:
            out.print(f"[bright_black]·[/] alert {one['alert_id'][:8]} was known already")
    if not document["incidents"]:
        out.print("[bright_black]·[/] Kept; nothing follows from it.")
    for one in document["incidents"]:
        short = one["incident_id"][:8]
        if not handled or one["status"] not in OVER:  # else its run has said so
            out.print(f"\n{standing(one['status'])}  incident {short}  {escape(one['title'])}")
        step = f"infraai incidents explain {short}" if handled else "infraai watch takes it up"
        out.print(f"  [bright_black]→ {step}[/]", soft_wrap=True)
