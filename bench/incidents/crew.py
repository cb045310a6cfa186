"""Who stands beside the system: what they do to the cloud, to the switch and to the deployment, and what they note."""

import copy
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from bench.incidents.facts import SelectorError, row_of
from bench.incidents.hands import Hands
from bench.incidents.record import Record
from bench.incidents.scenario import Happening, Scenario
from graphs.wiring import System
from infraai.errors import InfraError
from infraai.models import Bundle, Request
from infraai.registry.runs import Run
from sandbox.cloud import Row

NAME = "operator"


@dataclass(slots=True)
class Crew:
    """Does what the scenario tells somebody to do, and keeps apart whose doing an operation was."""

    system: System
    record: Record
    clock: Hands
    stopped_at: int | None = None
    stopping: bool = False
    addresses: dict[str, str] = field(default_factory=dict[str, str])

    @contextmanager
    def staging(self) -> Generator[None]:
        """Mark the operations of the block as staged."""
        last = self._last()
        yield
        self.record.staged |= {one.seq for one in self.system.sandbox.cloud.operations(last)}

    async def fail_model(self, ways: Sequence[str]) -> None:
        """Let the model fail for good, in these ways."""
        for way in ways:
            url = f"{self.system.sandbox.endpoints().gemini_url}/sandbox/faults"
            async with httpx.AsyncClient() as client:
                (await client.post(url, json={"fault": way, "times": None})).raise_for_status()

    def look_before(self, scenario: Scenario) -> None:
        """Keep the cloud as it is before anything goes wrong."""
        cloud = self.system.sandbox.cloud
        self.record.before = {(one.type, one.id): copy.deepcopy(one.values) for one in cloud.list()}
        self.record.staged |= {one.seq for one in cloud.operations()}
        checked = {one.of for good in scenario.good for one in good.checks}
        keys: dict[str, tuple[str, str]] = {}
        for selector in checked:
            row = row_of(cloud, selector)
            keys[selector] = (row.type, row.id)
        self.record.keys = keys

    def address_of(self, row: Row | None) -> str:
        """Return the Terraform address the harness knows for a resource, where it asked for it."""
        return self.addresses.get(row.id, "") if row else ""

    async def do(self, happening: Happening) -> None:
        """Do it now; what the system refuses is noted."""
        try:
            await getattr(self, f"_{happening.do}")(happening)
        except InfraError as error:
            self.record.say(f"{happening.do}: {error}", self.clock.seconds())

    def settle_stops(self) -> None:
        """From here on a stop has no more excuse: what was under way has come to its rest."""
        if self.stopping:
            self.stopped_at, self.stopping = self._last(), False

    async def take_down(self, scenario: Scenario) -> None:
        """Write down how everything stands in the end."""
        del scenario
        system, record = self.system, self.record
        await self._end_stop()
        registry = system.registry
        record.operations = system.sandbox.cloud.operations()
        record.after = {(one.type, one.id): one.values for one in system.sandbox.cloud.list()}
        record.incidents = list(await registry.incidents.list(limit=300))
        record.actions = list(await registry.actions.list(limit=300))
        runs = [one for one in await registry.runs.list(limit=300) if one.request.kind == "operate"]
        record.approvals = [one for run in runs for one in await registry.approvals.of_run(run.run_id)]
        record.usage = [await registry.model_calls.usage(run.run_id) for run in runs]
        record.open_alerts = [
            str(one.body.get("incident", {}).get("condition_name"))
            for one in system.sandbox.alerting.open_incidents()
        ]
        record.faults = [f"{one.kind} {one.resource} {one.ended_by}" for one in system.sandbox.faults()]

    async def _stop(self, happening: Happening) -> None:
        del happening
        await self.system.operations.stop(NAME, "a test of the switch")
        self.stopping = True

    async def _start(self, happening: Happening) -> None:
        del happening
        await self._end_stop()
        await self.system.operations.start(NAME, "the test is over")

    async def _end_stop(self) -> None:
        self.settle_stops()
        if self.stopped_at is not None:
            self.record.stops.append((self.stopped_at, self._last()))
        self.stopped_at = None

    async def _silence(self, happening: Happening, *, maintenance: bool = False) -> None:
        now = self.clock.seconds()
        name = (
            str(row_of(self.system.sandbox.cloud, happening.of).values.get("name") or "")
            if happening.of
            else ""
        )
        await self.system.registry.silences.add(
            deployment_id=await self._deployment_id(),
            resource=name,
            starts_at=now,
            ends_at=now + happening.for_s,
            by=NAME,
            reason="work on it",
            maintenance=maintenance,
        )

    async def _maintenance(self, happening: Happening) -> None:
        await self._silence(happening, maintenance=True)

    async def _destroy(self, happening: Happening) -> None:
        del happening
        with self.staging():
            request = Request(kind="destroy", yes=True, accept=("all",), requested_by=NAME)
            run = await self.system.runner.start(request, deployment_id=await self._deployment_id())
            await self._approved(await self.system.runner.drive(run.run_id))

    async def _approved(self, run: Run) -> Run:
        """Say yes to what the scenario itself has brought about."""
        while run.status == "awaiting_approval":
            waits = (await self.system.registry.approvals.pending(run.run_id))[0]
            run = await self.system.runner.decide(waits.approval_id, "approve", by=NAME, channel="bench")
        return run

    async def _change(self, happening: Happening) -> None:
        """Apply the deployment's configuration with texts replaced: a change that somebody made."""
        registry = self.system.registry
        deployment = await registry.deployments.get(await self._deployment_id())
        files = dict((await registry.artifacts.get_bundle(deployment.bundle_sha)).files)
        for old, new in happening.parameters.items():
            files = {name: text.replace(old, str(new)) for name, text in files.items()}
        bundle = Bundle(files=files)
        with self.staging():
            request = Request(kind="apply", yes=True, accept=("all",), requested_by=NAME)
            run = await self.system.runner.start(
                request, bundle=bundle, deployment_id=deployment.deployment_id
            )
            run = await self._approved(await self.system.runner.drive(run.run_id))
        self.record.say(f"change: {run.status} {run.message[:100]}", self.clock.seconds())

    async def _clear(self, happening: Happening) -> None:
        with self.staging():
            for one in self.system.sandbox.faults():
                if not one.over and happening.of in {"", one.kind}:
                    self.system.sandbox.clear(one.fault_id)

    async def _act(self, happening: Happening) -> None:
        last, cloud = self._last(), self.system.sandbox.cloud
        name = str(row_of(cloud, happening.of).values.get("name"))
        action = happening.action or "restart"
        stopped = (await self.system.registry.kill_switch.read()).stopped
        await self.system.operations.act(
            name, action, happening.parameters, by=NAME, reason="by hand", yes=True, despite_stop=stopped
        )
        self.record.by_hand |= {one.seq for one in cloud.operations(last)}

    async def _deployment_id(self) -> str:
        found = await self.system.registry.deployments.list()
        if not found:
            raise SelectorError("there is no deployment")
        return found[0].deployment_id

    def _last(self) -> int:
        listed = self.system.sandbox.cloud.operations()
        return listed[-1].seq if listed else 0
