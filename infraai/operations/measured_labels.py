"""Which time series belong to a resource: the part of a monitoring filter that names it.

Labels by monitored resource: https://cloud.google.com/monitoring/api/resources. What a policy's filter may hold:
https://cloud.google.com/monitoring/api/v3/filters.
"""

import json

from infraai.operations.shapes import Alert, Target

GROUPS = frozenset({"google_compute_instance_group_manager", "google_compute_region_instance_group_manager"})
_BALANCED = {
    "google_compute_url_map": "url_map_name",
    "google_compute_region_url_map": "url_map_name",
    "google_compute_backend_service": "backend_target_name",
    "google_compute_region_backend_service": "backend_target_name",
}
_BY_NAME = {
    "cloud_run_revision": "service_name",
    "instance_group": "instance_group_name",
    "autoscaler": "instance_group_manager_name",
}
# What stays the same when a pod or a node is made anew; a volume belongs to one pod.
_LASTING = {
    "k8s_node": (),
    "k8s_container": ("namespace_name", "container_name"),
    "k8s_pod": ("namespace_name", "pod_name"),
}
# What the sender says of the series itself; the rest of its labels differ from one machine to the next.
_NARROWING = ("device", "device_name", "response_code_class", "state", "check_id", "database")


def equals(field: str, value: str) -> str:
    """Return `field = "value"`, quoted as filters want it."""
    return f"{field} = {json.dumps(value, ensure_ascii=False)}"


def identity(path: str, monitored: str, target: Target, alert: Alert | None) -> tuple[str, ...] | None:
    """Return the comparisons that select this resource's series of a metric; None where it cannot be told."""
    labels = alert.labels if alert else {}
    if monitored == "gce_instance":
        return _machines(path, target, labels)
    if monitored == "cloudsql_database":
        return (equals("resource.labels.database_id", database_id(target, labels)),)
    if monitored == "https_lb_rule":
        label = _BALANCED.get(target.resource.type, "forwarding_rule_name")
        return (equals(f"resource.labels.{label}", target.resource.name),)
    if monitored in _LASTING:
        return _in_cluster(monitored, target, labels)
    label = _BY_NAME.get(monitored, "host" if monitored == "uptime_url" else "")
    value = labels.get("resource.labels.host", "") if label == "host" else target.resource.name
    return (equals(f"resource.labels.{label}", value),) if label and value else None


def narrowing(path: str, alert: Alert | None, *, failures: bool) -> tuple[str, ...]:
    """Return what else tells the alert's series: its device, its class of answers, the used part of a disk."""
    said = {
        name: value
        for name, value in (alert.labels if alert else {}).items()
        if name.startswith("metric.labels.") and name.rpartition(".")[2] in _NARROWING and value
    }
    if path.startswith("agent.googleapis.com/") and path.endswith("percent_used"):
        said.setdefault("metric.labels.state", "used")
    if path.endswith("/request_count") and failures:
        failed = "500" if path.startswith("loadbalancing") else "5xx"
        said.setdefault("metric.labels.response_code_class", failed)
    return tuple(equals(name, value) for name, value in sorted(said.items()))


def base_name(target: Target) -> str:
    """Return what the names of a managed group's machines begin with, without the hyphen."""
    recorded = str(target.resource.metadata.get("base_instance_name") or "")
    return recorded or target.member.rpartition("-")[0] or target.resource.name


def database_id(target: Target, labels: dict[str, str]) -> str:
    """Return `project:instance`."""
    project = str(target.resource.metadata.get("project") or labels.get("resource.labels.project_id") or "")
    said = labels.get("resource.labels.database_id", "")
    return f"{project}:{target.resource.name}" if project else said or target.resource.name


def _machines(path: str, target: Target, labels: dict[str, str]) -> tuple[str, ...] | None:
    on_compute = path.startswith("compute.googleapis.com/")
    name = "metric.labels.instance_name" if on_compute else "metadata.system_labels.name"
    if target.resource.type in GROUPS:
        return (f"{name} = starts_with({json.dumps(base_name(target) + '-')})",)
    recorded = target.resource.metadata.get("instance_id")
    number = str(recorded or labels.get("resource.labels.instance_id") or "")
    if number:
        return (equals("resource.labels.instance_id", number),)
    zone = str(target.resource.metadata.get("zone") or "").rpartition("/")[2]
    placed = (equals("resource.labels.zone", zone),) if zone else ()
    return (equals(name, target.resource.name), *placed)


def _in_cluster(monitored: str, target: Target, labels: dict[str, str]) -> tuple[str, ...]:
    recorded = str(target.resource.metadata.get("cluster") or "").rpartition("/")[2]
    own = target.resource.name if target.resource.type == "google_container_cluster" else recorded
    cluster = own or labels.get("resource.labels.cluster_name", "") or target.resource.name
    kept = [
        equals(f"resource.labels.{name}", labels[f"resource.labels.{name}"])
        for name in _LASTING[monitored]
        if labels.get(f"resource.labels.{name}")
    ]
    return (equals("resource.labels.cluster_name", cluster), *kept)
