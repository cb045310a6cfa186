"""Decision: the policy's word on a preview; where it asks, the approval is opened."""

from dataclasses import dataclass
from typing import cast

from agents.approval import approval_card
from agents.operate.begun import Begun
from agents.operate.judging import Judge
from infraai.errors import ActionError, NotFoundError
from infraai.models import Answer, Verdict
from infraai.operations.extent import Extent
from infraai.operations.policy import REFUSED, beyond_of, combined
from infraai.operations.shapes import ActionRequest
from infraai.policy import Autonomy, Question, judge
from infraai.registry.approvals import Approvals, seal_of
from infraai.registry.control import KillSwitch
from infraai.state import OperateState, Rehearsed, Update


@dataclass(frozen=True, slots=True)
class Decision:
    """Reads `preview`, `findings` and the plan; writes `verdict` and `approval_id`."""

    approvals: Approvals
    kill_switch: KillSwitch
    autonomy: Autonomy
    approval_minutes: float
    judge: Judge
    begun: Begun

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
        verdict = await self._with_action(judge(question), state)
        if request.dry_run:
            return {"verdict": verdict, "status": "previewed", "message": "Nothing was changed: a dry run."}
        if verdict.decision == "refuse":
            said = " ".join(one for one in verdict.messages if one.partition(":")[0] in REFUSED)
            message = said or "The autonomy level is `observe`, which never acts."
            return {"verdict": verdict, "status": "failed", "reason": "policy", "message": message}
        over = await self.begun.over(cast("OperateState", state)) if "incident_id" in state else ""
        if over:
            return {"verdict": verdict, "status": "halted", "message": over}
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

    async def _with_action(self, verdict: Verdict, state: Rehearsed) -> Verdict:
        """Return the verdict joined to the one on the action that the preview is of, where there is one.

        Both are worked out anew: what the run's state says of them can make them stricter and never milder.
        """
        so_far = cast("OperateState", state)
        action = so_far.get("action")
        if action is None:
            return verdict
        known, _ = await self.judge.judged(so_far, action)
        extent = await self._extent(so_far, action)
        mended = so_far.get("fixes", 0) > 0 or bool(so_far.get("edited_files"))
        return combined(verdict, known, beyond_of(so_far["preview"], action, extent, mended=mended))

    async def _extent(self, state: OperateState, action: ActionRequest) -> Extent | None:
        """Return what the action's own edit changes; None where the previewed files are not exactly that."""
        if state["preview"].bundle_sha != state["bundle"]:
            return None
        offers = self.judge.offers
        try:
            bundle = await offers.artifacts.get_bundle(state["bundle"])
            return await offers.extent(action, state["target"], bundle)
        except (ActionError, NotFoundError):
            return None
