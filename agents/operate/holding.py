"""Hold: no two runs change one deployment at once."""

from dataclasses import dataclass
from typing import Protocol

from agents.asked import Asked
from agents.operate.begun import Begun
from infraai.errors import ConflictError
from infraai.journal import Journal
from infraai.models import DeploymentId, RunId
from infraai.state import OperateState, OperateUpdate


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
    """Reads the action's deployment and takes it for this run; where another run has it, the incident waits.

    What was not asked of this run by any channel, and what is over meanwhile, is not begun.
    """

    holder: Holder
    journal: Journal
    asked: Asked
    begun: Begun

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return nothing, or the end of this run: the incident stays pending and is taken up again."""
        await self.asked.request(state)
        if over := await self.begun.over(state):
            self.journal.note(state["run_id"], over)
            return {"status": "halted", "message": over}
        try:
            await self.holder.hold(state["deployment_id"], state["run_id"])
        except ConflictError as error:
            self.journal.note(state["run_id"], str(error))
            return {"status": "halted", "ended": "pending", "message": f"It waits: {error}"}
        return {}
