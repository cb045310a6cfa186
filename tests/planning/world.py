"""What planner and generator need around them, written for tests."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from infraai.drafts import PlanDraft, TerraformDraft
from infraai.models import Bundle, InfraPlan, PlannedResource, Request, Setting
from infraai.state import Planned, Requested

TYPES = (
    "google_compute_address",
    "google_compute_autoscaler",
    "google_compute_firewall",
    "google_compute_global_forwarding_rule",
    "google_compute_instance",
    "google_compute_instance_group_manager",
    "google_compute_instance_template",
    "google_compute_network",
    "google_compute_url_map",
    "google_cloud_run_v2_service",
    "google_container_cluster",
    "google_sql_database_instance",
    "google_storage_bucket",
)


class Schemas:
    def known(self, resource_type: str) -> bool:
        return resource_type in TYPES

    def types(self) -> Sequence[str]:
        return TYPES

    def describe(self, resource_type: str) -> Mapping[str, Any]:
        required = {"type": "string", "required": True, "optional": False, "computed": False}
        computed = {"type": "string", "required": False, "optional": False, "computed": True}
        return {"arguments": {"name": required, "self_link": computed}} if self.known(resource_type) else {}


class MemoryArtifacts:
    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    async def put(self, kind: str, body: bytes) -> str:
        sha = hashlib.sha256(body).hexdigest()
        self.bodies[sha] = body
        return sha

    async def get(self, sha: str) -> bytes:
        return self.bodies[sha]

    async def put_bundle(self, bundle: Bundle) -> str:
        return await self.put("bundle", bundle.model_dump_json().encode())

    async def get_bundle(self, sha: str) -> Bundle:
        return Bundle.model_validate_json(self.bodies[sha])


def resource(kind: str, name: str = "web", **settings: Setting) -> PlannedResource:
    return PlannedResource(type=f"google_{kind}", name=name, settings=settings)


def requested(goal: str = "a backend API", **fields: Any) -> Requested:
    return {
        "run_id": "run-1",
        "deployment_id": "dep-1",
        "request": Request(kind="deploy", goal=goal, **fields),
    }


def planned(*resources: PlannedResource, **fields: Any) -> Planned:
    plan = InfraPlan(
        stack_type="backend_api",
        region="us-central1",
        estimated_cost_usd=0,
        resources=resources,
        confidence=0.9,
        **fields,
    )
    return {**requested(), "plan": plan}


def drafted(*resources: PlannedResource, **fields: Any) -> PlanDraft:
    given = {"stack_type": "backend_api", "region": "us-central1", "confidence": 0.9, **fields}
    return PlanDraft(resources=resources, **given)


def written(main_tf: str) -> TerraformDraft:
    return TerraformDraft(main_tf=main_tf)
