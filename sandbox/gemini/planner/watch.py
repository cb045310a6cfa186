"""What to watch for this workload, from the catalog of metrics in the prompt."""

from dataclasses import dataclass

from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.wire import Json


@dataclass(frozen=True, slots=True)
class Watch:
    """One alert worth having on a type of resource; metrics the catalog lacks are not proposed."""

    type: str
    name: str
    metric: str
    threshold: float
    duration: str = "300s"
    severity: str = "warning"
    aligners: tuple[str, ...] = ("ALIGN_MEAN",)
    reducer: str = ""
    only_for: tuple[str, ...] = ()  # wishes that call for it
    engines: tuple[str, ...] = ()  # how the database version begins


RUN = "google_cloud_run_v2_service"
SQL = "google_sql_database_instance"
VM = "google_compute_instance"
GROUPS = ("google_compute_instance_group_manager", "google_compute_region_instance_group_manager")
BALANCER = "google_compute_global_forwarding_rule"
CLUSTER = "google_container_cluster"
_P99 = ("ALIGN_PERCENTILE_99", "ALIGN_PERCENTILE_95", "ALIGN_DELTA")
_RATE = ("ALIGN_RATE", "ALIGN_SUM")
_MAX = ("ALIGN_MAX", "ALIGN_MEAN")
_COMPUTE = "compute.googleapis.com/instance"
_SQL = "cloudsql.googleapis.com/database"
_LB = "loadbalancing.googleapis.com/https"
WATCHES = (
    Watch(VM, "cpu_high", f"{_COMPUTE}/cpu/utilization", 0.8, "60s", "critical"),
    Watch(
        VM,
        "memory_high",
        "agent.googleapis.com/memory/percent_used",
        90,
        only_for=("ops_agent", "memory_heavy"),
    ),
    Watch(VM, "disk_full", "agent.googleapis.com/disk/percent_used", 85, only_for=("ops_agent",)),
    *(
        Watch(group, "asg_cpu_high", f"{_COMPUTE}/cpu/utilization", 0.7, "120s", "critical")
        for group in GROUPS
    ),
    Watch(SQL, "sql_cpu_high", f"{_SQL}/cpu/utilization", 0.75, "60s", "critical"),
    Watch(SQL, "sql_memory_high", f"{_SQL}/memory/utilization", 0.9),
    Watch(SQL, "sql_disk_full", f"{_SQL}/disk/utilization", 0.85, severity="critical"),
    Watch(SQL, "sql_connections_high", f"{_SQL}/postgresql/num_backends", 100, "60s", engines=("POSTGRES",)),
    Watch(
        SQL, "sql_connections_high", f"{_SQL}/network/connections", 100, "60s", engines=("MYSQL", "SQLSERVER")
    ),
    Watch(BALANCER, "lb_latency_p99_high", f"{_LB}/total_latencies", 2000, aligners=_P99),
    Watch(BALANCER, "lb_5xx_high", f"{_LB}/request_count", 1, "60s", "critical", _RATE, "REDUCE_SUM"),
    Watch(RUN, "run_latency_p99_high", "run.googleapis.com/request_latencies", 2000, aligners=_P99),
    Watch(RUN, "run_5xx_high", "run.googleapis.com/request_count", 1, "60s", "critical", _RATE, "REDUCE_SUM"),
    Watch(RUN, "run_instances_high", "run.googleapis.com/container/instance_count", 80, aligners=_MAX),
    Watch(
        CLUSTER, "node_cpu_high", "kubernetes.io/node/cpu/allocatable_utilization", 0.85, severity="critical"
    ),
    Watch(CLUSTER, "node_memory_high", "kubernetes.io/node/memory/allocatable_utilization", 0.9),
    Watch(
        CLUSTER,
        "container_restarts",
        "kubernetes.io/container/restart_count",
        3,
        aligners=("ALIGN_DELTA", "ALIGN_RATE"),
    ),
    Watch(
        "google_pubsub_subscription",
        "backlog_high",
        "pubsub.googleapis.com/subscription/num_undelivered_messages",
        1000,
    ),
    Watch(
        "google_pubsub_subscription",
        "backlog_old",
        "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
        600,
        aligners=_MAX,
    ),
    Watch(
        "google_redis_instance", "redis_memory_high", "redis.googleapis.com/stats/memory/usage_ratio", 0.85
    ),
    Watch(
        "google_monitoring_uptime_check_config",
        "uptime_failed",
        "monitoring.googleapis.com/uptime_check/check_passed",
        1,
        "60s",
        "critical",
        ("ALIGN_NEXT_OLDER",),
        "REDUCE_COUNT_FALSE",
    ),
)


def watches(blueprint: Blueprint) -> list[Json]:
    """Return the alert policies proposed for the planned resources."""
    catalog = {str(one["metric"]): one for one in blueprint.table("metrics")}
    found: list[Json] = []
    for resource in blueprint.resources:
        for watch in WATCHES:
            entry = catalog.get(watch.metric)
            if watch.type != resource.type or entry is None:
                continue
            if watch.only_for and not blueprint.reading.wants(*watch.only_for):
                continue
            if watch.engines and not str(resource.settings.get("database_version", "")).startswith(
                watch.engines
            ):
                continue
            allowed = entry.get("aligners") or []
            aligner = next(
                (one for one in watch.aligners if not allowed or one in allowed), str([*allowed, ""][0])
            )
            found.append(
                {
                    "resource_ref": f"{resource.type}.{resource.name}",
                    "metric_name": watch.name,
                    "metric_path": watch.metric,
                    "threshold": watch.threshold,
                    "duration": watch.duration,
                    "severity": watch.severity,
                    "aligner": aligner,
                    "reducer": watch.reducer,
                    "resource_type": str(entry.get("resource_type", "")),
                }
            )
    return found
