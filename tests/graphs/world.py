"""The real graphs and the real registry over fakes of everything outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agents.verifier import Patience
from graphs.holding import Holding
from graphs.nodes import Around, Conduct, Ports, closing_of, compile_graphs
from graphs.operations import Operations
from graphs.runner import Runner
from graphs.wiring import STATE_TYPES
from infraai.drafts import PlanDraft, TerraformDraft
from infraai.journal import Journal
from infraai.models import Bundle, PlannedResource, Request
from infraai.operations.ports import Notice
from infraai.owner import Owner
from infraai.policy import Autonomy
from infraai.registry.registry import Registry
from infraai.registry.runs import Run
from tests.fakes.chat import FakeModel
from tests.fakes.cloud import FakeCompute, FakeMetrics
from tests.fakes.outside import FakeClock, FakeProbe, FakeSchemas
from tests.fakes.terraform import FakeTerraform
from tools.hcl import HclTreeSitter

BUNDLE = Bundle(files={"main.tf": 'resource "google_compute_network" "net" {\n  name = "net"\n}\n'})
HOSTILE = Bundle(
    files={
        "main.tf": 'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n'
    }
)
DRAFT = PlanDraft(
    stack_type="backend_api",
    region="us-central1",
    machine_type="e2-small",
    resources=(
        PlannedResource(type="google_compute_instance", name="vm", settings={"machine_type": "e2-small"}),
    ),
    confidence=0.9,
    summary="One machine.",
)
WRITTEN = TerraformDraft(main_tf='resource "google_compute_instance" "vm" {\n  name = "vm"\n}\n')


@dataclass
class FakeNotifier:
    """`infraai.operations.ports.Notifier`: remembers what people were told."""

    told: list[Notice] = field(default_factory=list)

    async def tell(self, notice: Notice) -> None:
        self.told.append(notice)


@dataclass
class World:
    """One system with everything outside faked."""

    registry: Registry
    runner: Runner
    operations: Operations
    notifier: FakeNotifier
    compute: FakeCompute
    metrics: FakeMetrics
    terraform: FakeTerraform
    model: FakeModel
    probe: FakeProbe
    clock: FakeClock
    home: Path
    saver: InMemorySaver
    now: list[float] = field(default_factory=list)

    async def run(
        self, request: Request, bundle: Bundle | None = None, deployment_id: str | None = None
    ) -> Run:
        run = await self.runner.start(request, bundle=bundle, deployment_id=deployment_id)
        return await self.runner.drive(run.run_id)

    async def apply(self, bundle: Bundle = BUNDLE, **options: Any) -> Run:
        return await self.run(Request(kind="apply", **options), bundle)

    async def approve(self, run: Run, by: str = "ada") -> Run:
        approval = (await self.registry.approvals.pending(run.run_id))[0]
        return await self.runner.decide(approval.approval_id, "approve", by=by, channel="test")

    async def reject(self, run: Run) -> Run:
        approval = (await self.registry.approvals.pending(run.run_id))[0]
        return await self.runner.decide(approval.approval_id, "reject", by="ada", channel="test", reason="no")

    async def phases(self, run: Run) -> list[str]:
        return [one["name"] for one in await self.registry.runs.phases(run.run_id)]


@asynccontextmanager
async def open_world(
    home: Path, *, autonomy: Autonomy = "assisted", saver: InMemorySaver | None = None
) -> AsyncIterator[World]:
    at = [1_800_000_000.0]
    registry = await Registry.open(home, now=lambda: at[0])
    owner = Owner.register(home)
    terraform, model = FakeTerraform(), FakeModel().says("plan", DRAFT).says("write", WRITTEN)
    probe, clock = FakeProbe(), FakeClock()
    compute, metrics, notifier = FakeCompute(), FakeMetrics(), FakeNotifier()
    terraform.outputs = {"external_ip": "203.0.113.7"}
    ports = Ports(
        terraform=terraform,
        model=model,
        hcl=HclTreeSitter(),
        schemas=FakeSchemas(),
        identities=FakeSchemas(),
        probe=probe,
        clock=clock,
        metrics=metrics,
        compute=compute,
    )
    around = Around(holder=Holding(registry.runs, owner), notifier=notifier)
    conduct = Conduct(
        project="p", region="us-central1", autonomy=autonomy, patience=Patience(), variables={"project": "p"}
    )
    journal = Journal(registry.runs)
    saver = saver or InMemorySaver(serde=JsonPlusSerializer(allowed_msgpack_modules=STATE_TYPES))
    runner = Runner(
        registry=registry,
        journal=journal,
        owner=owner,
        graphs=compile_graphs(ports, conduct, registry, journal, saver=saver, around=around),
    )
    operations = Operations(
        registry=registry,
        runner=runner,
        journal=journal,
        notifier=notifier,
        clock=clock,
        hcl=ports.hcl,
        closing=closing_of(ports, registry, "p"),
    )
    try:
        yield World(
            registry,
            runner,
            operations,
            notifier,
            compute,
            metrics,
            terraform,
            model,
            probe,
            clock,
            home,
            saver,
            at,
        )
    finally:
        owner.close()
        await registry.close()
