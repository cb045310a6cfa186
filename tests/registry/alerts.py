"""Alerts and targets as tests want them."""

from typing import Any

from infraai.models import RecordedResource
from infraai.operations.shapes import Alert, Cause, Target
from infraai.registry.incidents import Received
from infraai.registry.registry import Registry

T0 = 1_800_000_000.0


def target(name: str = "web", deployment_id: str = "d-1") -> Target:
    resource = RecordedResource(
        type="google_compute_instance", name=name, id="", address=f"google_compute_instance.{name}"
    )
    return Target(deployment_id=deployment_id, resource=resource, matched_by="name")


def opened(source_id: str = "i-1", source: str = "gcp-1.2", **said: Any) -> Alert:
    said = {"policy_name": "cpu high", "resource": "web", "project": "p"} | said
    return Alert(source=source, source_id=source_id, **said)


def closed(source_id: str = "i-1", source: str = "gcp-1.2", **said: Any) -> Alert:
    return opened(source_id, source, state="closed", **said)


async def hear(
    registry: Registry, alert: Alert, at: float = T0, *, of: Target | None = None, cause: Cause = "cpu"
) -> Received:
    return await registry.incidents.receive(alert, target=of, cause=cause, at=at)
