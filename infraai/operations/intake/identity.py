"""Which thing an alert is about: the label that identifies it best, or nothing.

Monitored resources and their labels: https://cloud.google.com/monitoring/api/resources.
"""

import re
from collections.abc import Mapping

# By monitored resource; of each the labels that name what Terraform made, the best first.
_BY_TYPE: dict[str, tuple[str, ...]] = {
    "gce_instance": ("instance_name", "instance_id"),
    "gce_instance_group": ("instance_group_name", "instance_group_id"),
    "instance_group": ("instance_group_name", "instance_group_id"),
    "autoscaler": ("instance_group_manager_name", "autoscaler_name", "instance_group_manager_id"),
    "cloudsql_database": ("database_id",),
    "cloud_run_revision": ("service_name",),
    "cloud_run_job": ("job_name",),
    "https_lb_rule": ("forwarding_rule_name", "url_map_name", "target_proxy_name", "backend_target_name"),
    "uptime_url": ("host",),
}
# Where the type is not among them, or has none of its own labels; also the labels of Prometheus exporters.
_ANY = (
    "database_id",
    "service_name",
    "cluster_name",
    "instance_name",
    "instance_group_manager_name",
    "instance_group_name",
    "forwarding_rule_name",
    "url_map_name",
    "backend_service_name",
    "backend_target_name",
    "function_name",
    "job_name",
    "bucket_name",
    "gateway_name",
    "router_name",
    "subscription_id",
    "topic_id",
    "queue_id",
    "dataset_id",
    "environment_name",
    "instance_id",
    "disk_name",
    "disk_id",
    "host",
    "node_id",
)
# These say where, or what inside of it, and never which.
_PLACES = frozenset(
    {"project_id", "location", "zone", "region", "network_name", "namespace_name", "revision_name"}
)
_PORT = re.compile(r"^(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::\d{1,5})?$")
_PATH = re.compile(r"(?:^|/)projects/([a-z0-9.:-]{1,80})/[^/]")
_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]|[a-z0-9.-]+:[a-z][a-z0-9-]{4,28}[a-z0-9]")


def named_by(kind: str, labels: Mapping[str, str]) -> str:
    """Return the name that a monitored resource's labels give it; empty where they name none."""
    wanted = _BY_TYPE.get(kind, ())
    if kind.startswith("k8s_"):
        wanted = ("cluster_name",)
    for label in (*wanted, *_ANY):
        if labels.get(label):
            return plain(label, labels[label])
    others = [one for one in labels if one.endswith(("_name", "_id")) and one not in _PLACES]
    return plain(others[0], labels[others[0]]) if len(others) == 1 else ""


def plain(label: str, value: str) -> str:
    """Return the last part of `project:instance` and of `projects/P/…/NAME`, else the value itself."""
    if label == "database_id":
        return value.rpartition(":")[2]
    return value.rpartition("/")[2] if value.startswith("projects/") else value


def project_of_database(value: str) -> str:
    """Return the project of `project:instance`; empty where it has none."""
    return value.rpartition(":")[0]


def host_of(instance: str) -> str:
    """Return `vm-1` of `vm-1:9100` and of `https://vm-1/health`.

    What is no address stays as it is, and so does a loopback one: it names no machine, and its port tells it apart.
    """
    address = re.sub(r"^[a-z][a-z0-9+.-]*://", "", instance).partition("/")[0]
    found = _PORT.match(address)
    host = (found["v6"] or found["host"]) if found else ""
    return instance if not host or host == "localhost" or host.startswith("127.") or host == "::1" else host


def project_of_path(value: str) -> str:
    """Return `P` of `projects/P/…` and of a link that ends so; empty where there is none."""
    found = _PATH.search(value)
    return found[1] if found else ""


def looks_like_project(value: str) -> bool:
    """Tell whether the text has the form of a Google Cloud project id."""
    return bool(_PROJECT.fullmatch(value))
