"""What the edits do on the real Terraform engine, with the sandbox as its cloud."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infraai.operations.actions import following
from infraai.operations.edits import edit, going_back
from infraai.operations.shapes import ActionType
from sandbox.sandbox import Sandbox
from tests.operations.edited import WEB, Files, main
from tests.sandbox.terraform_run import PROJECT, TerraformRun
from tools.gcp import ComputeClient
from tools.hcl import HclTreeSitter

GROUP = "google_compute_region_instance_group_manager.app"
TEMPLATE = "google_compute_instance_template.app"
SQL = "google_sql_database_instance.db"
RUN = "google_cloud_run_v2_service.api"
RUN_1 = "google_cloud_run_service.old"
FIREWALL = "google_compute_firewall.web"
STANDING = """
provider "google" {
  project = "demo-project"
  region  = "us-central1"
}
resource "google_compute_network" "main" {
  name = "net"
}
resource "google_compute_firewall" "web" {
  name          = "web"
  network       = google_compute_network.main.id
  source_ranges = ["0.0.0.0/0"]
  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}
variable "size" {
  default = "e2-small"
}
resource "google_compute_instance" "web" {
  name         = "web"
  machine_type = var.size
  zone         = "us-central1-a"
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
      size  = 20
    }
  }
  network_interface {
    network = google_compute_network.main.id
  }
}
resource "google_compute_disk" "data" {
  name = "data"
  size = 50
  zone = "us-central1-a"
}
resource "google_compute_attached_disk" "data" {
  disk     = google_compute_disk.data.id
  instance = google_compute_instance.web.id
}
resource "google_compute_instance_template" "app" {
  name         = "app-template"
  machine_type = "e2-medium"
  disk {
    source_image = "debian-cloud/debian-12"
    boot         = true
  }
  network_interface {
    network = google_compute_network.main.id
  }
}
resource "google_compute_region_instance_group_manager" "app" {
  name               = "app"
  base_instance_name = "app"
  region             = "us-central1"
  target_size        = 2
  version {
    instance_template = google_compute_instance_template.app.id
  }
}
resource "google_sql_database_instance" "db" {
  name                = "db"
  database_version    = "POSTGRES_16"
  deletion_protection = false
  settings {
    tier      = "db-g1-small"
    edition   = "ENTERPRISE"
    disk_size = 10
  }
}
resource "google_cloud_run_v2_service" "api" {
  name                = "api"
  location            = "us-central1"
  deletion_protection = false
  template {
    containers {
      image = "us-docker.pkg.dev/cloudrun/container/hello"
    }
  }
}
resource "google_cloud_run_service" "old" {
  name     = "old"
  location = "us-central1"
  template {
    spec {
      containers {
        image = "us-docker.pkg.dev/cloudrun/container/hello"
      }
    }
  }
}
"""


@dataclass(frozen=True)
class Standing:
    """A folder in which all of it was applied once."""

    folder: Path

    def copy(self, to: Path) -> TerraformRun:
        shutil.copytree(self.folder, to, dirs_exist_ok=True)
        return TerraformRun(to)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    run = TerraformRun(tmp_path_factory.mktemp("standing")).write(STANDING)
    assert run.run("init").returncode == 0
    run.apply()
    run.cloud.close()
    return Standing(run.folder)


@pytest.fixture
def run(standing: Standing, tmp_path: Path) -> Iterator[TerraformRun]:
    made = standing.copy(tmp_path / "sandbox")
    yield made
    made.cloud.close()


def files(address: str, name: str = "web") -> Files:
    return main(STANDING, address, name=name)


STEPS: list[tuple[str, ActionType, dict[str, Any], dict[str, str]]] = [
    (WEB, "scale_up", {}, {WEB: "update"}),
    (GROUP, "redeploy", {}, {GROUP: "update"}),
    (GROUP, "scale_up", {"machine_type": "e2-standard-2"}, {TEMPLATE: "replace", GROUP: "update"}),
    (SQL, "modify_config", {}, {SQL: "update"}),
    (RUN_1, "scale_down", {"max_instance_count": 5}, {RUN_1: "update"}),
]


@pytest.mark.parametrize(("address", "action", "parameters", "planned"), STEPS)
def test_the_plan_is_the_change_that_was_meant_and_after_it_nothing_is_left(
    run: TerraformRun, address: str, action: ActionType, parameters: dict[str, Any], planned: dict[str, str]
) -> None:
    run.write(files(address).edited(action, **parameters).bundle.files["main.tf"])

    assert run.actions() == planned
    run.apply()
    assert run.actions() == {}


def test_a_template_and_a_machine_go_back_to_what_they_were(run: TerraformRun) -> None:
    parse = HclTreeSitter().parse
    first = files(WEB).edited("scale_up").bundle
    both = main(first.files["main.tf"], GROUP).edited("scale_up", machine_type="e2-standard-4").bundle
    run.write(both.files["main.tf"]).apply()
    back = going_back(files(WEB).bundle, files(WEB).configuration, parse(both)).bundle

    run.write(back.files["main.tf"]).apply()

    assert run.attributes(WEB)["machine_type"] == "e2-small"
    assert run.attributes(TEMPLATE)["machine_type"] == "e2-medium"
    assert run.attributes(TEMPLATE)["name"] == "app-template"


def test_a_rule_that_somebody_switched_off_is_put_back_without_an_edit(run: TerraformRun) -> None:
    (row,) = run.cloud.list(FIREWALL.split(".", maxsplit=1)[0])
    run.cloud.put(FIREWALL.split(".", maxsplit=1)[0], row.id, {**row.values, "disabled": True}, "patch")
    edited = files(FIREWALL).edited("modify_firewall")

    assert edited.bundle == files(FIREWALL).bundle
    assert run.actions() == {FIREWALL: "update"}
    run.apply()
    assert not run.attributes(FIREWALL)["disabled"]


async def test_after_a_boot_disk_grew_by_the_api_the_files_say_so_and_nothing_is_planned(
    run: TerraformRun,
) -> None:
    asked = files(WEB)
    request = asked.checked("resize_disk", boot=True)
    sandbox = Sandbox(run.folder.parent, project=PROJECT)
    try:
        compute = ComputeClient(sandbox.endpoints().compute_url)
        size = request.parameters["size_gb"]
        await compute.resize_disk(PROJECT, "us-central1-a", request.parameters["disk"], size, key="run-1")
    finally:
        sandbox.close()
    (after,) = following(request)
    run.write(edit(asked.bundle, asked.configuration, after, asked.target).bundle.files["main.tf"])

    assert run.actions() == {}
    assert run.attributes(WEB)["boot_disk"][0]["initialize_params"][0]["size"] == 20
    run.apply()
    assert run.attributes(WEB)["boot_disk"][0]["initialize_params"][0]["size"] == 30
