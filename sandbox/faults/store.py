"""The injected faults, in the cloud's file."""

import json
import sqlite3
from typing import Any

from sandbox.physics.load import Fault

_COLUMNS = "id, kind, type, resource, name, started, until, ended, why, body"


def active_faults(connection: sqlite3.Connection, since: float) -> list[Fault]:
    """Return the faults that act now or acted after a time, oldest first."""
    query = f"SELECT {_COLUMNS} FROM fault WHERE (ended IS NULL OR ended>?) ORDER BY started, rowid"  # noqa: S608
    return [_fault(row) for row in connection.execute(query, (since,))]


def all_faults(connection: sqlite3.Connection) -> list[Fault]:
    """Return every fault there ever was, oldest first."""
    query = f"SELECT {_COLUMNS} FROM fault ORDER BY started, rowid"  # noqa: S608
    return [_fault(row) for row in connection.execute(query)]


def save(connection: sqlite3.Connection, fault: Fault) -> None:
    """Keep a fault as it is now."""
    connection.execute(
        "INSERT OR REPLACE INTO fault VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            fault.fault_id,
            fault.kind,
            fault.type,
            fault.resource_id,
            fault.name,
            fault.started,
            fault.until,
            fault.ended,
            fault.why,
            json.dumps(fault.body),
        ),
    )


def _fault(row: tuple[Any, ...]) -> Fault:
    return Fault(
        fault_id=row[0],
        kind=row[1],
        type=row[2],
        resource_id=row[3],
        name=row[4],
        started=row[5],
        until=row[6],
        ended=row[7],
        why=row[8],
        body=json.loads(row[9]),
    )
