"""A run that is killed anywhere, with SIGKILL, is taken up again: nothing is lost, nothing is applied twice."""

import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from graphs.wiring import open_system
from infraai.models import Bundle
from infraai.registry.runs import Run
from tests.journey.doomed import live, settings_of

BUNDLE = Bundle(
    files={
        "main.tf": """
resource "google_compute_network" "main" {
  name                    = "killed"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "main" {
  name          = "killed"
  network       = google_compute_network.main.id
  ip_cidr_range = "10.0.0.0/24"
  region        = "us-central1"
}

resource "google_pubsub_topic" "jobs" {
  name = "killed"
}
"""
    }
)
NAMES = ["google_compute_network.main", "google_compute_subnetwork.main", "google_pubsub_topic.jobs"]
FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["tests.journey.doomed", "tools.terraform.cli", "sandbox.provider.server"])


def doomed(home: Path, *, writes: int = -1, event: str = "") -> int | None:
    process = FORK.Process(target=live, args=(str(home), BUNDLE.model_dump_json(), writes, event))
    process.start()
    process.join(60)
    return process.exitcode


async def taken_up(home: Path) -> tuple[Run, dict[str, Any], list[str]]:
    """Resume the one run of this home to its end; return it, the cloud's contents and the state's addresses."""
    async with open_system(settings_of(home)) as system:
        runs = await system.registry.runs.list()
        run = runs[0]
        if not run.ended:
            run = await system.runner.resume(run.run_id)
        for _ in range(5):
            if run.status != "awaiting_approval":
                break
            approval = (await system.registry.approvals.pending(run.run_id))[0]
            run = await system.runner.decide(approval.approval_id, "approve", by="test", channel="test")
        state = await system.registry.states.current(run.deployment_id)
        body = json.loads(state.body) if state else {}
        addresses = [f"{one['type']}.{one['name']}" for one in body.get("resources", [])]
        assert await system.registry.audit.broken_at() is None
        recorded = [one.address for one in await system.registry.deployments.resources(run.deployment_id)]
        assert sorted(recorded) == sorted(addresses)
        return run, system.sandbox.status()["resources"], sorted(addresses)


async def survives(home: Path) -> None:
    run, cloud, addresses = await taken_up(home)
    assert run.status == "completed", run.message
    assert addresses == NAMES
    built = {kind: cloud[kind] for kind in ("google_compute_subnetwork", "google_pubsub_topic")}
    assert built == {"google_compute_subnetwork": 1, "google_pubsub_topic": 1}


EVENTS = [
    "phase:initializing",
    "phase:validating",
    "phase:planning",
    "preview:",
    "verdict:",
    "phase:applying",
    "Creating",
    "Creation complete",
    "outcome:",
    "verification:",
    "phase:finalizing",
    "phase:verified",
]


@pytest.mark.parametrize("event", EVENTS)
async def test_a_run_killed_in_a_node_is_completed(tmp_path: Path, event: str) -> None:
    doomed(tmp_path, event=event)
    await survives(tmp_path)


async def test_a_run_killed_before_a_checkpoint_write_is_completed(tmp_path: Path) -> None:
    """Every fifth write, to keep the suite short; a step of 1 has been run through as well."""
    killed = 0
    for writes in range(0, 200, 5):
        home = tmp_path / str(writes)
        home.mkdir()
        if doomed(home, writes=writes) == 0:
            break
        killed += 1
        await survives(home)
    assert killed >= 5
