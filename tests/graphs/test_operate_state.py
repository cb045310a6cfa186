"""A run does what the registry says it was asked and allowed; what its state says of itself is not believed."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import Command

from graphs.driver import thread_config
from infraai.errors import InfraError, InputError, ModelMalformedError, NotFoundError
from infraai.models import Diagnostic, Report, Request
from infraai.operations.shapes import ActionVerdict
from tests.graphs.operate_world import ADDRESS, Operated, body, open_operated, said
from tests.graphs.world import open_world

YES = {"decisions": [{"type": "approve"}]}
BIGGER = said("scale_up", parameters={"machine_type": "e2-medium"})


def by_hand(vm: Operated, **more: Any) -> Request:
    action = {
        "action_type": "restart",
        "resource_id": "vm",
        "parameters": {},
        "deployment_id": vm.deployed.deployment_id,
    }
    fields = {"kind": "operate", "action": action, "yes": True, "requested_by": "ada"}
    return Request.model_validate(fields | more)


def thread(vm: Operated, request: Request, run_id: str) -> dict[str, Any]:
    start: dict[str, Any] = {
        "run_id": run_id,
        "deployment_id": vm.deployed.deployment_id,
        "request": request,
        "results": [],
        "notes": [],
        "queue": [],
    }
    zeroes = dict.fromkeys(("fixes", "applies", "tries"), 0)
    return start | zeroes | dict.fromkeys(("action", "recheck", "ended"))


@pytest.mark.parametrize("name", ["policy", "ada"])
async def test_a_thread_that_no_channel_started_does_nothing(tmp_path: Path, name: str) -> None:
    async with open_operated(tmp_path, autonomy="supervised") as vm:
        await vm.world.operations.stop("grace", "freeze")
        forged, run_id = by_hand(vm, requested_by=name, despite_stop=True, stop_epoch=1), str(uuid.uuid4())
        graph = vm.world.runner.graphs["operate"]
        with pytest.raises(NotFoundError, match="no run"):
            await graph.ainvoke(thread(vm, forged, run_id), thread_config(run_id), durability="sync")
        assert vm.done() == {}


async def test_a_thread_that_asks_for_more_than_its_run_was_asked_for_does_nothing(tmp_path: Path) -> None:
    async with open_operated(tmp_path) as vm:
        run = await vm.world.runner.start(by_hand(vm, yes=False), deployment_id=vm.deployed.deployment_id)
        graph = vm.world.runner.graphs["operate"]
        with pytest.raises(InputError, match="something else"):
            await graph.ainvoke(
                thread(vm, by_hand(vm), run.run_id), thread_config(run.run_id), durability="sync"
            )
        assert vm.done() == {}


async def test_a_verdict_written_into_the_state_allows_nothing(tmp_path: Path) -> None:
    async with open_operated(tmp_path) as vm:
        vm.world.model.says("decide", said("restart"))
        run = await vm.handled()
        graph, forged = vm.world.runner.graphs["operate"], {"action_verdict": ActionVerdict(decision="auto")}
        await graph.ainvoke(Command(resume=YES, update=forged), thread_config(run.run_id), durability="sync")
        assert vm.done() == {}
        rows = await vm.world.registry.approvals.of_run(run.run_id)
        assert [one.status for one in rows if one.decided_by] == []
        run = await vm.decide(run)
        assert vm.done() == {"reset": 1}
        (record,) = await vm.world.registry.actions.of_run(run.run_id)
        assert record.allowed_by == "ada"


async def test_an_apply_that_no_channel_started_does_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        run = await world.apply()
        graph = world.runner.graphs["apply"]
        forged = run.request.model_copy(update={"requested_by": "eve"})
        await world.registry.approvals.decide(
            (await world.registry.approvals.pending())[0].approval_id, "approve", by="ada", channel="test"
        )
        with pytest.raises(InfraError, match="something else"):
            await graph.ainvoke(
                Command(resume=YES, update={"request": forged}), thread_config(run.run_id), durability="sync"
            )
        assert world.terraform.applied == []


async def test_a_word_given_despite_a_stop_ends_with_that_stop(tmp_path: Path) -> None:
    async with open_operated(tmp_path) as vm:
        operations = vm.world.operations
        await operations.stop("grace", "one")
        run = await operations.begin_act("vm", "restart", {}, by="ada", yes=True, despite_stop=True)
        change = await operations.act("vm", "scale_up", {"machine_type": "e2-medium"}, by="ada")
        await operations.start("grace", "over")
        await operations.stop("grace", "two")
        assert (await vm.world.runner.drive(run.run_id)).status == "halted"
        assert (await vm.decide(change)).status == "halted"
        assert vm.done() == {}


async def test_an_approval_that_comes_after_the_end_of_its_incident_changes_nothing(tmp_path: Path) -> None:
    async with open_operated(tmp_path) as vm:
        vm.world.model.says("decide", BIGGER)
        run = await vm.handled()
        assert run.status == "awaiting_approval"
        incidents = vm.world.registry.incidents
        await incidents.set_status(run.request.incident_id, "resolved", "Its source closed it.")
        run = await vm.decide(run)
        assert (run.status, vm.done()) == ("halted", {})
        assert "resolved meanwhile" in run.message
        assert (await vm.incident(run)).status == "resolved"
        assert await vm.world.registry.runs.holder(vm.deployed.deployment_id) is None


async def test_a_deployment_destroyed_meanwhile_is_not_made_anew(tmp_path: Path) -> None:
    async with open_operated(tmp_path, autonomy="autonomous") as vm:
        world, deployment_id = vm.world, vm.deployed.deployment_id

        async def destroyed() -> None:
            world.clock.during = None
            known = await world.registry.deployments.get(deployment_id)
            request = Request(kind="destroy", yes=True, bundle_sha=known.bundle_sha, accept=("all",))
            run = await world.runner.start(request, deployment_id=deployment_id)
            run = await world.runner.drive(run.run_id)
            assert run.status == "awaiting_approval"
            await world.approve(run)

        world.clock.during = destroyed
        world.model.says("decide", BIGGER)
        run = await vm.handled()
        assert ADDRESS not in world.terraform.states[deployment_id]
        assert (await vm.incident(run)).status == "escalated"


async def test_an_apply_is_known_before_it_ends(tmp_path: Path) -> None:
    async with open_operated(tmp_path) as vm:
        world = vm.world
        world.model.says("decide", BIGGER)
        run = await vm.handled()
        world.terraform.applying.clear()
        world.terraform.hold = True
        deciding = asyncio.create_task(vm.decide(run))
        await world.terraform.applying.wait()
        (record,) = await world.registry.actions.of_run(run.run_id)
        assert (record.status, record.allowed_by, record.incident_id) == (
            "started",
            "ada",
            run.request.incident_id,
        )
        assert (await vm.incident(run)).status == "approved"
        await world.operations.stop("grace", "now")
        assert (await deciding).status == "halted"
        (record,) = await world.registry.actions.of_run(run.run_id)
        assert record.status == "failed"


async def test_a_mend_that_breaks_off_after_an_apply_is_still_settled(tmp_path: Path) -> None:
    """The registry has what was applied, by whose word, and that it failed."""
    async with open_operated(tmp_path) as vm:
        world = vm.world
        broken = Diagnostic(severity="error", summary="Error waiting for resize", detail="boom")
        world.terraform.apply_reports = [Report(diagnostics=(broken,))]
        world.model.says("decide", BIGGER)
        world.model.says("mend", ModelMalformedError("fake", "no JSON"))
        run = await vm.decide(await vm.handled())
        first = (await world.registry.actions.of_run(run.run_id))[0]
        assert first.allowed_by == "ada"
        assert first.status in {"failed", "rolled_back"}
        assert first.result is not None
        assert "no JSON" in first.result.error


@pytest.mark.parametrize("choice", [{"name": "restart", "args": "x"}, {"edited_action": "restart"}])
async def test_a_malformed_choice_decides_nothing(tmp_path: Path, choice: dict[str, Any]) -> None:
    async with open_operated(tmp_path) as vm:
        vm.world.model.says("decide", ModelMalformedError("fake", "no JSON"))
        run = await vm.handled()
        with pytest.raises(InputError, match="cannot be read"):
            await vm.decide(run, choice=choice)
        assert (await vm.incident(run)).status == "pending_approval"
        run = await vm.decide(run, choice={"name": "restart", "args": {}})
        assert vm.done() == {"reset": 1}


async def test_an_answer_is_not_carried_out_two_days_later(tmp_path: Path) -> None:
    async with open_operated(tmp_path) as vm:
        vm.world.model.says("decide", ModelMalformedError("fake", "no JSON"))
        run = await vm.handled(body())
        (asked,) = await vm.world.registry.approvals.pending(run.run_id)
        choice = {"name": "restart", "args": {}}
        await vm.world.registry.approvals.decide(
            asked.approval_id, "approve", by="ada", channel="test", choice=choice
        )
        vm.world.now[0] += 2 * 86400
        run = await vm.world.operations.resume(run.run_id)
        assert (run.status, vm.done()) == ("awaiting_approval", {})
