"""The watcher: what waits is taken up, and what no longer has to wait is let go."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graphs.watcher import Watcher
from tests.graphs.operate_world import Operated, body, open_operated, said


@pytest.fixture
async def vm(tmp_path: Path) -> AsyncIterator[Operated]:
    async with open_operated(tmp_path) as operated:
        operated.world.model.says("decide", said("restart"))
        yield operated


async def looked(vm: Operated, watcher: Watcher) -> None:
    """One step of the watcher, and everything it has begun."""
    watcher.swept_at = 0
    await watcher.step()
    await asyncio.gather(*watcher.running.values())


async def standing(vm: Operated) -> list[str]:
    return [one.status for one in await vm.world.registry.incidents.list()]


async def test_a_fresh_alert_is_taken_up_and_asked_once(vm: Operated) -> None:
    await vm.receive(body())
    watcher = Watcher(vm.world.operations)
    await looked(vm, watcher)
    await looked(vm, watcher)
    assert await standing(vm) == ["pending_approval"]
    assert len(vm.world.model.asked("decide")) == 1


async def test_what_a_silence_kept_quiet_is_taken_up_when_it_ends(vm: Operated) -> None:
    registry, now = vm.world.registry, vm.world.clock.now().timestamp()
    silence = await registry.silences.add(
        deployment_id=vm.deployed.deployment_id,
        resource="",
        policy="",
        starts_at=now - 1,
        ends_at=now + 3600,
        by="ada",
        reason="works",
        maintenance=False,
    )
    await vm.receive(body())
    watcher = Watcher(vm.world.operations)
    await looked(vm, watcher)
    assert await standing(vm) == ["silenced"]
    await looked(vm, watcher)
    assert await standing(vm) == ["silenced"]
    await registry.silences.end(silence.silence_id, by="ada", at=now)
    await looked(vm, watcher)
    await looked(vm, watcher)
    assert sorted(await standing(vm)) == ["pending_approval", "silenced"]


async def test_a_question_about_what_was_destroyed_is_let_go(vm: Operated) -> None:
    await vm.receive(body())
    watcher = Watcher(vm.world.operations)
    await looked(vm, watcher)
    deployments = vm.world.registry.deployments
    known = await deployments.get(vm.deployed.deployment_id)
    gone = {name: getattr(known, name) for name in type(known).__slots__} | {"status": "destroyed"}
    await deployments.record(type(known)(**gone), vm.deployed.run_id, [])
    await looked(vm, watcher)
    assert await standing(vm) == ["resolved"]
    assert await vm.world.registry.approvals.pending() == []
    assert vm.done() == {}


async def test_watching_ends_when_it_is_told_to(vm: Operated) -> None:
    stop = asyncio.Event()
    watching = asyncio.create_task(vm.world.operations.watch(stop=stop))
    await vm.receive(body())
    for _ in range(400):
        if await standing(vm) == ["pending_approval"]:
            break
        await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(watching, 20)
    assert await standing(vm) == ["pending_approval"]
