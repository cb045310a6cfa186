"""What Google's notifications call metrics and monitored resources."""

from collections.abc import Mapping

from sandbox.monitoring_api.alignment import Series

_METRICS = {
    "compute.googleapis.com/instance/cpu/utilization": "CPU utilization",
    "compute.googleapis.com/instance/disk/read_bytes_count": "Disk read bytes",
    "compute.googleapis.com/instance/disk/write_bytes_count": "Disk write bytes",
    "compute.googleapis.com/instance/network/sent_packets_count": "Sent packets",
    "compute.googleapis.com/instance/uptime": "Uptime",
    "agent.googleapis.com/memory/percent_used": "Memory utilization",
    "agent.googleapis.com/disk/percent_used": "Disk utilization",
    "cloudsql.googleapis.com/database/cpu/utilization": "CPU utilization",
    "cloudsql.googleapis.com/database/memory/utilization": "Memory utilization",
    "cloudsql.googleapis.com/database/disk/utilization": "Disk utilization",
    "cloudsql.googleapis.com/database/network/connections": "Cloud SQL Connections",
    "cloudsql.googleapis.com/database/postgresql/num_backends": "PostgreSQL Connections",
    "loadbalancing.googleapis.com/https/total_latencies": "Total latency",
    "monitoring.googleapis.com/uptime_check/check_passed": "Check passed",
}
_RESOURCES = {
    "gce_instance": "VM Instance",
    "cloudsql_database": "Cloud SQL Database",
    "https_lb_rule": "Google Cloud HTTP/S Load Balancing Rule",
    "cloud_run_revision": "Cloud Run Revision",
    "cloud_function": "Cloud Function",
    "k8s_cluster": "Kubernetes Cluster",
    "k8s_container": "Kubernetes Container",
    "k8s_node": "Kubernetes Node",
    "k8s_pod": "Kubernetes Pod",
    "gcs_bucket": "GCS Bucket",
    "pubsub_subscription": "Cloud Pub/Sub Subscription",
    "pubsub_topic": "Cloud Pub/Sub Topic",
    "redis_instance": "Cloud Memorystore Redis",
    "uptime_url": "Uptime Check URL",
    "global": "Global",
}
_NAMED_BY = (
    "database_id",
    "service_name",
    "function_name",
    "url_map_name",
    "cluster_name",
    "bucket_name",
    "subscription_id",
    "topic_id",
    "gateway_name",
)
_SHORT = {"cpu": "CPU", "http": "HTTP", "https": "HTTPS", "sql": "SQL", "nat": "NAT", "iops": "IOPS"}


def metric_name(metric: str) -> str:
    """Return a metric's display name, such as `CPU utilization`."""
    known = _METRICS.get(metric)
    if known:
        return known
    *_, owner, last = ["", *metric.split("/")]
    words = f"{'' if '.' in owner else owner} {last}".replace("_", " ").split()
    shown = " ".join(_SHORT.get(word, word) for word in words)
    return shown[:1].upper() + shown[1:]


def resource_kind(resource_type: str) -> str:
    """Return a monitored resource's display name, such as `VM Instance`."""
    return _RESOURCES.get(resource_type) or " ".join(
        word.upper() if word in _SHORT else word.capitalize() for word in resource_type.split("_")
    )


def display_name(series: Series) -> str:
    """Return what names the resource: a machine's, database's or service's name; "" where no label does."""
    named = series.metadata.get("metadata.system_labels.name") or series.metric_labels.get("instance_name")
    if named:
        return named
    found = next((series.resource_labels[one] for one in _NAMED_BY if series.resource_labels.get(one)), "")
    return found.rpartition(":")[2]


def resource_name(series: Series, project: str, named: str) -> str:
    """Return `PROJECT NAME`, or `PROJECT VM Instance labels {…}` where nothing names the resource."""
    owner = series.resource_labels.get("project_id", project)
    if named:
        return f"{owner} {named}"
    return f"{owner} {resource_kind(series.resource_type)} labels {braced(series.resource_labels)}"


def braced(labels: Mapping[str, str]) -> str:
    """Return `{name=value, …}`."""
    return "{" + ", ".join(f"{key}={value}" for key, value in sorted(labels.items())) + "}"
