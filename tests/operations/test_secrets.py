"""No secret of a configuration, of an output or of a channel reaches the evidence or the registry."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.operate.evidence.intent import literals
from agents.operate.evidence.pieces import piece
from agents.recorder import public_outputs, resources_of
from infraai.models import Bundle, RecordedResource
from infraai.operations.shapes import Evidence
from tests.operations.incident import scene
from tools.hcl import HclTreeSitter

SERVICE = """
variable "root" {
  sensitive = true
  default   = "s3cret-6"
}
resource "google_cloud_run_v2_service" "s" {
  name     = "s"
  location = "us-central1"
  template {
    scaling {
      max_instance_count = 2
    }
    containers {
      image = "x"
      env {
        name  = "DB_PASSWORD"
        value = "s3cret-1"
      }
      env {
        name  = "GREETING"
        value = "s3cret-2"
      }
    }
  }
}
"""
DATABASE = """
resource "google_sql_database_instance" "d" {
  name          = "d"
  root_password = "s3cret-3"
  api_key       = "s3cret-4"
  other         = var.root
  settings {
    tier = "db-f1-micro"
    user_data = "s3cret-5"
    database_flags {
      name  = "max_connections"
      value = "100"
    }
    database_flags {
      name  = "shared_secret"
      value = "s3cret-6"
    }
  }
  metadata_startup_script = <<-EOT
    echo s3cret-7
  EOT
}
"""


@pytest.mark.parametrize("text", [SERVICE, DATABASE])
def test_the_settings_in_evidence_hold_no_secret(text: str) -> None:
    block = HclTreeSitter().parse(Bundle(files={"main.tf": text})).resources[0]
    settings = literals(block)
    assert "s3cret" not in json.dumps(settings)
    assert settings["name"] in {"s", "d"}
    kept = ("template.scaling.max_instance_count", "settings.database_flags.max_connections")
    assert [settings[one] for one in kept if one in settings] in ([2], ["100"])


async def test_no_evidence_of_an_incident_holds_a_secret(tmp_path: Path) -> None:
    resource = RecordedResource(
        type="google_cloud_run_v2_service",
        name="s",
        id="projects/p/locations/us-central1/services/s",
        address="google_cloud_run_v2_service.s",
        metadata={"project": "p", "labels": {"deploy_token": "s3cret-8"}},
    )
    async with scene(tmp_path, main=SERVICE, resources=(resource,)) as opened:
        alert = opened.alert(
            resource_type="cloud_run_revision",
            labels={"metric.labels.api_key": "s3cret-9"},
            summary="password=s3cret-9",
        )
        found = await opened.investigated(alert)
    evidence: list[Evidence] = found["evidence"]
    assert "s3cret" not in json.dumps([one.model_dump() for one in evidence])
    assert any("template.scaling.max_instance_count" in str(one.data) for one in evidence)


def test_a_piece_shows_no_secret() -> None:
    told = piece("changes", "set token=s3cret-1", {"parameters": {"password": "s3cret-2", "size": 3}})
    assert "s3cret" not in told.model_dump_json()
    assert told.data["parameters"]["size"] == 3


@pytest.mark.parametrize("marks", [[], [[{"type": "get_attr", "value": "labels"}]]])
def test_nothing_of_a_channel_that_holds_its_token_is_recorded(marks: list[Any]) -> None:
    labels = {"url": "http://127.0.0.1:8080/ops/webhook?token=s3cret"}
    instance = {"attributes": {"name": "n", "id": "n", "labels": labels}, "sensitive_attributes": marks}
    resource = {
        "mode": "managed",
        "type": "google_monitoring_notification_channel",
        "name": "infraai",
        "instances": [instance],
    }
    recorded = list(resources_of({"resources": [resource]}))
    assert [one.metadata for one in recorded] == [{}]
    machine = {**resource, "type": "google_compute_instance"}
    kept = next(resources_of({"resources": [machine]})).metadata
    assert "s3cret" not in json.dumps(kept)


def test_outputs_that_look_like_secrets_are_not_kept() -> None:
    outputs = {
        "service_url": {"value": "https://s.run.app"},
        "db_password": {"value": "s3cret-1"},
        "connection": {"value": "postgres://u:s3cret-2@h/db"},
        "hidden": {"value": "s3cret-3", "sensitive": True},
    }
    found = public_outputs({"outputs": outputs})
    assert "s3cret" not in json.dumps(found)
    assert found["service_url"] == "https://s.run.app"
    assert set(found) == {"service_url", "db_password", "connection"}
