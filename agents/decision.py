"""Decision: the policy's word on a preview; where it asks, the approval is opened."""

from dataclasses import dataclass

from infraai.models import Answer
from infraai.policy import Autonomy, Question, judge
from infraai.registry.approvals import Approvals
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
        verdict = judge(question)
        if request.dry_run:
            return {"verdict": verdict, "status": "previewed", "message": "Nothing was changed: a dry run."}
        if verdict.decision == "refuse":
            message = "The autonomy level is `observe`, which never acts."
            return {"verdict": verdict, "status": "failed", "reason": "policy", "message": message}
        epoch = (await self.kill_switch.read()).epoch
        if verdict.decision == "auto" and preview.empty:
            return {"verdict": verdict, "epoch": epoch, "answer": Answer(decision="approve", by="policy")}
        approval = await self.approvals.open(
            state["run_id"], preview, verdict, epoch=epoch, minutes=self.approval_minutes
        )
        update: Update = {"verdict": verdict, "approval_id": approval.approval_id, "epoch": epoch}
        if verdict.decision == "ask":
            return update
        if approval.status == "pending":
            await self.approvals.decide(approval.approval_id, "approve", by="policy", channel="policy")
        return update | {"answer": Answer(decision="approve", approval_id=approval.approval_id, by="policy")}
