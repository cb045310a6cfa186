"""Previewer: what exactly would change, and what it would cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.jobs import Jobs
from infraai.errors import GuardError
from infraai.models import Preview
from infraai.operations.shapes import ActionRequest
from infraai.ports import Artifacts, SavedPlan, Terraform
from infraai.preview import build_preview
from infraai.pricing import price_shown
from infraai.state import Guarded, Update, Validated


@dataclass(frozen=True, slots=True)
class Previewer:
    """Reads `bundle`; writes `preview`, or a `report` of why there is none."""

    terraform: Terraform
    artifacts: Artifacts
    jobs: Jobs

    async def __call__(self, state: Validated) -> Update:
        """Return the preview of a plan that is saved as an artifact."""
        refuse_guarded(state)
        job, destroy = self.jobs.of(state), state["request"].kind == "destroy"
        await self.terraform.prepare(job, await self.artifacts.get_bundle(state["bundle"]))
        report = await self.terraform.init(job)
        if not report.passed:
            return {"report": report}
        planned = await self.terraform.plan(job, destroy=destroy, replace=replaced(state))
        if planned.plan is None:
            return {"report": planned.report}
        await self.artifacts.put("plan", planned.plan.file)
        preview = priced_preview(planned.plan, state["bundle"], destroy=destroy)
        return {"preview": preview, "report": planned.report, "outcome": None}


def replaced(state: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses that the action at hand, where there is one, has Terraform replace."""
    action: ActionRequest | None = state.get("action")
    if action is None or action.action_type != "recreate":
        return ()
    return tuple(str(one) for one in action.parameters.get("replace") or ())


def refuse_guarded(state: Guarded) -> None:
    """Raise `GuardError` while the guard's findings refuse the bundle, whichever way the run came here."""
    for finding in state["findings"]:
        if finding.verdict != "flag":
            raise GuardError(f"The guard refuses the bundle: {finding.message}", next_step="Take that out.")


def priced_preview(plan: SavedPlan, bundle_sha: str, *, destroy: bool) -> Preview:
    """Return the preview of a saved plan with its cost before and after, in USD a month by list price."""
    before, after = price_shown(plan.shown, "before"), price_shown(plan.shown, "after")
    return build_preview(plan, bundle_sha=bundle_sha, destroy=destroy).model_copy(
        update={
            "cost_before_usd": before.usd_month,
            "cost_after_usd": after.usd_month,
            "unpriced": after.unpriced,
        }
    )
