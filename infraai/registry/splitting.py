"""Splitting: alerts of an incident that were not helped with the others become an incident of their own."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from infraai.operations.shapes import OVER
from infraai.registry.tables import alerts, incidents

_FIXED = OVER - {"silenced"}  # what was only kept quiet may be taken up after all
_KEPT = ("grouping", "deployment_id", "cause", "tries", "reopened")


async def split(
    connection: AsyncConnection,
    incident_id: str,
    alert_ids: Sequence[str],
    *,
    at: float,
    now: float,
    said: Mapping[str, str],
) -> str:
    """Move these open alerts and return the id of their incident; "" where there is nothing to move."""
    this = incidents.c.incident_id == incident_id
    found = (await connection.execute(sa.select(incidents).where(this))).mappings().first()
    if found is None or found["status"] in _FIXED:
        return ""
    mine = (alerts.c.incident_id == incident_id) & alerts.c.closed.is_(False) & alerts.c.status.not_in(_FIXED)
    rows = (await connection.execute(sa.select(alerts).where(mine).order_by(alerts.c.received_at))).mappings()
    firing = {str(row["alert_id"]): row["alert"] for row in rows}
    moved = [one for one in firing if one in set(alert_ids)]
    if not moved:
        return ""
    severe = any(firing[one].get("severity") == "critical" for one in moved)
    new = {name: found[name] for name in _KEPT} | {
        "incident_id": uuid.uuid4().hex,
        "resource": said.get("resource") or firing[moved[0]].get("resource") or found["resource"],
        "severity": "critical" if severe else "warning",
        "status": "pending",
        "title": f"{said.get('title') or found['title']} (left of incident {incident_id[:8]})",
        "message": "",  # nobody has looked at it yet
        "run_id": "",
        "opened_at": at,
        "updated_at": now,
        "last_alert_at": found["last_alert_at"],
        "alert_count": len(moved),
        "evidence": [],
        "results": [],
    }
    await connection.execute(incidents.insert().values(new))
    change = alerts.update().where(alerts.c.alert_id.in_(moved))
    await connection.execute(change.values(incident_id=new["incident_id"], status="pending"))
    rest = {"alert_count": max(found["alert_count"] - len(moved), 0), "updated_at": now}
    await connection.execute(incidents.update().where(this).values(rest))
    return str(new["incident_id"])
