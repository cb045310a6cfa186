"""Rehearser: the change and its undo, tried in a throw-away cloud first."""

from dataclasses import dataclass

from agents.jobs import Jobs
from infraai.models import Report
from infraai.ports import Artifacts, Rehearsal
from infraai.state import Previewed, Update


@dataclass(frozen=True, slots=True)
class Rehearser:
    """Reads `preview` and `bundle`; writes `rehearsal`. Without a rehearsal nothing is tried and nothing is found."""

    rehearsal: Rehearsal | None
    artifacts: Artifacts
    jobs: Jobs

    async def __call__(self, state: Previewed) -> Update:
        """Return what went wrong in the rehearsal."""
        if self.rehearsal is None:
            return {"rehearsal": Report()}
        bundle = await self.artifacts.get_bundle(state["bundle"])
        return {"rehearsal": await self.rehearsal.rehearse(self.jobs.of(state), state["preview"], bundle)}
