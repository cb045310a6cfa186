"""What every `infraai.ports.Terraform` keeps to: each engine of this machine, and the fake."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from infraai.models import Bundle
from infraai.ports import Job, SavedPlan, Terraform
from tests.fakes.terraform import FakeTerraform
from tests.tools.engines import engine, present
from tools.terraform import MemoryStates, TerraformCli

JOB = Job(run_id="run-1", deployment_id="dep-1")
ONE = 'resource "terraform_data" "one" {\n  input = "a"\n}\n'
OTHER = 'resource "terraform_data" "other" {\n  input = "b"\n}\n'


@pytest.fixture(params=[*present(), "fake"])
async def terraform(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Terraform]:
    if request.param == "fake":
        yield FakeTerraform(folder=tmp_path)
        return
    cli = TerraformCli(
        engine=engine(request.param), home=tmp_path, states=MemoryStates(), environ={"PATH": "/bin:/usr/bin"}
    )
    yield cli
    await cli.aclose()


async def plan_of(terraform: Terraform, *texts: str, replace: tuple[str, ...] = ()) -> SavedPlan:
    files = {f"{number}.tf": text for number, text in enumerate(texts)}
    await terraform.prepare(JOB, Bundle(files=files))
    assert (await terraform.init(JOB)).passed
    planned = await terraform.plan(JOB, replace=replace)
    assert planned.report.passed
    assert planned.plan is not None
    return planned.plan


def actions(plan: SavedPlan) -> dict[str, list[str]]:
    return {one["address"]: one["change"]["actions"] for one in plan.shown["resource_changes"]}


async def addresses(terraform: Terraform) -> set[str]:
    state = await terraform.state(JOB)
    return {f"{one['type']}.{one['name']}" for one in state.get("resources", [])}


async def test_what_is_applied_is_what_the_state_holds_and_it_is_applied_once(terraform: Terraform) -> None:
    assert await terraform.state(JOB) == {}
    plan = await plan_of(terraform, ONE, OTHER)
    assert (await terraform.validate(JOB)).passed
    assert actions(plan) == {"terraform_data.one": ["create"], "terraform_data.other": ["create"]}
    assert (plan.stamp.lineage, plan.stamp.serial) == ("", 0)

    applied = await terraform.apply(JOB, plan)
    again = await terraform.apply(JOB, plan)

    assert applied.report.passed
    assert set(applied.completed) == {"terraform_data.one", "terraform_data.other"}
    assert await addresses(terraform) == {"terraform_data.one", "terraform_data.other"}
    assert [error.summary for error in again.report.errors] == ["Saved plan is stale"]
    assert again.completed == ()
    assert await terraform.recover(JOB) is False


async def test_a_plan_says_which_state_it_saw_and_touches_only_what_differs(terraform: Terraform) -> None:
    await terraform.apply(JOB, await plan_of(terraform, ONE, OTHER))
    state = await terraform.state(JOB)

    replacing = await plan_of(terraform, ONE, OTHER, replace=("terraform_data.one",))
    deleting = await plan_of(terraform, ONE)

    assert actions(replacing) == {
        "terraform_data.one": ["delete", "create"],
        "terraform_data.other": ["no-op"],
    }
    assert actions(deleting) == {"terraform_data.one": ["no-op"], "terraform_data.other": ["delete"]}
    for plan in (replacing, deleting):
        assert (plan.stamp.lineage, plan.stamp.serial) == (state["lineage"], state["serial"])
    assert (await terraform.apply(JOB, deleting)).completed == ("terraform_data.other",)
    assert await addresses(terraform) == {"terraform_data.one"}


async def test_a_destroyed_deployment_keeps_its_state_with_nothing_in_it(terraform: Terraform) -> None:
    await terraform.apply(JOB, await plan_of(terraform, ONE))
    lineage = (await terraform.state(JOB))["lineage"]
    planned = await terraform.plan(JOB, destroy=True)
    assert planned.plan is not None
    assert actions(planned.plan) == {"terraform_data.one": ["delete"]}

    await terraform.apply(JOB, planned.plan)

    state = await terraform.state(JOB)
    assert (state["lineage"], state["resources"]) == (lineage, [])
