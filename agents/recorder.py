"""Recorder: what stands now, into the registry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.jobs import Jobs
from infraai.architecture import graph_of_configuration
from infraai.masking import conceal
from infraai.models import RecordedResource
from infraai.ports import Artifacts, Clock, Hcl, Terraform
from infraai.preview import redact
from infraai.registry.audit import Audit
from infraai.registry.deployments import Deployment, Deployments
from infraai.registry.revisions import Revision, Revisions
from infraai.state import Update, Verified

ALERT_POLICY = "google_monitoring_alert_policy"
CHANNEL = "google_monitoring_notification_channel"
KEPT = (
    "project",
    "region",
    "zone",
    "location",
    "self_link",
    "machine_type",
    "tier",
    "labels",
    "instance_id",
    "base_instance_name",
    "cluster",
    "url",
    "uri",
)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Reads Terraform's state; writes the deployment and every resource to the registry."""

    terraform: Terraform
    artifacts: Artifacts
    hcl: Hcl
    deployments: Deployments
    revisions: Revisions
    audit: Audit
    jobs: Jobs
    clock: Clock
    project: str

    async def __call__(self, state: Verified) -> Update:
        """Record; a repeat changes nothing."""
        terraform_state = await self.terraform.state(self.jobs.of(state))
        found = list(resources_of(terraform_state))
        outcome, plan = state.get("outcome"), state.get("plan")
        whole = outcome is not None and outcome.success
        gone = state["request"].kind == "destroy" and not found
        applied = whole or bool(state.get("applies"))
        if not applied or (not found and not gone and not whole):
            return {}
        bundle = await self.artifacts.get_bundle(state["bundle"])
        deployment_id = state["deployment_id"]
        unknown = Deployment(deployment_id=deployment_id, status="active")
        before = await self.deployments.find(deployment_id) or unknown
        deployment = Deployment(
            deployment_id=deployment_id,
            status="destroyed" if gone else "active" if whole else "failed",
            project=self.project,
            region=plan.region if plan else before.region or _region(found),
            goal=_goal(state, before),
            plan=plan.model_dump(mode="json") if plan else before.plan,
            bundle_sha=state["bundle"],
            outputs=public_outputs(terraform_state),
            monitoring=list(_monitoring(terraform_state)),
            graph=graph_of_configuration(self.hcl.parse(bundle)).model_dump(mode="json"),
            cost_usd_month=0 if gone else state["preview"].cost_after_usd,
        )
        await self.deployments.record(deployment, state["run_id"], found)
        if not gone:
            await self._revise(state, int(terraform_state.get("serial") or 0))
        detail = {"run_id": state["run_id"], "resources": len(found), "status": deployment.status}
        await self.audit.append("graph", "deployment_recorded", deployment_id, detail)
        return {}

    async def _revise(self, state: Verified, serial: int) -> None:
        """Remember what the deployment stands on now, so that a later change can be taken back to it."""
        await self.revisions.add(
            Revision(
                deployment_id=state["deployment_id"],
                run_id=state["run_id"],
                bundle_sha=state["bundle"],
                serial=serial,
                at=self.clock.now().timestamp(),
            )
        )


def _goal(state: Verified, before: Deployment) -> str:
    """Return what the deployment was made for: what was done to it since has goals of its own."""
    request = state["request"]
    return before.goal if request.kind == "operate" else request.goal or before.goal or request.directory


def instances_of(state: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield (address, type, redacted attributes) for each managed instance in Terraform's state JSON (version 4)."""
    for resource in state.get("resources") or ():
        if resource.get("mode") != "managed":
            continue
        prefix = f"{resource['module']}." if resource.get("module") else ""
        for instance in resource.get("instances") or ():
            key = instance.get("index_key")
            index = "" if key is None else f'["{key}"]' if isinstance(key, str) else f"[{key}]"
            address = f"{prefix}{resource['type']}.{resource['name']}{index}"
            yield address, resource["type"], _without_sensitive(instance)


def _without_sensitive(instance: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes = dict(instance.get("attributes") or {})
    for path in instance.get("sensitive_attributes") or ():
        first = path[0] if path else {}
        if isinstance(first, Mapping) and first.get("type") == "get_attr":
            attributes[str(first["value"])] = redact(attributes.get(str(first["value"])), marks=True)
    return attributes


def resources_of(state: Mapping[str, Any]) -> Iterator[RecordedResource]:
    """Yield what the registry keeps of each resource."""
    for address, resource_type, attributes in instances_of(state):
        yield RecordedResource(
            type=resource_type,
            name=str(attributes.get("name") or attributes.get("display_name") or address.rpartition(".")[2]),
            id=str(attributes.get("id") or ""),
            address=address,
            metadata=_kept(resource_type, attributes),
        )


def _kept(resource_type: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a resource's attributes; a channel's labels hold the address with its token."""
    names = (name for name in KEPT if name != "labels" or resource_type != CHANNEL)
    kept = {name: attributes[name] for name in names if attributes.get(name) not in (None, "", {}, [])}
    return dict(conceal(kept))


def public_outputs(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs that Terraform does not mark as sensitive, by name; what looks like a secret is not shown."""
    outputs: Mapping[str, Any] = state.get("outputs") or {}
    shown = {name: one.get("value") for name, one in outputs.items() if not one.get("sensitive")}
    return dict(conceal(shown))


def _monitoring(state: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for address, resource_type, values in instances_of(state):
        if resource_type != ALERT_POLICY:
            continue
        conditions = values.get("conditions") or [{}]
        threshold = (conditions[0].get("condition_threshold") or [{}])[0].get("threshold_value")
        yield {
            "resource": (values.get("user_labels") or {}).get("infraai_resource", ""),
            "policy": values.get("display_name", ""),
            "threshold": threshold,
            "severity": str(values.get("severity") or "").lower(),
            "address": address,
            "id": values.get("id", ""),
        }


def _region(found: list[RecordedResource]) -> str:
    for one in found:
        if one.metadata.get("region"):
            return str(one.metadata["region"]).rpartition("/")[2]
    zones = [str(one.metadata["zone"]) for one in found if one.metadata.get("zone")]
    return zones[0].rpartition("/")[2].rpartition("-")[0] if zones else ""
