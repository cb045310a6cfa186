"""Which rule prices which resource type."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from infraai.models import CostLine, PlannedResource
from infraai.pricing.compute import (
    AUTOSCALERS,
    MANAGERS,
    TEMPLATES,
    price_cluster,
    price_disk,
    price_instance,
    price_manager,
    price_node_pool,
)
from infraai.pricing.estate import Estate, Item, plan_items, provider_region, value_items
from infraai.pricing.network import ADDRESSES, price_addresses, price_nat, price_tunnel
from infraai.pricing.storage import price_bucket, price_sql
from infraai.pricing.tally import Tally

_DEFAULT_REGION = "us-central1"
Rule = Callable[[Estate, Item, Tally], None]


@dataclass(frozen=True, slots=True)
class Priced:
    """A month's cost by list price; a lower bound if anything stands in `unpriced`."""

    lines: tuple[CostLine, ...] = ()
    unpriced: tuple[str, ...] = ()

    @property
    def usd_month(self) -> float:
        """Return the sum of the lines, in whole cents."""
        return round(sum(line.usd_month for line in self.lines), 2)

    @property
    def lower_bound(self) -> bool:
        """Return whether the sum leaves something out."""
        return bool(self.unpriced)


def price_resource(resource_type: str, settings: Mapping[str, Any], region: str) -> Priced:
    """Return what one resource costs by itself; settings flat as in a plan, or nested as Terraform's."""
    item = Item(f"{resource_type}.{settings.get('name') or 'this'}", resource_type, settings)
    return price_estate(Estate((item,), region))


def price_plan(resources: Iterable[PlannedResource], region: str) -> Priced:
    """Return what a plan's resources cost together."""
    return price_estate(Estate(plan_items(resources), region))


def price_values(
    values: Mapping[str, Any], region: str = _DEFAULT_REGION, configuration: Mapping[str, Any] | None = None
) -> Priced:
    """Return what stands, or will stand, by `terraform show -json`.

    `values` is its `planned_values`, or `prior_state["values"]`; `configuration` its `configuration`, which
    tells which template a group uses while ids are not known; `region` is the provider's default.
    """
    return price_estate(Estate(value_items(values, configuration), region))


def price_shown(shown: Mapping[str, Any], when: Literal["before", "after"]) -> Priced:
    """Return what stands before, or after, a plan that `terraform show -json` shows."""
    values = (
        shown.get("planned_values") if when == "after" else (shown.get("prior_state") or {}).get("values")
    )
    return price_values(values or {}, provider_region(shown) or _DEFAULT_REGION, shown.get("configuration"))


def price_estate(estate: Estate) -> Priced:
    """Return what these resources cost together."""
    tally = Tally()
    for item in estate.items:
        if rule := _RULES.get(item.type):
            rule(estate, item, tally)
        elif why := _why_unpriced(item.type):
            tally.skip(item.address, why)
    price_addresses(estate, tally)
    return Priced(tuple(tally.lines), tuple(tally.unpriced))


def weighs(resource_type: str) -> bool:
    """Return whether a resource of this type has a price, or a word in another's."""
    return resource_type in _RULES or resource_type in _FREE_ELSEWHERE or _BY_USE.get(resource_type) == _RULE


def _why_unpriced(resource_type: str) -> str:
    if _FREE.match(resource_type) or resource_type in _FREE_ELSEWHERE:
        return ""
    return _BY_USE.get(resource_type, "is not in the price table")


_RULES: dict[str, Rule] = {
    "google_compute_instance": price_instance,
    "google_compute_instance_from_template": price_instance,
    **dict.fromkeys(MANAGERS, price_manager),
    "google_compute_disk": price_disk,
    "google_compute_region_disk": price_disk,
    "google_container_cluster": price_cluster,
    "google_container_node_pool": price_node_pool,
    "google_sql_database_instance": price_sql,
    "google_storage_bucket": price_bucket,
    "google_compute_router_nat": price_nat,
    "google_compute_vpn_tunnel": price_tunnel,
}
_FREE_ELSEWHERE = frozenset({*ADDRESSES, *AUTOSCALERS, *TEMPLATES})  # priced with what uses them
_RULE = "forwarding rules and the traffic through them are not in the price table"
_BY_USE: dict[str, str] = {
    "google_compute_forwarding_rule": _RULE,
    "google_compute_global_forwarding_rule": _RULE,
    "google_cloud_run_v2_service": "Cloud Run is paid by use (requests, vCPU and memory seconds)",
    "google_cloud_run_service": "Cloud Run is paid by use (requests, vCPU and memory seconds)",
    "google_cloud_run_v2_job": "Cloud Run is paid by use (vCPU and memory seconds)",
    "google_cloudfunctions_function": "functions are paid by use",
    "google_cloudfunctions2_function": "functions are paid by use",
    "google_pubsub_topic": "Pub/Sub is paid by volume",
    "google_pubsub_subscription": "Pub/Sub is paid by volume",
    "google_bigquery_dataset": "BigQuery is paid by what is stored and read",
    "google_bigquery_table": "BigQuery is paid by what is stored and read",
    "google_artifact_registry_repository": "Artifact Registry is paid by what is stored",
    "google_compute_snapshot": "snapshots are paid by what they hold",
    "google_redis_instance": "Memorystore for Redis is not in the price table",
    "google_redis_cluster": "Memorystore for Redis is not in the price table",
    "google_compute_security_policy": "Cloud Armor is not in the price table",
}
_FREE = re.compile(
    r"""^(?:(?!google_)\w+                                    # random, null, time
    | google_\w+_iam_(?:member|binding|policy|audit_config)
    | google_(?:project|folder|organization)(?:_\w+)? | google_service_account(?:_\w+)?
    | google_iam_\w+ | google_tags_\w+ | google_org_policy_\w+
    | google_compute_(?:network|subnetwork|firewall|route|router|health_check|http_health_check
        |https_health_check|region_health_check|backend_service|region_backend_service|backend_bucket|url_map
        |region_url_map|target_\w+|region_target_\w+|ssl_certificate|region_ssl_certificate
        |managed_ssl_certificate|ssl_policy|instance_group|instance_group_named_port|instance_group_membership
        |resource_policy|disk_resource_policy_attachment|attached_disk|network_peering\w*|router_interface
        |router_peer|project_metadata\w*|project_default_network_tier|shared_vpc_\w+|vpn_gateway|ha_vpn_gateway
        |external_vpn_gateway|firewall_policy\w*|network_firewall_policy\w*|region_network_firewall_policy\w*
        |network_endpoint\w*|global_network_endpoint\w*|region_network_endpoint\w*|per_instance_config
        |region_per_instance_config|instance_iam\w*|subnetwork_iam\w*)
    | google_sql_(?:user|database|ssl_cert)
    | google_storage_(?:bucket_\w+|default_object_\w+|object_\w+|notification)
    | google_service_networking_\w+ | google_monitoring_\w+ | google_logging_\w+ | google_dns_record_set
    | google_kms_key_ring | google_vpc_access_connector_iam\w* | google_compute_(?:region_)?autoscaler
    )$""",
    re.VERBOSE,
)
