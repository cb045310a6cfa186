"""What follows from a plan's resources by rules: cost, risks, monitoring; so too where a plan was edited."""

from infraai.models import InfraPlan
from infraai.monitoring import bind_profiles, bind_proposals
from infraai.pricing import price_plan
from infraai.risks import find_risks, join_flags


def reckon(plan: InfraPlan) -> InfraPlan:
    """Return the plan with its cost, risks and monitoring as the rules find them; twice is as once."""
    priced = price_plan(plan.resources, plan.region)
    risks = find_risks(plan.resources, priced, plan.budget_usd)
    baseline = bind_profiles(plan.resources)
    proposed, dropped = bind_proposals(plan.monitoring, baseline, plan.resources)
    return plan.model_copy(
        update={
            "estimated_cost_usd": priced.usd_month,
            "unpriced": priced.unpriced,
            "cost_lines": priced.lines,
            "risks": risks,
            "risk_flags": join_flags(risks, plan.risk_flags),
            "monitoring": (*baseline, *proposed),
            "notes": tuple(dict.fromkeys((*plan.notes, *dropped))),
        }
    )
