"""Confirm: before anything is done that nobody was asked about, the alert has to hold for another look."""

from dataclasses import dataclass

from agents.operate.looks import Looker, watched_of
from agents.operate.others import Others
from infraai.journal import Journal
from infraai.ports import Clock
from infraai.registry.deployments import Deployments
from infraai.registry.incidents import Incidents
from infraai.state import OperateState, OperateUpdate

WAIT_S = 60.0
WINDOW_S = 60.0  # a whole period before now, so that the newest point counts


@dataclass(frozen=True, slots=True)
class Confirm:
    """Reads `alert` and `target`; writes how the incident ended if it is over by itself: a false alarm."""

    looker: Looker
    deployments: Deployments
    clock: Clock
    journal: Journal
    project: str
    incidents: Incidents

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return nothing where the alert still holds, or where that cannot be told."""
        alert, target = state["alert"], state["target"]
        if alert is None or target is None:
            return {}
        await self.clock.sleep(WAIT_S)
        now = self.clock.now()
        since = now.timestamp() - 2 * WINDOW_S
        watched = await watched_of(state, target, since, self.deployments, self.project)
        look = await self.looker.look(watched, now)
        if not look.good:
            return {}
        left = await self._left(state, since)
        message = f"It was over by itself before anything was done: {look.detail}. {left}".rstrip()
        self.journal.note(state["run_id"], message)
        return {"ended": "ignored", "action": None, "queue": [], "message": message}

    async def _left(self, state: OperateState, since: float) -> str:
        """Make an incident of its own of the other open alerts that are not over; return what is said of it."""
        others = Others(self.incidents, self.deployments, self.looker, self.project)
        now = self.clock.now()
        seen = await others.look(state, since, now)
        return await others.split(state, [one for one in seen if not one.fine], now.timestamp())
