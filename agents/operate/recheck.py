"""Recheck: did it help? Measured, and never assumed."""

from dataclasses import dataclass

from agents.operate.looks import ANSWERING, Look, Looker, Watched, watched_of
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
    data the source is believed only at the deadline.
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
        good = looks = 0
        while True:
            await self._wait(ended, looks)
            now = self.clock.now()
            look = await self.looker.look(watched, now)
            looks += 1
            if watched.alert is None and not look.seen:
                return {"recheck": None, "message": "It was done; there is nothing to measure it by."}
            good = good + 1 if look.good else 0
            waited = now.timestamp() - ended
            self._tell(state, look, waited)
            believed = look.good or (look.good is None and waited >= self.rhythm.deadline_s)
            closed = believed and await self._closed_by_source(state)
            if (closed or good >= self._needed(watched)) and waited >= self._lasting(watched):
                found = _checked(look, watched, resolved=True, looks=looks, waited=waited, closed=closed)
                return {"recheck": found}
            if waited >= self.rhythm.deadline_s and not good:
                return {"recheck": _checked(look, watched, resolved=False, looks=looks, waited=waited)}

    async def _wait(self, ended: float, looks: int) -> None:
        """Wait until the next look is due."""
        passed = self.clock.now().timestamp() - ended
        due = self.rhythm.every_s if looks else self.rhythm.first_s - passed
        if due > 0:
            await self.clock.sleep(due)

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
