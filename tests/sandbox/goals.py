"""Goals as the planner puts them to the model, and the answers of the sandbox's rules."""

from dataclasses import dataclass
from typing import Any

from agents.generator import trimmed
from infraai.drafts import PlanDraft, TerraformDraft
from infraai.metrics import metrics
from infraai.models import PlannedResource
from infraai.offers import priced_machine_types, priced_sql_tiers
from infraai.regions import regions
from sandbox.gemini.planner.plan import plan
from sandbox.gemini.writer.write import write
from sandbox.schema.describe import ShippedSchemas

SCHEMAS = ShippedSchemas()
REGION = "us-central1"


def plan_block(goal: str, *, budget_usd: float | None = None, region: str = "") -> dict[str, Any]:
    """The typed block of a plan prompt."""
    offers = {"machine_types": priced_machine_types(REGION), "sql_tiers": priced_sql_tiers(REGION)}
    tables = {
        name: [
            {"name": one.name, "vcpus": one.vcpus, "memory_gb": one.memory_gb, "usd_month": usd}
            for one, usd in rows
        ]
        for name, rows in offers.items()
    }
    catalog = [
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
    places = [{"name": one.name, "place": one.place} for one in regions().values()]
    return {
        "task": "plan",
        "goal": goal,
        "budget_usd": budget_usd,
        "region": region,
        "default_region": REGION,
        "regions": places,
        "metrics": catalog,
        **tables,
    }


@dataclass(frozen=True)
class Answered:
    """What the rules made of a goal."""

    draft: PlanDraft

    @property
    def types(self) -> set[str]:
        return {one.type.removeprefix("google_").removeprefix("compute_") for one in self.draft.resources}

    def all(self, kind: str) -> list[PlannedResource]:
        return [one for one in self.draft.resources if one.type.endswith(kind)]

    def one(self, kind: str) -> dict[str, Any]:
        (found,) = self.all(kind)
        return dict(found.settings)

    def says(self, *words: str) -> bool:
        text = " ".join(self.draft.assumptions).lower()
        return all(word.lower() in text for word in words)


def answer(goal: str, *, budget_usd: float | None = None, region: str = "") -> Answered:
    """Plan a goal."""
    return Answered(PlanDraft.model_validate(plan(plan_block(goal, budget_usd=budget_usd, region=region))))


def write_block(draft: PlanDraft) -> dict[str, Any]:
    """The typed block of a write prompt."""
    body = draft.model_dump()
    kinds: dict[str, set[str]] = {}
    for one in draft.resources:
        kinds.setdefault(one.type, set()).update(one.settings)
    schemas = {kind: trimmed(SCHEMAS.describe(kind), wanted) for kind, wanted in kinds.items()}
    return {"task": "write", "plan": body, "variables": ["project", "region", "zone"], "schemas": schemas}


def written(draft: PlanDraft) -> str:
    """Write a plan's Terraform."""
    return TerraformDraft.model_validate(write(write_block(draft))).main_tf
