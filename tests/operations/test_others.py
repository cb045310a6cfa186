"""An incident is over when everything that its alerts are about is; what is not becomes an incident of its own."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.operate.confirm import Confirm
from agents.operate.looks import Looker
from agents.operate.recheck import Recheck, Rhythm
from infraai.models import RecordedResource
from infraai.operations.ports import MeasuredSeries
from infraai.operations.shapes import ActionResult, Target
from infraai.operations.shapes import Recheck as Checked
from infraai.registry.deployments import Deployment
from infraai.state import OperateUpdate
from tests.fakes.cloud import FakeMetrics, series
from tests.fakes.outside import FakeProbe
from tests.operations.acting import ALERT, CPU, DEPLOYMENT, RUN, VM, Scene, open_scene, restart, state_of

Load = Callable[[str, float], float | None]


def machine(number: int) -> RecordedResource:
    name = f"vm-{number}"
    return RecordedResource(
        type=VM.type,
        name=name,
        id=f"projects/p/zones/us-central1-a/instances/{name}",
        address=f"google_compute_instance.vm_{number}",
        metadata={"project": "p", "zone": "us-central1-a", "instance_id": str(1000 + number)},
    )


OTHERS = [machine(number) for number in range(2, 8)]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as opened:
        deployment = Deployment(deployment_id=DEPLOYMENT, status="active", project="p")
        await opened.registry.deployments.record(deployment, RUN, [VM, *OTHERS])
        for one in OTHERS:
            opened.machines.machines[one.id] = "RUNNING"
        yield opened


def measuring(load: Load) -> FakeMetrics:
    """Each machine's load by its number, which the filter names, each ten seconds."""

    def script(wanted: str, start: datetime, end: datetime) -> Sequence[MeasuredSeries]:
        its = next(
            (
                str(one.metadata["instance_id"])
                for one in [*OTHERS, VM]
                if f'"{one.metadata["instance_id"]}"' in wanted
            ),
            "",
        )
        moments = range(int(start.timestamp()) + 10, int(end.timestamp()) + 1, 10)
        points = [
            (datetime.fromtimestamp(at, UTC), value) for at in moments if (value := load(its, at)) is not None
        ]
        return [series(CPU, points, instance_id=its)]

    return FakeMetrics(script)


def always(value: float) -> Load:
    """The same everywhere."""
    return lambda _its, _at: value


async def fires(scene: Scene, resource: RecordedResource) -> str:
    """Another alert of the same cause, about another machine; returns its incident."""
    alert = ALERT.model_copy(update={"resource": resource.name, "source_id": resource.name})
    target = Target(deployment_id=DEPLOYMENT, resource=resource, matched_by="name")
    at = scene.clock.now().timestamp()
    return (await scene.registry.incidents.receive(alert, target=target, cause="cpu", at=at)).incident_id


async def rechecked(scene: Scene, incident_id: str, load: Load) -> Checked:
    registry = scene.registry
    recheck = Recheck(
        looker=Looker(measuring(load), scene.machines, FakeProbe()),
        incidents=registry.incidents,
        deployments=registry.deployments,
        clock=scene.clock,
        journal=scene.journal,
        project="p",
        rhythm=Rhythm(),
    )
    done = ActionResult(success=True, method="api", action=restart(), ended_at=scene.clock.now().timestamp())
    update = await recheck(state_of(results=[done], incident_id=incident_id))
    found = update.get("recheck")
    assert found is not None
    return found


async def left_of(scene: Scene, incident_id: str) -> list[str]:
    """Whose alerts were moved out of the incident, into one that waits."""
    waiting = [one for one in await scene.registry.incidents.waiting() if one.incident_id != incident_id]
    assert len(waiting) <= 1
    assert all(one.message == "" for one in waiting)
    moved = [two for one in waiting for two in await scene.registry.incidents.alerts_of(one.incident_id)]
    return [one.alert.resource for one in moved]


async def test_a_machine_that_was_not_helped_is_an_incident_of_its_own(scene: Scene) -> None:
    incident = await scene.incident()
    assert await fires(scene, OTHERS[0]) == incident
    recheck = await rechecked(scene, incident, lambda its, _: 0.95 if its == "1002" else 0.3)
    assert recheck.resolved
    assert f"Not over: {OTHERS[0].address}; 1 open alerts are incident" in recheck.detail
    assert await left_of(scene, incident) == ["vm-2"]
    await scene.registry.incidents.set_status(incident, "resolved")
    new = (await scene.registry.incidents.waiting())[0]
    assert (new.resource, new.deployment_id, new.cause) == (OTHERS[0].address, DEPLOYMENT, "cpu")


async def test_what_is_over_everywhere_is_one_resolved_incident(scene: Scene) -> None:
    incident = await scene.incident()
    for one in OTHERS:
        await fires(scene, one)
    recheck = await rechecked(scene, incident, always(0.3))
    assert (recheck.resolved, recheck.waited_s) == (True, 90)
    assert await left_of(scene, incident) == []


async def test_of_a_storm_only_what_is_not_over_is_left(scene: Scene) -> None:
    incident = await scene.incident()
    for one in OTHERS:
        await fires(scene, one)
    bad = {"1003", "1006"}
    silent = {"1007"}
    recheck = await rechecked(
        scene, incident, lambda its, _: None if its in silent else 0.95 if its in bad else 0.3
    )
    assert recheck.resolved
    assert await left_of(scene, incident) == ["vm-3", "vm-6", "vm-7"]


async def test_what_calms_down_later_is_looked_at_once_more(scene: Scene) -> None:
    incident = await scene.incident()
    await fires(scene, OTHERS[0])
    start = scene.clock.now().timestamp()
    recheck = await rechecked(
        scene, incident, lambda its, at: 0.95 if its == "1002" and at - start < 85 else 0.3
    )
    assert (recheck.resolved, recheck.waited_s) == (True, 120)
    assert await left_of(scene, incident) == []


async def test_an_alert_that_joins_while_it_is_measured_is_looked_at(scene: Scene) -> None:
    incident = await scene.incident()
    joined: list[str] = []

    async def joins() -> None:
        if not joined:
            joined.append(await fires(scene, OTHERS[3]))

    scene.clock.during = joins
    recheck = await rechecked(scene, incident, lambda its, _: 0.95 if its == "1005" else 0.3)
    assert (recheck.resolved, joined) == (True, [incident])
    assert await left_of(scene, incident) == ["vm-5"]


async def test_where_the_machine_acted_on_is_not_helped_nothing_is_split(scene: Scene) -> None:
    incident = await scene.incident()
    await fires(scene, OTHERS[0])
    recheck = await rechecked(scene, incident, always(0.95))
    assert not recheck.resolved
    assert await left_of(scene, incident) == []


async def test_a_false_alarm_is_one_only_for_what_is_over(scene: Scene) -> None:
    incident = await scene.incident()
    await fires(scene, OTHERS[0])
    update: OperateUpdate = await Confirm(
        Looker(measuring(lambda its, _: 0.95 if its == "1002" else 0.3), scene.machines, FakeProbe()),
        scene.registry.deployments,
        scene.clock,
        scene.journal,
        "p",
        scene.registry.incidents,
    )(state_of(incident_id=incident))
    assert update.get("ended") == "ignored"
    assert await left_of(scene, incident) == ["vm-2"]


async def test_a_clock_that_is_set_back_does_not_keep_it_looking(scene: Scene) -> None:
    incident = await scene.incident()

    async def set_back() -> None:
        if len(scene.clock.slept) == 1:
            scene.clock.at -= timedelta(days=2)

    scene.clock.during = set_back
    recheck = await rechecked(scene, incident, always(0.95))
    assert not recheck.resolved
    assert len(scene.clock.slept) <= 12
