"""Who has a deployment, or a run: taken by one living process at a time."""

from dataclasses import dataclass

from infraai.errors import ConflictError
from infraai.models import DeploymentId, RunId
from infraai.owner import Owner
from infraai.registry.runs import Run, Runs


@dataclass(frozen=True, slots=True)
class Holding:
    """`agents.operate.holding.Holder`, by the registry and by which processes live."""

    runs: Runs
    owner: Owner

    async def check(self, deployment_id: DeploymentId) -> None:
        """Raise `ConflictError` where a run that lives or waits has the deployment."""
        holder = await self.runs.holder(deployment_id)
        if holder is None:
            return
        run = await self.runs.get(holder)
        if not self._is_left(run):
            raise ConflictError(
                f"Run {run.run_id} holds deployment {deployment_id}.",
                next_step=f"If it waits for you: infraai approvals list. See it: infraai runs show {run.run_id[:8]}.",
            )

    def _is_left(self, run: Run) -> bool:
        return run.ended or (run.status == "running" and not self.owner.lives(run.owner))

    async def hold(self, deployment_id: DeploymentId, run_id: RunId) -> None:
        """Take it for a run; raise `ConflictError` where another run that lives or waits has it."""
        holder = await self.runs.holder(deployment_id)
        if holder not in (None, run_id):
            other = await self.runs.get(holder)
            if self._is_left(other):
                await self.runs.release(deployment_id, holder)
        await self.runs.claim(deployment_id, run_id, self.owner.name, self.owner.lives)

    async def release(self, deployment_id: DeploymentId, run_id: RunId) -> None:
        """Give it back; nothing happens where the run does not have it."""
        await self.runs.release(deployment_id, run_id)
