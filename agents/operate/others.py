"""Others: what else an incident's open alerts are about, and the incident of their own that is made of what is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from agents.operate.looks import Look, Looker, Watched, watched_of
from infraai.operations.measuring import metric_path_of, threshold_of
from infraai.operations.shapes import Alert, Target
from infraai.registry.deployments import Deployments
from infraai.registry.incidents import Incidents
from infraai.state import OperateState

Key = tuple[object, ...]


@dataclass(slots=True, kw_only=True)
class Other:
    """One thing that alerts of the incident are about; `watched` is None where it cannot be located any more."""

    watched: Watched | None
    alert_ids: list[str] = field(default_factory=list[str])
    good: int = 0  # looks in a row
    look: Look | None = None

    def saw(self, look: Look) -> None:
        """Count a look."""
        self.look, self.good = look, self.good + 1 if look.good else 0

    @property
    def fine(self) -> bool:
        """Return whether the newest look was good."""
        return self.look is not None and self.look.good is True


@dataclass(slots=True)
class Others:
    """Everything that the incident's open alerts are about but the one that was acted on, each looked at by itself."""

    incidents: Incidents
    deployments: Deployments
    looker: Looker
    project: str
    found: dict[Key, Other] = field(default_factory=dict[Key, Other])

    async def look(self, state: OperateState, since: float, now: datetime) -> Sequence[Other]:
        """Look once at each, those that came since among them, and return them."""
        alert, target = state["alert"], state["target"]
        if alert is None or target is None or not state["incident_id"]:
            return ()
        still: dict[Key, Other] = {}
        for stored, its in await self.incidents.still_open(state["incident_id"]):
            key = _key(stored.alert, its)
            if key == _key(alert, target):
                continue
            other = still.get(key) or self.found.get(key) or Other(watched=None)
            if key not in still:
                other.alert_ids.clear()
                other.watched = await self._watched(state, stored.alert, its, since)
            other.alert_ids.append(stored.alert_id)
            still[key] = other
        self.found = still
        for other in still.values():
            other.saw(await self._looked(other, now))
        return tuple(still.values())

    async def split(self, state: OperateState, left: Iterable[Other], at: float) -> str:
        """Make an incident of its own of what is left; return what to say of it, "" where nothing was."""
        others = tuple(left)
        ids = [one for other in others for one in other.alert_ids]
        if not ids:
            return ""
        first = next((one.watched for one in others if one.watched is not None), None)
        resource = first.target.resource.address if first else ""
        known = await self.incidents.get(state["incident_id"])
        title = f"{known.cause} on {first.target.resource.name}" if first else ""
        new = await self.incidents.split(known.incident_id, ids, at, resource=resource, title=title)
        if not new:
            return ""
        said = ", ".join(
            dict.fromkeys(
                one.watched.target.resource.address if one.watched else "what cannot be located"
                for one in others
            )
        )
        return f"Not over: {said}; {len(ids)} open alerts are incident {new[:8]} now."

    async def _watched(
        self, state: OperateState, alert: Alert, target: Target | None, since: float
    ) -> Watched | None:
        if target is None:
            return None
        its = cast("OperateState", {**state, "alert": alert, "target": target})
        return await watched_of(its, target, since, self.deployments, self.project)

    async def _looked(self, other: Other, now: datetime) -> Look:
        if other.watched is None:
            return Look(good=None, detail="it cannot be located any more", seen=False)
        return await self.looker.look(other.watched, now)


def _key(alert: Alert, target: Target | None) -> Key:
    if target is None:
        return (alert.resource, alert.metric_path or alert.metric)
    path = metric_path_of(alert, target) or alert.metric
    bound = (threshold_of(alert, target), alert.comparison, alert.absent)
    return (target.deployment_id, target.resource.address, target.member, path, *bound)
