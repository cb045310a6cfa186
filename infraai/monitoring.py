"""What is always watched, by resource type, and which monitored resource each type writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from infraai.metrics import confirm, metrics
from infraai.models import AlertSeverity, MonitoringPolicy, PlannedResource

_CPU = "compute.googleapis.com/instance/cpu/utilization"
_LB = "loadbalancing.googleapis.com/https"
_SQL = "cloudsql.googleapis.com/database"
_RUN = "run.googleapis.com"
_GKE = "kubernetes.io"
_LB_TYPES = (
    "google_compute_global_forwarding_rule",
    "google_compute_url_map",
    "google_compute_backend_service",
)
AGENT_PREFIX = "agent.googleapis.com/"


@dataclass(frozen=True, slots=True)
class Profile:
    """One alert policy a resource type always gets."""

    name: str
    metric: str
    threshold: float
    duration_s: int
    severity: AlertSeverity
    aligner: str
    reducer: str = ""
    absent: bool = False

    def bind(self, resource: PlannedResource) -> MonitoringPolicy:
        """Return the policy on this resource."""
        return MonitoringPolicy(
            resource_ref=f"{resource.type}.{resource.name}",
            metric_name=self.name,
            metric_path=self.metric,
            threshold=self.threshold,
            duration=f"{self.duration_s}s",
            severity=self.severity,
            aligner=self.aligner,
            reducer=self.reducer,
            resource_type=metrics()[self.metric].resource_types[0],
            absent=self.absent,
        )


# Beside the baseline, on every machine: one that is stopped sends nothing, so that no threshold is ever crossed.
_STOPPED = Profile("stopped", _CPU, 0, 300, "critical", "ALIGN_MEAN", absent=True)
_GROUP = (Profile("asg_cpu_high", _CPU, 0.70, 120, "critical", "ALIGN_MEAN"),)
_RUN_PROFILES = (
    Profile("run_5xx_high", f"{_RUN}/request_count", 1, 60, "critical", "ALIGN_RATE", "REDUCE_SUM"),
    Profile("run_latency_high", f"{_RUN}/request_latencies", 2000, 120, "warning", "ALIGN_PERCENTILE_99"),
    Profile("run_cpu_high", f"{_RUN}/container/cpu/utilizations", 0.9, 120, "warning", "ALIGN_PERCENTILE_99"),
)
_LB_PROFILES = (
    Profile("lb_5xx_high", f"{_LB}/request_count", 1, 60, "critical", "ALIGN_RATE", "REDUCE_SUM"),
    Profile("lb_latency_high", f"{_LB}/total_latencies", 2000, 120, "warning", "ALIGN_PERCENTILE_95"),
)
_PROFILES: dict[str, tuple[Profile, ...]] = {
    "google_compute_instance": (
        Profile("cpu_high", _CPU, 0.80, 60, "critical", "ALIGN_MEAN"),
        Profile(
            "disk_read_high",
            "compute.googleapis.com/instance/disk/read_bytes_count",
            100_000_000,
            120,
            "warning",
            "ALIGN_RATE",
        ),
    ),
    "google_compute_instance_group_manager": _GROUP,
    "google_compute_region_instance_group_manager": _GROUP,
    "google_cloud_run_v2_service": _RUN_PROFILES,
    "google_cloud_run_service": _RUN_PROFILES,
    "google_container_cluster": (
        Profile(
            "gke_cpu_high", f"{_GKE}/node/cpu/allocatable_utilization", 0.85, 120, "critical", "ALIGN_MEAN"
        ),
        Profile(
            "gke_memory_high",
            f"{_GKE}/node/memory/allocatable_utilization",
            0.85,
            120,
            "warning",
            "ALIGN_MEAN",
        ),
        Profile("gke_restarts_high", f"{_GKE}/container/restart_count", 3, 60, "warning", "ALIGN_DELTA"),
    ),
    **dict.fromkeys(_LB_TYPES, _LB_PROFILES),
}
_SQL_CPU = Profile("sql_cpu_high", f"{_SQL}/cpu/utilization", 0.75, 60, "critical", "ALIGN_MEAN")
_SQL_CONNECTIONS = Profile(
    "sql_connections_high", f"{_SQL}/network/connections", 100, 60, "warning", "ALIGN_MEAN"
)
_POSTGRES_CONNECTIONS = Profile(
    "sql_connections_high", f"{_SQL}/postgresql/num_backends", 100, 60, "warning", "ALIGN_MEAN", "REDUCE_SUM"
)

_MONITORED: dict[str, tuple[str, ...]] = {
    "google_compute_instance": ("gce_instance",),
    "google_compute_instance_from_template": ("gce_instance",),
    "google_compute_instance_group_manager": ("gce_instance", "instance_group", "autoscaler"),
    "google_compute_region_instance_group_manager": ("gce_instance", "instance_group", "autoscaler"),
    "google_sql_database_instance": ("cloudsql_database",),
    "google_cloud_run_v2_service": ("cloud_run_revision",),
    "google_cloud_run_service": ("cloud_run_revision",),
    "google_container_cluster": ("k8s_node", "k8s_container", "k8s_pod"),
    **dict.fromkeys(_LB_TYPES, ("https_lb_rule",)),
}

Engine = Literal["postgresql", "mysql", "sqlserver", ""]


def bind_profiles(resources: Iterable[PlannedResource]) -> tuple[MonitoringPolicy, ...]:
    """Return the baseline policies of a plan; of a load balancer's parts only the first is watched."""
    kept: list[MonitoringPolicy] = []
    listed = list(resources)
    balancer = next((one for kind in _LB_TYPES for one in listed if one.type == kind), None)
    for resource in listed:
        if resource.type in _LB_TYPES and resource is not balancer:
            continue
        kept += [profile.bind(resource) for profile in profiles_of(resource)]
    return tuple(kept)


def bind_absence(watched: Iterable[MonitoringPolicy]) -> tuple[MonitoringPolicy, ...]:
    """Return a policy for each watched machine that fires once the machine sends nothing any more."""
    machines = dict.fromkeys(
        one.resource_ref for one in watched if one.resource_ref.startswith("google_compute_instance.")
    )
    return tuple(
        _STOPPED.bind(PlannedResource(type=kind, name=name))
        for kind, _, name in (reference.partition(".") for reference in machines)
    )


def profiles_of(resource: PlannedResource) -> tuple[Profile, ...]:
    """Return what is always watched on this resource; a database's connections by its engine."""
    if resource.type == "google_sql_database_instance":
        postgres = engine_of(resource) in {"postgresql", ""}
        return (_SQL_CPU, _POSTGRES_CONNECTIONS if postgres else _SQL_CONNECTIONS)
    return _PROFILES.get(resource.type, ())


def engine_of(resource: PlannedResource) -> Engine:
    """Return the engine of a Cloud SQL instance by its `database_version`, "" where that is not known."""
    version = str(resource.settings.get("database_version", "")).upper()
    if version.startswith("POSTGRES"):
        return "postgresql"
    return "mysql" if version.startswith("MYSQL") else "sqlserver" if version.startswith("SQLSERVER") else ""


def watchable(policy: MonitoringPolicy, resource: PlannedResource) -> str | None:
    """Return why this policy cannot watch this resource, by the catalog and by the resource; else None."""
    reason = confirm(policy)
    if reason:
        return reason
    metric = metrics()[policy.metric_path]
    monitored = _MONITORED.get(resource.type, ())
    if not set(monitored) & set(metric.resource_types):
        return f"{policy.metric_path} is not measured on {resource.type}"
    engine = engine_of(resource)
    if metric.needs == "postgresql" and engine not in {"postgresql", ""}:
        return f"{policy.metric_path} is measured on PostgreSQL only"
    if metric.needs == "mysql_or_sqlserver" and engine == "postgresql":
        return f"{policy.metric_path} is not measured on PostgreSQL"
    return None


def bind_proposals(
    proposed: Iterable[MonitoringPolicy],
    baseline: Iterable[MonitoringPolicy],
    resources: Iterable[PlannedResource],
) -> tuple[tuple[MonitoringPolicy, ...], tuple[str, ...]]:
    """Return which proposals are confirmed, and a note for each one dropped."""
    known = {f"{one.type}.{one.name}": one for one in resources}
    taken = {(one.resource_ref, one.metric_name) for one in baseline}
    same = {_watches(one) for one in baseline}
    kept: list[MonitoringPolicy] = []
    notes: list[str] = []
    for policy in proposed:
        resource = known.get(policy.resource_ref)
        reason = watchable(policy, resource) if resource else "the plan has no such resource"
        if reason:
            notes.append(f"The alert {policy.metric_name} on {policy.resource_ref} was dropped: {reason}.")
            continue
        if _watches(policy) in same:
            continue
        same.add(_watches(policy))
        fitted = policy.model_copy(
            update={
                "metric_name": _free_name(policy, taken),
                "resource_type": policy.resource_type or metrics()[policy.metric_path].resource_types[0],
            }
        )
        taken.add((fitted.resource_ref, fitted.metric_name))
        kept.append(fitted)
    return tuple(kept), tuple(notes)


def needs_ops_agent(policies: Iterable[MonitoringPolicy], resource_ref: str) -> bool:
    """Return whether a resource is watched by metrics that only the Ops Agent writes."""
    return any(
        one.resource_ref == resource_ref and one.metric_path.startswith(AGENT_PREFIX) for one in policies
    )


def _watches(policy: MonitoringPolicy) -> tuple[str, str, float, str, bool]:
    return policy.resource_ref, policy.metric_path, policy.threshold, policy.comparison, policy.absent


def _free_name(policy: MonitoringPolicy, taken: set[tuple[str, str]]) -> str:
    name = (
        "".join(char if char.isalnum() else "_" for char in policy.metric_name.lower()).strip("_") or "alert"
    )
    number, free = 2, name
    while (policy.resource_ref, free) in taken:
        free, number = f"{name}_{number}", number + 1
    return free
