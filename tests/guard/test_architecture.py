"""The drawn architecture: from a plan's settings, and from a configuration's references."""

from infraai.architecture import graph_of_configuration, graph_of_plan, outline
from infraai.models import Bundle, InfraPlan, PlannedResource, ResourceGraph
from tools.hcl import HclTreeSitter

FILES = {
    "main.tf": """
resource "google_compute_network" "main" {
  name = "main"
}
resource "google_compute_subnetwork" "web" {
  network = google_compute_network.main.id
  region  = "us-east1"
}
locals {
  subnet = google_compute_subnetwork.web.self_link
}
resource "google_compute_instance" "vm" {
  zone = "us-east1-b"
  network_interface {
    subnetwork = local.subnet
  }
}
resource "google_storage_bucket" "files" {
  location = "EU"
}
module "db" {
  source = "./db"
}
""",
    "db/main.tf": 'resource "google_sql_database_instance" "d" {\n  region = "us-east1"\n}\nresource "google_sql_user" "u" {\n'
    "  instance = google_sql_database_instance.d.name\n}\n",
}


def edges(graph: ResourceGraph) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in graph.edges}


def groups(graph: ResourceGraph) -> dict[str, str]:
    return {node.id: node.group for node in graph.nodes}


def test_references_make_the_edges_through_locals_and_in_modules() -> None:
    graph = graph_of_configuration(HclTreeSitter().parse(Bundle(files=FILES)))
    assert edges(graph) == {
        ("google_compute_subnetwork.web", "google_compute_network.main"),
        ("google_compute_instance.vm", "google_compute_subnetwork.web"),
        ("module.db.google_sql_user.u", "module.db.google_sql_database_instance.d"),
    }
    assert groups(graph)["google_compute_instance.vm"] == "google_compute_network.main"
    assert groups(graph)["google_storage_bucket.files"] == "EU"


def test_a_plan_is_drawn_from_the_names_in_its_settings() -> None:
    plan = InfraPlan(
        stack_type="web_app",
        region="us-east1",
        estimated_cost_usd=1,
        confidence=1,
        resources=(
            PlannedResource(type="google_compute_network", name="main"),
            PlannedResource(
                type="google_compute_instance", name="web", settings={"network": "main", "zone": "us-east1-b"}
            ),
            PlannedResource(type="google_sql_database_instance", name="db"),
            PlannedResource(
                type="google_sql_user",
                name="app",
                settings={"instance": "google_sql_database_instance.db.name"},
            ),
        ),
    )
    graph = graph_of_plan(plan)
    assert edges(graph) == {
        ("google_compute_instance.web", "google_compute_network.main"),
        ("google_sql_user.app", "google_sql_database_instance.db"),
    }
    assert groups(graph)["google_sql_user.app"] == "us-east1"


def test_the_outline_shows_groups_and_targets() -> None:
    text = outline(graph_of_configuration(HclTreeSitter().parse(Bundle(files=FILES))))
    assert "├─ google_compute_subnetwork.web → google_compute_network.main" in text
    assert text.splitlines()[0] == "EU"
