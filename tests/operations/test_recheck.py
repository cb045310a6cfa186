"""Whether it helped is measured: enough good looks, after the action, of what the alert was about."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.operate.looks import Looker, urls_of
from agents.operate.recheck import Recheck, Rhythm
from infraai.operations.shapes import ActionResult, Alert, Evidence, Target
from infraai.operations.shapes import Recheck as Checked
from tests.fakes.cloud import FakeMetrics
from tests.fakes.outside import FakeProbe
from tests.operations.acting import (
    ALERT,
    DEPLOYMENT,
    GROUP,
    RUN,
    VM,
    KilledError,
    Scene,
    measuring,
    open_scene,
    restart,
    state_of,
)

LOW, HIGH = 0.3, 0.95


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as opened:
        yield opened


def node(scene: Scene, metrics: FakeMetrics, probe: FakeProbe | None = None) -> Recheck:
    registry = scene.registry
    return Recheck(
        looker=Looker(metrics, scene.machines, probe or FakeProbe()),
        incidents=registry.incidents,
        deployments=registry.deployments,
        clock=scene.clock,
        journal=scene.journal,
        project="p",
        rhythm=Rhythm(),
    )


def series(value: Callable[[float], float | None] | float | None) -> FakeMetrics:
    return measuring(value if callable(value) else lambda _: value)


async def checked(
    scene: Scene, metrics: FakeMetrics, probe: FakeProbe | None = None, **changed: Any
) -> Checked:
    ended = scene.clock.now().timestamp()
    result = ActionResult(success=True, method="api", action=restart(), ended_at=ended)
    update = await node(scene, metrics, probe)(state_of(**({"results": [result]} | changed)))
    recheck = update["recheck"]
    assert recheck is not None
    return recheck


async def test_two_good_looks_in_a_row_are_believed(scene: Scene) -> None:
    recheck = await checked(scene, series(LOW))
    assert recheck.resolved
    assert scene.clock.slept == [30, 30, 30]  # the first comes too early for a whole period of data
    assert (recheck.looks, recheck.value, recheck.threshold, recheck.waited_s) == (3, LOW, 0.8, 90)
    assert "within the threshold of 0.8" in recheck.detail
    assert recheck.series


async def test_what_stays_high_is_not_resolved_at_the_deadline(scene: Scene) -> None:
    recheck = await checked(scene, series(HIGH))
    assert not recheck.resolved
    assert recheck.waited_s == 300
    assert "still past" in recheck.detail


async def test_one_good_look_between_bad_ones_is_no_proof(scene: Scene) -> None:
    start = scene.clock.now().timestamp()
    recheck = await checked(scene, series(lambda at: LOW if 110 < at - start <= 120 else HIGH))
    assert not recheck.resolved


async def test_what_calms_at_the_last_moment_is_looked_at_once_more(scene: Scene) -> None:
    start = scene.clock.now().timestamp()
    recheck = await checked(scene, series(lambda at: LOW if at - start >= 290 else HIGH))
    assert recheck.resolved
    assert recheck.waited_s == 330


async def test_only_points_from_after_the_action_count(scene: Scene) -> None:
    start = scene.clock.now().timestamp()
    metrics = series(
        lambda at: LOW if at - start < 60 else None
    )  # what a period that began before it would hold
    recheck = await checked(scene, metrics)
    assert not recheck.resolved
    assert "no data" in recheck.detail
    assert all(began.timestamp() == start for _, began, _, _ in metrics.asked)


async def test_no_data_is_never_good_news(scene: Scene) -> None:
    recheck = await checked(scene, series(None))
    assert (recheck.resolved, recheck.value) == (False, None)
    assert "no data of cpu_high" in recheck.detail


async def test_a_metric_that_cannot_be_read_is_told(scene: Scene) -> None:
    recheck = await checked(scene, measuring(lambda _: LOW, fails="403"))
    assert not recheck.resolved
    assert "cannot be read (403)" in recheck.detail


async def test_a_machine_that_stands_still_has_not_recovered(scene: Scene) -> None:
    scene.machines.machines[VM.id] = "TERMINATED"
    recheck = await checked(scene, series(LOW))
    assert not recheck.resolved
    assert "vm-1 is TERMINATED" in recheck.detail


async def test_killed_in_between_it_goes_by_the_end_of_the_action(scene: Scene) -> None:
    ended = scene.clock.now().timestamp()
    result = ActionResult(success=True, method="api", action=restart(), ended_at=ended)

    def die(at: float) -> float:
        if scene.clock.now().timestamp() - ended > 60:
            raise KilledError
        return LOW

    with pytest.raises(KilledError):
        await node(scene, measuring(die))(state_of(results=[result]))
    scene.clock.slept.clear()
    update = await node(scene, series(LOW))(state_of(results=[result]))
    assert update["recheck"] is not None
    assert update["recheck"].resolved
    assert scene.clock.slept == [30]  # 90 s after the action at once, then 30 s later


async def test_long_after_the_deadline_it_is_still_looked_at_twice(scene: Scene) -> None:
    ended = scene.clock.now().timestamp() - 3600
    result = ActionResult(success=True, method="api", action=restart(), ended_at=ended)
    assert (await checked(scene, series(LOW), results=[result])).resolved
    assert not (await checked(scene, series(HIGH), results=[result])).resolved


async def test_a_source_that_closed_its_alert_is_believed_with_one_good_look_or_at_the_deadline(
    scene: Scene,
) -> None:
    incident = await scene.incident()
    await scene.registry.incidents.receive(
        ALERT.model_copy(update={"state": "closed"}), target=None, cause="cpu", at=0
    )
    recheck = await checked(scene, series(LOW), incident_id=incident)
    assert (recheck.resolved, recheck.looks) == (True, 2)
    recheck = await checked(scene, series(None), incident_id=incident)
    assert (recheck.resolved, recheck.waited_s) == (True, 300)
    assert "its source has closed the alert" in recheck.detail
    scene.machines.machines[VM.id] = "TERMINATED"
    assert not (await checked(scene, series(None), incident_id=incident)).resolved


UNAVAILABLE = Alert(
    policy_name="site down", resource="vm-1", metric="uptime", severity="critical", project="p"
)


async def test_a_service_has_to_answer_again(scene: Scene) -> None:
    probe = FakeProbe([None, 503, 200, 200])
    recheck = await checked(scene, series(None), probe, alert=UNAVAILABLE)
    assert (recheck.resolved, recheck.looks) == (True, 4)
    assert probe.asked[0] == "http://203.0.113.7/"
    recheck = await checked(scene, series(None), FakeProbe([500]), alert=UNAVAILABLE)
    assert not recheck.resolved
    assert "answers 500" in recheck.detail


async def test_a_program_that_dies_again_after_a_minute_has_not_recovered(scene: Scene) -> None:
    probe = FakeProbe([200, 200, 502])  # a restart helped, for a minute
    recheck = await checked(scene, series(None), probe, alert=UNAVAILABLE)
    assert not recheck.resolved


async def test_what_answered_before_has_to_answer_still(scene: Scene) -> None:
    before = [Evidence(id="E1", kind="probe", summary="it answers", data={"healthy": True})]
    recheck = await checked(scene, series(LOW), FakeProbe([502]), evidence=before)
    assert not recheck.resolved
    assert "answers 502" in recheck.detail
    assert (await checked(scene, series(LOW), FakeProbe([502]))).resolved


async def test_a_failed_check_is_not_within_any_threshold(scene: Scene) -> None:
    path = "monitoring.googleapis.com/uptime_check/check_passed"
    failing = UNAVAILABLE.model_copy(
        update={
            "metric_path": path,
            "threshold": 1.0,
            "resource_type": "uptime_url",
            "labels": {"resource.labels.host": "203.0.113.7"},
        }
    )
    assert not (await checked(scene, series(1.0), alert=failing)).resolved
    assert (await checked(scene, series(0.0), alert=failing)).resolved


async def test_a_stopped_machine_has_to_run_again(scene: Scene) -> None:
    stopped = Alert(policy_name="instance stopped", resource="vm-1", metric="vm_stopped", project="p")
    assert (await checked(scene, series(None), alert=stopped)).resolved
    scene.machines.machines[VM.id] = "STOPPING"
    assert not (await checked(scene, series(None), alert=stopped)).resolved


async def test_an_alert_without_a_metric_path_is_measured_by_what_such_a_cause_has(scene: Scene) -> None:
    simple = Alert(resource="vm-1", metric="cpu_usage", value=85, threshold=80, source="simple", project="p")
    recheck = await checked(scene, series(0.79), alert=simple)
    assert (recheck.resolved, recheck.value, recheck.threshold) == (True, 0.79, 0.8)
    assert not (await checked(scene, series(0.81), alert=simple)).resolved


async def test_what_nothing_measures_is_not_resolved(scene: Scene) -> None:
    strange = Alert(resource="web", metric="queue_length", value=9, threshold=5, project="p")
    target = Target(deployment_id=DEPLOYMENT, resource=GROUP, matched_by="name")
    recheck = await checked(scene, series(LOW), alert=strange, target=target)
    assert not recheck.resolved
    assert "nothing to measure it by" in recheck.detail


async def test_by_hand_the_machine_and_the_service_are_looked_at(scene: Scene) -> None:
    recheck = await checked(scene, series(None), alert=None)
    assert (recheck.resolved, recheck.looks) == (True, 1)
    assert "vm-1 is RUNNING" in recheck.detail
    assert not (await checked(scene, series(None), FakeProbe([None]), alert=None)).resolved


async def test_by_hand_what_nothing_shows_is_done_and_said_so(scene: Scene) -> None:
    deployments = scene.registry.deployments
    known = await deployments.get(DEPLOYMENT)
    await deployments.record(replace(known, outputs={}), RUN, [VM, GROUP])
    ended = ActionResult(success=True, method="api", action=restart(GROUP), ended_at=0)
    target = Target(deployment_id=DEPLOYMENT, resource=GROUP, matched_by="name")
    update = await node(scene, series(None))(state_of(alert=None, target=target, results=[ended]))
    assert update["recheck"] is None
    assert "nothing to measure it by" in update["message"]


async def test_the_resource_is_measured_as_it_is_after_the_action(scene: Scene) -> None:
    """A machine made anew has another number: the registry's, not the alert's."""
    metrics = series(LOW)
    old = Target(
        deployment_id=DEPLOYMENT,
        resource=state_of()["target"].resource.model_copy(update={"metadata": {"instance_id": "7"}}),  # type: ignore[union-attr]
        matched_by="name",
    )
    assert (await checked(scene, metrics, target=old)).resolved
    assert '"42"' in metrics.asked[0][0]
    assert '"7"' not in metrics.asked[0][0]


async def test_nothing_done_is_nothing_to_measure(scene: Scene) -> None:
    recheck = await checked(scene, series(LOW), results=[])
    assert (recheck.resolved, recheck.looks) == (False, 0)


def test_a_service_is_called_by_its_outputs() -> None:
    assert urls_of({"external_ip": "203.0.113.7"}) == ("http://203.0.113.7/",)
    assert urls_of({"external_ip": ["2001:db8::1"]}) == ("http://[2001:db8::1]/",)
    assert urls_of({"external_ip": "1.2.3.4", "service_url": "https://a.run.app"}) == ("https://a.run.app",)
    assert urls_of({"external_ip": []}) == ()
