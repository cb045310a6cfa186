"""Planner: from a goal to a plan that is priced, checked and watched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.plan_checks import Checked, check_draft, unknown_types
from agents.prompting import render
from agents.reckoning import reckon
from infraai.budgets import budget_of, names_other_currency
from infraai.drafts import PlanDraft
from infraai.errors import InputError
from infraai.goals import check_goal
from infraai.metrics import metrics
from infraai.models import InfraPlan, RunId
from infraai.offers import Offer, priced_machine_types, priced_sql_tiers
from infraai.ports import ChatModel, Prompt, Schemas
from infraai.prices import TABLE_DATE
from infraai.regions import find_region, near_regions, regions
from infraai.state import Requested, Update

_AGAIN = """
In your last plan some resource types do not exist in the provider: `unknown_types` names each, with types
that come near. Plan again without them, with the types that do the work.
"""
_NOT_IN_USD = "The budget is not in USD, so nothing was held against it: give it in USD (--budget)."
_REFUSALS = {
    "not_infrastructure": "That is not a goal for infrastructure.",
    "other_cloud": "INFRAai builds on Google Cloud only.",
    "unclear": "The goal does not say enough to plan from.",
}


@dataclass(frozen=True, slots=True)
class Planner:
    """Reads `request`; writes `plan`, or closes the run where the goal cannot be planned."""

    model: ChatModel
    schemas: Schemas
    default_region: str = "us-central1"

    async def __call__(self, state: Requested) -> Update:
        """Return the plan; raise `GoalError`, `InputError` or a `ModelError`."""
        request = state["request"]
        goal = check_goal(request.goal)
        fixed = check_region(request.region)
        budget = request.budget_usd if request.budget_usd is not None else budget_of(goal)
        draft = await self._ask(state["run_id"], self._block(goal, budget, fixed))
        if draft.refusal:
            return _refused(draft)
        checked = check_draft(draft, self.schemas, fixed, self.default_region)
        if not checked.resources:
            return _refused(draft, "The model planned nothing that can be built on Google Cloud.")
        plan = reckon(_plan(draft, checked, budget))
        if budget is None and names_other_currency(goal):
            plan = plan.model_copy(update={"notes": (*plan.notes, _NOT_IN_USD)})
        return {"plan": plan}

    async def _ask(self, run_id: RunId, block: Mapping[str, Any]) -> PlanDraft:
        """Return the model's plan; resource types that do not exist are told to it once."""
        prompt = Prompt(run_id=run_id, task="plan", text=render("plan.md", block, more=""))
        draft = await self.model.ask(prompt, PlanDraft)
        unknown = {} if draft.refusal else unknown_types(draft, self.schemas)
        if not unknown:
            return draft
        text = render("plan.md", {**block, "unknown_types": unknown}, more=_AGAIN)
        again = await self.model.ask(Prompt(run_id=run_id, task="plan", text=text), PlanDraft)
        better = not again.refusal and len(unknown_types(again, self.schemas)) < len(unknown)
        return again if better else draft

    def _block(self, goal: str, budget: float | None, region: str) -> Mapping[str, Any]:
        priced_in = region or self.default_region
        return {
            "task": "plan",
            "goal": goal,
            "budget_usd": budget,
            "region": region,
            "default_region": self.default_region,
            "regions": [{"name": one.name, "place": one.place} for one in regions().values()],
            "machine_types": [_offered(one) for one in priced_machine_types(priced_in)],
            "sql_tiers": [_offered(one) for one in priced_sql_tiers(priced_in)],
            "metrics": _listed_metrics(),
            "prices_of": TABLE_DATE,
        }


def _plan(draft: PlanDraft, checked: Checked, budget: float | None) -> InfraPlan:
    return InfraPlan(
        stack_type=draft.stack_type or "custom",
        region=checked.region,
        machine_type=checked.machine_type,
        autoscaling=draft.autoscaling,
        estimated_cost_usd=0,
        risk_flags=draft.risk_flags,
        resources=checked.resources,
        monitoring=draft.monitoring,
        confidence=checked.confidence,
        assumptions=draft.assumptions,
        summary=draft.summary,
        budget_usd=budget,
        notes=checked.notes,
    )


def check_region(region: str) -> str:
    """Return the operator's region, "" where none is named; raise `InputError` with near names if unknown."""
    if not region.strip():
        return ""
    known = find_region(region)
    if known is None:
        near = near_regions(region)
        meant = f"Did you mean {' or '.join(near)}?" if near else "See `gcloud compute regions list`."
        raise InputError(f"There is no region {region.strip()} in Google Cloud.", next_step=meant)
    return known.name


def _refused(draft: PlanDraft, instead: str = "") -> Update:
    message = draft.refusal_message or instead or _REFUSALS.get(draft.refusal, "The goal was refused.")
    return {"status": "failed", "reason": "goal", "message": message}


def _offered(offer: Offer) -> dict[str, object]:
    machine, usd = offer
    return {
        "name": machine.name,
        "vcpus": machine.vcpus,
        "memory_gb": machine.memory_gb,
        "usd_month": round(usd, 2),
    }


def _listed_metrics() -> list[dict[str, object]]:
    return [
        {
            "metric": one.path,
            "resource_type": one.resource_types[0],
            "kind": one.kind,
            "value_type": one.value_type,
            "unit": one.unit,
            "aligners": list(one.aligners),
        }
        for one in metrics().values()
    ]
