"""The Terraform tool on the registry's states and the sandbox's providers."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from infraai.ports import Job
from infraai.registry.registry import Registry
from sandbox.sandbox import Sandbox
from tests.tools.engines import bundle, engine, present
from tests.tools.engines import job as job_of
from tools.terraform import TerraformCli

MACHINE = """
terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
  }
}
variable "project" {
  type = string
}
provider "google" {
  project = var.project
  region  = "us-central1"
  zone    = "us-central1-a"
}
resource "google_compute_instance" "web" {
  name         = "web"
  machine_type = "e2-small"

  allow_stopping_for_update = true
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
  network_interface {
    network = "default"
    access_config {}
  }
}
"""


@pytest.mark.parametrize("name", present())
async def test_a_machine_is_built_changed_and_destroyed_with_every_state_kept(
    name: str, tmp_path: Path
) -> None:
    registry = await Registry.open(tmp_path, None)
    sandbox = Sandbox(tmp_path, project="demo")

    @asynccontextmanager
    async def session(job: Job) -> AsyncGenerator[Mapping[str, str]]:
        folder = tmp_path / "runs" / job.deployment_id
        with sandbox.provider(folder, {"google_compute_instance"}) as environment:
            yield environment

    cli = TerraformCli(
        engine=engine(name),
        home=tmp_path,
        states=registry.states,
        environ={"PATH": "/usr/bin:/bin"},
        session=session,
    )
    try:
        work = replace(job_of(), variables={"project": "demo"})
        await change(cli, work, MACHINE)
        await change(cli, work, MACHINE.replace("e2-small", "e2-medium"))
        destroy = await cli.plan(work, destroy=True)
        assert destroy.plan is not None, destroy.report
        assert (await cli.apply(work, destroy.plan)).completed == ("google_compute_instance.web",)

        assert (await cli.state(work))["resources"] == []
        assert await cli.recover(work) is False
        current = await registry.states.current("dep-1")
        assert current is not None
        assert current.serial >= 3
    finally:
        await cli.aclose()
        sandbox.close()
        await registry.close()


async def change(cli: TerraformCli, work: Job, text: str) -> None:
    await cli.prepare(work, bundle(text))
    for report in (await cli.init(work), await cli.validate(work)):
        assert report.passed, report
    planned = await cli.plan(work)
    assert planned.plan is not None, planned.report
    applied = await cli.apply(work, planned.plan)
    assert applied.report.passed, applied.report
    assert applied.completed == ("google_compute_instance.web",)
