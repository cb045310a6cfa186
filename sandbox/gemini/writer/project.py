"""The plan while it is written: who refers to whom, and by which attribute."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.gemini.writer.hcl import Expr
from sandbox.gemini.writer.shape import Argument, shape
from sandbox.gemini.zones import first_zone

_REFERENCE = re.compile(
    r"((?:google|random|time|null)_[a-z0-9_]+)\.([A-Za-z_][A-Za-z0-9_-]*)((?:\[[^\]]*\])?(?:\.[\w.\[\]*]+)?)"
)
# which attribute of the referred resource an argument takes, where that is not `id`
_BY_ARGUMENT = {
    "instance": {
        "google_sql_database_instance": "name",
        "google_bigtable_instance": "name",
        "google_spanner_instance": "name",
    },
    "bucket": {"google_storage_bucket": "name"},
    "cluster": {"google_container_cluster": "name"},
    "router": {"google_compute_router": "name"},
    "managed_zone": {"google_dns_managed_zone": "name"},
    "dataset_id": {"google_bigquery_dataset": "dataset_id"},
    "reserved_peering_ranges": {"google_compute_global_address": "name"},
    "ip_address": {"google_compute_global_address": "address", "google_compute_address": "address"},
    "nat_ip": {"google_compute_address": "address"},
    "address": {"google_compute_address": "address", "google_compute_global_address": "address"},
    "group": {
        "google_compute_instance_group_manager": "instance_group",
        "google_compute_region_instance_group_manager": "instance_group",
    },
    "service_account": {"google_service_account": "email"},
    "service_account_email": {"google_service_account": "email"},
    "email": {"google_service_account": "email"},
    "repository": {"google_artifact_registry_repository": "name"},
    "rrdatas": {"google_compute_global_address": "address", "google_compute_address": "address"},
    "database": {"google_sql_database": "name", "google_spanner_database": "name"},
    "peer_ip": {"google_compute_address": "address"},
    "service": {"google_cloud_run_v2_service": "name", "google_cloudfunctions2_function": "name"},
    "uri": {"google_cloud_run_v2_service": "uri"},
    "push_endpoint": {"google_cloud_run_v2_service": "uri"},
    "security_policy": {"google_compute_security_policy": "id"},
    "cloud_run": {"google_cloud_run_v2_service": "name"},
    "source_image": {"google_compute_image": "self_link"},
    "bucket_name": {"google_storage_bucket": "name"},
    "name": {
        "google_cloud_run_v2_service": "name",
        "google_cloud_run_v2_job": "name",
        "google_compute_resource_policy": "name",
    },
    "password": {"random_password": "result"},
    "root_password": {"random_password": "result"},
    "host": {"google_compute_global_address": "address"},
    "vpn_tunnel": {"google_compute_vpn_tunnel": "name"},
    "interface": {"google_compute_router_interface": "name"},
    "shared_secret": {"random_password": "result"},
    "instance_name": {"google_bigtable_instance": "name"},
    "master_instance_name": {"google_sql_database_instance": "name"},
    "disk": {"google_compute_instance": "name", "google_compute_disk": "name"},
    "cloud_function": {"google_cloudfunctions2_function": "name"},
    "reserved_ip_range": {"google_compute_global_address": "name"},
    "notification_channels": {"google_monitoring_notification_channel": "id"},
    "table_id": {"google_bigquery_table": "table_id"},
    "object": {"google_storage_bucket_object": "name"},
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One resource of the plan."""

    type: str
    name: str
    purpose: str
    settings: Mapping[str, Any]

    @property
    def address(self) -> str:
        """The Terraform address."""
        return f"{self.type}.{self.name}"

    @property
    def counted(self) -> bool:
        """True where `count` makes several of it."""
        count = self.settings.get("count")
        return isinstance(count, int) and count > 1


class Project:
    """All resources of the plan, and the shapes of their types."""

    def __init__(self, plan: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
        self.region = str(plan.get("region") or "")
        self.resources = [
            Planned(
                str(one["type"]),
                str(one["name"]),
                str(one.get("purpose") or ""),
                dict(one.get("settings") or {}),
            )
            for one in plan.get("resources") or []
        ]
        self.addresses = {one.address: one for one in self.resources}
        self.monitoring = list(plan.get("monitoring") or [])
        self._shapes = {kind: shape(schema) for kind, schema in schemas.items()}

    def shape(self, kind: str) -> Argument:
        """Return the type's shape; one without children where the prompt has no schema of it."""
        return self._shapes.get(kind) or Argument("", "block")

    def place_variable(self, place: str) -> str:
        """Return the variable that holds this region or zone, "" where it is another one."""
        if place.lower() == self.region:
            return "var.region"
        return "var.zone" if self.region and place == first_zone(self.region) else ""

    def of(self, *kinds: str) -> list[Planned]:
        """Return the plan's resources of these types."""
        return [one for one in self.resources if one.type in kinds]

    def first(self, *kinds: str) -> Planned | None:
        """Return the first resource of these types."""
        return next(iter(self.of(*kinds)), None)

    def refer(self, planned: Planned, attribute: str) -> Expr:
        """Return a reference; to the first one where there are several."""
        return Expr(f"{planned.address}{'[0]' if planned.counted else ''}.{attribute}")

    def reference(self, argument: str, text: str) -> Expr | None:
        """Return what a setting such as "google_compute_network.main" stands for in this argument.

        None where the text is no reference, or refers to what is not in the plan.
        """
        match = _REFERENCE.fullmatch(text.strip().removeprefix("${").removesuffix("}"))
        target = self.addresses.get(f"{match[1]}.{match[2]}") if match else None
        if match is None or target is None:
            return None
        if match[3]:
            return Expr(match[0])
        return self.refer(target, self.attribute(argument, target.type))

    @staticmethod
    def attribute(argument: str, kind: str) -> str:
        """Return the attribute of `kind` that the argument takes."""
        return _BY_ARGUMENT.get(argument, {}).get(kind, "id")

    @staticmethod
    def refers(text: Any) -> bool:
        """Return whether a setting is written as a reference to a resource."""
        return isinstance(text, str) and bool(
            _REFERENCE.fullmatch(text.strip().removeprefix("${").removesuffix("}"))
        )
