"""What a run came to, as one JSON object: the reply of every channel."""

from collections.abc import Mapping
from typing import Any

from graphs.driver import Compiled, snapshot
from infraai.architecture import graph_of_configuration, graph_of_plan
from infraai.models import ChangeAction, Preview, ResourceGraph
from infraai.ports import Hcl
from infraai.registry.registry import Registry
from infraai.registry.runs import Run

MENDS = ("code:", "model:")
COUNTED: tuple[ChangeAction, ...] = ("create", "update", "replace", "delete", "import", "forget")


async def run_report(registry: Registry, hcl: Hcl, graph: Compiled, run: Run) -> dict[str, Any]:
    """Return the run with its plan, preview, resources, verification, phases and what the model cost."""
    values = (await snapshot(graph, run.run_id)).values
    phases = await registry.runs.phases(run.run_id)
    usage = await registry.model_calls.usage(run.run_id)
    resources = await registry.deployments.resources(run.deployment_id)
    plan, preview, verification = values.get("plan"), values.get("preview"), values.get("verification")
    pending = await registry.approvals.pending(run.run_id)
    verdict, notes = values.get("verdict"), list(values.get("notes") or [])
    return {
        "run_id": run.run_id,
        "deployment_id": run.deployment_id,
        "kind": run.request.kind,
        "goal": run.request.goal,
        "status": run.status,
        "phase": run.phase,
        "reason": run.reason,
        "message": run.message,
        "plan": plan.model_dump(mode="json") if plan else None,
        "graph": (await _resource_graph(registry, hcl, values)).model_dump(mode="json"),
        "resources": [one.model_dump(mode="json", exclude={"metadata"}) for one in resources],
        "preview": counts(preview) if preview else None,
        "cost_usd_month": cost_of(values, preview),
        "cost_is_lower_bound": bool(getattr(preview or plan, "unpriced", ())),
        "attempts": int(values.get("fixes", 0)),
        "mends": [one for one in notes if one.startswith(MENDS)],
        "notes": [one for one in notes if not one.startswith(MENDS)],
        "findings": [one.model_dump(mode="json") for one in values.get("findings") or []],
        "hard_floor": list(verdict.hard_floor) if verdict else [],
        "approval_id": pending[0].approval_id if pending else None,
        "verification": verification.model_dump(mode="json") if verification else None,
        "phases": [dict(one) for one in phases],
        "durations_s": durations(phases, run.updated_at),
        "model": usage.model_dump(mode="json"),
        "created_at": run.created_at,
        "updated_at": run.updated_at,
    }


async def _resource_graph(registry: Registry, hcl: Hcl, values: Mapping[str, Any]) -> ResourceGraph:
    """Return the drawn resources: by the configuration's references once there is one, by the plan before."""
    if values.get("bundle"):
        return graph_of_configuration(hcl.parse(await registry.artifacts.get_bundle(values["bundle"])))
    plan = values.get("plan")
    return graph_of_plan(plan) if plan else ResourceGraph()


def counts(preview: Preview) -> dict[str, int]:
    """Return how many resources each action touches."""
    return {action: preview.count(action) for action in COUNTED}


def cost_of(values: Mapping[str, Any], preview: Preview | None) -> float | None:
    """Return the month's cost in USD by list price: of the preview where there is one, else of the plan."""
    if preview is not None:
        return round(preview.cost_after_usd, 2)
    plan = values.get("plan")
    return round(plan.estimated_cost_usd, 2) if plan else None


def durations(phases: Any, ended_at: float) -> dict[str, float]:
    """Return the seconds spent in each phase, and in all."""
    spent: dict[str, float] = {}
    for index, phase in enumerate(phases):
        until = phases[index + 1]["at"] if index + 1 < len(phases) else max(ended_at, phase["at"])
        spent[phase["name"]] = round(spent.get(phase["name"], 0.0) + until - phase["at"], 3)
    if phases:
        spent["total"] = round(max(ended_at, phases[-1]["at"]) - phases[0]["at"], 3)
    return spent
