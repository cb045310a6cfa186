"""The simulated cloud's physics: what each resource measures as time goes on."""

import sqlite3
import threading
from typing import TYPE_CHECKING

from sandbox.physics.load import TICK_S
from sandbox.physics.step import Step

if TYPE_CHECKING:
    from sandbox.clock import CloudClock
    from sandbox.cloud import Cloud

_BACK_S = 2 * 3600.0
_HISTORY_S = 600.0  # of a cloud that nobody has looked at before
_KEPT_S = 6 * 3600.0
_PRUNED_EACH_S = 600.0


class Physics:
    """Writes a sample each 10 simulated seconds for everything that stands in the cloud.

    Nothing runs by itself: whoever reads or changes the cloud calls `advance` first.
    """

    def __init__(self, cloud: "Cloud", clock: "CloudClock") -> None:
        self._cloud = cloud
        self._clock = clock
        self._lock = threading.Lock()

    def advance(self, *, always: bool = False) -> int:
        """Write what was measured since the last call, 2 h back at most; return how many samples.

        `always` looks at faults and machines even where nothing has happened and no tick has come since.
        """
        if not always and not self._is_due():
            return 0
        with self._lock, self._cloud.transaction() as connection:
            now = self._clock.seconds()
            last, seq = _last_tick(connection, now)
            newest = _last_operation(connection)
            ticks = _ticks(last, now)
            if not ticks and newest == seq and not always:
                return 0
            step = Step(connection, self._clock, now, last)
            step.hear(seq)
            step.settle()
            written = step.measure(ticks)
            at = ticks[-1] if ticks else last
            row = (at, _last_operation(connection))
            connection.execute("INSERT OR REPLACE INTO tick VALUES (1, ?, ?)", row)
            if now // _PRUNED_EACH_S != last // _PRUNED_EACH_S:
                connection.execute("DELETE FROM series WHERE at<?", (now - _KEPT_S,))
            return written

    def _is_due(self) -> bool:
        """Return whether a tick has come or something has happened, without keeping writers waiting."""
        with self._cloud.connection() as connection:
            now = self._clock.seconds()
            last, seq = _last_tick(connection, now)
            return bool(_ticks(last, now)) or _last_operation(connection) != seq


def _last_tick(connection: sqlite3.Connection, now: float) -> tuple[float, int]:
    row = connection.execute("SELECT at, seq FROM tick WHERE id=1").fetchone()
    return (float(row[0]), int(row[1])) if row else (now - _HISTORY_S, _last_operation(connection))


def _last_operation(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT COALESCE(MAX(seq), 0) FROM operation").fetchone()[0])


def _ticks(last: float, now: float) -> list[float]:
    first = int(max(last, now - _BACK_S) // TICK_S) + 1
    return [number * TICK_S for number in range(first, int(now // TICK_S) + 1)]
