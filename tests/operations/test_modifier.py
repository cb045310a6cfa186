"""Modifier: the action in the files, and a change loop that begins anew."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from agents.operate.modifier import Modifier
from agents.previewer import replaced
from infraai.errors import NotFoundError
from infraai.journal import Journal
from infraai.models import Bundle, InfraPlan, Outcome, RecordedResource, Report
from infraai.operations.shapes import ActionRequest
from infraai.registry.clock import epoch_seconds
from infraai.registry.deployments import Deployment
from infraai.registry.revisions import Revision
from infraai.registry.runs import Runs
from tests.operations.edited import VM, WEB, vm
from tests.planning.world import MemoryArtifacts
from tools.hcl import HclTreeSitter

PLAN = InfraPlan(stack_type="web", region="us-central1", estimated_cost_usd=10, confidence=1, budget_usd=50)


class Standing:
    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment

    async def get(self, any_run_id: str) -> Deployment:
        if any_run_id != self.deployment.deployment_id:
            raise NotFoundError(f"There is no deployment {any_run_id!r}.")
        return self.deployment

    async def resources(self, deployment_id: str) -> Sequence[RecordedResource]:
        del deployment_id
        return [] if self.deployment.status == "destroyed" else [vm().target.resource]


class History:
    def __init__(self, *revisions: Revision) -> None:
        self.revisions = list(revisions)

    async def before(self, run_id: str) -> Revision | None:
        runs = [one.run_id for one in self.revisions]
        return self.revisions[runs.index(run_id) - 1] if run_id in runs[1:] else None

    async def last(self, deployment_id: str) -> Revision | None:
        return next((one for one in reversed(self.revisions) if one.deployment_id == deployment_id), None)


class World:
    """A deployment that was made by run-0 and changed by run-1."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.journal = Journal(Runs(engine, epoch_seconds))
        self.artifacts = MemoryArtifacts()

    async def modifier(self, first: Bundle, second: Bundle) -> Modifier:
        shas = [await self.artifacts.put_bundle(one) for one in (first, second)]
        revisions = [
            Revision(deployment_id="dep-1", run_id=f"run-{number}", bundle_sha=sha, serial=number, at=number)
            for number, sha in enumerate(shas)
        ]
        deployment = Deployment(
            deployment_id="dep-1", status="active", bundle_sha=shas[1], plan=PLAN.model_dump(mode="json")
        )
        return Modifier(
            deployments=Standing(deployment),
            revisions=History(*revisions),
            artifacts=self.artifacts,
            hcl=HclTreeSitter(),
            journal=self.journal,
        )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    engine = create_async_engine("sqlite+aiosqlite://")
    yield World(engine)
    await engine.dispose()


def state(action: ActionRequest, **more: Any) -> Any:
    return {
        "run_id": "run-2",
        "deployment_id": "dep-1",
        "target": vm().target,
        "action": action,
        **more,
    }


async def modified(modifier: Modifier, action: ActionRequest, **more: Any) -> dict[str, Any]:
    return dict(await modifier(state(action, **more)))


def rollback(**parameters: Any) -> ActionRequest:
    return ActionRequest(
        action_type="rollback",
        resource_id=WEB,
        run_id="run-2",
        deployment_id="dep-1",
        parameters=parameters,
    )


SMALL = vm().bundle
LARGE = Bundle(files={"main.tf": VM.replace("e2-small", "e2-medium")})


async def test_the_action_is_written_into_the_bundle_that_stands(world: World) -> None:
    modifier = await world.modifier(LARGE, SMALL)

    update = await modified(modifier, vm().checked("scale_up", machine_type="e2-medium"))

    assert await world.artifacts.get_bundle(update["bundle"]) == LARGE
    assert await world.artifacts.get_bundle(update["before"]) == SMALL
    assert update["plan"] == PLAN


async def test_nothing_of_an_earlier_action_is_left_in_the_change_loop(world: World) -> None:
    modifier = await world.modifier(LARGE, SMALL)
    old = {
        "fixes": 2,
        "applies": 1,
        "status": "failed",
        "reason": "apply",
        "outcome": Outcome(ending="applied"),
        "seen": ["x"],
        "message": "it failed",
    }

    update = await modified(modifier, vm().checked("scale_up"), **old)

    assert (update["fixes"], update["applies"]) == (-2, -1)
    assert update["outcome"] is None
    assert (update["status"], update["reason"], update["message"]) == (None, None, "")
    assert (update["seen"], update["findings"], update["report"]) == ([], [], Report())


async def test_an_action_on_what_stands_behind_the_target_finds_it(world: World) -> None:
    modifier = await world.modifier(LARGE, SMALL)
    elsewhere = vm().target.model_copy(
        update={"resource": RecordedResource(type="x", name="lb", id="y", address="x.lb")}
    )

    update = await modified(modifier, vm().checked("scale_up"), target=elsewhere)

    assert await world.artifacts.get_bundle(update["bundle"]) == LARGE


async def test_what_cannot_be_written_is_left_to_a_person(world: World) -> None:
    modifier = await world.modifier(LARGE, Bundle(files={"main.tf": ""}))

    update = await modified(modifier, vm().checked("scale_up"))

    assert update["ended"] == "escalated"
    assert "the files do not declare it" in update["message"]
    assert "bundle" not in update


def test_only_a_machine_that_is_made_anew_is_replaced_by_the_plan() -> None:
    assert replaced(state(vm().checked("recreate"))) == (WEB,)
    assert replaced(state(vm().checked("scale_up"))) == ()
    assert replaced({}) == ()


@pytest.mark.parametrize("parameters", [{}, {"run_id": "run-1"}])
async def test_a_rollback_takes_the_files_from_before_the_change(
    world: World, parameters: dict[str, Any]
) -> None:
    modifier = await world.modifier(SMALL, LARGE)

    update = await modified(modifier, rollback(**parameters))

    assert await world.artifacts.get_bundle(update["bundle"]) == SMALL
    assert await world.artifacts.get_bundle(update["before"]) == LARGE


async def test_a_rollback_without_anything_to_go_back_to_is_left_to_a_person(world: World) -> None:
    modifier = await world.modifier(SMALL, LARGE)

    assert "nothing to go back to" in (await modified(modifier, rollback(run_id="run-0")))["message"]
    same = await world.modifier(SMALL, SMALL)
    assert "already" in (await modified(same, rollback()))["message"]


async def test_an_action_that_failed_is_undone_to_its_own_before(world: World) -> None:
    modifier = await world.modifier(SMALL, SMALL)
    before, failed = [await world.artifacts.put_bundle(one) for one in (SMALL, LARGE)]

    update = await modified(modifier, rollback(), undoing=True, before=before, bundle=failed)

    assert update["bundle"] == before


async def test_what_was_destroyed_meanwhile_is_not_made_anew(world: World) -> None:
    modifier = await world.modifier(LARGE, SMALL)
    gone = replace(Deployment(deployment_id="dep-1", status="destroyed"), bundle_sha="x")
    action = vm().checked("scale_up", machine_type="e2-medium")

    for one in (action, rollback()):
        update = await modified(replace(modifier, deployments=Standing(gone)), one)
        assert update["ended"] == "escalated"
        assert "destroyed meanwhile" in update["message"]
        assert "bundle" not in update


async def test_a_resource_that_the_registry_has_no_more_is_not_written(world: World) -> None:
    """The run's state still names it as its target; the registry does not."""
    modifier = await world.modifier(LARGE, SMALL)

    class Emptied(Standing):
        async def resources(self, deployment_id: str) -> Sequence[RecordedResource]:
            del deployment_id
            return []

    emptied = replace(modifier, deployments=Emptied(await modifier.deployments.get("dep-1")))
    update = await modified(emptied, vm().checked("scale_up", machine_type="e2-medium"))

    assert update["ended"] == "escalated"
    assert "no resource of the deployment any more" in update["message"]
