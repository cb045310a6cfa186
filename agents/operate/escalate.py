"""Escalate: a person has to take it from here, and is told everything that is known."""

from dataclasses import dataclass

from infraai.journal import Journal
from infraai.operations.ports import Notice, Notifier
from infraai.state import OperateState, OperateUpdate


@dataclass(frozen=True, slots=True)
class Escalate:
    """Reads what was found and tried; tells people; writes `ended`."""

    notifier: Notifier
    journal: Journal

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return the end: escalated, with what was tried in its message."""
        message = told(state)
        self.journal.note(state["run_id"], f"Escalated: {message}")
        alert = state.get("alert")
        await self.notifier.tell(
            Notice(
                kind="escalated",
                incident_id=state["incident_id"],
                run_id=state["run_id"],
                title=f"A person is needed: {alert.policy_name or alert.metric if alert else 'an action by hand'}",
                body=message,
            )
        )
        return {"ended": "escalated", "message": message}


def told(state: OperateState) -> str:
    """Return why a person is needed, and what was tried."""
    words = [state.get("message") or ""]
    for result in state.get("results") or []:
        action = result.action
        name = f"{action.action_type} of {action.resource_id}" if action else result.method
        words.append(f"{name}: {'done' if result.success else f'failed: {result.error}'}.")
    recheck = state.get("recheck")
    if recheck is not None and not recheck.resolved:
        words.append(f"It did not help: {recheck.detail}")
    return " ".join(word for word in words if word) or "Nothing here could be done safely."
