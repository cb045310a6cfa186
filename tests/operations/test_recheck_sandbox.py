"""Over the simulated cloud, by Google's own clients: what helps is seen to help, and what does not is not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.operate.looks import Looker
from agents.operate.recheck import Recheck, Rhythm
from infraai.models import RecordedResource
from infraai.operations.shapes import ActionResult, Alert, Target
from infraai.operations.shapes import Recheck as Checked
from infraai.registry.deployments import Deployment
from tests.operations.acting import CPU, DEPLOYMENT, RUN, Scene, act_of, open_scene, restart, state_of
from tests.sandbox.town import NGINX, VM, ZONE, Town
from tools.gcp import ComputeClient
from tools.monitoring import MonitoringClient
from tools.probe import ProbeHttp

KEY = f"zones/{ZONE}/instances/vm"
MACHINE = RecordedResource(
    type=VM,
    name="vm",
    id=f"projects/acme/{KEY}",
    address=f"{VM}.vm",
    metadata={"project": "acme", "zone": ZONE},
)
TARGET = Target(deployment_id=DEPLOYMENT, resource=MACHINE, matched_by="name")
HOT = Alert(
    policy_name="cpu", resource="vm", metric="cpu_high", metric_path=CPU, threshold=0.8, severity="critical"
)


@pytest.fixture
def town(tmp_path: Path) -> Any:
    made = Town(tmp_path / "cloud")
    yield made
    made.sandbox.close()


@pytest.fixture
async def scene(tmp_path: Path, town: Town) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path / "home") as opened:
        deployment = Deployment(deployment_id=DEPLOYMENT, status="active", project="acme", outputs={})
        await opened.registry.deployments.record(deployment, RUN, [MACHINE])
        yield replace(opened, clock=town.clock)  # type: ignore[arg-type]


def compute(town: Town) -> ComputeClient:
    return ComputeClient(town.sandbox.endpoints().compute_url)


async def checked(scene: Scene, town: Town, alert: Alert) -> Checked:
    registry, ended = scene.registry, town.clock.now().timestamp()
    endpoints = town.sandbox.endpoints()
    node = Recheck(
        looker=Looker(
            MonitoringClient(endpoints.monitoring_target),
            compute(town),
            ProbeHttp(endpoints.proxy_url, endpoints.proxy_ca),
        ),
        incidents=registry.incidents,
        deployments=registry.deployments,
        clock=scene.clock,
        journal=scene.journal,
        project="acme",
        rhythm=Rhythm(),
    )
    result = ActionResult(success=True, method="api", action=restart(MACHINE), ended_at=ended)
    update = await node(state_of(alert=alert, target=TARGET, results=[result]))
    assert update["recheck"] is not None
    return update["recheck"]


async def test_a_larger_machine_is_seen_to_help_and_the_same_one_is_not(scene: Scene, town: Town) -> None:
    town.vm(machine_type="e2-small", metadata_startup_script=NGINX)
    town.sandbox.inject("cpu_spike", "vm")
    town.clock.advance(600)
    before = await checked(scene, town, HOT)
    assert not before.resolved
    assert before.value is not None
    assert before.value > 0.8
    town.change(VM, KEY, machine_type="e2-standard-4")
    after = await checked(scene, town, HOT)
    assert after.resolved, after.detail
    assert after.value is not None
    assert after.value < 0.8


async def test_a_stopped_machine_is_started_and_seen_to_run(scene: Scene, town: Town) -> None:
    town.vm(metadata_startup_script=NGINX)
    town.change(VM, KEY, "stop", current_status="TERMINATED")
    town.clock.advance(300)
    act = act_of(scene, compute=compute(town))
    stopped = Alert(policy_name="vm stopped", resource="vm", metric="uptime", absent=True, project="acme")
    assert not (await checked(scene, town, stopped)).resolved
    update = await act(state_of(alert=stopped, target=TARGET, action=restart(MACHINE)))
    assert update["results"][0].success, update["results"][0].error
    assert update["results"][0].changes_applied["vm"]["call"] == "start"
    assert (await checked(scene, town, stopped)).resolved
