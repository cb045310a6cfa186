"""What real configurations need of the provider: a second plan is empty, and odd spellings mean the same."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.provider.codec import UNKNOWN, distinct
from sandbox.provider.constraints import find_faults
from sandbox.provider.deletion import protection
from sandbox.provider.forms import Forms
from sandbox.provider.identity import Places
from sandbox.schema.archive import shipped
from tests.sandbox.console import Console
from tests.sandbox.terraform_run import TerraformRun

STACK = """
resource "google_storage_bucket" "files" {
  name     = "files-of-acme-1"
  location = "us"
}
resource "google_compute_network" "first" {
  name = "first"
}
resource "google_compute_network" "second" {
  name = "second"
}
resource "google_dns_policy" "inside" {
  name = "inside"
  networks {
    network_url = google_compute_network.first.id
  }
  networks {
    network_url = google_compute_network.second.id
  }
}
resource "google_compute_network_endpoint_group" "ends" {
  name         = "ends"
  network      = google_compute_network.first.id
  zone         = "us-central1-a"
  default_port = 80
}
resource "google_compute_health_check" "http" {
  name = "http"
  http_health_check {
    port = 80
  }
}
resource "google_compute_backend_service" "web" {
  name          = "web"
  health_checks = [google_compute_health_check.http.id]
  backend {
    group                 = google_compute_network_endpoint_group.ends.id
    balancing_mode        = "RATE"
    capacity_scaler       = 0.4
    max_rate_per_endpoint = 12.5
  }
}
resource "google_container_cluster" "small" {
  name                = "small"
  location            = "us-central1-a"
  node_version        = ""
  initial_node_count  = 1
  deletion_protection = false
}
data "google_logging_organization_settings" "own" {
  organization = "123456789"
}
resource "google_logging_organization_settings" "own" {
  organization     = "123456789"
  storage_location = "us-central1"
}
output "same_agent" {
  value = (
    data.google_logging_organization_settings.own.kms_service_account_id
    == google_logging_organization_settings.own.kms_service_account_id
  )
}
output "disk_gb" { value = google_container_cluster.small.node_config[0].disk_size_gb }
"""


def test_a_second_plan_of_fractions_sets_and_empty_texts_is_empty(tmp_path: Path) -> None:
    run = TerraformRun(tmp_path).write(STACK)
    assert run.run("init").returncode == 0
    run.apply()
    assert run.actions() == {}
    assert run.run("output", "-raw", "same_agent").stdout == "true"
    assert run.run("output", "-raw", "disk_gb").stdout == "100"
    run.write(STACK.replace('"us"', '"US"'))
    assert run.actions() == {}
    run.write(STACK.replace('"us"', '"EU"'))
    assert run.actions() == {"google_storage_bucket.files": "replace"}


def test_two_elements_not_known_yet_stay_two() -> None:
    assert distinct([{"url": UNKNOWN}, {"url": UNKNOWN}]) == [{"url": UNKNOWN}, {"url": UNKNOWN}]
    assert distinct([{"url": "a"}, {"url": "a"}]) == [{"url": "a"}]


def test_an_empty_list_counts_as_an_argument_given() -> None:
    schema = shipped().resource("google_billing_budget")
    assert schema is not None
    rule = {"enable_project_level_recipients": True, "monitoring_notification_channels": []}
    config = {"billing_account": "a", "all_updates_rule": [rule]}
    assert not find_faults(schema.block, shipped().facts(schema.name), config)


def test_a_block_newer_than_the_facts_may_be_the_one_of_a_group() -> None:
    schema = shipped().resource("google_database_migration_service_private_connection")
    assert schema is not None
    needed = {"location": "us-west1", "private_connection_id": "a"}
    assert find_faults(schema.block, shipped().facts(schema.name), needed)
    newer = {**needed, "reserved_public_ip_config": [{"nat_ips_count": 1}]}
    assert not find_faults(schema.block, shipped().facts(schema.name), newer)


def test_compute_tells_the_moment_in_its_own_zone() -> None:
    moment = datetime(2026, 1, 15, 20, 0, tzinfo=UTC)
    forms = Forms("seed", Places(), "1", moment, {})
    assert forms.time("creation_timestamp") == "2026-01-15T12:00:00.000-08:00"
    assert datetime.fromisoformat(forms.time("creation_timestamp")) == moment
    assert forms.time("create_time") == "2026-01-15T20:00:00.000000Z"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("google_compute_network", "ComputeNetwork"), ("google_dns_managed_zone", "DNSManagedZone")],
)
def test_a_policy_that_prevents_deletion_is_told_by_the_providers_name(kind: str, name: str) -> None:
    fault = protection(kind, {"deletion_policy": "PREVENT"})
    assert fault is not None
    assert fault.summary.startswith(f'cannot destroy {name} without setting deletion_policy="DELETE"')


@pytest.mark.parametrize("grant", ["cloud_run_service_iam_member", "cloud_run_v2_service_iam_member"])
@pytest.mark.parametrize("kind", ["cloud_run_service", "cloud_run_v2_service", "cloudfunctions2_function"])
def test_a_role_may_be_given_on_a_service_of_any_making(console: Console, grant: str, kind: str) -> None:
    attribute = "name" if "v2" in grant else "service"
    asked = {
        "location": "us-central1",
        attribute: "web",
        "role": "roles/run.invoker",
        "member": "allUsers",
    }
    assert "of kind 'SERVICE' in region 'us-central1' does not exist" in console.refusal(grant, **asked)
    console.create(kind, name="web", location="us-central1")
    assert console.create(grant, **asked)


def test_a_global_template_takes_its_region_from_its_subnetwork(console: Console) -> None:
    network = console.create("compute_network", name="n", auto_create_subnetworks=False)
    inside = console.create(
        "compute_subnetwork",
        name="s",
        region="europe-west1",
        network=network["id"],
        ip_cidr_range="10.0.0.0/24",
    )
    disk = {"source_image": "debian-cloud/debian-12", "boot": True}
    assert console.create(
        "compute_instance_template",
        name="t",
        machine_type="e2-small",
        disk=[disk],
        network_interface=[{"subnetwork": inside["id"]}],
    )


def test_a_sidecar_may_set_its_port(console: Console) -> None:
    image = "us-docker.pkg.dev/cloudrun/container/hello"
    front = {"image": image, "ports": [{"container_port": 8080}]}
    side = {"image": image, "env": [{"name": "PORT", "value": "8081"}]}
    template = {"containers": [front, side]}
    assert console.create("cloud_run_v2_service", name="a", location="us-central1", template=[template])
    alone = {"containers": [side]}
    refusal = console.refusal("cloud_run_v2_service", name="b", location="us-central1", template=[alone])
    assert "reserved env names were provided: PORT" in refusal


def test_an_address_is_free_where_another_network_uses_the_same(console: Console) -> None:
    made = []
    for name in ("one", "two"):
        network = console.create("compute_network", name=name, auto_create_subnetworks=False)
        inside = console.create(
            "compute_subnetwork",
            name=name,
            region="us-central1",
            network=network["id"],
            ip_cidr_range="10.0.0.0/24",
        )
        made.append(inside["id"])
    kept = console.create(
        "compute_address", name="kept", address_type="INTERNAL", address="10.0.0.9", subnetwork=made[0]
    )
    console.create(
        "compute_instance",
        name="vm",
        machine_type="e2-small",
        boot_disk=[{"initialize_params": [{"image": "debian-cloud/debian-12"}]}],
        network_interface=[{"subnetwork": made[1], "network_ip": "10.0.0.9"}],
    )
    console.delete("compute_address", kept)
