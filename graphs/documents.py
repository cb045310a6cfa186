"""The deployment document: the metadata that every channel shows."""

from typing import Any

from infraai.registry.deployments import Deployment
from infraai.registry.registry import Registry


async def deployment_document(registry: Registry, deployment: Deployment) -> dict[str, Any]:
    """Return the deployment with its resources, monitoring, runs and the version of its Terraform state."""
    deployment_id = deployment.deployment_id
    resources = await registry.deployments.resources(deployment_id)
    runs = await registry.runs.of(deployment_id)
    state = await registry.states.current(deployment_id)
    stamp = {"serial": state.serial, "lineage": state.lineage, "sha256": state.sha256} if state else None
    return {
        "deployment_id": deployment_id,
        "user_id": deployment.user_id,
        "cloud": deployment.cloud,
        "services": sorted({one.type for one in resources}),
        "region": deployment.region,
        "status": deployment.status,
        "goal": deployment.goal,
        "project": deployment.project,
        "cost_usd_month": deployment.cost_usd_month,
        "outputs": dict(deployment.outputs),
        "terraform_state": stamp,
        "alert_webhook": "/ops/webhook",
        "resource_map": {one.name: deployment_id for one in resources},
        "resources": [one.model_dump(mode="json") for one in resources],
        "monitoring": [dict(one) for one in deployment.monitoring],
        "graph": dict(deployment.graph),
        "runs": [{"run_id": run.run_id, "kind": run.request.kind, "status": run.status} for run in runs],
        "created_at": deployment.created_at,
        "updated_at": deployment.updated_at,
    }
