"""Decision: the policy's word on a preview; where it asks, the approval is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.approval import approval_card
from infraai.models import Answer, Verdict
from infraai.operations.policy import combined, strays_of
from infraai.policy import Autonomy, Question, judge
from infraai.registry.approvals import Approvals, seal_of
from infraai.registry.control import KillSwitch
from infraai.state import Rehearsed, Update


@dataclass(frozen=True, slots=True)
class Decision:
    """Reads `preview`, `findings` and the plan; writes `verdict` and `approval_id`."""

    approvals: Approvals
    kill_switch: KillSwitch
    autonomy: Autonomy
    approval_minutes: float

    async def __call__(self, state: Rehearsed) -> Update:
        """Return the verdict; a question opens exactly one approval, sealed to the preview."""
        preview, request = state["preview"], state["request"]
        question = Question(
            request=request,
            preview=preview,
            findings=state["findings"],
            plan=state.get("plan"),
            autonomy=self.autonomy,
        )
        verdict = self._with_action(judge(question), state)
        if request.dry_run:
            return {"verdict": verdict, "status": "previewed", "message": "Nothing was changed: a dry run."}
        if verdict.decision == "refuse":
            message = "The autonomy level is `observe`, which never acts."
            return {"verdict": verdict, "status": "failed", "reason": "policy", "message": message}
        epoch = (await self.kill_switch.read()).epoch
        if verdict.decision == "auto" and preview.empty:
            return {"verdict": verdict, "epoch": epoch, "answer": Answer(decision="approve", by="policy")}
        approval = await self.approvals.open(
            state["run_id"],
            seal_of(preview),
            verdict,
            epoch=epoch,
            minutes=self.approval_minutes,
            card=approval_card({**state, "verdict": verdict}),
        )
        update: Update = {"verdict": verdict, "approval_id": approval.approval_id, "epoch": epoch}
        if verdict.decision == "ask":
            return update
        if approval.status == "pending":
            await self.approvals.decide(approval.approval_id, "approve", by="policy", channel="policy")
        return update | {"answer": Answer(decision="approve", approval_id=approval.approval_id, by="policy")}

    @staticmethod
    def _with_action(verdict: Verdict, state: Mapping[str, Any]) -> Verdict:
        """Return the verdict joined to the one on the action that the preview is of, where there is one."""
        action = state.get("action")
        if action is None:
            return verdict
        return combined(verdict, state.get("action_verdict"), strays_of(state["preview"], action))
