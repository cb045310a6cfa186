"""Receiving: what one delivery of an alert changes, within a transaction that nobody else's comes between."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from infraai.operations.shapes import OVER, Alert, Cause, Target
from infraai.registry.occurrences import WINDOW_S, Occurrence, place
from infraai.registry.tables import alerts, incidents

FLAP_WINDOW_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came of a delivery: `fresh` opened an incident; `closed` ended its last open alert."""

    alert_id: str
    incident_id: str
    duplicate: bool = False
    fresh: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert as it came: in epoch seconds, `at` by the cloud's clock and `now` by that of this machine."""

    alert: Alert
    target: Target | None
    cause: Cause
    at: float
    now: float

    @property
    def grouping(self) -> str:
        """Return whose alerts belong together: a deployment's of one cause, or what is not located of one policy."""
        if self.target is not None:
            return f"{self.target.deployment_id} {self.cause}"
        return "unknown " + json.dumps([self.alert.project, self.alert.resource, self.alert.policy_name])

    @property
    def resource(self) -> str:
        """Return the Terraform address of what it is about, or the sender's name of it."""
        return self.target.resource.address if self.target else self.alert.resource

    @property
    def title(self) -> str:
        """Return what to call an incident that it opens."""
        name = self.alert.policy_name or self.alert.metric or self.cause
        where = self.target.resource.name if self.target else self.alert.resource
        return f"{name} on {where}" if where and where not in name else name


async def receive(connection: AsyncConnection, delivery: Delivery) -> Received:
    """Keep what is new of a delivery and return what came of it."""
    known = await _occurrences(connection, delivery.alert)
    step, which = place(delivery.alert, known, delivery.at)
    if which is not None:
        if step == "closes":
            return await _close(connection, which, delivery.alert)
        if step == "late":
            began = {"started_at": delivery.alert.started_at or which.started_at}
            shut = _shut(delivery.alert.model_copy(update=began), which.ended_at)
            await _change(connection, which.alert_id, opened=True, alert=shut)
        return Received(alert_id=which.alert_id, incident_id=which.incident_id, duplicate=step == "repeat")
    if known and not known[-1].closed:
        await _change(connection, known[-1].alert_id, closed=True)  # one that its sender never closed
    return await _begin(connection, delivery, len(known) + 1)


async def _begin(connection: AsyncConnection, delivery: Delivery, number: int) -> Received:
    alert, opens = delivery.alert, delivery.alert.state == "open"
    incident_id, fresh = "", False
    if opens and not alert.test:
        incident_id, fresh = await _group(connection, delivery)
    row = {
        "alert_id": uuid.uuid4().hex,
        "incident_id": incident_id,
        "source": _sender(alert),
        "source_id": _own_id(alert),
        "occurrence": number,
        "opened": opens,
        "closed": not opens,
        "status": "ignored" if alert.test else await _standing(connection, incident_id),
        "alert": alert.model_dump(mode="json"),
        "started_at": alert.started_at,
        "ended_at": alert.ended_at,
        "received_at": delivery.at,
    }
    await connection.execute(alerts.insert().values(row))
    return Received(alert_id=str(row["alert_id"]), incident_id=incident_id, fresh=fresh)


async def _standing(connection: AsyncConnection, incident_id: str) -> str:
    """Return the status of an alert of this incident; one without, which closed unheard, is resolved."""
    query = sa.select(incidents.c.status).where(incidents.c.incident_id == incident_id)
    return str(await connection.scalar(query) or "resolved")


async def _group(connection: AsyncConnection, delivery: Delivery) -> tuple[str, bool]:
    """Return the incident that the alert joins, or a new one, and whether it is new."""
    same = sa.select(incidents).where(incidents.c.grouping == delivery.grouping)
    newest = same.where(incidents.c.status.not_in(OVER)).order_by(incidents.c.last_alert_at.desc())
    for row in (await connection.execute(newest)).mappings().all():
        near = abs(delivery.at - row["last_alert_at"]) <= WINDOW_S
        if near or row["resource"] == delivery.resource:
            await _join(connection, row, delivery)
            return str(row["incident_id"]), False
    return await _open(connection, delivery), True


async def _join(connection: AsyncConnection, row: sa.RowMapping, delivery: Delivery) -> None:
    values = {
        "alert_count": row["alert_count"] + 1,
        "last_alert_at": max(row["last_alert_at"], delivery.at),
        "updated_at": delivery.now,
        "severity": "critical" if delivery.alert.severity == "critical" else row["severity"],
    }
    this = incidents.c.incident_id == row["incident_id"]
    await connection.execute(incidents.update().where(this).values(values))


async def _open(connection: AsyncConnection, delivery: Delivery) -> str:
    before = sa.select(sa.func.count()).where(
        incidents.c.grouping == delivery.grouping, incidents.c.opened_at >= delivery.at - FLAP_WINDOW_S
    )
    row = {
        "incident_id": uuid.uuid4().hex,
        "grouping": delivery.grouping,
        "deployment_id": delivery.target.deployment_id if delivery.target else "",
        "resource": delivery.resource,
        "cause": delivery.cause,
        "severity": delivery.alert.severity,
        "status": "pending",
        "title": delivery.title,
        "message": "",
        "run_id": "",
        "tries": 0,
        "opened_at": delivery.at,
        "updated_at": delivery.now,
        "last_alert_at": delivery.at,
        "alert_count": 1,
        "reopened": (await connection.execute(before)).scalar_one(),
        "evidence": [],
        "results": [],
    }
    await connection.execute(incidents.insert().values(row))
    return str(row["incident_id"])


async def _close(connection: AsyncConnection, which: Occurrence, alert: Alert) -> Received:
    fixed = which.status in OVER and which.status != "escalated"
    status = which.status if fixed else "resolved"
    shut = _shut(which.alert, alert.ended_at)
    await _change(connection, which.alert_id, closed=True, status=status, alert=shut, ended_at=alert.ended_at)
    mine = (alerts.c.incident_id == which.incident_id) & alerts.c.closed.is_(False)
    left = (await connection.execute(sa.select(sa.func.count()).where(mine))).scalar_one()
    return Received(
        alert_id=which.alert_id,
        incident_id=which.incident_id,
        closed=bool(which.incident_id) and left == 0,
    )


async def _occurrences(connection: AsyncConnection, alert: Alert) -> list[Occurrence]:
    its = (alerts.c.source == _sender(alert)) & (alerts.c.source_id == _own_id(alert))
    rows = await connection.execute(sa.select(alerts).where(its).order_by(alerts.c.occurrence))
    return [
        Occurrence(
            alert_id=row["alert_id"],
            incident_id=row["incident_id"],
            opened=row["opened"],
            closed=row["closed"],
            status=row["status"],
            alert=Alert.model_validate(row["alert"]),
            ended_at=row["ended_at"],
            received_at=row["received_at"],
        )
        for row in rows.mappings()
    ]


def _sender(alert: Alert) -> str:
    """Return whose ids the alert's is one of: Google may open an incident as 1.2 and close it as 1.1."""
    return "gcp" if alert.source.startswith("gcp-1.") else alert.source


def _own_id(alert: Alert) -> str:
    """Return the sender's id; where it gave none, what it is about."""
    named = [alert.project, alert.resource, alert.metric or alert.metric_path, alert.policy_name]
    return alert.source_id or json.dumps(named)


def _shut(alert: Alert, ended_at: float | None) -> dict[str, Any]:
    ended = alert.model_copy(update={"state": "closed", "ended_at": ended_at})
    return ended.model_dump(mode="json")


async def _change(connection: AsyncConnection, alert_id: str, **values: Any) -> None:
    await connection.execute(alerts.update().where(alerts.c.alert_id == alert_id).values(values))
