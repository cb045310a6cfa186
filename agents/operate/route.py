"""Route: which way a decision goes, by what the policy says of it."""

from dataclasses import dataclass
from typing import Any

from agents.operate.judging import Judge
from agents.operate.offers import Offers
from infraai.errors import ActionError
from infraai.journal import Journal
from infraai.operations.shapes import ACTIONS, ActionRequest, ActionVerdict, OpsDecision, Target
from infraai.policy import Autonomy
from infraai.ports import Clock
from infraai.registry.audit import Audit
from infraai.registry.incidents import Incidents
from infraai.state import OperateUpdate, Way


@dataclass(frozen=True, slots=True)
class Route:
    """Reads `advice` and `target`; writes `way`, `action` and what the policy said of it."""

    incidents: Incidents
    audit: Audit
    clock: Clock
    journal: Journal
    autonomy: Autonomy
    offers: Offers
    judge: Judge

    async def __call__(self, state: Any) -> OperateUpdate:
        """Return the way: to the change loop, to an approval, straight on, to a question, or to the end."""
        advice: OpsDecision = state["advice"]
        if state["incident_id"]:  # however it goes on, it can be seen what was known and said
            await self.incidents.write(
                state["incident_id"], evidence=state.get("evidence") or [], decision=advice
            )
        update = await self._routed(state, advice)
        judged = update.get("action_verdict")
        said = {
            "run_id": state["run_id"],
            "way": update.get("way"),
            "decision": advice.model_dump(mode="json", exclude={"alternatives"}),
            "policy": judged.model_dump(mode="json") if judged else None,
        }
        by = state["request"].requested_by if state["request"].action else advice.model or "model"
        await self.audit.append(by, "decided", state["incident_id"] or state["run_id"], said)
        return update

    async def _routed(self, state: Any, advice: OpsDecision) -> OperateUpdate:
        if advice.recommended_action == "ignore":
            await self._leave_others(state)
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
        verdict, _ = await self.judge.derived(state, request)
        if verdict.decision == "refuse":
            return _escalated(" ".join(verdict.messages)) | {"action_verdict": verdict}
        update: OperateUpdate = {"action": request, "queue": self.offers.following(request)}
        return update | {"action_verdict": verdict, "way": way_of(request, verdict)}

    async def _leave_others(self, state: Any) -> None:
        """What is ignored is one thing: the open alerts about others become an incident of their own."""
        target: Target | None = state["target"]
        if not state["incident_id"] or state["alert"] is None or target is None:
            return
        about = (target.resource.address, target.member, state["alert"].metric_path)
        others = [
            stored.alert_id
            for stored, its in await self.incidents.still_open(state["incident_id"])
            if its is None or (its.resource.address, its.member, stored.alert.metric_path) != about
        ]
        if others:
            at = self.clock.now().timestamp()
            await self.incidents.split(state["incident_id"], others, at)


def way_of(request: ActionRequest, verdict: ActionVerdict) -> Way:
    """Return where an action that may be done goes: Terraform asks at its preview, an API call before it."""
    if request.method == "terraform":
        return "modifier"
    return "act" if verdict.decision == "auto" else "action_approval"


def _escalated(message: str) -> OperateUpdate:
    return {"way": "escalate", "action": None, "queue": [], "ended": "escalated", "message": message}
