"""One look at the whole cloud within a transaction: resources, machines, memory, faults."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sandbox.cloud import Row
from sandbox.network.view import Values, View, name_of, refers
from sandbox.physics.load import Load

_RESOURCES = "SELECT type, id, body, built_in, created FROM resource ORDER BY created, rowid"


@dataclass(slots=True)
class Subject:
    """A resource that is measured, and what is kept of it between ticks (`kept`)."""

    type: str
    id: str
    values: Values
    created: float  # real time
    kept: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """Return the resource's name."""
        return str(self.values.get("name") or self.id.rsplit("/", 1)[-1])

    @property
    def project(self) -> str:
        """Return the project."""
        return str(self.values.get("project") or self.id.partition("projects/")[2].partition("/")[0])

    @property
    def place(self) -> str:
        """Return the zone, region or location."""
        written = (self.values.get(key) for key in ("zone", "region", "location"))
        return name_of(next((str(one) for one in written if one), ""))

    @property
    def zones(self) -> frozenset[str]:
        """Return the zones its machines are in; none where it is not tied to any."""
        spread = self.values.get("distribution_policy_zones") or ()
        found = [self.values.get("zone"), *spread]
        return frozenset(name_of(str(one)) for one in found if one)


class World:
    """The cloud as it is now; satisfies `sandbox.network.view.Listing`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.load_of: Callable[[Subject, float], Load] = lambda _subject, _at: Load()
        self._rows: dict[str, list[tuple[str, str, bool, float]]] = {}
        for kind, key, body, built_in, created in connection.execute(_RESOURCES):
            self._rows.setdefault(kind, []).append((key, body, bool(built_in), created))
        self._machines = {
            key: json.loads(body) for key, body in connection.execute("SELECT id, body FROM machine")
        }

    @cached_property
    def view(self) -> View:
        """Return the view that the simulated network works on."""
        return View(self)

    def subjects(self, types: Iterable[str]) -> list[Subject]:
        """Return the standing resources of these types, without what Google made itself."""
        return [
            Subject(kind, key, {**values, "id": values.get("id") or key}, created)
            for kind in types
            for key, body, built_in, created in self._rows.get(kind, ())
            if not built_in and (values := json.loads(body)) is not None
        ]

    def referred(self, reference: str, types: Iterable[str]) -> Subject | None:
        """Return the standing resource that a reference means."""
        return next((one for one in self.subjects(types) if refers(reference, one.values)), None)

    def put(self, subject: Subject, verb: str) -> None:
        """Write a resource as it is now, and log the operation."""
        now = time.time()
        self.connection.execute(
            "UPDATE resource SET body=?, updated=? WHERE type=? AND id=?",
            (json.dumps(subject.values), now, subject.type, subject.id),
        )
        self.connection.execute(
            "INSERT INTO operation (at, verb, type, id) VALUES (?,?,?,?)",
            (now, verb, subject.type, subject.id),
        )

    def list(
        self, resource_type: str | None = None, project: str | None = None, *, built_in: bool = False
    ) -> list[Row]:
        """Return resources as `Cloud.list` does."""
        kinds = self._rows if resource_type is None else (resource_type,)
        rows = [
            Row(kind, key, json.loads(body))
            for kind in kinds
            for key, body, made, _ in self._rows.get(kind, ())
            if built_in or not made
        ]
        return [row for row in rows if project is None or row.values.get("project") == project]

    def machine(self, machine_id: str) -> Values:
        """Return what is kept of a machine's inner state."""
        return dict(self._machines.get(machine_id, {}))

    def set_machine(self, machine_id: str, state: Mapping[str, Any]) -> None:
        """Keep a machine's inner state; an empty one forgets it."""
        self._machines[machine_id] = dict(state)
        if state:
            self.connection.execute(
                "INSERT OR REPLACE INTO machine VALUES (?,?)", (machine_id, json.dumps(state))
            )
        else:
            self.connection.execute("DELETE FROM machine WHERE id=?", (machine_id,))
