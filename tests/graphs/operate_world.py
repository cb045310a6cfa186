"""A deployed machine over fakes, alerts about it, and a cloud whose load a change really moves."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from infraai.models import Bundle
from infraai.operations.drafts import DecisionDraft
from infraai.operations.ports import MeasuredSeries
from infraai.policy import Autonomy
from infraai.registry.incidents import Incident
from infraai.registry.runs import Run
from tests.fakes.cloud import series
from tests.graphs.world import World, open_world

CPU = "compute.googleapis.com/instance/cpu/utilization"
MACHINE = Bundle(
    files={
        "main.tf": 'resource "google_compute_instance" "vm" {\n'
        '  name         = "vm"\n'
        '  machine_type = "e2-small"\n'
        '  zone         = "us-central1-a"\n'
        "}\n"
    }
)
ADDRESS = "google_compute_instance.vm"
PATH = "projects/p/zones/us-central1-a/instances/vm"
STANDING = {
    "id": PATH,
    "instance_id": "1234567890123456789",
    "project": "p",
    "self_link": f"https://www.googleapis.com/compute/v1/{PATH}",
    "current_status": "RUNNING",
}


def said(action: str, **options: Any) -> DecisionDraft:
    """What the model says; by default it is sure and leans on the alert."""
    fields: dict[str, Any] = {
        "severity": "high",
        "recommended_action": action,
        "requires_approval": False,
        "confidence": 0.9,
        "reasoning": "The alert says so [E1].",
        "evidence": ("E1",),
    }
    return DecisionDraft.model_validate(fields | options)


def body(
    incident_id: str = "0.a1",
    *,
    state: str = "open",
    metric: str = CPU,
    instance_id: str = STANDING["instance_id"],
    severity: str = "Warning",
    value: float = 0.95,
    at: datetime | None = None,
    **more: Any,
) -> bytes:
    """A notification of version 1.2, as Google's would be."""
    started = int((at or datetime(2026, 1, 1, tzinfo=UTC)).timestamp())
    incident = {
        "incident_id": incident_id,
        "policy_name": "vm: high",
        "condition_name": "high",
        "state": state,
        "severity": severity,
        "started_at": started,
        "ended_at": started + 60 if state == "closed" else None,
        "observed_value": str(value),
        "threshold_value": "0.8",
        "metric": {"type": metric, "displayName": "", "labels": {}},
        "resource": {
            "type": "gce_instance",
            "labels": {"instance_id": instance_id, "project_id": "p", "zone": "us-central1-a"},
        },
        "condition": {"conditionThreshold": {"comparison": "COMPARISON_GT", "thresholdValue": 0.8}},
        **more,
    }
    return json.dumps({"version": "1.2", "incident": incident}).encode()


@dataclass
class Operated:
    """A world with one machine deployed; `load` is what it measures, by the state of its cloud."""

    world: World
    deployed: Run
    load: float = 0.95
    helped_by: set[str] = field(default_factory=set)  # verbs that bring the load down
    measured: bool = True

    def measures(self, wanted: str, start: datetime, end: datetime) -> Sequence[MeasuredSeries]:
        if not self.measured:
            return ()
        value = 0.2 if self.helped_by & {*self.done()} else self.load
        points = [
            (start + timedelta(seconds=60 * n), value)
            for n in range(1, 61)
            if n * 60 <= (end - start).seconds
        ]
        return [series(CPU, points or [(end, value)], instance_id=STANDING["instance_id"])]

    def done(self) -> Mapping[str, int]:
        """What was changed in the fake cloud, and how often."""
        counts = {"reset": len(self.world.compute.resets), "start": len(self.world.compute.starts)}
        counts["terraform"] = len(self.world.terraform.applied) - 1
        return {name: number for name, number in counts.items() if number}

    async def receive(self, content: bytes) -> str:
        received = await self.world.operations.receive(content, channel="test")
        return received[0].incident_id

    async def handled(self, content: bytes | None = None) -> Run:
        incident_id = await self.receive(content or body())
        return await self.world.operations.handle(incident_id)

    async def incident(self, run: Run) -> Incident:
        return await self.world.registry.incidents.get(run.request.incident_id)

    async def decide(self, run: Run, word: Any = "approve", **options: Any) -> Run:
        approval = (await self.world.registry.approvals.pending(run.run_id))[0]
        return await self.world.operations.decide(
            approval.approval_id, word, by="ada", channel="test", **options
        )


@asynccontextmanager
async def open_operated(
    home: Path, *, autonomy: Autonomy = "assisted", saver: InMemorySaver | None = None
) -> AsyncIterator[Operated]:
    async with open_world(home, autonomy=autonomy, saver=saver) as world:
        world.terraform.attributes = {ADDRESS: dict(STANDING)}
        world.compute.machines[PATH] = "RUNNING"
        run = await world.apply(MACHINE, yes=True)
        if run.status == "awaiting_approval":
            run = await world.approve(run)
        assert run.status == "completed", run.message
        operated = Operated(world, run)
        world.metrics.script = operated.measures
        yield operated
