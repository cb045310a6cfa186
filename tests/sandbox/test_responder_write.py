"""The Terraform the sandbox's rules write, as text and before the real engine."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from infraai.drafts import PlanDraft
from infraai.models import PlannedResource
from sandbox.gemini.writer.hcl import Blocks, Expr, Heredoc, resource
from sandbox.gemini.writer.sources import SOURCES, ascii_zip
from tests.sandbox.goals import answer, written
from tests.sandbox.terraform_run import TerraformRun

HEAD = """
provider "google" {
  project = var.project
  region  = var.region
  zone    = var.zone
}
variable "project" { default = "demo-project" }
variable "region" { default = "us-central1" }
variable "zone" { default = "us-central1-a" }
"""
BIG_GOAL = (
    "production web app in Python with postgres and a read replica, redis, two buckets, behind a load balancer "
    "with cloud armor, autoscaling from 2 to 5 machines, uptime check, secrets and a least privilege account"
)
PLATFORM_GOAL = (
    "GKE cluster with 3 nodes, artifact registry, pubsub topic with dead letter into BigQuery, a nightly job, "
    "a go function, a bastion, VPN to our office and DNS for example.org"
)


def draft_of(*resources: PlannedResource) -> PlanDraft:
    return PlanDraft(region="us-central1", resources=resources)


def without(draft: PlanDraft, kind: str) -> PlanDraft:
    return draft.model_copy(update={"resources": tuple(one for one in draft.resources if one.type != kind)})


def changed(draft: PlanDraft, kind: str, **settings: object) -> PlanDraft:
    return draft.model_copy(
        update={
            "resources": tuple(
                one.model_copy(update={"settings": {**one.settings, **settings}}) if one.type == kind else one
                for one in draft.resources
            )
        }
    )


@pytest.mark.parametrize("goal", [BIG_GOAL, PLATFORM_GOAL, "static site", "private cloud run api with mysql"])
def test_every_planned_resource_is_written_once(goal: str) -> None:
    draft = answer(goal).draft
    found = re.findall(r'^resource "(\w+)" "(\w+)"', written(draft), re.MULTILINE)
    assert sorted(found) == sorted((one.type, one.name) for one in draft.resources)


@pytest.mark.parametrize("goal", [BIG_GOAL, PLATFORM_GOAL])
def test_what_is_written_is_formatted_valid_and_goes_through_plan_and_apply(
    goal: str, tmp_path: Path
) -> None:
    run = TerraformRun(tmp_path).write(written(answer(goal).draft))
    formatted = run.run("fmt", "-check", "-diff")
    assert formatted.returncode == 0, formatted.stdout
    (tmp_path / "head.tf").write_text(HEAD)
    assert run.run("init").returncode == 0
    run.apply()
    again = run.run("plan", "-detailed-exitcode", "-no-color")
    assert again.returncode == 0, again.stdout[-2000:]
    run.cloud.close()


def test_resources_refer_to_each_other_and_to_the_variables() -> None:
    text = written(answer("web app with postgres").draft)
    assert "subnetwork = google_compute_subnetwork.main.id" in text
    assert "instance = google_sql_database_instance.db.name" in text
    assert "depends_on = [google_service_networking_connection.private]" in text
    assert re.search(r"zone\s+= var\.zone", text)
    assert re.search(r"region\s+= var\.region", text)


def test_a_changed_machine_type_is_written() -> None:
    draft = changed(answer("a vm").draft, "google_compute_instance", machine_type="n2-standard-4")
    assert re.search(r'machine_type\s+= "n2-standard-4"', written(draft))


def test_a_removed_address_leaves_an_address_of_its_own() -> None:
    text = written(without(answer("a vm").draft, "google_compute_address"))
    assert "google_compute_address" not in text
    assert "access_config {}" in text


def test_a_removed_network_leaves_the_default_one() -> None:
    draft = without(without(answer("a vm").draft, "google_compute_network"), "google_compute_subnetwork")
    text = written(draft)
    assert "google_compute_network." not in text
    assert 'network = "default"' in text


def test_an_added_resource_of_a_type_without_rules_is_written_by_its_schema() -> None:
    added = PlannedResource(
        type="google_data_catalog_entry_group",
        name="mine",
        settings={"entry_group_id": "mine", "display_name": "Mine"},
    )
    text = written(draft_of(added))
    assert re.search(r'entry_group_id\s+= "mine"', text)


def test_required_arguments_are_filled_for_any_type(tmp_path: Path) -> None:
    kinds = (
        "google_compute_vpn_gateway",
        "google_notebooks_instance",
        "google_apigee_environment",
        "google_dataflow_job",
        "google_redis_cluster",
        "google_vertex_ai_dataset",
        "google_compute_route",
        "google_monitoring_dashboard",
        "google_pubsub_schema",
        "google_certificate_manager_certificate",
        "google_storage_transfer_job",
        "google_cloudbuild_trigger",
        "google_project_iam_custom_role",
        "google_compute_router_nat",
        "google_kms_crypto_key",
    )
    draft = draft_of(*(PlannedResource(type=kind, name="this") for kind in kinds))
    run = TerraformRun(tmp_path).write(written(draft) + HEAD)
    run.run("init")
    found = json.loads(run.run("validate", "-json").stdout)["diagnostics"]
    run.cloud.close()
    summaries = {one["summary"] for one in found}
    assert not summaries & {"Missing required argument", "Unsupported argument", "Insufficient blocks"}, found


def test_several_machines_are_a_count_with_names_of_their_own() -> None:
    text = written(answer("three vms").draft)
    assert re.search(r"count = 3\n\n\s+name\s+= \"server-\$\{count\.index \+ 1\}\"", text)


@pytest.mark.parametrize(
    ("goal", "packages", "serves"),
    [
        ("Node.js API", "nodejs", "createServer"),
        ("Django app", "python3-django", "web:application"),
        ("flask api", "python3-flask", "app:app"),
        ("Go API on a vm", "golang-go", "ListenAndServe"),
        ("java api", "default-jdk-headless", "HttpServer"),
        ("php website on a vm", "php-fpm", "fastcgi_pass"),
        ("rails app", "rails", "action_controller"),
        ("WordPress blog", "wordpress", "/usr/share/wordpress"),
        ("vm running docker containers", "docker.io", "docker run"),
    ],
)
def test_the_startup_script_installs_and_serves_the_language(goal: str, packages: str, serves: str) -> None:
    text = written(answer(goal).draft)
    assert re.search(rf"apt-get install -y nginx .*{re.escape(packages)}", text)
    assert serves in text
    assert "listen 80 default_server" in text


def test_the_startup_script_serves_on_the_port_the_firewall_opens() -> None:
    assert "listen 8080 default_server" in written(answer("python api on a vm on port 8080").draft)
    only = changed(answer("api").draft, "google_compute_firewall", ports=["443"])
    assert "listen 443 ssl default_server" in written(only)


def test_a_bastion_serves_nothing() -> None:
    assert "metadata_startup_script" not in written(answer("bastion host").draft)


def test_the_program_is_told_of_its_database() -> None:
    text = written(answer("python api on a vm with postgres").draft)
    assert "Environment=DB_HOST=${google_sql_database_instance.db.private_ip_address}" in text


def test_the_ops_agent_comes_with_memory_alerts() -> None:
    assert "ops-agent" in written(answer("vm, alert on memory usage").draft)
    assert "ops-agent" not in written(answer("vm").draft)


def test_text_of_a_plan_cannot_become_an_expression() -> None:
    draft = changed(answer("a vm").draft, "google_compute_instance", description='${file("/etc/passwd")}')
    assert '"$${file(\\"/etc/passwd\\")}"' in written(draft)


def test_functions_get_a_source_that_unpacks() -> None:
    for files in SOURCES.values():
        packed = ascii_zip(files)
        assert packed.isascii()
        with zipfile.ZipFile(io.BytesIO(packed.encode())) as archive:
            assert archive.testzip() is None
            assert set(archive.namelist()) == set(files)


def test_hcl_is_aligned_as_terraform_fmt_does() -> None:
    body = {
        "name": "a",
        "machine_type": Expr("var.size"),
        "labels": {"a": "b", "long-key": 'quote " and ${x}'},
        "script": Heredoc("one\n  two"),
        "empty": Blocks([{}]),
    }
    assert resource("google_x", "y", body) == (
        'resource "google_x" "y" {\n  name         = "a"\n  machine_type = var.size\n  labels = {\n    a        = "b"\n'
        '    long-key = "quote \\" and $${x}"\n  }\n  script = <<-EOT\n    one\n      two\n  EOT\n\n  empty {}\n}'
    )
