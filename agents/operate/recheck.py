"""Recheck: did it help? Measured, and never assumed."""

from dataclasses import dataclass

from agents.operate.looks import ANSWERING, Look, Looker, Watched, watched_of
from agents.operate.others import Others
from infraai.journal import Journal
from infraai.models import Event
from infraai.operations import shapes
from infraai.operations.fixes import cause_of
from infraai.operations.measuring import threshold_of
from infraai.ports import Clock
from infraai.registry.deployments import Deployments
from infraai.registry.incidents import Incidents
from infraai.state import OperateState, OperateUpdate

SHOWN_POINTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When to look, in seconds after the action ended, and how many good looks in a row are believed.

    What answers again is believed only after `lasting_s`: a program that dies again does so in its first minutes.
    """

    first_s: float = 30
    every_s: float = 30
    deadline_s: float = 300
    in_a_row: int = 2
    lasting_s: float = 120


@dataclass(frozen=True, slots=True)
class Recheck:
    """Reads `results` and `alert`; writes `recheck`.

    All times are relative to the end of the action by the cloud's clock, so a look that was cut off is only looked
    again. No data is never good news: where its source has closed the alert, one good look is enough, and without any
    data the source is believed only at the deadline. What the other open alerts of the incident are about is looked at
    too: where it is not over, it becomes an incident of its own.
    """

    looker: Looker
    incidents: Incidents
    deployments: Deployments
    clock: Clock
    journal: Journal
    project: str
    rhythm: Rhythm

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return whether what the alert was about is over."""
        results, target = state.get("results") or [], state["target"]
        if not results or target is None:
            return {
                "recheck": shapes.Recheck(resolved=False, detail="Nothing was done that could be measured.")
            }
        ended = results[-1].ended_at
        watched = await watched_of(state, target, ended, self.deployments, self.project)
        others = Others(self.incidents, self.deployments, self.looker, self.project)
        good = looks = 0
        slept = 0.0
        while True:
            slept += await self._wait(ended, looks)
            now = self.clock.now()
            look = await self.looker.look(watched, now)
            looks += 1
            if watched.alert is None and not look.seen:
                return {"recheck": None, "message": "It was done; there is nothing to measure it by."}
            good = good + 1 if look.good else 0
            # where the clock was set back, what was slept counts
            waited = max(now.timestamp() - ended, slept)
            self._tell(state, look, waited)
            late = waited >= self.rhythm.deadline_s
            closed = (look.good or (look.good is None and late)) and await self._closed_by_source(state)
            if self._is_believed(watched, good, waited, closed=closed):
                found = _checked(look, watched, resolved=True, looks=looks, waited=waited, closed=closed)
                left = await self._left(state, others, waited, ended)
                if left is not None:
                    return {"recheck": found.model_copy(update={"detail": f"{found.detail} {left}".rstrip()})}
            elif look.good:
                await others.look(state, ended, now)
            if late and not good:
                return {"recheck": _checked(look, watched, resolved=False, looks=looks, waited=waited)}

    async def _left(self, state: OperateState, others: Others, waited: float, ended: float) -> str | None:
        """Return what is said of the other open alerts; None where one of them needs another look.

        What is not over is made an incident of its own: it was not helped, and somebody has to look at it.
        """
        now = self.clock.now()
        seen = await others.look(state, ended, now)
        late = waited >= 2 * self.rhythm.deadline_s
        doubtful = [
            one
            for one in seen
            if one.watched and not self._is_believed(one.watched, one.good, waited, closed=False)
        ]
        if any(one.fine for one in doubtful) and not late:
            return None
        left = [one for one in seen if one.watched is None or one in doubtful]
        said = await others.split(state, left, now.timestamp())
        if said:
            self.journal.note(state["run_id"], said)
        return said

    def _is_believed(self, watched: Watched, good: int, waited: float, *, closed: bool) -> bool:
        return (closed or good >= self._needed(watched)) and waited >= self._lasting(watched)

    async def _wait(self, ended: float, looks: int) -> float:
        """Wait until the next look is due; return the seconds that were waited."""
        passed = self.clock.now().timestamp() - ended
        due = min(self.rhythm.every_s if looks else self.rhythm.first_s - passed, self.rhythm.deadline_s)
        if due <= 0:
            return 0
        await self.clock.sleep(due)
        return due

    def _needed(self, watched: Watched) -> int:
        return self.rhythm.in_a_row if watched.alert is not None else 1

    def _lasting(self, watched: Watched) -> float:
        answering = watched.alert is not None and cause_of(watched.alert) in ANSWERING
        return self.rhythm.lasting_s if answering else 0

    async def _closed_by_source(self, state: OperateState) -> bool:
        """Return whether the source of the incident's alerts says that all of them are over."""
        if not state["incident_id"] or state["alert"] is None:
            return False
        known = await self.incidents.alerts_of(state["incident_id"])
        return bool(known) and all(one.alert.state == "closed" for one in known)

    def _tell(self, state: OperateState, look: Look, waited: float) -> None:
        said = {True: "good", False: "bad", None: "nothing to see"}[look.good]
        data = {"good": look.good, "value": look.value, "waited_s": round(waited, 1)}
        event = Event(kind="recheck", message=f"After {waited:.0f} s: {said}; {look.detail}", data=data)
        self.journal.emit(state["run_id"], event)


def _checked(
    look: Look, watched: Watched, *, resolved: bool, looks: int, waited: float, closed: bool = False
) -> shapes.Recheck:
    alert = watched.alert
    source = "; its source has closed the alert" if closed else ""
    return shapes.Recheck(
        resolved=resolved,
        looks=looks,
        value=look.value,
        threshold=threshold_of(alert, watched.target) if alert else None,
        waited_s=round(waited, 1),
        detail=f"After {waited:.0f} s {look.detail}{source}.",
        series=tuple((point.at.timestamp(), point.value) for point in look.points[-SHOWN_POINTS:]),
    )
