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
    only_for: tuple[str, ...] = ()


RUN = "google_cloud_run_v2_service"
SQL = "google_sql_database_instance"
VM = "google_compute_instance"
_P99 = ("ALIGN_PERCENTILE_99",)
WATCHES = (
    Watch(VM, "cpu_high", "compute.googleapis.com/instance/cpu/utilization", 0.8, "60s", "critical"),
    Watch(VM, "memory_high", "agent.googleapis.com/memory/percent_used", 90, only_for=("ops_agent",)),
    Watch(VM, "disk_full", "agent.googleapis.com/disk/percent_used", 85, only_for=("ops_agent",)),
    Watch(SQL, "sql_cpu_high", "cloudsql.googleapis.com/database/cpu/utilization", 0.75, "60s", "critical"),
    Watch(SQL, "sql_memory_high", "cloudsql.googleapis.com/database/memory/utilization", 0.9),
    Watch(SQL, "sql_disk_full", "cloudsql.googleapis.com/database/disk/utilization", 0.85),
    Watch(RUN, "latency_p99_high", "run.googleapis.com/request_latencies", 2000, aligners=_P99),
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
