"""One contract for Compute and one for Metrics: over Google's own clients with the sandbox, and over the fakes."""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infraai.errors import CloudError
from infraai.operations.ports import Alignment, Compute, Measured, MeasuredSeries, Metrics, Place
from sandbox.clock import ManualClock
from sandbox.cloud import Point
from sandbox.sandbox import Sandbox
from tests.fakes.cloud import FakeCompute, FakeGroup, FakeMetrics, series
from tools.gcp import ComputeClient, request_id
from tools.monitoring import MonitoringClient

LOAD = "custom.googleapis.com/load"
ZONE = Place(project="acme", zone="us-central1-a")
REGION = Place(project="acme", region="us-central1")
VM_ID = ZONE.path("instances", "vm-1")
DISK_ID = ZONE.path("disks", "vm-1")
AT = ("acme", "us-central1-a", "vm-1")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sandbox_of(home: Path) -> Sandbox:
    made = Sandbox(home, project="acme", clock=ManualClock(NOW))
    source = f"https://www.googleapis.com/compute/v1/{DISK_ID}"
    made.cloud.put(
        "google_compute_instance",
        VM_ID,
        {
            "id": VM_ID,
            "name": "vm-1",
            "project": "acme",
            "zone": "us-central1-a",
            "machine_type": "e2-small",
            "instance_id": "4711",
            "current_status": "RUNNING",
            "boot_disk": [{"source": source, "initialize_params": [{"size": 10}]}],
        },
        "create",
    )
    disk = {"id": DISK_ID, "name": "vm-1", "project": "acme", "zone": "us-central1-a", "size": 10}
    made.cloud.put("google_compute_disk", DISK_ID, disk, "create", built_in=True)
    for place, kind in ((ZONE, ""), (REGION, "region_")):
        key = place.path("instanceGroupManagers", "web")
        where = {"zone": place.zone} if place.zone else {"region": place.region}
        values = {"id": key, "name": "web", "project": "acme", "target_size": 2, **where}
        made.cloud.put(f"google_compute_{kind}instance_group_manager", key, values, "create")
    return made


def fake_compute() -> FakeCompute:
    members = [ZONE.path("instances", f"web-{number}") for number in ("a", "b")]
    groups = {
        place.path("instanceGroupManagers", "web"): FakeGroup(list(members)) for place in (ZONE, REGION)
    }
    return FakeCompute(machines={VM_ID: "RUNNING"}, groups=groups, disks={DISK_ID: 10})


class World:
    """One Compute, and how many changes of a kind it made."""

    def __init__(self, compute: Compute, changes: Callable[[str], int]) -> None:
        self.compute = compute
        self.changes = changes


@pytest.fixture(params=["sandbox", "fake"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "fake":
        fake = fake_compute()
        yield World(fake, lambda verb: len(fake.resets) if verb == "reset" else len(fake.resized))
        return
    made = sandbox_of(tmp_path)
    client = ComputeClient(made.endpoints().compute_url)
    yield World(client, lambda verb: sum(one.verb == verb for one in made.cloud.operations()))
    made.close()


async def test_a_machine_is_shown_with_its_name_and_status(world: World) -> None:
    shown = await world.compute.instance(*AT)
    assert (shown["name"], shown["status"]) == ("vm-1", "RUNNING")


async def test_the_same_key_acts_once(world: World) -> None:
    for _ in range(2):
        await world.compute.reset(*AT, key="run-1/reset/vm-1")
    assert world.changes("reset") == 1
    await world.compute.reset(*AT, key="run-2/reset/vm-1")
    assert world.changes("reset") == 2


async def test_what_is_not_there_is_an_error_that_names_it_and_a_next_step(world: World) -> None:
    for call in (
        lambda: world.compute.instance("acme", "us-central1-a", "none"),
        lambda: world.compute.reset("acme", "us-central1-a", "none", key="a"),
        lambda: world.compute.start("acme", "us-central1-a", "none", key="a"),
        lambda: world.compute.resize_disk("acme", "us-central1-a", "none", 20, key="a"),
        lambda: world.compute.instance_group_size(ZONE, "none"),
        lambda: world.compute.group_instances(REGION, "none"),
    ):
        with pytest.raises(CloudError, match=r"none.*was not found") as caught:
            await call()
        assert caught.value.next_step


async def test_a_disk_grows_and_never_shrinks(world: World) -> None:
    for _ in range(2):
        await world.compute.resize_disk(*AT, 40, key="grow")
    assert world.changes("resize") == 1
    for size_gb in (40, 20):
        with pytest.raises(CloudError, match="larger than existing size '40' GB"):
            await world.compute.resize_disk(*AT, size_gb, key=f"to-{size_gb}")


@pytest.mark.parametrize("place", [ZONE, REGION])
async def test_a_groups_machines_are_listed_and_made_anew(world: World, place: Place) -> None:
    assert await world.compute.instance_group_size(place, "web") == 2
    members = await world.compute.group_instances(place, "web")
    assert len(set(members)) == 2
    await world.compute.recreate_instances(place, "web", members[:1], key="x")
    assert await world.compute.group_instances(place, "web") == members
    with pytest.raises(CloudError, match="not a member"):
        await world.compute.recreate_instances(place, "web", ("zones/z/instances/other",), key="y")


# --- what only the real client and the sandbox have -------------------------------------------------------------


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    made = sandbox_of(tmp_path)
    yield made
    made.close()


async def test_a_machine_is_stopped_started_and_reset(sandbox: Sandbox) -> None:
    client = ComputeClient(sandbox.endpoints().compute_url)
    assert await client.instance_status(*AT) == "RUNNING"
    await client.stop(*AT, key="a")
    assert await client.instance_status(*AT) == "TERMINATED"
    with pytest.raises(CloudError, match="not ready"):
        await client.reset(*AT, key="early")
    await client.start(*AT, key="b")
    await client.reset(*AT, key="c")
    assert (await client.instance(*AT))["status"] == "RUNNING"
    verbs = [one.verb for one in sandbox.cloud.operations() if one.id == VM_ID]
    assert verbs == ["create", "stop", "start", "reset"]


def test_a_key_is_a_uuid_that_stays_the_same() -> None:
    assert uuid.UUID(request_id("run-1/reset/vm-1")).version == 5
    assert request_id("a") == request_id("a")
    assert request_id("a") != request_id("b")


async def test_no_answer_is_an_error_with_a_next_step(sandbox: Sandbox) -> None:
    gone = sandbox.endpoints().compute_url
    sandbox.servers.stop()
    with pytest.raises(CloudError, match="no answer"):
        await ComputeClient(gone, timeout_s=2).instance_status(*AT)


async def test_a_boot_disk_that_grew_is_seen_on_its_machine(sandbox: Sandbox) -> None:
    client = ComputeClient(sandbox.endpoints().compute_url)
    await client.resize_disk(*AT, 50, key="grow")
    shown = await client.instance(*AT)
    assert int(shown["disks"][0]["disk_size_gb"]) == 50
    stored = sandbox.cloud.get("google_compute_instance", VM_ID)
    assert stored is not None
    assert stored["boot_disk"][0]["initialize_params"][0]["size"] == 50


async def test_a_groups_member_is_a_machine_like_any_other(sandbox: Sandbox) -> None:
    client = ComputeClient(sandbox.endpoints().compute_url)
    link = (await client.group_instances(REGION, "web"))[1]
    zone, name = link.split("/")[-3], link.split("/")[-1]
    path = link.partition("/compute/v1/")[2]
    before = await client.instance("acme", zone, name)
    sandbox.cloud.set_machine(path, {"service_down": True})
    await client.reset("acme", zone, name, key="a")
    assert sandbox.cloud.machine(path) == {}
    sandbox.cloud.set_machine(path, {"service_down": True})
    await client.recreate_instances(REGION, "web", (link,), key="b")
    after = await client.instance("acme", zone, name)
    assert sandbox.cloud.machine(path) == {}
    assert (before["status"], after["status"]) == ("RUNNING", "RUNNING")
    assert before["id"] != after["id"]
    await client.stop("acme", zone, name, key="c")
    assert await client.instance_status("acme", zone, name) == "TERMINATED"


async def test_a_group_is_given_another_size(sandbox: Sandbox) -> None:
    client = ComputeClient(sandbox.endpoints().compute_url)
    await client.resize_group(ZONE, "web", 3, key="y")
    assert await client.instance_group_size(ZONE, "web") == 3
    assert len(await client.group_instances(ZONE, "web")) == 3


# --- metrics --------------------------------------------------------------------------------------------------------

WANTED = f'metric.type = "{LOAD}" AND resource.type = "gce_instance"'
POINTS = [(NOW - timedelta(seconds=300 - 60 * n), n / 10) for n in range(6)]


@pytest.fixture(params=["sandbox", "fake"])
async def metrics(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Metrics]:
    if request.param == "fake":

        def script(wanted: str, start: datetime, end: datetime) -> Sequence[MeasuredSeries]:
            return [series(LOAD, POINTS, instance_id="1")] if LOAD in wanted else []

        yield FakeMetrics(script)
        return
    made = sandbox_of(tmp_path)
    key = f"projects/acme/metricDescriptors/{LOAD}"
    described = {"project": "acme", "type": LOAD, "metric_kind": "GAUGE", "value_type": "DOUBLE"}
    made.cloud.put("google_monitoring_metric_descriptor", key, described, "create")
    labels = {"resource.instance_id": "1", "metric.instance_name": "vm-1"}
    made.cloud.record(Point(LOAD, "gce_instance", labels, at.timestamp(), value) for at, value in POINTS)
    client = MonitoringClient(made.endpoints().monitoring_target)
    yield client
    await client.close()
    made.close()


async def test_measurements_come_oldest_first_with_their_labels(metrics: Metrics) -> None:
    found = await metrics.time_series("acme", WANTED, start=NOW - timedelta(minutes=10), end=NOW)
    assert len(found) == 1
    assert found[0].points == tuple(Measured(at, value) for at, value in POINTS)
    assert (found[0].metric, found[0].resource_type) == (LOAD, "gce_instance")
    assert found[0].labels["resource.labels.instance_id"] == "1"


async def test_the_beginning_is_left_out_and_the_end_is_in(metrics: Metrics) -> None:
    found = await metrics.time_series("acme", WANTED, start=POINTS[1][0], end=POINTS[3][0])
    assert [point.value for point in found[0].points] == [0.2, 0.3]


async def test_a_project_without_policies_has_none(metrics: Metrics) -> None:
    assert await metrics.alert_policies("acme") == ()


async def test_series_are_aligned_and_a_wrong_aligner_is_googles_error(sandbox: Sandbox) -> None:
    client = MonitoringClient(sandbox.endpoints().monitoring_target)
    wanted = (
        'metric.type = "compute.googleapis.com/instance/cpu/utilization" AND resource.type = "gce_instance"'
    )
    span: dict[str, Any] = {"start": NOW - timedelta(minutes=5), "end": NOW}
    by_name = f'{wanted} AND metric.labels.instance_name = "vm-1"'
    found = await client.time_series("acme", by_name, **span, alignment=Alignment("ALIGN_MEAN", period_s=60))
    assert len(found[0].points) == 5
    assert found[0].points[-1].at == NOW
    assert 0 < found[0].points[-1].value < 1
    reduced = Alignment("ALIGN_MEAN", 60, "REDUCE_COUNT", ("resource.labels.zone",))
    joined = await client.time_series("acme", wanted, **span, alignment=reduced)
    assert {one.labels["resource.labels.zone"] for one in joined} >= {"us-central1-a"}
    with pytest.raises(CloudError, match="kind GAUGE"):
        await client.time_series("acme", wanted, **span, alignment=Alignment("ALIGN_RATE"))
    unknown = 'metric.type = "compute.googleapis.com/instance/none" AND resource.type = "gce_instance"'
    with pytest.raises(CloudError, match="Cannot find metric"):
        await client.time_series("acme", unknown, **span)
    await client.close()
