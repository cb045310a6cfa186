"""Closer: every ending of an incident passes here, and is written down."""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.operate.holding import Holder
from infraai.journal import Journal
from infraai.models import Event, FailureReason, RunStatus
from infraai.operations.ports import Notice, Notifier
from infraai.operations.shapes import OVER, AlertStatus
from infraai.ports import Clock
from infraai.registry.audit import Audit
from infraai.registry.incidents import Incidents
from infraai.registry.runs import Runs
from infraai.state import OperateState, OperateUpdate

Ending = tuple[AlertStatus, RunStatus, FailureReason | None, str]
_RUNS: Mapping[AlertStatus, RunStatus] = {"rejected": "rejected", "pending": "halted"}


@dataclass(frozen=True, slots=True)
class IncidentCloser:
    """Reads everything; writes how the incident and its run ended, in the state and in the registry."""

    runs: Runs
    incidents: Incidents
    holder: Holder
    audit: Audit
    journal: Journal
    notifier: Notifier
    clock: Clock

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return the ending; what holds the deployment lets go of it."""
        ended, status, reason, message = ending(state)
        run_id, incident_id = state["run_id"], state["incident_id"]
        known = await self.incidents.get(incident_id) if incident_id else None
        if known is not None and known.status in OVER and not state.get("results"):
            ended, status, reason, message = known.status, "completed", None, known.message
        await self.holder.release(state["deployment_id"], run_id)
        if incident_id:
            if ended == "rejected":
                await self._unasked(state)
            await self._settle(incident_id, ended, message)
        if status == "completed":
            await self.journal.enter(run_id, "verified")
        await self.runs.mark(run_id, status, reason=reason, message=message)
        await self.runs.release(run_id, run_id)
        said = {"status": status, "incident": incident_id, "ended": ended, "message": message}
        await self.audit.append("graph", "incident_closed", incident_id or run_id, said)
        self.journal.emit(run_id, Event(kind="incident", message=f"{ended}: {message}", data=said))
        if ended == "resolved" and incident_id:
            await self.notifier.tell(
                Notice(
                    kind="resolved", incident_id=incident_id, run_id=run_id, title="Resolved", body=message
                )
            )
        update: OperateUpdate = {"ended": ended, "status": status, "message": message}
        return update | {"reason": reason} if reason else update

    async def _unasked(self, state: OperateState) -> None:
        """A no is a no to what was shown: open alerts on another measure become an incident of their own."""
        alert = state["alert"]
        if alert is None:
            return
        shown = (alert.metric_path, alert.metric, alert.threshold)
        others = [
            stored.alert_id
            for stored, _ in await self.incidents.still_open(state["incident_id"])
            if (stored.alert.metric_path, stored.alert.metric, stored.alert.threshold) != shown
        ]
        if others:
            at = self.clock.now().timestamp()
            await self.incidents.split(state["incident_id"], others, at)

    async def _settle(self, incident_id: str, ended: AlertStatus, message: str) -> None:
        if ended == "pending":  # whoever watches takes it up again
            await self.incidents.set_status(incident_id, ended, message)
            return
        at = self.clock.now().timestamp()
        await self.incidents.set_status(incident_id, ended, message, at=at)


def ending(state: OperateState) -> Ending:
    """Return how the incident and the run stand; a node's own word comes first."""
    message = state.get("message") or ""
    if state.get("status") == "halted":
        return "pending", "halted", state.get("reason"), message  # a deployment that is busy is no stop
    ended = state.get("ended")
    answered = None if ended else _answered(state)
    if answered is not None:
        return answered
    recheck = state.get("recheck")
    if ended is None and recheck is not None:
        ended = "resolved" if recheck.resolved else "escalated"
        message = message or recheck.detail
    results = state.get("results") or []
    failed = any(not one.success for one in results)
    if ended is None and state["alert"] is None and results and not failed:
        ended = "resolved"  # by hand, and there is nothing to measure it by
    status = _RUNS.get(ended or "escalated", "failed" if failed else "completed")
    return ended or "escalated", status, "apply" if status == "failed" else None, message


def _answered(state: OperateState) -> Ending | None:
    if "answer" not in state or state["answer"].decision not in {"reject", "expire"}:
        return None
    answer = state["answer"]
    if answer.decision == "expire":
        return "escalated", "expired", None, "Nobody decided in time; nothing was changed."
    by = f" by {answer.by}" if answer.by else ""
    return "rejected", "rejected", None, f"Rejected{by}. {answer.reason}".strip()
