"""Whatever comes in whatever order: nothing happens that was not allowed, nothing twice, and every incident stands."""

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infraai.errors import InfraError, ModelUnavailableError
from infraai.operations.shapes import OVER, AlertStatus
from tests.graphs.operate_world import CPU, STANDING, Operated, body, open_operated, said

UPTIME = "compute.googleapis.com/instance/uptime"
ALERTS = st.sampled_from(
    [
        ("alert", "0.a", CPU, STANDING["instance_id"]),
        ("alert", "0.b", CPU, STANDING["instance_id"]),
        ("alert", "0.c", UPTIME, STANDING["instance_id"]),
        ("alert", "0.d", CPU, "42"),
        ("closed", "0.a", CPU, STANDING["instance_id"]),
        ("closed", "0.c", UPTIME, STANDING["instance_id"]),
    ]
)
PEOPLE = st.sampled_from(
    [("handle",), ("approve",), ("reject",), ("choose",), ("stop",), ("start",), ("by hand",), ("twice",)]
)
STEPS = st.lists(st.one_of(ALERTS, PEOPLE), min_size=3, max_size=8)
MINDS = st.sampled_from(["restart", "scale_up", "ask", "ignore", "down", "made up"])


async def live(steps: list[tuple[str, ...]], mind: str, *, helps: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_operated(Path(folder)) as vm:
            vm.helped_by = {"reset", "terraform"} if helps else set()
            if mind == "down":
                vm.world.model.says("decide", ModelUnavailableError("fake", "down"))
            else:
                cites = ("E77",) if mind == "made up" else ("E1",)
                action = "restart" if mind == "made up" else mind
                vm.world.model.says("decide", said(action, evidence=cites))
            for step in [*steps, ("handle",)]:
                with suppress(InfraError):
                    await do(vm, step)
            await check(vm)


async def do(vm: Operated, step: tuple[str, ...]) -> None:
    world, operations = vm.world, vm.world.operations
    match step:
        case ("alert", name, metric, instance):
            await vm.receive(body(name, metric=metric, instance_id=instance))
        case ("closed", name, metric, instance):
            await vm.receive(body(name, metric=metric, instance_id=instance, state="closed"))
        case ("handle",):
            for incident in await world.registry.incidents.waiting():
                await operations.handle(incident.incident_id)
        case ("stop",):
            await operations.stop("grace", "because")
        case ("start",):
            await operations.start("grace", "because")
        case ("by hand",):
            await operations.act("vm", "restart", {}, by="ada", yes=True)
        case _:
            await answer(vm, step[0])


async def answer(vm: Operated, word: str) -> None:
    for approval in await vm.world.registry.approvals.pending():
        decide = vm.world.operations.decide
        if word == "twice":
            both = [decide(approval.approval_id, "approve", by=by, channel="test") for by in ("ada", "grace")]
            await asyncio.gather(*both, return_exceptions=True)
            return
        choice = (
            {"name": "restart", "args": {}} if word == "choose" and approval.subject == "question" else None
        )
        said_word = "reject" if word == "reject" else "approve"
        await decide(approval.approval_id, said_word, by="ada", channel="test", choice=choice)


async def check(vm: Operated) -> None:
    registry = vm.world.registry
    used = await registry.approvals.list(status="used", limit=1000)
    calls, applies = vm.world.compute.calls, len(vm.world.terraform.applied) - 1
    assert calls <= sum(one.subject == "action" for one in used)
    assert applies <= sum(one.subject == "apply" for one in used) - 1
    assert all(one.decided_by for one in used)
    assert len(vm.world.compute.keys) == len(set(vm.world.compute.keys))
    assert await registry.audit.broken_at() is None
    waiting = {one.incident_id for one in await registry.incidents.waiting()}
    asked = {one.run_id for one in await registry.approvals.pending()}
    for incident in await registry.incidents.list(limit=1000):
        assert incident.status in get_args(AlertStatus)
        rests = incident.status in OVER or incident.incident_id in waiting or incident.run_id in asked
        assert rests, (incident.status, incident.message)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, mind=MINDS, helps=st.booleans())
def test_nothing_is_done_that_was_not_allowed_and_nothing_twice(
    steps: list[tuple[str, ...]], mind: str, helps: bool
) -> None:
    asyncio.run(live(steps, mind, helps=helps))
