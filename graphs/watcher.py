"""The watcher: takes up incidents that wait, runs whose process died, and questions whose time is over."""

import asyncio
import time
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from graphs.operations import Operations
from infraai.errors import ConflictError, InfraError
from infraai.operations.ports import Notice
from infraai.operations.shapes import Target
from infraai.registry.incidents import Incident
from infraai.registry.runs import Run

EVERY_S = 0.1
AGAIN_S = 2.0  # before an incident whose run was halted, or whose deployment was busy, is taken up again
WARNING_S = 300.0  # before an approval expires
AT_ONCE = 8
LEFT_S = 10.0  # before a run of this process that no task drives is taken up


@dataclass(slots=True)
class Watcher:
    """One loop over the registry: what it does any process can do, and two do no harm."""

    operations: Operations
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, asyncio.Task[None]])
    warned: set[str] = field(default_factory=set[str])
    swept_at: float = 0
    quiet: set[str] | None = None  # the silences that were on at the last look

    async def watch(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set; what runs then is let to its next resting place, at most 30 s."""
        while not stop.is_set():
            self.operations.woken.clear()
            try:
                await self.step()
            except (
                SQLAlchemyError
            ) as error:  # locked or away for a while: nothing was begun, it is tried again
                self.operations.journal.note("watch", f"The registry cannot be read now: {error}")
            await self._rest(stop)
        for task in self.running.values():
            task.cancel()
        await asyncio.gather(*self.running.values(), return_exceptions=True)

    async def _rest(self, stop: asyncio.Event) -> None:
        """Wait until something new comes in, or a while has passed, or it is to end."""
        woken = self.operations.woken.wait()
        waits = {asyncio.create_task(stop.wait()), asyncio.create_task(woken)}
        _, left = await asyncio.wait(waits, timeout=EVERY_S, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()

    async def step(self) -> None:
        """Look once at everything that waits."""
        self.running = {name: task for name, task in self.running.items() if not task.done()}
        stopped = (await self.operations.registry.kill_switch.read()).stopped
        for incident in await self.operations.registry.incidents.waiting():
            if await self._may_take(incident, stopped=stopped):
                self._spawn(incident.incident_id, incident.incident_id)
        if time.monotonic() - self.swept_at > AGAIN_S:
            self.swept_at = time.monotonic()
            await self._sweep_approvals()
            await self._sweep_runs()
            await self._sweep_silenced()
            await self._sweep_destroyed()

    async def _may_take(self, incident: Incident, *, stopped: bool) -> bool:
        if incident.incident_id in self.running or len(self.running) >= AT_ONCE:
            return False
        if not incident.message:
            return True  # nobody has looked at it yet
        if stopped or time.time() - incident.updated_at < AGAIN_S:
            return False
        return await self._is_free(incident)

    async def _is_free(self, incident: Incident) -> bool:
        """Return whether no run that lives or waits has the incident's deployment."""
        registry, owner = self.operations.registry, self.operations.runner.owner
        holder = await registry.runs.holder(incident.deployment_id)
        if holder is None:
            return True
        run = await registry.runs.get(holder)
        return run.ended or (run.status == "running" and not owner.lives(run.owner))

    def _spawn(self, name: str, incident_id: str) -> None:
        self.running[name] = asyncio.create_task(self._handle(incident_id))

    async def _handle(self, incident_id: str) -> None:
        try:
            await self.operations.handle(incident_id)
        except ConflictError:
            return  # another process has it
        except SQLAlchemyError as error:
            self.operations.journal.note(incident_id, f"It could not be written down: {error}")
        except InfraError as error:
            await self.operations.registry.incidents.set_status(incident_id, "escalated", str(error))

    async def _sweep_approvals(self) -> None:
        operations = self.operations
        for approval in await operations.registry.approvals.pending():
            left_s = approval.expires_at - time.time()
            if left_s <= 0:
                await self._resume(approval.run_id)
            elif left_s < WARNING_S and approval.approval_id not in self.warned:
                self.warned.add(approval.approval_id)
                notice = Notice(
                    kind="expiring",
                    incident_id="",
                    run_id=approval.run_id,
                    approval_id=approval.approval_id,
                    title=f"Approval {approval.approval_id} expires in {left_s / 60:.0f} minutes",
                )
                await operations.notifier.tell(notice)

    async def _sweep_runs(self) -> None:
        """Take up runs on incidents whose process died."""
        operations = self.operations
        for run in await operations.registry.runs.list(status="running", limit=200):
            if run.request.kind == "operate" and run.run_id not in self.running and self._lost(run):
                self.running[run.run_id] = asyncio.create_task(self._resume(run.run_id))

    async def _sweep_silenced(self) -> None:
        """Take up again what a silence had kept quiet and is open still, now that no silence names it."""
        registry, at = self.operations.registry, self.operations.clock.now().timestamp()
        before, self.quiet = self.quiet, {one.silence_id for one in await registry.silences.list(at=at)}
        if before is not None and not before - self.quiet:
            return  # none has ended since
        for incident in await registry.incidents.list(status="silenced", limit=200):
            heard: list[str] = []
            for stored in await registry.incidents.alerts_of(incident.incident_id):
                found = await registry.locator.locate(stored.alert)
                target = found if isinstance(found, Target) else None
                quiet = await registry.silences.matching(stored.alert, target, at)
                if stored.alert.state == "open" and target is not None and quiet is None:
                    heard.append(stored.alert_id)
            if heard:
                await registry.incidents.split(incident.incident_id, heard, at)
                self.operations.woken.set()

    async def _sweep_destroyed(self) -> None:
        """Let go of what waits for a word on a deployment that is gone."""
        registry, at = self.operations.registry, self.operations.clock.now().timestamp()
        for incident in await registry.incidents.list(status="pending_approval", limit=200):
            deployment = await registry.deployments.find(incident.deployment_id)
            if deployment is not None and deployment.status == "destroyed":
                message = "Its deployment was destroyed."
                await registry.incidents.set_status(incident.incident_id, "resolved", message, at=at)
                await registry.approvals.void(incident.run_id, "the deployment was destroyed")
                await self._resume(incident.run_id)

    def _lost(self, run: Run) -> bool:
        """Return whether nobody drives the run: its process died, or this one broke off without a word."""
        runner = self.operations.runner
        if run.owner == runner.owner.name:
            return not runner.busy(run.run_id) and time.time() - run.updated_at > LEFT_S
        return not runner.owner.lives(run.owner)

    async def _resume(self, run_id: str) -> None:
        try:
            await self.operations.resume(run_id)
        except (InfraError, SQLAlchemyError) as error:
            self.operations.journal.note(run_id, str(error))
            await self.operations.journal.flush(run_id)
