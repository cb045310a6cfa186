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
        if verdict.decision == "auto":
            return {"verdict": verdict, "answer": Answer(decision="approve", by="policy")}
        epoch = (await self.kill_switch.read()).epoch
        approval = await self.approvals.open(
            state["run_id"], preview, verdict, epoch=epoch, minutes=self.approval_minutes
        )
        return {"verdict": verdict, "approval_id": approval.approval_id}
