"""Route: which way a decision goes, by what the policy says of it."""

from dataclasses import dataclass
from typing import Any

from agents.operate.judging import Judge
from agents.operate.offers import Offers
from infraai.errors import ActionError
from infraai.journal import Journal
from infraai.operations.shapes import ACTIONS, ActionRequest, ActionVerdict
from infraai.policy import Autonomy
from infraai.ports import Clock
from infraai.registry.actions import Actions
from infraai.registry.incidents import Incidents
from infraai.state import OperateUpdate, Way


@dataclass(frozen=True, slots=True)
class Route:
    """Reads `advice` and `target`; writes `way`, `action` and what the policy said of it."""

    incidents: Incidents
    actions: Actions
    clock: Clock
    journal: Journal
    autonomy: Autonomy
    offers: Offers

    async def __call__(self, state: Any) -> OperateUpdate:
        """Return the way: to the change loop, to an approval, straight on, to a question, or to the end."""
        advice = state["advice"]
        if state["incident_id"]:  # however it goes on, it can be seen what was known and said
            await self.incidents.write(
                state["incident_id"], evidence=state.get("evidence") or [], decision=advice
            )
        if advice.recommended_action == "ignore":
            return {"way": "closer", "action": None, "ended": "ignored", "message": advice.reasoning}
        if self.autonomy == "observe" and not state["request"].action:
            message = (
                f"The autonomy level is `observe`: nothing is done. Recommended: {advice.recommended_action}."
            )
            return _escalated(message)
        if advice.recommended_action not in ACTIONS:
            return {"way": "question", "action": None, "queue": []}
        try:
            request, _ = await self.offers.request(state)
        except ActionError as error:
            self.journal.note(state["run_id"], str(error))
            if state["request"].action:
                raise
            return {"way": "question", "action": None, "queue": [], "message": str(error)}
        verdict, _ = await self._judge.derived(state, request)
        if verdict.decision == "refuse":
            return _escalated(" ".join(verdict.messages)) | {"action_verdict": verdict}
        update: OperateUpdate = {"action": request, "queue": self.offers.following(request)}
        return update | {"action_verdict": verdict, "way": way_of(request, verdict)}

    @property
    def _judge(self) -> Judge:
        return Judge(
            self.incidents, self.actions, self.offers.deployments, self.clock, self.autonomy, self.offers
        )


def way_of(request: ActionRequest, verdict: ActionVerdict) -> Way:
    """Return where an action that may be done goes: Terraform asks at its preview, an API call before it."""
    if request.method == "terraform":
        return "modifier"
    return "act" if verdict.decision == "auto" else "action_approval"


def _escalated(message: str) -> OperateUpdate:
    return {"way": "escalate", "action": None, "queue": [], "ended": "escalated", "message": message}
