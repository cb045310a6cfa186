"""Receiving: what deliveries of alerts change, within a transaction that nobody else's comes between."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from infraai.operations.shapes import OVER, Alert, Cause, Target
from infraai.registry.occurrences import WINDOW_S, Occurrence, place
from infraai.registry.tables import alerts, incidents

FLAP_WINDOW_S = 3600.0
AT_ONCE = 300  # names in one query
Key = tuple[str, str]
Row = dict[str, Any]


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


async def receive_all(connection: AsyncConnection, deliveries: Sequence[Delivery]) -> list[Received]:
    """Keep what is new of the deliveries of one body, in their order, and return what came of each."""
    ledger = Ledger(connection)
    await ledger.read(deliveries)
    received = [await ledger.receive(one) for one in deliveries]
    await ledger.write()
    return await ledger.ended(received)


@dataclass(slots=True)
class Ledger:
    """What is known of a body's alerts and of the incidents they may join, read once and written once."""

    connection: AsyncConnection
    known: dict[Key, list[Row]] = field(default_factory=dict[Key, list[Row]])
    open: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])  # by grouping
    unlocated: Row | None = None  # the incident of what this body says of nothing we know
    new_alerts: list[Row] = field(default_factory=list[Row])
    heard: set[str] = field(default_factory=set[str])  # the ids of the new alerts
    opened: set[str] = field(default_factory=set[str])  # and of the new incidents
    new_incidents: list[Row] = field(default_factory=list[Row])
    changed_alerts: dict[str, Row] = field(default_factory=dict[str, Row])
    joined: dict[str, Row] = field(default_factory=dict[str, Row])

    async def read(self, deliveries: Sequence[Delivery]) -> None:
        """Read what is known of these deliveries' alerts, and which incidents are open."""
        wanted = {(_sender(one.alert), _own_id(one.alert)) for one in deliveries}
        for names in _some([name for _, name in wanted]):
            query = sa.select(alerts).where(alerts.c.source_id.in_(names)).order_by(alerts.c.occurrence)
            for row in (await self.connection.execute(query)).mappings():
                self.known.setdefault((row["source"], row["source_id"]), []).append(dict(row))
        for names in _some([one.grouping for one in deliveries]):
            mine = incidents.c.grouping.in_(names) & incidents.c.status.not_in(OVER)
            query = sa.select(incidents).where(mine).order_by(incidents.c.last_alert_at.desc())
            for row in (await self.connection.execute(query)).mappings():
                self.open.setdefault(row["grouping"], []).append(dict(row))

    async def receive(self, delivery: Delivery) -> Received:
        """Return what came of one delivery; it is written with the others."""
        rows = self.known.setdefault((_sender(delivery.alert), _own_id(delivery.alert)), [])
        known = [_occurrence(one) for one in rows]
        step, which = place(delivery.alert, known, delivery.at)
        if which is not None:
            row = next(one for one in rows if one["alert_id"] == which.alert_id)
            if step == "closes":
                self._close(row, which, delivery.alert)
            if step == "late":
                began = {"started_at": delivery.alert.started_at or which.started_at}
                shut = _shut(delivery.alert.model_copy(update=began), which.ended_at)
                self._change(row, opened=True, alert=shut)
            return Received(
                alert_id=which.alert_id,
                incident_id=which.incident_id,
                duplicate=step == "repeat",
                closed=step == "closes",
            )
        if rows and not rows[-1]["closed"]:
            self._change(rows[-1], closed=True)  # one that its sender never closed
        return await self._begin(delivery, rows)

    async def write(self) -> None:
        """Write everything that is new or changed."""
        if self.new_incidents:
            await self.connection.execute(incidents.insert(), self.new_incidents)
        for incident_id, row in self.joined.items():
            values = {name: row[name] for name in ("alert_count", "last_alert_at", "updated_at", "severity")}
            this = incidents.c.incident_id == incident_id
            await self.connection.execute(incidents.update().where(this).values(values))
        if self.new_alerts:
            await self.connection.execute(alerts.insert(), self.new_alerts)
        for alert_id, values in self.changed_alerts.items():
            await self.connection.execute(alerts.update().where(alerts.c.alert_id == alert_id).values(values))

    async def ended(self, received: Sequence[Received]) -> list[Received]:
        """Return the deliveries with `closed` for the last one that closed an incident's last open alert."""
        ending = {one.incident_id: index for index, one in enumerate(received) if one.closed}
        left: set[str] = set()
        for names in _some(list(ending)):
            mine = alerts.c.incident_id.in_(names) & alerts.c.closed.is_(False)
            left |= set(await self.connection.scalars(sa.select(alerts.c.incident_id).where(mine)))
        last = {index for name, index in ending.items() if name and name not in left}
        return [replace(one, closed=index in last) for index, one in enumerate(received)]

    async def _begin(self, delivery: Delivery, rows: list[Row]) -> Received:
        alert, opens = delivery.alert, delivery.alert.state == "open"
        incident, fresh = None, False
        if opens and not alert.test:
            incident, fresh = await self._group(delivery)
        row: Row = {
            "alert_id": uuid.uuid4().hex,
            "incident_id": incident["incident_id"] if incident else "",
            "source": _sender(alert),
            "source_id": _own_id(alert),
            "occurrence": len(rows) + 1,
            "opened": opens,
            "closed": not opens,
            # one that closed unheard is resolved
            "status": "ignored" if alert.test else incident["status"] if incident else "resolved",
            "alert": alert.model_dump(mode="json"),
            "started_at": alert.started_at,
            "ended_at": alert.ended_at,
            "received_at": delivery.at,
        }
        rows.append(row)
        self.new_alerts.append(row)
        self.heard.add(row["alert_id"])
        return Received(alert_id=row["alert_id"], incident_id=row["incident_id"], fresh=fresh)

    async def _group(self, delivery: Delivery) -> tuple[Row, bool]:
        """Return the incident that the alert joins, or a new one, and whether it is new."""
        for row in self.open.get(delivery.grouping, []):
            near = abs(delivery.at - row["last_alert_at"]) <= WINDOW_S
            if near or row["resource"] == delivery.resource:
                return self._join(row, delivery), False
        if delivery.target is None and self.unlocated is not None:
            return self._join(self.unlocated, delivery), False
        return await self._open(delivery), True

    def _join(self, row: Row, delivery: Delivery) -> Row:
        row["alert_count"] += 1
        row["last_alert_at"] = max(row["last_alert_at"], delivery.at)
        row["updated_at"] = delivery.now
        if delivery.alert.severity == "critical":
            row["severity"] = "critical"
        if row["incident_id"] not in self.opened:
            self.joined[row["incident_id"]] = row
        if delivery.target is None:
            self.unlocated = self.unlocated or row
        return row

    async def _open(self, delivery: Delivery) -> Row:
        before = sa.select(sa.func.count()).where(
            incidents.c.grouping == delivery.grouping, incidents.c.opened_at >= delivery.at - FLAP_WINDOW_S
        )
        row: Row = {
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
            "reopened": (await self.connection.execute(before)).scalar_one(),
            "evidence": [],
            "results": [],
        }
        self.new_incidents.append(row)
        self.opened.add(row["incident_id"])
        self.open.setdefault(delivery.grouping, []).insert(0, row)
        if delivery.target is None:
            self.unlocated = row
        return row

    def _close(self, row: Row, which: Occurrence, alert: Alert) -> None:
        fixed = which.status in OVER and which.status != "escalated"
        status = which.status if fixed else "resolved"
        shut = _shut(which.alert, alert.ended_at)
        self._change(row, closed=True, status=status, alert=shut, ended_at=alert.ended_at)

    def _change(self, row: Row, **values: Any) -> None:
        """Change an alert: the row that is yet to be written, or the one that is."""
        row.update(values)
        if row["alert_id"] not in self.heard:
            self.changed_alerts.setdefault(row["alert_id"], {}).update(values)


def _some(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the distinct names, as many at a time as one query takes."""
    distinct = list(dict.fromkeys(names))
    for start in range(0, len(distinct), AT_ONCE):
        yield distinct[start : start + AT_ONCE]


def _occurrence(row: Row) -> Occurrence:
    return Occurrence(
        alert_id=row["alert_id"],
        incident_id=row["incident_id"],
        opened=row["opened"],
        closed=row["closed"],
        status=row["status"],
        alert=Alert.model_validate(row["alert"]),
        ended_at=row["ended_at"],
        received_at=row["received_at"],
    )


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
