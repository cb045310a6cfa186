"""The stage: one scenario played from the fault to the end, in simulated time, with nobody waiting."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from api.receiver import receiving
from bench.incidents.crew import Crew
from bench.incidents.deliveries import Way
from bench.incidents.facts import facts_of, filled, place_of, row_of
from bench.incidents.hands import STEP_S, Hands
from bench.incidents.person import Answering
from bench.incidents.record import Record
from bench.incidents.scenario import Cue, Fault, Happening, Letter, Moment, Scenario
from graphs.wiring import System
from infraai.errors import AlertError, ConflictError, InfraError
from infraai.models import Event
from infraai.registry.incidents import Incident

REST_S = 300.0  # before anything goes wrong
AFTERMATH_S = 600.0  # after everything seems over: whether it stays so


@dataclass(slots=True)
class Stage:
    """One scenario on an open system; `play` returns what happened."""

    scenario: Scenario
    system: System
    clock: Hands
    port: int
    record: Record = field(default_factory=Record)
    seen: dict[Moment, float] = field(default_factory=dict[Moment, float])
    done: set[int] = field(default_factory=set[int])
    answering: Answering = field(init=False)
    crew: Crew = field(init=False)
    spawned: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def __post_init__(self) -> None:
        self.answering = Answering(self.scenario.person, self.system, self.record, self.clock)
        self.crew = Crew(self.system, self.record, self.clock)

    async def play(self) -> Record:
        """Return the record of the scenario; what breaks the play is its `error`."""
        async with self._opened():
            try:
                await self._played()
            except Exception as error:  # noqa: BLE001 — one scenario's fault is its own score, not the suite's end
                self.record.error = f"{type(error).__name__}: {error}"
        await self.crew.take_down(self.scenario)
        return self.record

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator[None]:
        way = Way(self.scenario.delivery, partial(self.system.operations.receive, channel="webhook"))
        self.system.journal.watchers.append(self._hear)
        async with receiving(way, port=self.port):
            self.clock.tick = self._tick
            try:
                yield
            finally:
                self.clock.tick = None
                for task in self.spawned:
                    await task

    async def _played(self) -> None:
        await self.crew.fail_model(self.scenario.model)
        self.record.began = self.clock.seconds()
        self.clock.advance(REST_S)
        await self._tick()
        self.record.began = self.clock.seconds()
        self.crew.look_before(self.scenario)
        over_since: float | None = None
        while self._passed() < self.scenario.until_s:
            await self._cues()
            await self._work()
            await self.answering.answer()
            await self._moments()
            settled = await self._settled()
            over_since = (over_since or self.clock.seconds()) if settled else None
            if over_since is not None and self.clock.seconds() - over_since >= AFTERMATH_S:
                break
            await self.clock.sleep(STEP_S)
        self.record.ended = self.clock.seconds()

    def _passed(self) -> float:
        return self.clock.seconds() - self.record.began

    async def _tick(self) -> None:
        """Let the cloud go on by itself."""
        await asyncio.to_thread(self.system.sandbox.alerting.step)

    def _hear(self, run_id: str, event: Event) -> None:
        del run_id
        if event.kind == "phase" and event.message == "applying" and "applying" not in self.seen:
            self.seen["applying"] = self.clock.seconds()
            self.spawned.append(asyncio.create_task(self._cues(only="applying")))
        if event.kind in {"recheck", "advice", "note"}:
            self.record.say(f"{event.kind}: {event.message[:220]}", self.clock.seconds())

    async def _moments(self) -> None:
        incidents = await self.system.registry.incidents.list(limit=300)
        now = self.clock.seconds()
        if incidents:
            self.seen.setdefault("alerted", now)
        if incidents and all(one.over for one in incidents):
            self.seen.setdefault("over", now)

    def _due(self, cue: Cue) -> bool:
        if cue.when is None:
            return self._passed() >= cue.at
        return cue.when in self.seen and self.clock.seconds() >= self.seen[cue.when] + cue.at

    async def _cues(self, only: Moment | None = None) -> None:
        if self.answering.asked:
            self.seen.setdefault("asked", self.clock.seconds())
        cues: tuple[Cue, ...] = (*self.scenario.faults, *self.scenario.happenings, *self.scenario.letters)
        for cue in cues:
            if id(cue) in self.done or not self._due(cue) or (only is not None and cue.when != only):
                continue
            self.done.add(id(cue))
            if isinstance(cue, Fault):
                self._inject(cue)
            elif isinstance(cue, Letter):
                await self._post(cue)
            elif isinstance(cue, Happening):
                self.record.say(f"{cue.do} {cue.of}", self.clock.seconds())
                await self.crew.do(cue)

    def _inject(self, fault: Fault) -> None:
        sandbox = self.system.sandbox
        with self.crew.staging():
            found = sandbox.inject(fault.kind, place_of(sandbox.cloud, fault.of), fault.for_s)
        self.record.say(f"{fault.kind} on {found.resource}", self.clock.seconds())

    async def _post(self, letter: Letter) -> None:
        cloud, registry = self.system.sandbox.cloud, self.system.registry
        row = row_of(cloud, letter.about) if letter.about else None
        deployments = await registry.deployments.list()
        facts = facts_of(
            row,
            project=self.system.settings.project,
            deployment_id=deployments[0].deployment_id if deployments else "",
            now=self.clock.seconds(),
            address=self.crew.address_of(row),
        )
        for number in range(letter.times):
            body = letter.text or json.dumps(filled(letter.body, {**facts, "n": number}))
            self.record.should_refuse += letter.refused
            try:
                await self.system.operations.receive(body.encode(), channel="webhook")
            except AlertError:
                self.record.refused += 1

    async def _work(self) -> None:
        """Take up what waits, all of it at once, as the watcher does."""
        stopped = (await self.system.registry.kill_switch.read()).stopped
        waiting = await self.system.registry.incidents.waiting()
        taken = [one for one in waiting if not one.message or (not stopped and await self._is_free(one))]
        await asyncio.gather(*(self._handle(one) for one in taken))
        self.crew.settle_stops()

    async def _is_free(self, incident: Incident) -> bool:
        """Return whether no run has the incident's deployment: what waits for one is not taken up again before."""
        holder = await self.system.registry.runs.holder(incident.deployment_id)
        return holder is None or (await self.system.registry.runs.get(holder)).ended

    async def _handle(self, incident: Incident) -> None:
        self.record.say(f"handled: {incident.title}", self.clock.seconds())
        try:
            run = await self.system.operations.handle(incident.incident_id)
        except ConflictError as error:
            self.record.say(str(error), self.clock.seconds())
        except InfraError as error:
            await self.system.registry.incidents.set_status(incident.incident_id, "escalated", str(error))
        else:
            self.record.say(f"run {run.status}: {run.message[:200]}", self.clock.seconds())

    async def _settled(self) -> bool:
        """Return whether nothing more will come of itself."""
        cues = (*self.scenario.faults, *self.scenario.happenings, *self.scenario.letters)
        if any(id(one) not in self.done for one in cues if one.when is None):
            return False
        incidents = await self.system.registry.incidents.list(limit=300)
        resting = all(one.over or one.status == "pending_approval" for one in incidents)
        nothing_to_answer = not await self.answering.will_answer()
        return bool(incidents) and resting and nothing_to_answer and not self._answers_later()

    def _answers_later(self) -> bool:
        return self.answering.waits
