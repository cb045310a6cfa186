"""Before an incident is taken for over because its source says so: one look of our own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from agents.operate.looks import Looker, Watched
from infraai.operations.shapes import Target
from infraai.ports import Clock
from infraai.registry.incidents import StoredAlert
from infraai.registry.locating import Locator

WINDOW = timedelta(seconds=120)  # a whole period before now, so that the newest point counts


@dataclass(frozen=True, slots=True)
class Closing:
    """A source closes an alert also where its data has stopped: that is no good news."""

    looker: Looker
    locator: Locator
    clock: Clock
    project: str

    async def still_bad(self, alerts: Sequence[StoredAlert]) -> str:
        """Return what is seen to be bad still, or nothing where nothing is."""
        now = self.clock.now()
        for stored in alerts:
            found = await self.locator.locate(stored.alert)
            if not isinstance(found, Target):
                continue
            watched = Watched(
                alert=stored.alert,
                target=found,
                project=stored.alert.project or self.project,
                since=now - WINDOW,
            )
            look = await self.looker.look(watched, now)
            if look.good is False:
                return look.detail
        return ""
