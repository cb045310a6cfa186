"""Intake: take an incident up, unless it is over already."""

from collections.abc import Sequence
from dataclasses import dataclass

from infraai.operations.shapes import Alert
from infraai.registry.incidents import Incidents, StoredAlert
from infraai.state import OperateUpdate, Requested


@dataclass(frozen=True, slots=True)
class Intake:
    """Reads `request`; writes `incident_id` and `alert`, or how the incident ended without anybody's doing."""

    incidents: Incidents

    async def __call__(self, state: Requested) -> OperateUpdate:
        """Return the alert that weighs most; an action by hand has none."""
        incident_id = state["request"].incident_id
        if not incident_id:
            return {"incident_id": "", "alert": None}
        known = await self.incidents.alerts_of(incident_id)
        alert = weightiest(known)
        if alert is None:
            message = "Its source closed it before anything was done."
            return {"incident_id": incident_id, "alert": None, "ended": "resolved", "message": message}
        if alert.test:
            message = "A connection test: nothing is wrong."
            return {"incident_id": incident_id, "alert": alert, "ended": "ignored", "message": message}
        return {"incident_id": incident_id, "alert": alert}


def weightiest(alerts: Sequence[StoredAlert]) -> Alert | None:
    """Return the open alert to act on: critical before warning, one that names a resource first, then the oldest."""
    still = [one.alert for one in alerts if one.alert.state == "open" and one.status != "resolved"]
    order = sorted(still, key=lambda one: (one.severity != "critical", not one.resource))
    return order[0] if order else None
