"""The plan in one or two plain sentences."""

from collections.abc import Mapping

from infraai.models import PlannedResource
from sandbox.gemini.planner.blueprint import Blueprint

Settings = Mapping[str, object]
MOST_PARTS = 5


def summarise(blueprint: Blueprint) -> str:
    """Return what is built, where, and for whom."""
    parts: list[str] = []
    for one in blueprint.resources:
        said = _said(one, blueprint)
        if said and said not in parts:
            parts.append(said)
    shown = parts[:MOST_PARTS] or [f"{len(blueprint.resources)} resources"]
    more = len(parts) - len(shown)
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
    users = blueprint.reading.amounts.users
    served = f" for {users:,} users" if users else ""
    rest = f", and {more} further parts" if more > 0 else ""
    return f"Builds {listed}{rest} in {blueprint.region}{served}."


def _said(one: PlannedResource, blueprint: Blueprint) -> str:
    settings = one.settings
    count = settings.get("count", 1)
    if one.type == "google_compute_instance":
        kind = settings.get("machine_type")
        return f"one {kind} machine" if count == 1 else f"{count} {kind} machines"
    if one.type.endswith("instance_group_manager"):
        template = next(
            (r for r in blueprint.resources if r.type == "google_compute_instance_template"), None
        )
        kind = template.settings.get("machine_type") if template else ""
        return f"a group of {kind} machines"
    if one.type == "google_sql_database_instance":
        engine = _ENGINES.get(str(settings.get("database_version", "")).split("_")[0], "SQL")
        return f"a {engine} database ({settings.get('tier')})"
    return _TITLES.get(one.type, "")


_ENGINES = {"POSTGRES": "PostgreSQL", "MYSQL": "MySQL", "SQLSERVER": "SQL Server"}
_TITLES = {
    "google_compute_global_forwarding_rule": "a global HTTP load balancer",
    "google_cloud_run_v2_service": "a Cloud Run service",
    "google_cloud_run_v2_job": "a Cloud Run job",
    "google_cloudfunctions2_function": "a function",
    "google_cloud_scheduler_job": "a schedule",
    "google_container_cluster": "a Kubernetes cluster",
    "google_storage_bucket": "a bucket",
    "google_pubsub_topic": "Pub/Sub messaging",
    "google_bigquery_dataset": "a BigQuery dataset",
    "google_redis_instance": "a Redis cache",
    "google_memcache_instance": "a Memcached cache",
    "google_compute_ha_vpn_gateway": "a VPN",
    "google_compute_router_nat": "outbound NAT",
    "google_dns_managed_zone": "a DNS zone",
    "google_artifact_registry_repository": "an artifact registry",
    "google_secret_manager_secret": "secrets without values",
    "google_kms_key_ring": "encryption keys",
    "google_filestore_instance": "shared files",
    "google_firestore_database": "a Firestore database",
    "google_spanner_instance": "a Spanner database",
    "google_bigtable_instance": "a Bigtable database",
    "google_alloydb_cluster": "an AlloyDB cluster",
    "google_compute_disk": "a data disk",
    "google_compute_resource_policy": "a snapshot schedule",
    "google_compute_security_policy": "a Cloud Armor policy",
    "google_compute_network": "a private network",
    "google_monitoring_uptime_check_config": "an uptime check",
    "google_logging_project_sink": "a log export",
    "google_service_account": "a service account",
    "google_composer_environment": "an Airflow environment",
    "google_dataproc_cluster": "a Spark cluster",
    "google_workbench_instance": "a notebook",
    "google_cloud_tasks_queue": "a task queue",
    "google_workflows_workflow": "a workflow",
}
