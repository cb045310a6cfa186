"""The Terraform tool on each engine of this machine: what it promises beyond the port's contract."""

import io
import json
import zipfile
from contextlib import chdir
from pathlib import Path

import pytest

from infraai.errors import TerraformError
from infraai.models import Event
from infraai.ports import StateVersion
from tests.tools.engines import TWO, bundle, job, planned, present, terraform
from tools.terraform import MemoryStates, TerraformCli
from tools.terraform.apply import restore_lock
from tools.terraform.environment import command_environment
from tools.terraform.workspace import workspace

SECRET = "correct-horse-battery"
TELLS = """
variable "password" {
  type      = string
  sensitive = true
}
resource "terraform_data" "keeps" {
  input = var.password
}
output "password" {
  value     = var.password
  sensitive = true
}
output "open" {
  value = "not a secret"
}
"""


@pytest.fixture(params=present())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def one() -> str:
    return present()[0]


async def test_a_saved_plan_is_applied_by_another_process_in_a_directory_built_anew(
    name: str, tmp_path: Path
) -> None:
    states = MemoryStates()
    async with terraform(name, tmp_path / "one", states) as first:
        await first.apply(job(), await planned(first, job(), TWO))
        await first.prepare(job(), bundle(TWO.replace("v1", "v2")))
        found = await first.plan(job())
        assert found.plan is not None
    async with terraform(name, tmp_path / "two", states) as second:
        work = job("run-2")
        await second.prepare(work, bundle(TWO.replace("v1", "v2")))

        applied = await second.apply(work, found.plan)

    assert applied.report.passed
    assert applied.completed == ("terraform_data.second",)
    assert [version.run_id for version in states.versions["dep-1"]] == ["run-1", "run-2"]
    assert b"127.0.0.1" not in found.plan.file


async def test_broken_terraform_is_a_report_with_its_place(name: str, tmp_path: Path) -> None:
    text = 'resource "terraform_data" "a" {\n  input = 1\n  inputs = 2\n}\n'
    async with terraform(name, tmp_path) as cli:
        await cli.prepare(job(), bundle("locals {}\n", **{"more.tf": text}))
        assert (await cli.init(job())).passed
        (error,) = (await cli.validate(job())).errors
        (again,) = (await cli.plan(job())).report.errors

    assert (error.file, error.line, error.end_line) == ("more.tf", 3, 3)
    assert error.address == "terraform_data.a"
    assert error.attribute == "inputs"
    assert error.snippet == "  inputs = 2"
    assert "not expected here" in error.detail
    assert again == error


OWN_BACKENDS = {
    "gcs": 'terraform {\n  backend "gcs" {\n    bucket = "elsewhere"\n  }\n}\n',
    "cloud": 'terraform {\n  cloud {\n    organization = "o"\n    workspaces {\n      name = "w"\n    }\n  }\n}\n',
}


@pytest.mark.parametrize("own", OWN_BACKENDS)
async def test_the_state_is_kept_by_us_whatever_the_bundle_says(one: str, tmp_path: Path, own: str) -> None:
    states = MemoryStates()
    async with terraform(one, tmp_path, states) as cli:
        plan = await planned(cli, job(), OWN_BACKENDS[own] + 'resource "terraform_data" "a" {}\n')
        assert (await cli.apply(job(), plan)).report.passed
    assert len(states.versions["dep-1"]) == 1


@pytest.mark.parametrize(
    "setting", ['"local" {\n    path = "elsewhere"', '"http" {\n    address = "http://127.0.0.1:9"']
)
async def test_a_bundle_that_would_take_the_state_elsewhere_is_not_planned(
    name: str, tmp_path: Path, setting: str
) -> None:
    override = f"terraform {{\n  backend {setting}\n  }}\n}}\n"
    async with terraform(name, tmp_path) as cli:
        await cli.prepare(job(), bundle('resource "terraform_data" "a" {}\n', **{"zz_override.tf": override}))
        for report in (await cli.init(job()), (await cli.plan(job())).report):
            assert not report.passed
    assert not (tmp_path / "runs/dep-1/elsewhere").exists()


async def test_what_cannot_be_parsed_is_a_report_of_init_without_its_preamble(
    name: str, tmp_path: Path
) -> None:
    async with terraform(name, tmp_path) as cli:
        await cli.prepare(job(), bundle('resource "terraform_data" "a" {\n'))
        (error,) = (await cli.init(job())).errors

    assert (error.summary, error.file) == ("Unclosed configuration block", "main.tf")


async def test_an_error_of_the_apply_is_a_report_with_what_was_completed(name: str, tmp_path: Path) -> None:
    text = """
resource "terraform_data" "good" {}
resource "terraform_data" "bad" {
  depends_on = [terraform_data.good]
  provisioner "local-exec" {
    command = "exit 3"
  }
}
"""
    async with terraform(name, tmp_path) as cli:
        applied = await cli.apply(job(), await planned(cli, job(), text))
        state = await cli.state(job())

    assert [(error.address, error.line) for error in applied.report.errors] == [("terraform_data.bad", 5)]
    assert applied.completed == ("terraform_data.good",)
    assert {one["name"] for one in state["resources"]} == {"good", "bad"}


async def test_events_name_the_resource_and_no_secret(name: str, tmp_path: Path) -> None:
    events: list[Event] = []
    work = job(events=events, password=SECRET)
    async with terraform(name, tmp_path) as cli:
        applied = await cli.apply(work, await planned(cli, work, TELLS))
        assert applied.report.passed
        state = await cli.state(work)

    assert SECRET in json.dumps(state)
    told = json.dumps([event.model_dump(mode="json") for event in events])
    assert SECRET not in told
    creating = next(event for event in events if event.data.get("type") == "apply_start")
    assert creating.message.startswith("terraform_data.keeps: Creating")
    assert creating.data == {"type": "apply_start", "address": "terraform_data.keeps", "action": "create"}
    outputs = next(event for event in reversed(events) if event.data.get("type") == "outputs")
    assert outputs.data == {"type": "outputs", "names": ["open", "password"]}


async def test_a_command_sees_only_what_it_needs_of_the_environment(one: str, tmp_path: Path) -> None:
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GOOGLE_APPLICATION_CREDENTIALS": "/a/key.json",
        "CLOUDSDK_CONFIG": "/a/gcloud",
        "GEMINI_API_KEY": SECRET,
        "TELEGRAM_BOT_TOKEN": SECRET,
        "DATABASE_URL": SECRET,
        "OPS_WEBHOOK_TOKEN": SECRET,
        "TF_LOG": "TRACE",
        "TF_CLI_ARGS": "-unheard-of",
    }
    shows = 'resource "terraform_data" "env" {\n  provisioner "local-exec" {\n    command = "env"\n  }\n}\n'
    events: list[Event] = []
    work = job(events=events)
    async with terraform(one, tmp_path, environ=environ) as cli:
        await cli.apply(work, await planned(cli, work, shows))

    said = "\n".join(event.message for event in events)
    assert SECRET not in said
    for expected in (
        "GOOGLE_APPLICATION_CREDENTIALS=/a/key.json",
        "CLOUDSDK_CONFIG=/a/gcloud",
        "TF_IN_AUTOMATION=1",
    ):
        assert expected in said
    for foreign in ("GEMINI", "TELEGRAM", "DATABASE_URL", "TF_LOG", "TF_CLI_ARGS"):
        assert foreign not in said


def test_a_key_file_is_found_from_the_commands_directory(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("{}")
    inherited = {
        "GOOGLE_APPLICATION_CREDENTIALS": "key.json",
        "GOOGLE_CREDENTIALS": '{"type": "service_account"}',
    }
    with chdir(tmp_path):
        environment = command_environment(inherited, tmp_path / "rc", job())
    assert environment["GOOGLE_APPLICATION_CREDENTIALS"] == str(tmp_path / "key.json")
    assert environment["GOOGLE_CREDENTIALS"] == inherited["GOOGLE_CREDENTIALS"]


async def test_init_runs_again_only_where_what_decides_it_changed(one: str, tmp_path: Path) -> None:
    events: list[Event] = []
    work = job(events=events)
    module = 'module "part" {\n  source = "./part"\n}\n'
    part = {"part/main.tf": 'resource "terraform_data" "in" {\n  input = 1\n}\n'}

    async def ran(cli: TerraformCli, text: str, **files: str) -> bool:
        events.clear()
        await cli.prepare(work, bundle(text, **files))
        assert (await cli.init(work)).passed
        return bool(events)

    async with terraform(one, tmp_path) as cli:
        assert await ran(cli, TWO)
        assert not await ran(cli, TWO.replace('"one"', '"${"another {"}"'))
        assert await ran(cli, TWO + module, **part)
        assert not await ran(cli, TWO + module, **{"part/main.tf": part["part/main.tf"].replace("1", "2")})
        assert (await cli.plan(work)).plan is not None


async def test_drift_is_told_by_a_plan_that_changes_no_resource(one: str, tmp_path: Path) -> None:
    async with terraform(one, tmp_path) as cli:
        await cli.apply(job(), await planned(cli, job(), TWO))
        found = await cli.drift(job())

    assert found.plan is not None
    assert all(one["change"]["actions"] == ["no-op"] for one in found.plan.shown.get("resource_changes", []))


async def test_a_command_without_a_bundle_says_what_to_do(one: str, tmp_path: Path) -> None:
    async with terraform(one, tmp_path) as cli:
        with pytest.raises(TerraformError, match=r"no files of dep-1 yet Call prepare\(\)"):
            await cli.plan(job())


async def test_a_state_that_the_store_refuses_is_not_lost(one: str, tmp_path: Path) -> None:
    states = MemoryStates()
    async with terraform(one, tmp_path, states) as cli:
        slow = (
            TWO
            + 'resource "terraform_data" "wait" {\n  provisioner "local-exec" {\n    command = "sleep 0.3"\n  }\n}\n'
        )
        await cli.apply(job(), await planned(cli, job(), TWO))
        plan = await planned(cli, job(), slow)

        def meddle(event: Event) -> None:
            if event.data.get("type") == "provision_start":
                body = json.dumps({"version": 4, "serial": 7, "lineage": "another", "resources": []}).encode()
                states.versions["dep-1"] = [_version(body)]

        work = type(job())(run_id="run-1", deployment_id="dep-1", on_event=meddle)
        with pytest.raises(TerraformError, match="does not follow the newest one"):
            await cli.apply(work, plan)

        left = tmp_path / "runs" / "dep-1" / "errored.tfstate"
        assert "terraform_data" in left.read_text()


async def test_init_runs_again_where_its_cache_was_damaged(one: str, tmp_path: Path) -> None:
    text = 'module "part" {\n  source = "./part"\n}\n'
    async with terraform(one, tmp_path) as cli:
        await cli.prepare(job(), bundle(text, **{"part/main.tf": 'resource "terraform_data" "in" {}\n'}))
        assert (await cli.init(job())).passed
        (tmp_path / "runs/dep-1/.terraform/modules/modules.json").unlink()
        assert (await cli.validate(job())).passed
        (tmp_path / "runs/dep-1/.terraform/terraform.tfstate").unlink()
        assert (await cli.plan(job())).plan is not None


def test_the_provider_versions_of_a_plan_come_back_with_it(tmp_path: Path) -> None:
    space = workspace(tmp_path, "dep-1")
    space.lay_out(bundle(""))
    lock = 'provider "registry.terraform.io/hashicorp/google" {\n  version = "8.7.0"\n}\n'
    plan = io.BytesIO()
    with zipfile.ZipFile(plan, "w") as archive:
        archive.writestr(".terraform.lock.hcl", lock)
    restore_lock(space, plan.getvalue())
    restore_lock(space, b"no plan")
    assert (space.folder / ".terraform.lock.hcl").read_text() == lock


def _version(body: bytes) -> StateVersion:
    return StateVersion(serial=7, lineage="another", body=body, sha256="", run_id="other", created_at=0)
