"""The simulated cloud's memory: every resource, operation and measurement, in one SQLite file."""

import hashlib
import json
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.projects import new_project

Values = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (
    type TEXT, id TEXT, project TEXT, body TEXT, built_in INTEGER, created REAL, updated REAL,
    PRIMARY KEY (type, id));
CREATE INDEX IF NOT EXISTS resource_project ON resource (project);
CREATE TABLE IF NOT EXISTS operation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL, verb TEXT, type TEXT, id TEXT);
CREATE TABLE IF NOT EXISTS project (id TEXT PRIMARY KEY, number TEXT, created REAL);
CREATE TABLE IF NOT EXISTS claim (scope TEXT, key TEXT, owner TEXT, PRIMARY KEY (scope, key));
CREATE INDEX IF NOT EXISTS claim_owner ON claim (owner);
CREATE TABLE IF NOT EXISTS series (metric TEXT, resource_type TEXT, labels TEXT, at REAL, value REAL);
CREATE INDEX IF NOT EXISTS series_at ON series (metric, at);
CREATE TABLE IF NOT EXISTS machine (id TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY, real REAL, simulated REAL, factor REAL);
CREATE TABLE IF NOT EXISTS tick (id INTEGER PRIMARY KEY, at REAL, seq INTEGER);
CREATE TABLE IF NOT EXISTS load (type TEXT, id TEXT, body TEXT, PRIMARY KEY (type, id));
CREATE TABLE IF NOT EXISTS fault (
    id TEXT PRIMARY KEY, kind TEXT, type TEXT, resource TEXT, name TEXT, started REAL, until REAL,
    ended REAL, why TEXT, body TEXT);
"""
# the clock goes on through a reset
_TABLES = ("resource", "operation", "project", "claim", "series", "machine", "tick", "load", "fault")
_PROJECT = re.compile(r"(?:^|/)projects/([^/]+)/")
_BUSY_MS = 15_000


class Row(NamedTuple):
    """One resource: its Terraform type, its id and its attributes."""

    type: str
    id: str
    values: Values


class Operation(NamedTuple):
    """One line of the operations log; `at` is epoch seconds."""

    seq: int
    at: float
    verb: str
    type: str
    id: str


class Point(NamedTuple):
    """One measurement; `at` is epoch seconds, `labels` has `metric.…` and `resource.…` keys."""

    metric: str
    resource_type: str
    labels: Mapping[str, str]
    at: float
    value: float


Rows = list[Row]
Operations = list[Operation]
Points = list[Point]


class Cloud:
    """All projects' resources in one file, which several threads and processes may use at once."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        if str(self.path) != ":memory:":
            Path(self.path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            Path(self.path).touch(mode=0o600)  # what it holds may be secret
        with self.connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    # --- resources ----------------------------------------------------------------------------------------

    def get(self, resource_type: str, resource_id: str) -> Values | None:
        """Return the resource's attributes, or None where there is no such resource."""
        if found := _PROJECT.search(resource_id):
            self.open_project(found[1])
        row = self._one("SELECT body FROM resource WHERE type=? AND id=?", resource_type, resource_id)
        return json.loads(row[0]) if row else None

    def put(
        self,
        resource_type: str,
        resource_id: str,
        values: Mapping[str, Any],
        verb: str,
        *,
        built_in: bool = False,
    ) -> None:
        """Write a resource whole, log `verb` (create, start …); `built_in` for what Google makes itself."""
        project = _project_of(resource_id, values)
        if project:
            self.open_project(project)
        now = time.time()
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO resource VALUES (?,?,?,?,?,?,?) ON CONFLICT (type, id) DO UPDATE SET"
                " body=excluded.body, project=excluded.project, built_in=excluded.built_in,"
                " updated=excluded.updated",
                (resource_type, resource_id, project, json.dumps(values), int(built_in), now, now),
            )
            _log(connection, now, verb, resource_type, resource_id)

    def remove(self, resource_type: str, resource_id: str) -> None:
        """Delete a resource, and free what it had claimed; nothing happens where it does not exist."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM resource WHERE type=? AND id=?", (resource_type, resource_id))
            connection.execute("DELETE FROM claim WHERE owner=?", (f"{resource_type}/{resource_id}",))
            _log(connection, time.time(), "delete", resource_type, resource_id)

    def list(
        self, resource_type: str | None = None, project: str | None = None, *, built_in: bool = False
    ) -> Rows:
        """Return resources, oldest first; what each new project comes with only where `built_in` is asked."""
        if project and built_in:
            self.open_project(project)
        where = ["built_in<=?"]
        arguments: tuple[str | int, ...] = (int(built_in),)
        for column, wanted in (("type", resource_type), ("project", project)):
            if wanted is not None:
                where.append(f"{column}=?")
                arguments += (wanted,)
        query = f"SELECT type, id, body FROM resource WHERE {' AND '.join(where)} ORDER BY created, rowid"  # noqa: S608
        with self.connection() as connection:
            return [
                Row(kind, key, json.loads(body)) for kind, key, body in connection.execute(query, arguments)
            ]

    def find(self, resource_type: str, **attributes: object) -> Rows:
        """Return resources of a type whose attributes equal those given, built-in ones included."""
        project = attributes.get("project")
        rows = self.list(resource_type, project if isinstance(project, str) else None, built_in=True)
        return [
            row
            for row in rows
            if all(row.values.get(key) == wanted for key, wanted in attributes.items() if key != "project")
        ]

    def status(self) -> dict[str, int]:
        """Return how many resources of each type there are, without those every project comes with."""
        with self.connection() as connection:
            query = "SELECT type, COUNT(*) FROM resource WHERE built_in=0 GROUP BY type ORDER BY type"
            return {kind: int(count) for kind, count in connection.execute(query)}

    def operations(self, after: int = 0) -> Operations:
        """Return the operations log, oldest first, from after a sequence number."""
        with self.connection() as connection:
            query = "SELECT seq, at, verb, type, id FROM operation WHERE seq>? ORDER BY seq"
            return [Operation(*row) for row in connection.execute(query, (after,))]

    # --- projects, numbers, claims ------------------------------------------------------------------------

    def open_project(self, project: str) -> None:
        """Give a project what a new one has, the first time it is seen."""
        if self._one("SELECT 1 FROM project WHERE id=?", project) is None:
            now = time.time()
            with self.transaction() as connection:
                added = connection.execute(
                    "INSERT OR IGNORE INTO project VALUES (?,?,?)", (project, number_of(project), now)
                )
                if added.rowcount:
                    connection.executemany(
                        "INSERT OR IGNORE INTO resource VALUES (?,?,?,?,1,?,?)",
                        [
                            (kind, key, project, json.dumps(values), now, now)
                            for kind, key, values in new_project(project, number_of(project))
                        ],
                    )

    def project_number(self, project: str) -> str:
        """Return a project's number: 12 digits, the same for ever."""
        return number_of(project)

    def new_number(self) -> str:
        """Return a fresh numeric id of 19 digits, as Google gives each new thing."""
        return str(secrets.randbelow(8 * 10**18) + 10**18)

    def claim(self, scope: str, key: str, resource_type: str, resource_id: str) -> bool:
        """Take `key` in `scope` (an address in a subnetwork) for a resource; False where another has it."""
        owner = f"{resource_type}/{resource_id}"
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO claim VALUES (?,?,?)", (scope, key, owner))
            row = connection.execute(
                "SELECT owner FROM claim WHERE scope=? AND key=?", (scope, key)
            ).fetchone()
        return bool(row and row[0] == owner)

    def take(self, scope: str, key: str, resource_type: str, resource_id: str) -> bool:
        """As `claim`, but True only the first time: of several at once, one gets it."""
        with self.transaction() as connection:
            owner = f"{resource_type}/{resource_id}"
            added = connection.execute("INSERT OR IGNORE INTO claim VALUES (?,?,?)", (scope, key, owner))
        return added.rowcount > 0

    def release(self, scope: str, key: str) -> None:
        """Free a claimed key."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM claim WHERE scope=? AND key=?", (scope, key))

    def claimed(self, scope: str) -> dict[str, str]:
        """Return the claimed keys of a scope, oldest first, each with its owner (`type/id`)."""
        with self.connection() as connection:
            query = "SELECT key, owner FROM claim WHERE scope=? ORDER BY rowid"
            return dict(connection.execute(query, (scope,)).fetchall())

    # --- measurements and machines ------------------------------------------------------------------------

    def record(self, points: Iterable[Point]) -> None:
        """Add measurements."""
        with self.transaction() as connection:
            connection.executemany(
                "INSERT INTO series VALUES (?,?,?,?,?)",
                [(p.metric, p.resource_type, json.dumps(dict(p.labels)), p.at, p.value) for p in points],
            )

    def points(self, metric: str, since: float, until: float) -> Points:
        """Return a metric's measurements with since < at <= until, oldest first."""
        with self.connection() as connection:
            query = "SELECT * FROM series WHERE metric=? AND at>? AND at<=? ORDER BY at"
            rows = connection.execute(query, (metric, since, until)).fetchall()
        return [Point(name, kind, json.loads(labels), at, value) for name, kind, labels, at, value in rows]

    def metrics(self) -> tuple[str, ...]:
        """Return the names of the metrics that have been written."""
        with self.connection() as connection:
            query = "SELECT DISTINCT metric FROM series ORDER BY 1"
            return tuple(row[0] for row in connection.execute(query))

    def forget_points(self, before: float) -> None:
        """Drop measurements older than a time."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM series WHERE at<?", (before,))

    def machine(self, machine_id: str) -> Values:
        """Return what is kept of a machine's inner state; {} where nothing is."""
        row = self._one("SELECT body FROM machine WHERE id=?", machine_id)
        return json.loads(row[0]) if row else {}

    def set_machine(self, machine_id: str, state: Mapping[str, Any]) -> None:
        """Keep a machine's inner state; an empty one forgets it."""
        with self.transaction() as connection:
            if state:
                connection.execute(
                    "INSERT OR REPLACE INTO machine VALUES (?,?)", (machine_id, json.dumps(state))
                )
            else:
                connection.execute("DELETE FROM machine WHERE id=?", (machine_id,))

    def machines(self) -> dict[str, Values]:
        """Return the inner state of every machine that has one."""
        with self.connection() as connection:
            rows = connection.execute("SELECT id, body FROM machine ORDER BY id").fetchall()
        return {key: json.loads(body) for key, body in rows}

    # --- the file -----------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Empty the cloud."""
        with self.transaction() as connection:
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608

    def close(self) -> None:
        """Close the file; connections in use are closed as they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _one(self, query: str, *arguments: str) -> tuple[Any, ...] | None:
        with self.connection() as connection:
            row: tuple[Any, ...] | None = connection.execute(query, arguments).fetchone()
        return row

    @contextmanager
    def connection(self) -> Generator[sqlite3.Connection]:
        """Lend a connection that no other thread uses meanwhile."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = sqlite3.connect(
                self.path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False
            )
            connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
            connection.execute("PRAGMA synchronous=OFF")
        try:
            yield connection
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Lend a connection that alone may write; what is written counts where no error comes."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def number_of(name: str) -> str:
    """Return the 12-digit number that stands for a name such as a project's."""
    return str(int(hashlib.sha256(name.encode()).hexdigest(), 16) % (9 * 10**11) + 10**11)


def _project_of(resource_id: str, values: Mapping[str, Any]) -> str:
    project = values.get("project")
    if isinstance(project, str) and project:
        return project
    found = _PROJECT.search(resource_id)
    return found[1] if found else ""


def _log(connection: sqlite3.Connection, at: float, verb: str, resource_type: str, resource_id: str) -> None:
    connection.execute(
        "INSERT INTO operation (at, verb, type, id) VALUES (?,?,?,?)", (at, verb, resource_type, resource_id)
    )
