"""Incidents and their deliveries, as tables of the cloud's file: what several processes agree on."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

    from sandbox.cloud import Cloud

Json = dict[str, Any]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS alert_incident (
    id TEXT PRIMARY KEY, policy TEXT, condition TEXT, digest TEXT, series TEXT, opened REAL, closed REAL,
    data_at REAL, body TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS alert_incident_open ON alert_incident (condition, series)
    WHERE closed IS NULL;
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, incident TEXT, state TEXT, channel TEXT, body TEXT,
    created REAL, attempts INTEGER DEFAULT 0, next_at REAL, taken_until REAL DEFAULT 0, status TEXT, error TEXT);
CREATE INDEX IF NOT EXISTS delivery_status ON delivery (status, seq);
CREATE TABLE IF NOT EXISTS alert_seen (condition TEXT, series TEXT, at REAL, body TEXT,
    PRIMARY KEY (condition, series));
"""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_DUE = (
    "SELECT seq, incident, state, channel, body, created, attempts FROM delivery"
    " WHERE status='waiting' AND next_at<=:now AND taken_until<=:real AND NOT EXISTS ("
    "SELECT 1 FROM delivery AS older WHERE older.status='waiting' AND older.incident=delivery.incident"
    " AND older.channel=delivery.channel AND older.seq<delivery.seq"
    " AND (older.next_at>:now OR older.taken_until>:real)) ORDER BY seq"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident of the simulated alerting; times are epoch seconds of the simulated clock."""

    id: str
    policy: str
    condition: str
    digest: str
    series: str
    opened: float
    data_at: float
    body: Json = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notification for one channel that has not arrived yet."""

    seq: int
    incident: str
    state: str
    channel: str
    body: str = field(repr=False)
    created: float
    attempts: int


class Ledger:
    """Keeps incidents, deliveries, and when absence conditions last saw their series."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        with cloud.connection() as connection:
            connection.executescript(_SCHEMA)

    def open_incidents(self) -> list[Incident]:
        """Return the open incidents, oldest first."""
        query = (
            "SELECT id, policy, condition, digest, series, opened, data_at, body FROM alert_incident"
            " WHERE closed IS NULL ORDER BY opened, rowid"
        )
        with self._cloud.connection() as connection:
            rows = connection.execute(query).fetchall()
        return [
            Incident(
                id=row[0],
                policy=row[1],
                condition=row[2],
                digest=row[3],
                series=row[4],
                opened=row[5],
                data_at=row[6],
                body=json.loads(row[7]),
            )
            for row in rows
        ]

    def open(self, incident: Incident, channels: Iterable[str]) -> bool:
        """Keep a new incident and what is to be told of it; False where its series has an open one."""
        with self._cloud.transaction() as connection:
            added = connection.execute(
                "INSERT OR IGNORE INTO alert_incident VALUES (?,?,?,?,?,?,NULL,?,?)",
                (
                    incident.id,
                    incident.policy,
                    incident.condition,
                    incident.digest,
                    incident.series,
                    incident.opened,
                    incident.data_at,
                    json.dumps(incident.body),
                ),
            )
            if not added.rowcount:
                return False
            _tell(connection, incident, "open", incident.body, channels)
        return True

    def close(self, incident: Incident, body: Json, channels: Iterable[str], at: float) -> bool:
        """Close an incident and keep what is to be told; False where another process has closed it."""
        with self._cloud.transaction() as connection:
            changed = connection.execute(
                "UPDATE alert_incident SET closed=? WHERE id=? AND closed IS NULL", (at, incident.id)
            )
            if not changed.rowcount:
                return False
            _tell(connection, incident, "closed", body, channels, at=at)
        return True

    def saw_data(self, times: Iterable[tuple[str, float]]) -> None:
        """Keep when each incident's series last had data."""
        with self._cloud.transaction() as connection:
            connection.executemany(
                "UPDATE alert_incident SET data_at=MAX(data_at, ?) WHERE id=?",
                [(at, incident) for incident, at in times],
            )

    # --- deliveries -----------------------------------------------------------------------------------------

    def take_due(self, now: float, real: float, for_s: float) -> list[Delivery]:
        """Return what is to be sent now, oldest first, and keep others from sending it for `for_s` seconds.

        `now` is simulated, `real` is real time. Nothing overtakes an older one of its incident and channel.
        """
        with self._cloud.transaction() as connection:
            rows = connection.execute(_DUE, {"now": now, "real": real}).fetchall()
            connection.executemany(
                "UPDATE delivery SET taken_until=? WHERE seq=?", [(real + for_s, row[0]) for row in rows]
            )
        return [_delivery(row) for row in rows]

    def settle(self, seq: int, status: str, error: str, next_at: float = 0) -> None:
        """Keep what came of an attempt: `delivered`, `refused`, `given_up`, or `waiting` until `next_at`."""
        with self._cloud.transaction() as connection:
            connection.execute(
                "UPDATE delivery SET status=?, error=?, attempts=attempts+1, next_at=?, taken_until=0"
                " WHERE seq=?",
                (status, error, next_at, seq),
            )

    def release(self, seqs: Iterable[int]) -> None:
        """Let others send what was taken and not tried."""
        with self._cloud.transaction() as connection:
            connection.executemany("UPDATE delivery SET taken_until=0 WHERE seq=?", [(seq,) for seq in seqs])

    def undelivered(self) -> list[Json]:
        """Return what has not arrived, or never will, with the reason: the newest hundred, oldest first."""
        query = (
            "SELECT incident, state, channel, status, attempts, error FROM delivery"
            " WHERE status<>'delivered' ORDER BY seq DESC LIMIT 100"
        )
        names = ("incident_id", "state", "channel", "status", "attempts", "reason")
        with self._cloud.connection() as connection:
            rows = connection.execute(query).fetchall()
        return [dict(zip(names, row, strict=True)) for row in reversed(rows)]

    def reset(self) -> None:
        """Forget everything."""
        with self._cloud.transaction() as connection:
            for table in ("alert_incident", "delivery", "alert_seen"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608

    # --- absence --------------------------------------------------------------------------------------------

    def seen(self, condition: str) -> dict[str, tuple[float, Json]]:
        """Return when each series of an absence condition last had data, and its labels."""
        with self._cloud.connection() as connection:
            rows = connection.execute(
                "SELECT series, at, body FROM alert_seen WHERE condition=?", (condition,)
            )
            return {series: (float(at), json.loads(body)) for series, at, body in rows}

    def see(self, condition: str, found: Iterable[tuple[str, float, Json]]) -> None:
        """Keep when series had data."""
        with self._cloud.transaction() as connection:
            connection.executemany(
                "INSERT INTO alert_seen VALUES (?,?,?,?) ON CONFLICT (condition, series) DO UPDATE SET"
                " at=MAX(at, excluded.at)",
                [(condition, series, at, json.dumps(body)) for series, at, body in found],
            )

    def forget(self, condition: str, series: str) -> None:
        """Forget a series that will not come back."""
        with self._cloud.transaction() as connection:
            connection.execute("DELETE FROM alert_seen WHERE condition=? AND series=?", (condition, series))


def new_incident_id() -> str:
    """Return a fresh id as Google's are: `0.` and twelve letters or digits."""
    return "0." + "".join(secrets.choice(_DIGITS) for _ in range(12))


def _tell(
    connection: "sqlite3.Connection",
    incident: Incident,
    state: str,
    body: Json,
    channels: Iterable[str],
    *,
    at: float | None = None,
) -> None:
    when = incident.opened if at is None else at
    connection.executemany(
        "INSERT INTO delivery (incident, state, channel, body, created, next_at, status, error)"
        " VALUES (?,?,?,?,?,?,'waiting','')",
        [(incident.id, state, channel, json.dumps(body), when, when) for channel in channels],
    )


def _delivery(row: tuple[Any, ...]) -> Delivery:
    return Delivery(
        seq=row[0],
        incident=row[1],
        state=row[2],
        channel=row[3],
        body=row[4],
        created=row[5],
        attempts=row[6],
    )
