"""An incident on a deployment: the real registry and the real HCL reader, everything outside faked."""

import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from agents.operate.decide import Decide
from agents.operate.investigate import Investigate
from agents.operate.offers import Offers
from infraai.errors import CloudError
from infraai.models import Bundle, RecordedResource, Request
from infraai.operations.ports import Alignment, Measured, MeasuredSeries, Place
from infraai.operations.shapes import Alert, Evidence, OpsDecision, Target
from infraai.ports import ChatModel
from infraai.registry.deployments import Deployment
from infraai.registry.registry import Registry
from infraai.registry.revisions import Revision
from infraai.state import Investigated
from tests.fakes.outside import FakeClock, FakeProbe
from tools.hcl import HclTreeSitter

CPU = "compute.googleapis.com/instance/cpu/utilization"
Shape = Callable[[float], float | None]  # minutes before now → value
MAIN = """resource "google_compute_instance" "web" {
  name         = "web-1"
  machine_type = "e2-small"
  zone         = "us-central1-a"
  boot_disk {
    initialize_params {
      image = "debian-12"
      size  = 20
    }
  }
  network_interface {
    network = "default"
    access_config {}
  }
}
"""
WEB = RecordedResource(
    type="google_compute_instance",
    name="web-1",
    id="projects/p/zones/us-central1-a/instances/web-1",
    address="google_compute_instance.web",
    metadata={"zone": "us-central1-a", "project": "p", "machine_type": "e2-small", "instance_id": "4242"},
)


@dataclass(slots=True)
class FakeMetrics:
    """`infraai.operations.ports.Metrics`: series by metric path; what is not there has no data."""

    clock: FakeClock
    shapes: dict[str, Shape] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=lambda: {"resource.labels.instance_id": "4242"})
    asked: list[tuple[str, Alignment | None]] = field(default_factory=list)
    fails: CloudError | None = None
    hangs: Callable[[], Any] | None = None

    async def time_series(
        self, project: str, wanted: str, *, start: datetime, end: datetime, alignment: Alignment | None = None
    ) -> tuple[MeasuredSeries, ...]:
        self.asked.append((wanted, alignment))
        if self.hangs is not None:
            await self.hangs()
        if self.fails is not None:
            raise self.fails
        path = next((one for one in self.shapes if f'metric.type = "{one}"' in wanted), None)
        if path is None:
            return ()
        minutes = range(int((end - start).total_seconds() // 60) - 1, -1, -1)
        points = tuple(
            Measured(end - timedelta(minutes=one), value)
            for one in minutes
            if (value := self.shapes[path](one)) is not None
        )
        return (MeasuredSeries(metric=path, resource_type="", labels=self.labels, points=points),)

    async def alert_policies(self, project: str) -> tuple[dict[str, Any], ...]:
        return ()


@dataclass(slots=True)
class FakeCompute:
    """`infraai.operations.ports.Compute`: machines by name, and a record of what was done."""

    machines: dict[str, dict[str, Any]] = field(default_factory=dict)
    size: int = 2
    done: list[tuple[str, str]] = field(default_factory=list)
    fails: CloudError | None = None

    async def instance(self, project: str, zone: str, name: str) -> dict[str, Any]:
        if self.fails is not None:
            raise self.fails
        return {"status": "RUNNING", **self.machines.get(name, {})}

    async def instance_group_size(self, place: Place, name: str) -> int:
        return self.size

    async def group_instances(self, place: Place, name: str) -> tuple[str, ...]:
        return tuple(f"{place.path('instances', f'{name}-{number:04d}')}" for number in range(self.size))

    async def reset(self, project: str, zone: str, name: str, *, key: str) -> None:
        self.done.append(("reset", name))

    async def start(self, project: str, zone: str, name: str, *, key: str) -> None:
        self.done.append(("start", name))

    async def recreate_instances(
        self, place: Place, name: str, instances: tuple[str, ...], *, key: str
    ) -> None:
        self.done.append(("recreate", name))

    async def resize_disk(self, project: str, zone: str, name: str, size_gb: int, *, key: str) -> None:
        self.done.append(("resize", name))


@dataclass(slots=True)
class Scene:
    """One incident: its registry, its fakes, and the two nodes."""

    registry: Registry
    clock: FakeClock
    metrics: FakeMetrics
    compute: FakeCompute
    probe: FakeProbe
    resources: tuple[RecordedResource, ...]
    target: Target
    timeout_s: float = 5

    @property
    def now(self) -> float:
        return self.clock.now().timestamp()

    def alert(self, **said: Any) -> Alert:
        fields = {
            "resource": self.target.resource.name,
            "resource_type": "gce_instance",
            "metric": "cpu_high",
            "metric_path": CPU,
            "value": 0.93,
            "threshold": 0.8,
            "severity": "critical",
            "comparison": "COMPARISON_GT",
            "started_at": self.now - 180,
            "project": "p",
            "source": "gcp-1.2",
        }
        return Alert(**{**fields, **said})

    async def investigated(self, alert: Alert | None, **request: Any) -> Investigated:
        investigate = Investigate(
            metrics=self.metrics,
            compute=self.compute,
            probe=self.probe,
            clock=self.clock,
            hcl=HclTreeSitter(),
            artifacts=self.registry.artifacts,
            deployments=self.registry.deployments,
            incidents=self.registry.incidents,
            actions=self.registry.actions,
            revisions=self.registry.revisions,
            runs=self.registry.runs,
            timeout_s=self.timeout_s,
        )
        located: Any = {
            "run_id": "run-2",
            "deployment_id": "dep-1",
            "request": Request(kind="operate", **request),
            "incident_id": "inc-1",
            "alert": alert,
            "target": self.target,
        }
        state: Any = {**located, **(await investigate(located))}
        return cast("Investigated", state)

    async def decided(self, model: ChatModel, state: Investigated) -> OpsDecision:
        offers = Offers(
            HclTreeSitter(), self.registry.artifacts, self.registry.deployments, self.registry.revisions
        )
        decide = Decide(model, offers, self.registry.deployments, self.registry.actions, self.clock)
        return (await decide(state))["advice"]

    async def changed(self, bundle: Bundle, *, before_alert_s: float, serial: int = 2) -> None:
        """The deployment was changed to this bundle, so long before an alert that began 3 minutes ago."""
        sha = await self.registry.artifacts.put_bundle(bundle)
        at = self.now - 180 - before_alert_s
        revision = Revision(
            deployment_id="dep-1", run_id=f"run-{serial}", bundle_sha=sha, serial=serial, at=at
        )
        await self.registry.revisions.add(revision)


@asynccontextmanager
async def scene(
    home: Path,
    *,
    main: str = MAIN,
    resources: tuple[RecordedResource, ...] = (WEB,),
    plan: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    target: RecordedResource | None = None,
    cost_usd_month: float = 12.23,
) -> AsyncIterator[Scene]:
    """One active deployment with these resources, applied a day ago; the target is its first resource."""
    registry = await Registry.open(home)
    clock = FakeClock()
    sha = await registry.artifacts.put_bundle(Bundle(files={"main.tf": main}))
    deployment = Deployment(
        deployment_id="dep-1",
        status="active",
        project="p",
        region="us-central1",
        goal="a small backend",
        plan=plan,
        bundle_sha=sha,
        outputs=outputs or {},
        cost_usd_month=cost_usd_month,
    )
    await registry.deployments.record(deployment, "run-1", resources)
    at = clock.now().timestamp() - 86_400
    first = Revision(deployment_id="dep-1", run_id="run-1", bundle_sha=sha, serial=1, at=at)
    await registry.revisions.add(first)
    about = Target(deployment_id="dep-1", resource=target or resources[0], matched_by="instance_id")
    yield Scene(registry, clock, FakeMetrics(clock), FakeCompute(), FakeProbe(), resources, about)
    await registry.close()


def steady(value: float) -> Shape:
    """Always the same, but for a little noise."""
    return lambda minute: value * (1 + 0.01 * math.sin(minute))


def high_since(minutes: float, *, low: float, high: float) -> Shape:
    """Low, and high since some minutes ago."""
    return lambda minute: high if minute < minutes else low


def piece(evidence: list[Evidence], kind: str, **having: Any) -> Evidence:
    """The first piece of this kind with these fields in its data."""
    return next(
        one for one in evidence if one.kind == kind and all(one.data.get(k) == v for k, v in having.items())
    )
