"""What is known of single resource types, beyond what their schema says."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.gemini.writer.hcl import Blocks, Body, Call, Expr
from sandbox.gemini.writer.machines import write_firewall, write_instance, write_template
from sandbox.gemini.writer.project import Planned, Project
from sandbox.gemini.writer.sources import function_source
from sandbox.gemini.writer.values import settled

Kind = Callable[[Project, Planned, Body], set[str]]
HELLO_IMAGE = "us-docker.pkg.dev/cloudrun/container/hello"
JOB_IMAGE = "us-docker.pkg.dev/cloudrun/container/job"
_LOWEST_PRIORITY = 2147483647
_CONTAINER_KEYS = {"cpu", "memory", "image", "container_port", "port", "env"}


def write_network(project: Project, planned: Planned, body: Body) -> set[str]:
    """A network has the subnetworks the plan names; by itself it makes some only where the plan has none."""
    body["auto_create_subnetworks"] = not project.of("google_compute_subnetwork")
    del planned
    return set()


def write_bucket(project: Project, planned: Planned, body: Body) -> set[str]:
    """Bucket names are unique in the world: the project's name leads."""
    del project
    name = str(planned.settings.get("name") or planned.name.replace("_", "-"))
    body["name"] = Expr(f'"${{var.project}}-{name}"')
    body["location"] = Expr("var.region")
    body["uniform_bucket_level_access"] = True
    days = planned.settings.get("delete_after_days")
    rules = [_aged(age, type="SetStorageClass", storage_class=name) for name, age in _moves(planned)]
    if days:
        rules.append(_aged(int(str(days)), type="Delete"))
    if rules:
        body["lifecycle_rule"] = Blocks(rules)
    return {"name", "delete_after_days", "moves"}


def _moves(planned: Planned) -> list[tuple[str, int]]:
    """Return the (storage class, age in days) of a plan's moves, written "COLDLINE:90"."""
    moves = planned.settings.get("moves")
    found = [str(one).partition(":") for one in moves] if isinstance(moves, list) else []
    return [(name, int(days)) for name, _, days in found if days.isdigit()]


def _aged(age: int, **action: str) -> Body:
    return {"action": Blocks([dict(action)]), "condition": Blocks([{"age": age}])}


def write_sql(project: Project, planned: Planned, body: Body) -> set[str]:
    """A private database waits for the connection that gives it its address."""
    body["deletion_protection"] = False
    connection = project.first("google_service_networking_connection")
    if connection and any(key.endswith("private_network") for key in planned.settings):
        body["depends_on"] = [Expr(connection.address)]
    return set()


def waits_for_services(project: Project, planned: Planned, body: Body) -> set[str]:
    """Managed services with private addresses wait for the connection that gives them."""
    del planned
    connection = project.first("google_service_networking_connection")
    if connection:
        body["depends_on"] = [Expr(connection.address)]
    return set()


def _container(project: Project, planned: Planned, image: str) -> Body:
    settings = planned.settings
    container: Body = {"image": settings.get("image", image)}
    limits = {key: str(settings[key]) for key in ("cpu", "memory") if key in settings}
    if limits:
        container["resources"] = Blocks([{"limits": limits}])
    env = settings.get("env")
    if isinstance(env, dict):
        found = ((key, settled(project, key, value)) for key, value in env.items())
        container["env"] = Blocks(
            [{"name": key, "value": value} for key, value in found if value is not None]
        )
    return container


def write_run(project: Project, planned: Planned, body: Body) -> set[str]:
    """A service has one container with limits, a port and a scale."""
    settings = planned.settings
    scaling = {key: settings[key] for key in ("min_instance_count", "max_instance_count") if key in settings}
    container = _container(project, planned, HELLO_IMAGE)
    container["ports"] = Blocks(
        [{"container_port": settings.get("container_port") or settings.get("port") or 8080}]
    )
    body["location"] = Expr("var.region")
    body["deletion_protection"] = False
    body["template"] = Blocks([{"containers": Blocks([container])}])
    if scaling:
        body["template"][0]["scaling"] = Blocks([scaling])
    return {"min_instance_count", "max_instance_count", *_CONTAINER_KEYS}


def write_job(project: Project, planned: Planned, body: Body) -> set[str]:
    """A job has one container, tried again when it fails."""
    body["location"] = Expr("var.region")
    body["deletion_protection"] = False
    task: Body = {key: planned.settings[key] for key in ("timeout", "max_retries") if key in planned.settings}
    task["containers"] = Blocks([_container(project, planned, JOB_IMAGE)])
    body["template"] = Blocks([{"template": Blocks([task])}])
    return {"timeout", "max_retries", *_CONTAINER_KEYS}


def write_table(project: Project, planned: Planned, body: Body) -> set[str]:
    """A table's columns read as HCL, not as JSON in a string."""
    del project
    body["deletion_protection"] = False
    schema = planned.settings.get("schema")
    try:
        columns: Any = json.loads(schema) if isinstance(schema, str) else None
    except ValueError:
        columns = None
    if columns is None:
        return set()
    body["schema"] = Call("jsonencode", columns)
    return {"schema"}


def write_cluster(project: Project, planned: Planned, body: Body) -> set[str]:
    """A cluster's own pool goes where the plan has pools; pods get addresses of the network."""
    settings = planned.settings
    body["location"] = Expr("var.region")
    body["deletion_protection"] = False
    if settings.get("enable_autopilot"):
        return {"remove_default_node_pool", "initial_node_count", "node_count", "machine_type"}
    if project.of("google_container_node_pool"):
        body["remove_default_node_pool"] = True
        body["initial_node_count"] = 1
        return {"machine_type", "node_count", "initial_node_count", "disk_size_gb", "disk_type"}
    body["initial_node_count"] = settings.get("node_count", settings.get("initial_node_count", 1))
    return {"node_count", "remove_default_node_pool", "initial_node_count"}


def write_pool(project: Project, planned: Planned, body: Body) -> set[str]:
    """A pool is in its cluster's place; its nodes keep no old metadata endpoints."""
    clusters = project.of("google_container_cluster")
    if clusters:
        body["cluster"] = project.refer(clusters[0], "name")
        body["location"] = project.refer(clusters[0], "location")
    scaled = any(
        key.rsplit(".", 1)[-1] in ("max_node_count", "total_max_node_count") for key in planned.settings
    )
    return {"location", *({"node_count"} if scaled else set[str]())}


def write_backend(project: Project, planned: Planned, body: Body) -> set[str]:
    """Groups in several regions are as many backends of one service."""
    groups = planned.settings.get("groups")
    if not isinstance(groups, list):
        return set()
    found = [settled(project, "group", one) for one in groups]
    body["backend"] = Blocks([{"group": one} for one in found if one is not None])
    return {"groups"}


def write_armor(project: Project, planned: Planned, body: Body) -> set[str]:
    """Rules by priority: known attacks are denied, floods slowed, and the last one lets the rest pass."""
    del project
    names = planned.settings.get("denied_rules") or []
    rules: list[Body] = []
    for number, name in enumerate(names if isinstance(names, list) else [names]):
        expression = Blocks([{"expression": f"evaluatePreconfiguredWaf('{name}')"}])
        match: Body = {"expr": expression}
        rules.append(
            {
                "action": "deny(403)",
                "priority": 1000 + number,
                "match": Blocks([match]),
                "description": f"deny {name}",
            }
        )
    everybody = Blocks([{"versioned_expr": "SRC_IPS_V1", "config": Blocks([{"src_ip_ranges": ["*"]}])}])
    rate = planned.settings.get("rate_limit_per_minute")
    if rate:
        limit: Body = {"conform_action": "allow", "exceed_action": "deny(429)", "enforce_on_key": "IP"}
        limit["rate_limit_threshold"] = Blocks([{"count": int(str(rate)), "interval_sec": 60}])
        rules.append(
            {
                "action": "throttle",
                "priority": 2000,
                "description": "slow floods",
                "match": everybody,
                "rate_limit_options": Blocks([limit]),
            }
        )
    rules.append(
        {
            "action": "allow",
            "priority": _LOWEST_PRIORITY,
            "description": "the rest passes",
            "match": everybody,
        }
    )
    body["rule"] = Blocks(rules)
    return {"denied_rules", "rate_limit_per_minute"}


def write_object(project: Project, planned: Planned, body: Body) -> set[str]:
    """An object without content or source is a function's first source, or an empty line to begin with."""
    if {"content", "source"} & set(planned.settings):
        return set()
    function = project.first("google_cloudfunctions2_function", "google_cloudfunctions_function")
    if function and planned.settings.get("content_type") == "application/zip":
        body["content"] = function_source(str(function.settings.get("runtime") or "nodejs22"))
    else:
        body["content"] = "\n"
    return set()


def write_account(project: Project, planned: Planned, body: Body) -> set[str]:
    """An account's id has 6 to 30 letters, digits and hyphens."""
    del project
    wanted = str(planned.settings.get("account_id") or planned.name)
    clean = re.sub(r"[^a-z0-9-]", "-", wanted.lower()).strip("-")[:30].strip("-")
    body["account_id"] = clean if len(clean) >= 6 else f"{clean}-sa-infra"[:30]  # noqa: PLR2004
    return {"account_id", "name"}


def write_iam_member(project: Project, planned: Planned, body: Body) -> set[str]:
    """Rights in the project are rights in the bundle's project."""
    del planned, project
    body["project"] = Expr("var.project")
    return {"project"}


def write_forwarding_rule(project: Project, planned: Planned, body: Body) -> set[str]:
    """A forwarding rule leads to the proxy it names, or the plan's only one."""
    proxies = project.of("google_compute_target_https_proxy", "google_compute_target_http_proxy")
    if settled(project, "target", planned.settings.get("target")) is None and proxies:
        body["target"] = project.refer(proxies[-1], "id")
    return set()


KINDS: Mapping[str, Kind] = {
    "google_alloydb_cluster": waits_for_services,
    "google_bigquery_table": write_table,
    "google_cloud_run_v2_job": write_job,
    "google_cloud_run_v2_service": write_run,
    "google_compute_backend_service": write_backend,
    "google_compute_firewall": write_firewall,
    "google_compute_global_forwarding_rule": write_forwarding_rule,
    "google_compute_instance": write_instance,
    "google_compute_instance_template": write_template,
    "google_compute_network": write_network,
    "google_compute_region_instance_template": write_template,
    "google_compute_security_policy": write_armor,
    "google_container_cluster": write_cluster,
    "google_container_node_pool": write_pool,
    "google_memcache_instance": waits_for_services,
    "google_project_iam_member": write_iam_member,
    "google_service_account": write_account,
    "google_sql_database_instance": write_sql,
    "google_storage_bucket": write_bucket,
    "google_storage_bucket_object": write_object,
}
