"""How an alert's metric is measured again: filter, aligner, and whether a value is still over the line."""

from infraai.metrics import Metric, metrics
from infraai.models import PlannedResource
from infraai.monitoring import engine_of, profiles_of
from infraai.operations.fixes import cause_of
from infraai.operations.measured_labels import equals, identity, narrowing
from infraai.operations.ports import Alignment
from infraai.operations.shapes import Alert, Cause, Target

PERIOD_S = 60
_COMPUTE, _AGENT = "compute.googleapis.com/instance", "agent.googleapis.com"
_SQL, _RUN, _LB = (
    "cloudsql.googleapis.com/database",
    "run.googleapis.com",
    "loadbalancing.googleapis.com/https",
)
_NODE = "kubernetes.io/node"
_MACHINE: dict[Cause, str] = {
    "cpu": f"{_COMPUTE}/cpu/utilization",
    "memory": f"{_AGENT}/memory/percent_used",
    "disk_full": f"{_AGENT}/disk/percent_used",
    "disk_io": f"{_COMPUTE}/disk/read_bytes_count",
    "traffic": f"{_COMPUTE}/network/received_bytes_count",
    "stopped": f"{_COMPUTE}/uptime",
}
_SERVICE: dict[Cause, str] = {
    "cpu": f"{_RUN}/container/cpu/utilizations",
    "memory": f"{_RUN}/container/memory/utilizations",
    "errors": f"{_RUN}/request_count",
    "latency": f"{_RUN}/request_latencies",
    "traffic": f"{_RUN}/request_count",
}
_BALANCER: dict[Cause, str] = {
    "errors": f"{_LB}/request_count",
    "latency": f"{_LB}/total_latencies",
    "traffic": f"{_LB}/request_count",
}
_CLUSTER: dict[Cause, str] = {
    "cpu": f"{_NODE}/cpu/allocatable_utilization",
    "memory": f"{_NODE}/memory/allocatable_utilization",
    "restarts": "kubernetes.io/container/restart_count",
    "disk_full": "kubernetes.io/pod/volume/utilization",
}
_DATABASE: dict[Cause, str] = {
    "cpu": f"{_SQL}/cpu/utilization",
    "memory": f"{_SQL}/memory/utilization",
    "disk_full": f"{_SQL}/disk/utilization",
    "disk_io": f"{_SQL}/disk/read_ops_count",
    "unavailable": f"{_SQL}/up",
    "stopped": f"{_SQL}/up",
}
_BY_TYPE: tuple[tuple[str, dict[Cause, str]], ...] = (
    ("google_compute_instance", _MACHINE),  # groups of machines too
    ("google_compute_region_instance_group", _MACHINE),
    ("google_sql_database_instance", _DATABASE),
    ("google_cloud_run", _SERVICE),
    ("google_container_", _CLUSTER),
    ("google_compute_", _BALANCER),
)
_PERCENT = 100.0
_NEARLY_ALL = 1.5  # a share above this was meant in percent


def metric_path_of(alert: Alert, target: Target) -> str:
    """Return the metric the alert is about: its own path, else the one that such a cause has here, or ""."""
    return alert.metric_path or usual_path(cause_of(alert), target)


def usual_path(cause: Cause, target: Target) -> str:
    """Return the metric that shows a cause on a resource of this type, "" where there is none."""
    kind = target.resource.type
    if kind == "google_sql_database_instance" and cause == "connections":
        postgres = _engine(target) in {"postgresql", ""}
        return f"{_SQL}/postgresql/num_backends" if postgres else f"{_SQL}/network/connections"
    paths = next((paths for start, paths in _BY_TYPE if kind.startswith(start)), None)
    return paths.get(cause, "") if paths else ""


def series_query(alert: Alert, target: Target) -> tuple[str, Alignment] | None:
    """Return (filter, alignment) of the alert's metric on its target; None where it cannot be measured."""
    path = metric_path_of(alert, target)
    return path_query(path, target, alert=alert, failures=cause_of(alert) == "errors")


def path_query(
    path: str, target: Target, *, alert: Alert | None = None, failures: bool = False
) -> tuple[str, Alignment] | None:
    """Return (filter, alignment) of any metric of the catalog on this target; None for one it does not have."""
    metric = metrics().get(path)
    if metric is None:
        return None
    monitored = alert.resource_type if alert and alert.resource_type in metric.resource_types else ""
    monitored = monitored or metric.resource_types[0]
    whose = identity(path, monitored, target, alert)
    if whose is None:
        return None
    comparisons = (
        equals("resource.type", monitored),
        equals("metric.type", path),
        *whose,
        *narrowing(path, alert, failures=failures),
    )
    return " AND ".join(comparisons), _alignment(metric, target)


def threshold_of(alert: Alert, target: Target | None = None) -> float | None:
    """Return the alert's threshold in the unit its metric is measured in: 80 % is 0.8 of a 0..1 metric."""
    return _in_unit(alert.threshold, alert, target)


def said_value(alert: Alert, target: Target | None = None) -> float | None:
    """Return the value the alert names, in the unit its metric is measured in."""
    return _in_unit(alert.value, alert, target)


def violates(value: float | None, alert: Alert, target: Target | None = None) -> bool | None:
    """Return whether a measured value is on the alert's side of its threshold; None where that is not known.

    An alert on absence is over as soon as there is any value.
    """
    if alert.absent:
        return value is None
    threshold = threshold_of(alert, target)
    if value is None or threshold is None:
        return None
    return value < threshold if alert.comparison == "COMPARISON_LT" else value > threshold


def worst(values: list[float], alert: Alert) -> float | None:
    """Return the value that is furthest on the alert's side, None where there are none."""
    if not values:
        return None
    return min(values) if alert.comparison == "COMPARISON_LT" else max(values)


def _in_unit(value: float | None, alert: Alert, target: Target | None) -> float | None:
    path = alert.metric_path or (metric_path_of(alert, target) if target else "")
    metric = metrics().get(path)
    if value is None or metric is None or alert.threshold is None:
        return value
    spoken_in_percent = max(alert.threshold, alert.value or 0) > _NEARLY_ALL
    if metric.unit == "10^2.%":
        return value / _PERCENT if spoken_in_percent else value
    if metric.unit == "%" and 0 < alert.threshold <= 1 and (alert.value or 0) <= 1:
        return value * _PERCENT
    return value


def _alignment(metric: Metric, target: Target) -> Alignment:
    planned = PlannedResource(
        type=target.resource.type, name=target.resource.name, settings=_settings(target)
    )
    profile = next((one for one in profiles_of(planned) if one.metric == metric.path), None)
    aligner = profile.aligner if profile else metric.aligners[0]
    if metric.path.endswith("/restart_count"):
        aligner = "ALIGN_DELTA"
    reducer = ""
    group: tuple[str, ...] = ()
    if metric.path.endswith("/request_count") or metric.path.endswith("/num_backends"):
        reducer, group = "REDUCE_SUM", _own_label(metric, target)
    if metric.value_type == "BOOL":
        aligner, reducer = "ALIGN_NEXT_OLDER", "REDUCE_COUNT_FALSE"
    return Alignment(aligner=aligner, period_s=PERIOD_S, reducer=reducer or "REDUCE_NONE", group_by=group)


def _own_label(metric: Metric, target: Target) -> tuple[str, ...]:
    labels = {"cloudsql_database": "database_id", "cloud_run_revision": "service_name"}
    named = {
        "google_compute_url_map": "url_map_name",
        "google_compute_backend_service": "backend_target_name",
    }
    label = labels.get(metric.resource_types[0]) or named.get(target.resource.type, "forwarding_rule_name")
    return (f"resource.labels.{label}",)


def _engine(target: Target) -> str:
    planned = PlannedResource(
        type=target.resource.type, name=target.resource.name, settings=_settings(target)
    )
    return engine_of(planned)


def _settings(target: Target) -> dict[str, str | int | float | bool | list[str] | dict[str, str]]:
    version = target.resource.metadata.get("database_version")
    return {"database_version": str(version)} if version else {}
