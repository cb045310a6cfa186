"""Terraform itself, from init to destroy, on the simulated provider."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sandbox.provider.server import serve
from tests.sandbox.terraform_run import PROJECT, TerraformRun

STACK = """
data "google_project" "this" {}
resource "random_id" "suffix" {
  byte_length = 4
}
resource "google_pubsub_topic" "events" {
  name   = "events-${random_id.suffix.hex}"
  labels = { team = "core" }
}
resource "google_pubsub_subscription" "worker" {
  name  = "worker"
  topic = google_pubsub_topic.events.id
}
resource "google_service_account" "worker" {
  account_id = "worker-account"
}
resource "google_pubsub_subscription_iam_member" "worker" {
  subscription = google_pubsub_subscription.worker.name
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:${google_service_account.worker.email}"
}
resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = false
}
resource "google_compute_firewall" "web" {
  name          = "web"
  network       = google_compute_network.main.name
  source_ranges = ["0.0.0.0/0"]
  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}
resource "google_sql_database_instance" "main" {
  name             = "main"
  database_version = "POSTGRES_15"
  settings { tier = "db-f1-micro" }
}
output "address" { value = "https://${google_sql_database_instance.main.public_ip_address}/" }
output "agent" { value = "service-${data.google_project.this.number}@example.com" }
output "link" { value = google_compute_network.main.self_link }
"""


@pytest.fixture
def terraform(tmp_path: Path) -> TerraformRun:
    return TerraformRun(tmp_path)


def test_a_stack_is_made_then_needs_no_change_and_then_is_destroyed(terraform: TerraformRun) -> None:
    terraform.write(STACK)
    assert terraform.run("init").returncode == 0
    assert terraform.run("validate").returncode == 0
    terraform.apply()
    assert terraform.run("plan", "-detailed-exitcode").returncode == 0
    network = "projects/demo-project/global/networks/main"
    outputs = json.loads(terraform.run("output", "-json").stdout)
    assert outputs["link"]["value"] == f"https://www.googleapis.com/compute/v1/{network}"
    assert terraform.cloud.get("google_compute_network", network) is not None

    refused = terraform.errors(
        "destroy", "-target=google_sql_database_instance.main", "-auto-approve", "-json"
    )
    assert any("deletion_protection is set to true" in one for one in refused)
    terraform.write(STACK.replace('"POSTGRES_15"', '"POSTGRES_15"\n  deletion_protection = false'))
    assert terraform.actions() == {"google_sql_database_instance.main": "update"}
    terraform.apply()
    assert terraform.run("destroy", "-auto-approve").returncode == 0
    assert terraform.cloud.get("google_compute_network", network) is None


def test_a_wrong_value_is_named_with_its_place_at_validate(terraform: TerraformRun) -> None:
    terraform.write("""
resource "google_compute_subnetwork" "a" {
  name          = "Not_A_Name"
  ip_cidr_range = "10.0.0.0/24"
  network       = "default"
  role          = "LEADER"
}
""")
    terraform.run("init")
    found = json.loads(terraform.run("validate", "-json").stdout)
    texts = {(one["summary"], one["range"]["start"]["line"]) for one in found["diagnostics"]}
    assert ('expected role to be one of ["ACTIVE" "BACKUP" ""], got LEADER', 6) in texts
    assert any("doesn't match regexp" in text and line == 3 for text, line in texts)


def test_a_misspelt_type_is_answered_with_the_nearest(terraform: TerraformRun) -> None:
    terraform.write('resource "google_pubsub_topics" "a" {\n  name = "a"\n}\n')
    terraform.run("init")
    found = json.loads(terraform.run("validate", "-json").stdout)
    assert 'Did you mean "google_pubsub_topic"?' in found["diagnostics"][0]["detail"]


def test_what_cannot_change_in_place_is_replaced(terraform: TerraformRun) -> None:
    text = """
resource "google_compute_disk" "data" {
  name   = "data"
  zone   = "us-central1-a"
  type   = "pd-ssd"
  size   = 20
  labels = { env = "test" }
}
"""
    terraform.write(text).apply()
    terraform.write(text.replace("20", "30").replace("test", "live"))
    assert terraform.actions() == {"google_compute_disk.data": "update"}
    terraform.write(text.replace("20", "10"))
    assert terraform.actions() == {"google_compute_disk.data": "replace"}
    terraform.write(text.replace("pd-ssd", "pd-standard"))
    assert terraform.actions() == {"google_compute_disk.data": "replace"}


def test_each_alias_of_a_provider_has_its_own_project_and_labels(terraform: TerraformRun) -> None:
    terraform.write("""
provider "google" {
  default_labels = { owner = "platform" }
}
provider "google" {
  alias   = "other"
  project = "other-project"
}
resource "google_pubsub_topic" "here" {
  name   = "topic"
  labels = { team = "core" }
}
resource "google_pubsub_topic" "there" {
  provider = google.other
  name     = "topic"
}
""").apply()
    here, there = (terraform.attributes(f"google_pubsub_topic.{name}") for name in ("here", "there"))
    assert (here["project"], there["project"]) == (PROJECT, "other-project")
    own = {"goog-terraform-provisioned": "true"}
    assert here["effective_labels"] == {**own, "owner": "platform", "team": "core"}
    assert there["terraform_labels"] == own


def test_what_changed_outside_is_seen_and_mended(terraform: TerraformRun) -> None:
    terraform.write("""
resource "google_pubsub_topic" "kept" {
  name                       = "kept"
  message_retention_duration = "86600s"
}
resource "google_pubsub_topic" "gone" {
  name = "gone"
}
""").apply()
    kept = "projects/demo-project/topics/kept"
    values = terraform.cloud.get("google_pubsub_topic", kept)
    assert values is not None
    terraform.cloud.put(
        "google_pubsub_topic", kept, {**values, "message_retention_duration": "90000s"}, "update"
    )
    terraform.cloud.remove("google_pubsub_topic", "projects/demo-project/topics/gone")
    assert terraform.actions() == {"google_pubsub_topic.kept": "update", "google_pubsub_topic.gone": "create"}


@pytest.mark.parametrize("text", ["projects/demo-project/topics/old", "demo-project/old", "old"])
def test_what_exists_is_imported_by_each_form_of_its_id(terraform: TerraformRun, text: str) -> None:
    terraform.cloud.put(
        "google_pubsub_topic",
        "projects/demo-project/topics/old",
        {"id": "projects/demo-project/topics/old", "name": "old", "project": PROJECT},
        "create",
    )
    terraform.write('resource "google_pubsub_topic" "old" {\n  name = "old"\n}\n')
    assert terraform.run("import", "google_pubsub_topic.old", text).returncode == 0
    assert "create" not in terraform.actions().values()


def test_a_second_of_its_name_is_refused_in_googles_words(terraform: TerraformRun) -> None:
    text = 'resource "google_compute_network" "a" {\n  name = "same"\n}\n'
    terraform.write(text).apply()
    terraform.write(text + text.replace('"a"', '"b"'))
    (error,) = terraform.errors("apply", "-auto-approve", "-json")
    assert error.startswith(
        "Error creating Network: googleapi: Error 409: The resource"
        " 'projects/demo-project/global/networks/same' already exists, alreadyExists"
    )


def test_an_interrupt_ends_an_apply_and_keeps_what_was_done(terraform: TerraformRun) -> None:
    terraform.write("""
resource "google_pubsub_topic" "first" {
  name = "first"
}
resource "google_pubsub_subscription" "second" {
  name  = "second"
  topic = google_pubsub_topic.first.id
}
""")

    def latency(resource_type: str) -> float:
        return 30.0 if resource_type == "google_pubsub_subscription" else 0.0

    with serve(terraform.cloud, project=PROJECT, folder=terraform.folder, latency_s=latency) as provided:
        running = subprocess.Popen(
            [*terraform.argv, f"-chdir={terraform.folder}", "apply", "-auto-approve", "-no-color"],
            env=terraform.environment(provided),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert running.stdout is not None
        for line in running.stdout:
            if "google_pubsub_subscription.second: Creating" in line:
                break
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        said = running.stdout.read()
        assert running.wait(timeout=10) == 1
        running.stdout.close()
    assert "context canceled" in said
    assert terraform.attributes("google_pubsub_topic.first")["name"] == "first"
    assert terraform.actions() == {"google_pubsub_subscription.second": "create"}


def test_secrets_are_sensitive_and_write_only_values_stay_out_of_the_state(terraform: TerraformRun) -> None:
    terraform.write("""
resource "random_password" "root" {
  length           = 24
  min_special      = 2
  override_special = "_-"
}
resource "google_sql_database_instance" "main" {
  name                     = "main"
  database_version         = "POSTGRES_15"
  root_password_wo         = random_password.root.result
  root_password_wo_version = 1
  deletion_protection      = false
  settings { tier = "db-f1-micro" }
}
""").apply()
    password = terraform.attributes("random_password.root")["result"]
    assert len(password) == 24
    assert sum(letter in "_-" for letter in password) >= 2
    assert terraform.attributes("google_sql_database_instance.main")["root_password_wo"] is None
    assert terraform.run("plan", "-detailed-exitcode").returncode == 0
    assert password not in terraform.run("show", "-no-color").stdout
