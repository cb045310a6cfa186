"""Our clients of Google Cloud, which are Google's own, against the sandbox."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infraai.errors import CloudError
from sandbox.cloud import Point
from sandbox.sandbox import Sandbox
from tools.gcp import ComputeClient, Place, request_id
from tools.monitoring import Alignment, MonitoringClient

CPU = "compute.googleapis.com/instance/cpu/utilization"
VM_ID = "projects/acme/zones/us-central1-a/instances/vm-1"
AT = ("acme", "us-central1-a", "vm-1")


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    made = Sandbox(tmp_path, project="acme")
    values = {
        "id": VM_ID,
        "name": "vm-1",
        "project": "acme",
        "zone": "us-central1-a",
        "current_status": "RUNNING",
    }
    made.cloud.put("google_compute_instance", VM_ID, values, "create")
    yield made
    made.close()


async def test_a_machine_is_stopped_started_and_reset(sandbox: Sandbox) -> None:
    client = ComputeClient(sandbox.endpoints().compute_url)
    assert await client.instance_status(*AT) == "RUNNING"
    await client.stop(*AT, key="a")
    assert await client.instance_status(*AT) == "TERMINATED"
    await client.start(*AT, key="b")
    await client.reset(*AT, key="c")
    assert (await client.instance(*AT))["status"] == "RUNNING"
    assert [one.verb for one in sandbox.cloud.operations()] == ["create", "stop", "start", "reset"]


async def test_the_same_key_acts_once(sandbox: Sandbox) -> None:
    for _ in range(2):
        await ComputeClient(sandbox.endpoints().compute_url).reset(*AT, key="run-1/reset/vm-1")
    assert [one.verb for one in sandbox.cloud.operations()].count("reset") == 1
    assert uuid.UUID(request_id("run-1/reset/vm-1")).version == 5
    assert request_id("a") != request_id("b")


async def test_an_error_names_the_thing_the_reason_and_the_next_step(sandbox: Sandbox) -> None:
    client = ComputeClient(sandbox.endpoints().compute_url)
    with pytest.raises(CloudError) as caught:
        await client.instance_status("acme", "us-central1-a", "none")
    assert "projects/acme/zones/us-central1-a/instances/none" in caught.value.detail
    assert "was not found" in caught.value.detail
    assert caught.value.next_step
    gone = sandbox.endpoints().compute_url
    sandbox.servers.stop()
    with pytest.raises(CloudError, match="no answer"):
        await ComputeClient(gone, timeout_s=2).instance_status(*AT)


@pytest.mark.parametrize("regional", [False, True])
async def test_a_group_is_sized_listed_and_recreated(sandbox: Sandbox, *, regional: bool) -> None:
    where = {"region": "us-central1"} if regional else {"zone": "us-central1-a"}
    place = Place(project="acme", **where)
    kind = f"google_compute_{'region_' if regional else ''}instance_group_manager"
    key = place.path("instanceGroupManagers", "web")
    values = {
        "id": key,
        "name": "web",
        "project": "acme",
        "target_size": 2,
        "base_instance_name": "web",
        **where,
    }
    sandbox.cloud.put(kind, key, values, "create")
    client = ComputeClient(sandbox.endpoints().compute_url)
    assert await client.instance_group_size(place, "web") == 2
    members = await client.group_instances(place, "web")
    assert len(set(members)) == 2
    await client.recreate_instances(place, "web", members[:1], key="x")
    await client.resize_group(place, "web", 3, key="y")
    assert await client.instance_group_size(place, "web") == 3
    verbs = [one.verb for one in sandbox.cloud.operations() if one.type == kind]
    assert verbs == ["create", "recreateInstances", "resize"]


async def test_measurements_come_oldest_first_with_their_labels(sandbox: Sandbox) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    labels = {"resource.instance_id": "1", "metric.instance_name": "vm-1"}
    points = [Point(CPU, "gce_instance", labels, now.timestamp() - 300 + 60 * n, n / 10) for n in range(6)]
    sandbox.cloud.record(points)
    client = MonitoringClient(sandbox.endpoints().monitoring_target)
    wanted = f'metric.type = "{CPU}" AND resource.type = "gce_instance"'
    span = {"start": now - timedelta(minutes=10), "end": now}
    found = await client.time_series("acme", wanted, **span, alignment=Alignment("ALIGN_MEAN", period_s=60))
    assert [point.value for point in found[0].points] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert found[0].points[-1].at == now
    assert found[0].labels["resource.labels.instance_id"] == "1"
    assert found[0].labels["metric.labels.instance_name"] == "vm-1"
    with pytest.raises(CloudError, match="kind GAUGE"):
        await client.time_series("acme", wanted, **span, alignment=Alignment("ALIGN_RATE"))
    assert await client.alert_policies("acme") == ()
    await client.close()
