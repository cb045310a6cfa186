"""What of a plan shows that a wish was fulfilled: looked for in the finished plan, not taken from the reading."""

import json
import re
from collections.abc import Iterator, Mapping

from infraai.models import PlannedResource

_SQL = r"google_(?:sql|firestore|spanner|bigtable|alloydb|bigquery)_"
# which words of the finished plan, as JSON, prove each wish
EVIDENCE: Mapping[str, str] = {
    "vm": "google_compute_instance|instance_group|google_container_",
    "server": "google_compute_instance|instance_group|google_container_|google_cloud_run_|google_sql_",
    "plain_disk": "disk_size|google_compute_disk|google_sql_",
    "sql": _SQL,
    "postgres": r"POSTGRES_|google_alloydb_",
    "mysql": "MYSQL_",
    "sqlserver": "SQLSERVER_",
    "redis": "google_redis_",
    "memcache": "google_memcache_",
    "bucket": "google_storage_bucket",
    "run": "google_cloud_run_v2_",
    "function": "google_cloudfunctions2_",
    "job": "google_cloud_run_v2_job|google_compute_instance|google_cloudfunctions2_|google_container_",
    "schedule": r"google_cloud_scheduler_|google_compute_resource_policy|backup_configuration|_autoscaler",
    "group": "instance_group_manager|google_container_node_pool|enable_autopilot|google_compute_instance_template",
    "lb": "google_compute_url_map|google_cloud_run_v2_service|google_container_cluster",
    "gke": "google_container_cluster",
    "pubsub": "google_pubsub_",
    "bigquery": "google_bigquery_",
    "network": "google_compute_network",
    "nat": "google_compute_router_nat",
    "vpn": "_vpn_gateway",
    "bastion": "google_compute_instance.bastion",
    "firewall": "google_compute_firewall|google_compute_security_policy",
    "dns": "google_dns_",
    "registry": "google_artifact_registry_",
    "secret": "google_secret_manager_",
    "kms": "google_kms_",
    "filestore": "google_filestore_",
    "armor": "google_compute_security_policy",
    "uptime": "uptime_check",
    "account": "google_service_account",
    "template": "google_compute_instance_template",
    "disk": "google_compute_disk",
    "snapshot": "google_compute_resource_policy",
    "firestore": "google_firestore_",
    "spanner": "google_spanner_",
    "bigtable": "google_bigtable_",
    "logsink": "google_logging_",
    "gpu": r"guest_accelerator|\"(?:a2|a3|g2)-",
    "address": "google_compute_(?:global_)?address",
    "tls": 'ssl_certificate|google_cloud_run_v2_service|google_cloudfunctions2_|"443"|google_storage_bucket_object',
    "cdn": "enable_cdn",
    "tasks": "google_cloud_tasks_",
    "workflow": "google_workflows_",
    "composer": "google_composer_",
    "dataproc": "google_dataproc_",
    "vertex": "google_workbench_",
    "alloydb": "google_alloydb_",
    "appengine": "google_app_engine_",
    "dataflow": "google_dataflow_",
    "build": "google_cloudbuild_",
    "autoscale": r"_autoscaler|autoscaling\.|enable_autopilot|google_cloud_run_v2_|google_cloudfunctions2_|"
    "google_storage_bucket|google_(?:pubsub|firestore|bigquery)_",
    "dr": r"master_instance_name|\"location\": \"(?:EU|US|ASIA)\"|_region_instance_group|STANDARD_HA|"
    r"target_size|\"count\"|min_replicas|min_instance_count\": [2-9]",
    "ha": r"REGIONAL|google_compute_region_|STANDARD_HA|google_cloud_run_v2_|google_cloudfunctions2_|google_spanner_|"
    "google_storage_bucket|google_pubsub_|google_firestore_|google_bigquery_|"
    "ha_vpn|a regional|num_nodes|enable_autopilot",
    "spot": r"preemptible|\.spot",
    "backup": r"backup_configuration|google_compute_resource_policy|google_storage_bucket|"
    "POINT_IN_TIME|google_cloud_scheduler",
    "versioned": r"versioning\.enabled",
    "multi_region": r"\"location\": \"(?:EU|US|ASIA)\"",
    "dead_letter": "dead_letter",
    "windows": "windows-cloud",
    "private_nodes": "enable_private_nodes",
    "partitioned": "time_partitioning",
}
ZONES = 3
_UNITS = (1, 1024, 60, 3600, 86_400, 86_400_000, 7, 30, 365, 1 / 1024)
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(?:Mi|Gi|s|ms)?|[A-Z]+:(\d+)|[a-z0-9]+-[a-z]+-(\d+)g?|[A-Z_]+_(\d+)")
_NOT_ASKED = re.compile(
    r"interval|timeout|asn|retries|delay|length|min_numeric|min_upper|min_lower|cooldown|_sec\b|attempts"
)


def shown(concept: str, text: str) -> bool:
    """Return whether the plan, as `text_of` gives it, shows that the wish was met; unknown wishes are."""
    pattern = EVIDENCE.get(concept)
    return pattern is None or bool(re.search(pattern, text))


def those_of(concept: str, resources: list[PlannedResource]) -> list[PlannedResource]:
    """Return the resources that show one wish."""
    return [one for one in resources if shown(concept, text_of([one]))]


def text_of(resources: list[PlannedResource]) -> str:
    """Return the plan's resources as one text."""
    return "\n".join(f"{one.type}.{one.name} {one.purpose} {json.dumps(one.settings)}" for one in resources)


def numbers_in(resources: list[PlannedResource]) -> set[float]:
    """Return the amounts that the plan's settings hold, and how many there are of each type."""
    found: set[float] = set()
    counts: dict[str, int] = {}
    for one in resources:
        many = one.settings.get("count")
        counts[one.type] = counts.get(one.type, 0) + (many if isinstance(many, int) else 1)
        found.update(_in_all_zones(one))
        for name, setting in one.settings.items():
            if not _NOT_ASKED.search(name) and name not in ("machine_type", "tier"):
                found.update(_amounts(setting))
    copies = sum("master_instance_name" in one.settings for one in resources)
    return found | {float(copies)} | {float(one) for one in counts.values() if one > 1}


def _in_all_zones(one: PlannedResource) -> set[float]:
    """Return what a regional pool's number of nodes, which is for each zone, may come to in all of them."""
    regional = one.type == "google_container_node_pool" and not re.search(
        "-[a-f]$", str(one.settings.get("location"))
    )
    each = [
        value
        for name, value in one.settings.items()
        if name.endswith("node_count") and isinstance(value, int)
    ]
    return {float(ZONES * many - less) for many in each for less in range(ZONES)} if regional else set()


def _amounts(value: object) -> Iterator[float]:
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield float(value)
    elif isinstance(value, list):
        for one in value:
            yield from _amounts(one)
    elif isinstance(value, str):
        for part in value.split() if "*" in value else [value]:
            match = _AMOUNT.fullmatch(part.removeprefix("*/"))
            if match:
                yield float(next(one for one in match.groups() if one))


def used(number: float, amounts: set[float]) -> bool:
    """Return whether an amount of the goal stands in the plan, in its own or a smaller or larger unit."""
    return any(number * unit in amounts for unit in _UNITS)
