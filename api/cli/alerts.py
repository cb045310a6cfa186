"""infraai alert: feed the body of a webhook, and see what comes of it."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import exits
from api.cli.options import Json
from api.cli.output import console, err_console, print_json
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from api.cli.ops_session import OpsSession
    from graphs.wiring import System
    from infraai.registry.incidents import Incident, Received

MOST_BYTES = 1_000_000  # as the webhook takes them
PATIENCE_S = 60.0  # as long is waited for another process that has the incident
LOOK_EVERY_S = 0.2
MOVING = frozenset({"pending", "approved", "auto_executing", "executed"})  # somebody is at it, or nobody yet
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
    if handle:
        await _followed(session, incident_id)
        incident = await incidents.get(incident_id)
    run = await runs.get(incident.run_id) if incident.run_id else None
    if handle and incident.status in MOVING:
        return incident, exits.WAITING  # another process has it
    return incident, standing_code(incident.status, run)


async def _followed(session: "OpsSession", incident_id: str) -> None:
    """Handle the incident, or wait, at most `PATIENCE_S`, until the process that has it comes to a resting place."""
    from infraai.errors import ConflictError, InputError

    incidents, told = session.system.registry.incidents, False
    until = time.monotonic() + PATIENCE_S
    while (incident := await incidents.get(incident_id)).status in MOVING and time.monotonic() < until:
        try:
            if incident.status == "pending":
                run = await session.handle(incident_id)
                if run.ended or run.status == "awaiting_approval":
                    return
        except ConflictError:
            if not told:
                told = True
                said = f"[bright_black]·[/] Another process has incident {incident_id[:8]}; waiting for it …"
                err_console().print(said, soft_wrap=True)
        except InputError:
            if (await incidents.get(incident_id)).status == "pending":
                raise  # it is not that another process was faster
        await asyncio.sleep(LOOK_EVERY_S)


def _show(document: dict[str, Any], *, handled: bool) -> None:
    from rich.markup import escape

    from api.cli.ops_cards import standing

    out = console()
    for one in document["received"]:
        if one["duplicate"]:
            out.print(f"[bright_black]·[/] alert {one['alert_id'][:8]} was known already")
    if not document["incidents"]:
        out.print("[bright_black]·[/] Kept; nothing follows from it.")
    for one in document["incidents"]:
        short = one["incident_id"][:8]
        out.print(f"\n{standing(one['status'])}  incident {short}  {escape(one['title'])}", soft_wrap=True)
        if handled and one["message"]:
            out.print(f"  {escape(one['message'])}", soft_wrap=True)
        if handled and one["status"] in MOVING:
            out.print(f"  Another process has it still, after {PATIENCE_S:g} s; it goes on there.")
        asked = [one["approval_id"] for one in one["approvals"] if one["status"] == "pending"]
        for approval_id in asked if handled else ():
            out.print(f"  [bright_black]→ infraai approvals show {approval_id}[/]", soft_wrap=True)
        step = f"infraai incidents explain {short}" if handled else "infraai watch takes it up"
        out.print(f"  [bright_black]→ {step}[/]", soft_wrap=True)
