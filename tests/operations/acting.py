"""A registry with one deployment, fakes of what is outside, and the state of an incident."""

import asyncio
import atexit
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast

from agents.asked import Asked
from agents.operate.act import Act
from agents.operate.begun import Begun
from infraai.errors import CloudError, ConflictError
from infraai.journal import Journal
from infraai.models import Event, RecordedResource, Request
from infraai.operations.ports import Compute, MeasuredSeries, Place
from infraai.operations.shapes import ActionRequest, ActionVerdict, Alert, OpsDecision, Option, Target
from infraai.registry.clock import Now, epoch_seconds
from infraai.registry.database import migrate
from infraai.registry.deployments import Deployment
from infraai.registry.registry import Registry
from infraai.state import OperateState
from tests.fakes.cloud import FakeCompute, FakeGroup, FakeMetrics, series
from tests.fakes.outside import FakeClock

RUN, DEPLOYMENT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
VM = RecordedResource(
    type="google_compute_instance",
    name="vm-1",
    id="projects/p/zones/us-central1-a/instances/vm-1",
    address="google_compute_instance.vm",
    metadata={"project": "p", "zone": "us-central1-a", "instance_id": "42"},
)
GROUP = RecordedResource(
    type="google_compute_instance_group_manager",
    name="web",
    id="projects/p/zones/us-central1-a/instanceGroupManagers/web",
    address="google_compute_instance_group_manager.web",
    metadata={"base_instance_name": "web"},
)
CPU = "compute.googleapis.com/instance/cpu/utilization"
ALERT = Alert(
    policy_name="cpu",
    resource="vm-1",
    metric="cpu_high",
    metric_path=CPU,
    value=0.95,
    threshold=0.8,
    severity="warning",
    source="simple",
    source_id="a1",
    project="p",
)
ADVICE = OpsDecision(
    severity="medium", recommended_action="restart", requires_approval=False, confidence=0.9, reasoning="[E1]"
)
AUTO, ASK = ActionVerdict(decision="auto"), ActionVerdict(decision="ask", rules=("critical_alert",))


class KilledError(BaseException):
    """The process died here."""


def machines() -> FakeCompute:
    """One machine that runs, with its boot disk, and a group of two."""
    place = Place(project="p", zone="us-central1-a")
    disk = place.path("disks", "vm-1-boot")
    return FakeCompute(
        machines={place.path("instances", "vm-1"): "RUNNING"},
        groups={
            place.path("instanceGroupManagers", "web"): FakeGroup(
                [f"https://compute/{place.path('instances', one)}" for one in ("web-a", "web-b")]
            )
        },
        disks={disk: 20},
        shown={VM.id: {"disks": [{"boot": True, "source": f"https://compute/{disk}"}]}},
    )


def kill(scene: "Scene", verb: str, moment: str) -> None:
    """Let the process die at the next such call, before or after it is done."""

    def die(_: str, __: str) -> None:
        scene.machines.on_change = None
        raise KilledError

    if moment == "before":
        scene.machines.faults[verb] = KilledError()  # type: ignore[assignment]
    else:
        scene.machines.on_change = die


def measuring(value: Callable[[float], float | None], fails: str = "") -> FakeMetrics:
    """A value each ten seconds, by a function of epoch seconds; None is no data."""

    def script(wanted: str, start: datetime, end: datetime) -> Sequence[MeasuredSeries]:
        moments = range(int(start.timestamp()) + 10, int(end.timestamp()) + 1, 10)
        known = [(datetime.fromtimestamp(at, UTC), value(at)) for at in moments]
        return [series(CPU, [(at, one) for at, one in known if one is not None])]

    return FakeMetrics(script, fault=CloudError("monitoring", fails) if fails else None)


@dataclass(slots=True)
class Held:
    """A deployment that another run may hold."""

    other: str = ""

    async def hold(self, deployment_id: str, run_id: str) -> None:
        if self.other:
            raise ConflictError(f"Run {self.other} holds it.")

    async def release(self, deployment_id: str, run_id: str) -> None:
        return None


@dataclass
class Scene:
    """What a node of the operate graph lives in."""

    registry: Registry
    journal: Journal
    clock: FakeClock
    machines: FakeCompute
    held: Held
    said: list[Event] = field(default_factory=list)

    @property
    def done(self) -> list[tuple[str, str]]:
        """What was done in Google's cloud: each verb with the name of its resource, in order."""
        said = (one.split(" ") for one in self.machines.keys)
        return [(verb, path.rpartition("/")[2]) for verb, path, _ in said]

    async def incident(self, alert: Alert = ALERT) -> str:
        target = Target(deployment_id=DEPLOYMENT, resource=VM, matched_by="name")
        received = await self.registry.incidents.receive(
            alert, target=target, cause="cpu", at=self.clock.now().timestamp()
        )
        return received.incident_id

    async def audited(self) -> list[str]:
        return [one.kind for one in reversed(await self.registry.audit.lines())]


@cache
def migrated() -> Path:
    """An empty database with its tables, made once: making them takes a hundred times as long as a copy."""
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(f"sqlite:///{folder / 'registry.db'}")
    return folder / "registry.db"


def _copied(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated(), home)


@asynccontextmanager
async def open_scene(home: Path, now: Now = epoch_seconds) -> AsyncIterator[Scene]:
    await asyncio.to_thread(_copied, home)
    registry = await Registry.open(home, now=now)
    await registry.deployments.record(
        Deployment(
            deployment_id=DEPLOYMENT,
            status="active",
            project="p",
            outputs={"external_ip": "203.0.113.7"},
        ),
        RUN,
        [VM, GROUP],
    )
    await registry.runs.create(RUN, DEPLOYMENT, Request(kind="operate"), "test")
    journal, said = Journal(registry.runs), list[Event]()
    journal.watchers.append(lambda _, event: said.append(event))
    try:
        yield Scene(registry, journal, FakeClock(), machines(), Held(), said)
    finally:
        await registry.close()


@dataclass(slots=True)
class FakeJudge:
    """`agents.operate.act.Judging`: says what it is told to, and is asked only where the state says yes."""

    verdict: ActionVerdict = AUTO
    asked: int = 0

    async def judged(self, state: Any, request: ActionRequest) -> tuple[ActionVerdict, Option | None]:
        del state, request
        self.asked += 1
        return self.verdict, None


def begun_of(scene: Scene) -> Begun:
    return Begun(scene.registry.actions, scene.registry.incidents, scene.clock)


def act_of(scene: Scene, judge: FakeJudge | None = None, compute: Compute | None = None) -> Act:
    registry = scene.registry
    return Act(
        compute=compute or scene.machines,
        approvals=registry.approvals,
        effects=registry.effects,
        actions=registry.actions,
        incidents=registry.incidents,
        deployments=registry.deployments,
        kill_switch=registry.kill_switch,
        audit=registry.audit,
        clock=scene.clock,
        journal=scene.journal,
        holder=scene.held,
        asked=Asked(registry.runs),
        judge=judge or FakeJudge(),
        begun=begun_of(scene),
    )


def restart(resource: RecordedResource = VM, **changed: Any) -> ActionRequest:
    fields: dict[str, Any] = {
        "action_type": "restart",
        "resource_id": resource.address,
        "run_id": RUN,
        "deployment_id": DEPLOYMENT,
        "method": "api",
    }
    return ActionRequest(**(fields | changed))


def state_of(**changed: Any) -> OperateState:
    known: dict[str, Any] = {
        "run_id": RUN,
        "deployment_id": DEPLOYMENT,
        "request": Request(kind="operate"),
        "incident_id": "",
        "alert": ALERT,
        "target": Target(deployment_id=DEPLOYMENT, resource=VM, matched_by="name"),
        "evidence": [],
        "advice": ADVICE,
        "action": restart(),
        "queue": [],
        "action_verdict": AUTO,
        "results": [],
        "tries": 0,
    }
    return cast("OperateState", known | changed)
