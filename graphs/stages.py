"""A node that says which phase the run is in, and writes the run's log when it ends."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from pydantic import BaseModel

from graphs.report import MENDS
from infraai.journal import Journal
from infraai.models import Event, Phase, Report, RunId
from infraai.state import OperateUpdate, Update

ANNOUNCED = (
    "plan",
    "alert",
    "target",
    "advice",
    "preview",
    "verdict",
    "outcome",
    "verification",
    "recheck",
)


class Node(Protocol):
    """One step: reads the state, returns what it writes."""

    def __call__(self, state: Any) -> Awaitable[Update]:
        """Return the update."""
        ...


PhaseOf = Callable[[Any], Phase]


def staged(journal: Journal, phase: Phase | PhaseOf, node: Node) -> Node:
    """Return the node with its phase recorded before it and the log written after it, however it ends."""

    async def run(state: Any) -> Update:
        run_id = state["run_id"]
        await journal.enter(run_id, phase(state) if callable(phase) else phase)
        try:
            update = await node(state)
            announce(journal, run_id, update)
        finally:
            await journal.flush(run_id)
        return update

    return run


def announce(journal: Journal, run_id: RunId, update: Update) -> None:
    """Tell the watchers what a node found, as data."""
    for kind in ANNOUNCED:
        value = update.get(kind)
        if isinstance(value, BaseModel):
            journal.emit(run_id, Event(kind=kind, message=kind, data=value.model_dump(mode="json")))
    judged = update.get("action_verdict")
    if isinstance(judged, BaseModel):
        journal.emit(run_id, Event(kind="verdict", message="action", data=judged.model_dump(mode="json")))
    _announce_incident(journal, run_id, cast("OperateUpdate", update))
    for note in update.get("notes", []):
        journal.emit(run_id, Event(kind="mend" if note.startswith(MENDS) else "note", message=note))
    for finding in update.get("findings", []):
        journal.emit(
            run_id, Event(kind="finding", message=finding.message, data=finding.model_dump(mode="json"))
        )
    for error in (update.get("report") or Report()).errors:
        journal.emit(
            run_id, Event(kind="diagnostic", message=error.summary, data=error.model_dump(mode="json"))
        )


def _announce_incident(journal: Journal, run_id: RunId, update: OperateUpdate) -> None:
    pieces = [one.model_dump(mode="json") for one in update.get("evidence", [])]
    if pieces:
        said = f"{len(pieces)} pieces of evidence"
        journal.emit(run_id, Event(kind="evidence", message=said, data={"evidence": pieces}))
    for result in update.get("results", []):
        said = "done" if result.success else f"failed: {result.error}"
        journal.emit(run_id, Event(kind="action", message=said, data=result.model_dump(mode="json")))


def fix_phase(state: Any) -> Phase:
    """Return `fix_attempt_1` … `fix_attempt_3`, by how often the model was asked."""
    return cast("Phase", f"fix_attempt_{min(state.get('fixes', 0) + 1, 3)}")
