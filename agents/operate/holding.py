"""Hold: no two runs change one deployment at once."""

from dataclasses import dataclass
from typing import Protocol

from infraai.errors import ConflictError
from infraai.journal import Journal
from infraai.models import DeploymentId, RunId
from infraai.state import OperateUpdate, Routed


class Holder(Protocol):
    """Takes a deployment for a run, and gives it back."""

    async def hold(self, deployment_id: DeploymentId, run_id: RunId) -> None:
        """Take it; raise `ConflictError` where another run that lives or waits has it."""
        ...

    async def release(self, deployment_id: DeploymentId, run_id: RunId) -> None:
        """Give it back; nothing happens where the run does not have it."""
        ...


@dataclass(frozen=True, slots=True)
class Hold:
    """Reads the action's deployment and takes it for this run; where another run has it, the incident waits."""

    holder: Holder
    journal: Journal

    async def __call__(self, state: Routed) -> OperateUpdate:
        """Return nothing, or the end of this run: the incident stays pending and is taken up again."""
        try:
            await self.holder.hold(state["deployment_id"], state["run_id"])
        except ConflictError as error:
            self.journal.note(state["run_id"], str(error))
            return {"status": "halted", "ended": "pending", "message": f"It waits: {error}"}
        return {}
