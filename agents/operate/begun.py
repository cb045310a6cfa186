"""Begun: an action is written down, and its try counted, before its effect; whatever breaks off then is known."""

from dataclasses import dataclass

from agents.operate.stepping import change_key, completes, type_of
from infraai.operations.fixes import cause_of
from infraai.ports import Clock
from infraai.registry.actions import Actions
from infraai.registry.incidents import Incidents
from infraai.registry.people import POLICY
from infraai.state import OperateState


@dataclass(frozen=True, slots=True)
class Begun:
    """Reads `action` and whose word it is; writes the action's row, the incident's tries and its status."""

    actions: Actions
    incidents: Incidents
    clock: Clock

    async def __call__(self, state: OperateState, by: str, *, key: str = "") -> str:
        """Return the action's id, or nothing where the run is about no action; a repeat is the same action."""
        request, alert = state.get("action"), state.get("alert")
        if request is None:
            return ""
        action_id = await self.actions.start(
            request,
            op_key=key or change_key(state, request),
            resource_type=type_of(request, state["target"]),
            cause=cause_of(alert) if alert else "unknown",
            allowed_by=by,
            at=self.clock.now().timestamp(),
            incident_id=state["incident_id"],
            before_bundle=state.get("before", ""),
        )
        if state["incident_id"]:
            await self._counted(state, by)
        return action_id

    async def over(self, state: OperateState) -> str:
        """Return why nothing is done any more: the incident is over. What was begun is completed, or undone."""
        if not state.get("action") or not state.get("incident_id") or state.get("undoing"):
            return ""
        incident = await self.incidents.get(state["incident_id"])
        if not incident.over or completes(state):
            return ""
        said = f"Nothing was done: the incident was {incident.status} meanwhile."
        return f"{said} {incident.message}".strip()

    async def _counted(self, state: OperateState, by: str) -> None:
        itself = by == POLICY
        if itself and not state.get("undoing"):
            earlier = [
                one
                for one in await self.actions.of_incident(state["incident_id"])
                if one.run_id != state["run_id"] and one.allowed_by == POLICY
            ]
            tries = len(earlier) + state.get("tries", 0) + 1
            await self.incidents.write(state["incident_id"], tries=tries)
        await self.incidents.set_status(state["incident_id"], "auto_executing" if itself else "approved")
