"""Incidents: the alerts that belong together, and what was done; each alert is heard once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import AmbiguousError, NotFoundError
from infraai.masking import conceal, conceal_text
from infraai.models import AlertSeverity, DeploymentId, RunId, Value
from infraai.operations.shapes import OVER, Alert, AlertStatus, Cause, Target
from infraai.registry.clock import Now
from infraai.registry.database import take_turn, writing
from infraai.registry.locating import Locator
from infraai.registry.occurrences import WINDOW_S
from infraai.registry.receiving import Delivery, Received, receive_all
from infraai.registry.runs import ENDED
from infraai.registry.splitting import split
from infraai.registry.tables import alerts, incidents, runs

__all__ = ["GROUP_WINDOW_S", "Incident", "Incidents", "Received", "StoredAlert"]

GROUP_WINDOW_S = WINDOW_S
TURNS = "alerts"
WHAT = "The incident"
_ID_LENGTH = 32
_SHORTEST = 6
Written = Value | Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident; `resource` is a Terraform address, or the sender's name of it.

    Times are epoch seconds: `opened_at` by the cloud's clock, `updated_at` by that of this machine.
    """

    incident_id: str
    deployment_id: DeploymentId
    resource: str
    cause: Cause
    severity: AlertSeverity
    status: AlertStatus
    title: str
    message: str
    run_id: RunId
    tries: int
    opened_at: float
    updated_at: float
    closed_at: float | None
    alert_count: int
    reopened: int  # incidents of the same kind in the hour before it
    evidence: list[dict[str, Any]]
    decision: dict[str, Any] | None
    recheck: dict[str, Any] | None
    results: list[dict[str, Any]]

    @property
    def over(self) -> bool:
        """Return whether nothing more will be done about it."""
        return self.status in OVER


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """One occurrence of an alert; `alert.state` is its newest, `received_at` epoch seconds."""

    alert_id: str
    incident_id: str
    alert: Alert
    status: AlertStatus
    received_at: float


@dataclass(frozen=True, slots=True)
class Incidents:
    """Rows of `incidents` and `alerts`."""

    engine: AsyncEngine
    now: Now

    async def receive(self, alert: Alert, *, target: Target | None, cause: Cause, at: float) -> Received:
        """Keep a delivery and return what came of it, in one transaction; deliveries at once are put in order.

        `at` is epoch seconds by the cloud's clock. A repeat changes nothing; an incident that is over takes no alert.
        """
        return (await self.receive_all([(alert, target, cause)], at))[0]

    async def receive_all(
        self, items: Sequence[tuple[Alert, Target | None, Cause]], at: float
    ) -> Sequence[Received]:
        """Keep the alerts of one body and return what came of each, in one transaction.

        Those that are not located belong to one incident, so that a flood of them is one thing to look at. What looks
        like a secret in their labels and words is not kept.
        """
        async with writing(self.engine, "The alert") as connection:
            await take_turn(connection, TURNS)
            now = self.now()
            return await receive_all(
                connection,
                [Delivery(unsecret(alert), target, cause, at, now) for alert, target, cause in items],
            )

    async def split(
        self, incident_id: str, alert_ids: Sequence[str], at: float, *, resource: str = "", title: str = ""
    ) -> str:
        """Move alerts that still fire into an incident of their own, pending and fresh, and return its id.

        `resource` is the Terraform address of the first of them. Where none of them fires any more, or the incident is
        over and was not only silenced, nothing is moved and "" is returned.
        """
        async with writing(self.engine, WHAT) as connection:
            await take_turn(connection, TURNS)
            said = {"resource": resource, "title": title}
            return await split(connection, incident_id, alert_ids, at=at, now=self.now(), said=said)

    async def still_open(self, incident_id: str) -> Sequence[tuple[StoredAlert, Target | None]]:
        """Return the incident's alerts that still fire, oldest first, each with what it is about as things stand."""
        mine = (alerts.c.incident_id == incident_id) & alerts.c.closed.is_(False)
        query = sa.select(alerts).where(mine & alerts.c.status.not_in(OVER)).order_by(alerts.c.received_at)
        firing = await self._alerts(query)
        found = await Locator(self.engine).locate_all([one.alert for one in firing])
        return [
            (one, target if isinstance(target, Target) else None)
            for one, target in zip(firing, found, strict=True)
        ]

    async def get(self, incident_id: str) -> Incident:
        """Return the incident by its id, or by an unambiguous beginning of it of 6 characters or more."""
        rows = await self._begins(incidents, incidents.c.incident_id, incident_id)
        return _incident(_the_one(rows, "incident", incident_id))

    async def alert(self, alert_id: str) -> StoredAlert:
        """Return the alert by its id, or by an unambiguous beginning of it of 6 characters or more."""
        rows = await self._begins(alerts, alerts.c.alert_id, alert_id)
        return _stored(_the_one(rows, "alert", alert_id))

    async def alerts_of(self, incident_id: str) -> Sequence[StoredAlert]:
        """Return an incident's alerts, oldest first."""
        mine = sa.select(alerts).where(alerts.c.incident_id == incident_id)
        return await self._alerts(mine.order_by(alerts.c.received_at))

    async def list(self, status: AlertStatus | None = None, limit: int = 50) -> Sequence[Incident]:
        """Return incidents, newest first."""
        query = sa.select(incidents).order_by(incidents.c.opened_at.desc()).limit(limit)
        return await self._incidents(query.where(incidents.c.status == status) if status else query)

    async def list_alerts(
        self, status: AlertStatus | None = None, *, open_only: bool = False, limit: int = 50
    ) -> Sequence[StoredAlert]:
        """Return alerts, newest first; open ones are those that still fire and that nobody has done with."""
        query = sa.select(alerts).order_by(alerts.c.received_at.desc()).limit(limit)
        if status:
            query = query.where(alerts.c.status == status)
        if open_only:
            done = alerts.c.status.in_(OVER - {"escalated"})
            query = query.where(alerts.c.closed.is_(False), ~done)
        return await self._alerts(query)

    async def waiting(self) -> Sequence[Incident]:
        """Return the incidents that no run works on: new ones, and those whose run was halted.

        What is located comes first, then what is critical, then the oldest: a flood of names that nobody knows holds
        up nothing that can be helped.
        """
        ended = sa.select(runs.c.run_id).where(runs.c.status.in_(ENDED))
        free = (incidents.c.run_id == "") | incidents.c.run_id.in_(ended)
        new = (incidents.c.status == "pending") & free
        order = (incidents.c.deployment_id == "", incidents.c.severity != "critical", incidents.c.opened_at)
        return await self._incidents(sa.select(incidents).where(new).order_by(*order))

    async def of_run(self, run_id: RunId) -> Incident | None:
        """Return the incident that the run works on, or None."""
        found = await self._incidents(sa.select(incidents).where(incidents.c.run_id == run_id).limit(1))
        return found[0] if found and run_id else None

    async def recent(self, deployment_id: DeploymentId, cause: Cause, since: float) -> Sequence[Incident]:
        """Return a deployment's incidents of this cause that opened since then, newest first."""
        same = (incidents.c.deployment_id == deployment_id) & (incidents.c.cause == cause)
        query = sa.select(incidents).where(same & (incidents.c.opened_at >= since))
        return await self._incidents(query.order_by(incidents.c.opened_at.desc()))

    async def take(self, incident_id: str, run_id: RunId, *, instead_of: RunId = "") -> bool:
        """Give the incident to a run, by one compare-and-set; return whether `instead_of` (or nobody) still had it."""
        this = (incidents.c.incident_id == incident_id) & (incidents.c.run_id == instead_of)
        change = incidents.update().where(this & incidents.c.status.not_in(OVER))
        async with writing(self.engine, WHAT) as connection:
            taken = await connection.execute(change.values(run_id=run_id, updated_at=self.now()))
        return taken.rowcount == 1

    async def set_status(
        self, incident_id: str, status: AlertStatus, message: str = "", *, at: float | None = None
    ) -> bool:
        """Set how the incident and its open alerts stand; return whether it was so.

        A final status stays, except that `escalated` becomes `resolved` once all its alerts have closed. `at` is epoch
        seconds, by the cloud's clock where the caller has one.
        """
        when = self.now() if at is None else at
        values: dict[str, Any] = {"status": status, "updated_at": when}
        values["closed_at"] = when if status in OVER else None
        if message:
            values["message"] = message
        theirs = (alerts.c.incident_id == incident_id) & alerts.c.closed.is_(False)
        may: sa.ColumnElement[bool] = incidents.c.status.not_in(OVER)
        if status == "resolved":
            may |= (incidents.c.status == "escalated") & ~sa.exists().where(theirs)
        this = incidents.update().where((incidents.c.incident_id == incident_id) & may)
        still = alerts.update().where(theirs & alerts.c.status.not_in(OVER))
        async with writing(self.engine, WHAT) as connection:
            changed = await connection.execute(this.values(values))
            if changed.rowcount:
                await connection.execute(still.values(status=status))
        return changed.rowcount == 1

    async def write(
        self,
        incident_id: str,
        *,
        evidence: Sequence[Written] | None = None,
        decision: Written | None = None,
        recheck: Written | None = None,
        results: Sequence[Written] | None = None,
        run_id: RunId | None = None,
        tries: int | None = None,
        deployment_id: DeploymentId | None = None,
        resource: str | None = None,
    ) -> None:
        """Keep what was found, decided and done; raise `NotFoundError` where there is no such incident."""
        said = {
            "evidence": None if evidence is None else [_plain(one) for one in evidence],
            "decision": None if decision is None else _plain(decision),
            "recheck": None if recheck is None else _plain(recheck),
            "results": None if results is None else [_plain(one) for one in results],
            "run_id": run_id,
            "tries": tries,
            "deployment_id": deployment_id,
            "resource": resource,
        }
        values = {name: value for name, value in said.items() if value is not None}
        where = incidents.c.incident_id == incident_id
        async with writing(self.engine, WHAT) as connection:
            change = incidents.update().where(where).values(**values, updated_at=self.now())
            changed = await connection.execute(change)
        if changed.rowcount == 0:
            _the_one([], "incident", incident_id)

    async def _begins(
        self, table: sa.Table, column: sa.Column[Any], beginning: str
    ) -> Sequence[sa.RowMapping]:
        where = column == beginning
        if _SHORTEST <= len(beginning) < _ID_LENGTH:
            where = column.startswith(beginning, autoescape=True)
        async with self.engine.connect() as connection:
            return (await connection.execute(sa.select(table).where(where).limit(2))).mappings().all()

    async def _incidents(self, query: sa.Select[tuple[Any, ...]]) -> Sequence[Incident]:
        async with self.engine.connect() as connection:
            return [_incident(row) for row in (await connection.execute(query)).mappings()]

    async def _alerts(self, query: sa.Select[tuple[Any, ...]]) -> Sequence[StoredAlert]:
        async with self.engine.connect() as connection:
            return [_stored(row) for row in (await connection.execute(query)).mappings()]


def _the_one(rows: Sequence[sa.RowMapping], what: str, name: str) -> sa.RowMapping:
    if not rows:
        raise NotFoundError(
            f"There is no {what} {name!r}.", next_step="`infraai incidents list` shows what there is."
        )
    if len(rows) > 1:
        raise AmbiguousError(f"More than one {what} begins with {name!r}.", next_step="Give more of the id.")
    return rows[0]


def _plain(value: Written) -> dict[str, Any]:
    return value.model_dump(mode="json") if isinstance(value, Value) else dict(value)


def _incident(row: sa.RowMapping) -> Incident:
    return Incident(**{name: row[name] for name in Incident.__slots__})


def _stored(row: sa.RowMapping) -> StoredAlert:
    return StoredAlert(
        alert_id=row["alert_id"],
        incident_id=row["incident_id"],
        alert=Alert.model_validate(row["alert"]),
        status=row["status"],
        received_at=row["received_at"],
    )


def unsecret(alert: Alert) -> Alert:
    """Return the alert without what looks like a secret in its labels and in its sender's words."""
    said = {
        "labels": conceal(alert.labels),
        "summary": conceal_text(alert.summary),
        "condition": conceal_text(alert.condition),
        "policy_name": conceal_text(alert.policy_name),
    }
    return alert.model_copy(update=said)
