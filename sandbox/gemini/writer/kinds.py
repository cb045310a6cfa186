"""What is known of single resource types, beyond what their schema says."""

from collections.abc import Callable, Mapping

from sandbox.gemini.writer.hcl import Blocks, Body, Expr
from sandbox.gemini.writer.machines import write_firewall, write_instance
from sandbox.gemini.writer.project import Planned, Project

Kind = Callable[[Project, Planned, Body], set[str]]


def write_network(project: Project, planned: Planned, body: Body) -> set[str]:
    """A network of its own has the subnetworks the plan names, none by itself."""
    del project, planned
    body["auto_create_subnetworks"] = False
    return set()


def write_bucket(project: Project, planned: Planned, body: Body) -> set[str]:
    """Bucket names are unique in the world: the project's name leads."""
    del project
    name = str(planned.settings.get("name") or planned.name.replace("_", "-"))
    body["name"] = Expr(f'"${{var.project}}-{name}"')
    body["uniform_bucket_level_access"] = True
    return {"name"}


def write_sql(project: Project, planned: Planned, body: Body) -> set[str]:
    """A private database waits for the connection that gives it its address."""
    body["deletion_protection"] = False
    connection = project.first("google_service_networking_connection")
    if connection and any(key.endswith("private_network") for key in planned.settings):
        body["depends_on"] = [Expr(connection.address)]
    return set()


def write_run(project: Project, planned: Planned, body: Body) -> set[str]:
    """A service has one container with limits, a port and a scale."""
    del project
    settings = planned.settings
    limits = {key: settings[key] for key in ("cpu", "memory") if key in settings}
    scaling = {key: settings[key] for key in ("min_instance_count", "max_instance_count") if key in settings}
    container: Body = {"image": settings.get("image", "us-docker.pkg.dev/cloudrun/container/hello")}
    container["ports"] = Blocks([{"container_port": settings.get("container_port", 8080)}])
    if limits:
        container["resources"] = Blocks([{"limits": limits}])
    body["template"] = Blocks([{"containers": Blocks([container])}])
    if scaling:
        body["template"][0]["scaling"] = Blocks([scaling])
    body["deletion_protection"] = False
    return {"cpu", "memory", "min_instance_count", "max_instance_count", "image", "container_port"}


KINDS: Mapping[str, Kind] = {
    "google_compute_network": write_network,
    "google_compute_instance": write_instance,
    "google_compute_firewall": write_firewall,
    "google_storage_bucket": write_bucket,
    "google_sql_database_instance": write_sql,
    "google_cloud_run_v2_service": write_run,
}
