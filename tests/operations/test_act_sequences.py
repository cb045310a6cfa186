"""Whatever happens in whatever order, nothing is done twice, without a permission of its own, or while stopped."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.operate.action_approval import OpenAction
from infraai.errors import ApprovalError, InputError
from infraai.models import Request
from tests.operations.acting import (
    ASK,
    AUTO,
    DEPLOYMENT,
    KilledError,
    Scene,
    act_of,
    kill,
    machines,
    open_scene,
    restart,
    state_of,
)

Step = str
steps = st.lists(
    st.sampled_from(
        ["act", "act", "approve", "reject", "stop", "start", "die before", "die after", "expire"]
    ),
    max_size=14,
)


class Stage:
    """One run of an action, driven step by step as the graph would."""

    def __init__(self, scene: Scene, verdict: Any, at: list[float]) -> None:
        registry = scene.registry
        self.scene, self.verdict, self.at = replace(scene, machines=machines()), verdict, at
        self.run_id, self.stopped, self.results = str(uuid.uuid4()), False, list[Any]()
        self.open = OpenAction(registry.approvals, registry.incidents, registry.kill_switch, 30)
        self.approval: dict[str, Any] = {}
        self.act = act_of(self.scene)

    def state(self) -> Any:
        known = {
            "run_id": self.run_id,
            "action": restart(run_id=self.run_id),
            "action_verdict": self.verdict,
            "results": self.results,
            **self.approval,
        }
        return state_of(**known)

    async def step(self, what: Step) -> None:
        registry, before = self.scene.registry, len(self.scene.done)
        if what in {"stop", "start"}:
            self.stopped = what == "stop"
            await getattr(registry.kill_switch, what)("ada", "why")
        elif what in {"approve", "reject"} and self.approval:
            with suppress(ApprovalError, InputError):
                await registry.approvals.decide(
                    self.approval["approval_id"],
                    "approve" if what == "approve" else "reject",
                    by="ada",
                    channel="test",
                )
        elif what == "expire":
            self.at[0] += 3600
        elif what.startswith("die"):
            kill(self.scene, "reset", what.split()[1])
        elif what == "act":
            with suppress(KilledError):
                await self.advance()
            if self.stopped:
                assert len(self.scene.done) == before

    async def advance(self) -> None:
        update = await self.act(self.state())
        if update.get("way") == "action_approval":
            self.approval = dict(await self.open(self.state()))
        self.results = [*self.results, *update.get("results", [])]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One registry for all examples, on one loop; each example has a run of its own."""
    home: Path = tmp_path_factory.mktemp("sequences")
    at = [1_800_000_000.0]
    with asyncio.Runner() as runner:
        opened = open_scene(home, now=lambda: at[0])
        scene = runner.run(opened.__aenter__())
        yield runner, scene, at
        runner.run(opened.__aexit__(None, None, None))


async def permissions(scene: Scene, run_id: str) -> int:
    return sum(one.status == "used" for one in await scene.registry.approvals.of_run(run_id))


@given(st.sampled_from([ASK, AUTO]), steps)
@settings(max_examples=60, deadline=None)
def test_nothing_is_done_twice_unasked_or_while_stopped(stage: Any, verdict: Any, order: list[Step]) -> None:
    runner, scene, at = stage

    async def play() -> None:
        one = Stage(scene, verdict, at)
        await scene.registry.runs.create(one.run_id, DEPLOYMENT, Request(kind="operate"), "test")
        for what in order:
            await one.step(what)
        used = await permissions(scene, one.run_id)
        assert len(one.scene.done) <= used
        assert len(set(one.scene.machines.keys)) == len(one.scene.done)
        assert sum(result.success for result in one.results) <= used
        for approval in await scene.registry.approvals.of_run(one.run_id):
            who = "policy" if verdict is AUTO else "ada"
            assert approval.status != "used" or approval.decided_by == who
        await scene.registry.kill_switch.start("ada", "next")

    runner.run(play())
    assert runner.run(scene.registry.audit.broken_at()) is None
