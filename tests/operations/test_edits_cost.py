"""One figure everywhere: what was planned, what the state shows, and what an option says that a change costs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from infraai.operations.shapes import ActionType, Option
from infraai.pricing import price_shown
from tests.operations.edited import Files, main
from tests.sandbox.terraform_run import TerraformRun

LOOSE = "google_compute_instance.loose"
WINDOWS = "google_compute_instance.windows"
OWN = "google_compute_instance.own"
FARM = "google_compute_instance.farm"
ZONAL = "google_compute_instance_group_manager.zonal"
REGIONAL = "google_compute_region_instance_group_manager.regional"
POSTGRES = "google_sql_database_instance.postgres"
MYSQL = "google_sql_database_instance.mysql"
POOL = "google_container_node_pool.fixed"
RANGED = "google_container_node_pool.ranged"
TOTAL = "google_container_node_pool.total"
DISK = "google_compute_disk.data"

STANDING = """
provider "google" {
  project = "demo-project"
  region  = "us-central1"
}
variable "size" {
  default = "e2-small"
}
resource "google_compute_network" "main" {
  name = "net"
}
resource "google_compute_instance" "loose" {
  name         = "loose"
  machine_type = var.size
  zone         = "us-central1-a"
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
      size  = 20
      type  = "pd-balanced"
    }
  }
  network_interface {
    network = google_compute_network.main.id
    access_config {}
  }
}
resource "google_compute_instance" "windows" {
  name         = "windows"
  machine_type = "e2-standard-2"
  zone         = "europe-west1-b"
  boot_disk {
    initialize_params {
      image = "windows-cloud/windows-2022"
    }
  }
  network_interface {
    network = google_compute_network.main.id
  }
}
resource "google_compute_instance" "farm" {
  count        = 3
  name         = "farm-${count.index}"
  machine_type = "e2-medium"
  zone         = "us-central1-a"
  dynamic "boot_disk" {
    for_each = [1]
    content {
      initialize_params {
        image = "rocky-linux-cloud/rocky-linux-9"
        size  = 33
      }
    }
  }
  network_interface {
    network = google_compute_network.main.id
  }
}
resource "google_compute_disk" "data" {
  name  = "data"
  type  = "pd-ssd"
  image = "debian-cloud/debian-12"
  size  = 40
  zone  = "us-central1-a"
}
resource "google_compute_disk" "empty" {
  name = "empty"
  zone = "us-central1-a"
}
resource "google_compute_instance" "own" {
  name         = "own"
  machine_type = "n2-standard-2"
  zone         = "us-central1-a"
  boot_disk {
    source = google_compute_disk.data.id
  }
  network_interface {
    network = google_compute_network.main.id
  }
}
resource "google_compute_instance_template" "app" {
  name_prefix  = "app-"
  machine_type = "e2-standard-2"
  disk {
    source_image = "rocky-linux-cloud/rocky-linux-9"
    boot         = true
  }
  network_interface {
    network = google_compute_network.main.id
    access_config {}
  }
  lifecycle {
    create_before_destroy = true
  }
}
resource "google_compute_instance_group_manager" "zonal" {
  name               = "zonal"
  base_instance_name = "zonal"
  zone               = "us-central1-a"
  target_size        = 3
  version {
    instance_template = google_compute_instance_template.app.id
  }
}
resource "google_compute_region_instance_group_manager" "regional" {
  name               = "regional"
  base_instance_name = "regional"
  region             = "us-central1"
  version {
    instance_template = google_compute_instance_template.app.id
  }
}
resource "google_compute_region_autoscaler" "regional" {
  name   = "regional"
  region = "us-central1"
  target = google_compute_region_instance_group_manager.regional.id
  autoscaling_policy {
    min_replicas = 2
    max_replicas = 6
  }
}
resource "google_sql_database_instance" "postgres" {
  name                = "postgres"
  database_version    = "POSTGRES_15"
  deletion_protection = false
  settings {
    tier              = "db-custom-1-3840"
    availability_type = "REGIONAL"
    disk_size         = 20
  }
}
resource "google_sql_database_instance" "mysql" {
  name                = "mysql"
  database_version    = "MYSQL_8_0"
  region              = "us-east1"
  deletion_protection = false
  settings {
    tier = "db-g1-small"
  }
}
resource "google_container_cluster" "main" {
  name                     = "main"
  location                 = "us-central1"
  initial_node_count       = 1
  remove_default_node_pool = true
  deletion_protection      = false
}
resource "google_container_node_pool" "fixed" {
  name       = "fixed"
  cluster    = google_container_cluster.main.id
  node_count = 2
  node_config {
    machine_type = "e2-medium"
    disk_size_gb = 50
  }
}
resource "google_container_node_pool" "ranged" {
  name    = "ranged"
  cluster = google_container_cluster.main.id
  autoscaling {
    min_node_count = 1
    max_node_count = 4
  }
}
resource "google_container_node_pool" "total" {
  name    = "total"
  cluster = google_container_cluster.main.id
  autoscaling {
    total_min_node_count = 2
    total_max_node_count = 5
  }
}
resource "google_container_cluster" "zonal" {
  name                = "zonal"
  location            = "us-central1-b"
  initial_node_count  = 2
  deletion_protection = false
}
resource "google_compute_address" "spare" {
  name = "spare"
}
resource "google_storage_bucket" "files" {
  name     = "files-of-demo-project"
  location = "US-CENTRAL1"
}
"""

METADATA = {
    POOL: {"location": "us-central1"},
    RANGED: {"location": "us-central1"},
    TOTAL: {"location": "us-central1"},
}


@dataclass(frozen=True)
class Standing:
    """All of it, applied once, and what its preview said it would cost."""

    run: TerraformRun
    planned: float


def shown(run: TerraformRun, *more: str) -> dict[str, Any]:
    planned = run.run("plan", "-out=saved.plan", "-no-color", *more)
    assert planned.returncode == 0, planned.stderr[-2000:]
    return dict(json.loads(run.run("show", "-json", "saved.plan").stdout))


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    run = TerraformRun(tmp_path_factory.mktemp("standing")).write(STANDING)
    assert run.run("init").returncode == 0
    planned = price_shown(shown(run), "after").usd_month
    run.apply()
    yield Standing(run, planned)
    run.cloud.close()


def option(text: str, address: str, action: ActionType, position: int) -> tuple[Files, Option]:
    """Return the files with this resource in view, and one of its options."""
    name = address.split(".")[1].partition("[")[0]
    files = main(text, address, name=name, metadata=METADATA.get(address, {}))
    return files, [one for one in files.options() if one.action == action][position]


def test_what_stands_costs_what_was_planned(standing: Standing) -> None:
    refreshed = shown(standing.run.write(STANDING))

    assert price_shown(refreshed, "before").usd_month == standing.planned
    assert price_shown(refreshed, "after").usd_month == standing.planned


# What is asked for at once; each plan prices all of it.
STEPS: list[list[tuple[str, ActionType, int]]] = [
    [(one, "scale_up", 0) for one in (LOOSE, WINDOWS, OWN, f"{FARM}[1]", POOL, POSTGRES, MYSQL)],
    [
        (LOOSE, "scale_down", 0),
        (ZONAL, "scale_up", 0),
        (POSTGRES, "resize_disk", 0),
        (POSTGRES, "modify_config", 0),
    ],
    [(OWN, "scale_up", 1), (REGIONAL, "scale_up", 1), (ZONAL, "scale_down", 0), (DISK, "resize_disk", 0)],
    [(one, "scale_up", 0) for one in (REGIONAL, RANGED, TOTAL)],
]


@pytest.mark.parametrize("steps", STEPS)
def test_options_cost_what_the_preview_of_them_says(
    standing: Standing, steps: list[tuple[str, ActionType, int]]
) -> None:
    text, said = STANDING, list[float | None]()
    for address, action, position in steps:
        files, offered = option(text, address, action, position)
        said.append(offered.cost_delta_usd_month)
        text = files.edited(action, **offered.parameters).bundle.files["main.tf"]
    preview = shown(standing.run.write(text), "-refresh=false")
    before, after = (price_shown(preview, when).usd_month for when in ("before", "after"))

    assert before == standing.planned
    assert sum(one for one in said if one is not None) == pytest.approx(after - before, abs=0.001)
    assert None not in said


def test_a_limit_costs_nothing_by_itself_and_says_what_using_it_does() -> None:
    for address in (REGIONAL, RANGED, TOTAL):
        _, offered = option(STANDING, address, "scale_up", 0)

        assert offered.cost_delta_usd_month == 0
        assert "+$" in offered.summary
        assert "where all of them run" in offered.summary
