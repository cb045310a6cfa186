"""The watcher: takes up incidents that wait, runs whose process died, and questions whose time is over."""

import asyncio
import time
from dataclasses import dataclass, field

from graphs.operations import Operations
from infraai.errors import ConflictError, InfraError
from infraai.operations.ports import Notice
from infraai.registry.incidents import Incident

EVERY_S = 0.1
AGAIN_S = 2.0  # before an incident whose run was halted, or whose deployment was busy, is taken up again
WARNING_S = 300.0  # before an approval expires
AT_ONCE = 8


@dataclass(slots=True)
class Watcher:
    """One loop over the registry: what it does any process can do, and two do no harm."""

    operations: Operations
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, asyncio.Task[None]])
    warned: set[str] = field(default_factory=set[str])
    swept_at: float = 0

    async def watch(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set; what runs then is let to its next resting place, at most 30 s."""
        while not stop.is_set():
            await self.step()
            try:
                await asyncio.wait_for(stop.wait(), EVERY_S)
            except TimeoutError:
                continue
        for task in self.running.values():
            task.cancel()
        await asyncio.gather(*self.running.values(), return_exceptions=True)

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
            lost = run.request.kind == "operate" and not operations.runner.owner.lives(run.owner)
            if lost and run.run_id not in self.running:
                self.running[run.run_id] = asyncio.create_task(self._resume(run.run_id))

    async def _resume(self, run_id: str) -> None:
        try:
            await self.operations.resume(run_id)
        except InfraError as error:
            self.operations.journal.note(run_id, str(error))
            await self.operations.journal.flush(run_id)
