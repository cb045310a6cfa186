"""The simulated cloud's time, which may run faster than the real one, or be moved by hand."""

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import sqlite3

    from sandbox.cloud import Cloud

_ROW = "SELECT real, simulated, factor FROM clock WHERE id=1"
_FASTEST = 100_000.0


class CloudClock(Protocol):
    """What the sandbox asks of its clock."""

    def now(self) -> datetime:
        """Return the simulated time, in UTC."""
        ...

    def seconds(self) -> float:
        """Return the simulated time in epoch seconds."""
        ...

    def at_real(self, real: float) -> float | None:
        """Return the simulated time at a real one (epoch seconds); None where the two are not connected."""
        ...

    @property
    def factor(self) -> float:
        """Return how many simulated seconds pass in a real one."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for some simulated seconds."""
        ...

    def set_factor(self, factor: float) -> None:
        """Let time run this much faster from now on."""
        ...

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        ...


class SandboxClock:
    """The time of one cloud: all processes that use the cloud's file agree on it."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud

    def now(self) -> datetime:
        """Return the simulated time, in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        """Return the simulated time in epoch seconds."""
        return _simulated(self._hands(), time.time())

    def at_real(self, real: float) -> float | None:
        """Return the simulated time at a real one; before the last change of pace, as if there were none."""
        hands = self._hands()
        return _simulated(hands, real) if real >= hands[0] else hands[1] - (hands[0] - real)

    @property
    def factor(self) -> float:
        """Return how many simulated seconds pass in a real one."""
        return self._hands()[2]

    async def sleep(self, seconds: float) -> None:
        """Wait for some simulated seconds."""
        await asyncio.sleep(max(0.0, seconds) / self.factor)

    def set_factor(self, factor: float) -> None:
        """Let time run this much faster from now on; raise `ValueError` unless 0 < factor ≤ 100,000."""
        if not 0 < factor <= _FASTEST:
            raise ValueError(
                f"a clock factor of {factor:g} is not possible: take one above 0, up to {_FASTEST:,.0f}"
            )
        self._move(0.0, factor)

    def advance(self, seconds: float) -> None:
        """Jump forward; raise `ValueError` for a step back."""
        _check_step(seconds)
        self._move(seconds, None)

    def _move(self, seconds: float, factor: float | None) -> None:
        with self._cloud.transaction() as connection:
            real = time.time()
            hands = _read(connection)
            pace = hands[2] if factor is None else factor
            moved = (real, _simulated(hands, real) + seconds, pace)
            connection.execute("INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?)", moved)

    def _hands(self) -> tuple[float, float, float]:
        with self._cloud.connection() as connection:
            return _read(connection)


class ManualClock:
    """A clock in memory that moves only when it is told to: `sleep` and `advance` move its hands."""

    def __init__(self, start: datetime | float | None = None) -> None:
        began = time.time() if start is None else start
        self._seconds = began.timestamp() if isinstance(began, datetime) else float(began)
        self._factor = 1.0

    def now(self) -> datetime:
        """Return the simulated time, in UTC."""
        return datetime.fromtimestamp(self._seconds, UTC)

    def seconds(self) -> float:
        """Return the simulated time in epoch seconds."""
        return self._seconds

    def at_real(self, real: float) -> float | None:
        """Return None: these hands know nothing of real time."""
        del real
        return None

    @property
    def factor(self) -> float:
        """Return the factor last set, which changes nothing here."""
        return self._factor

    async def sleep(self, seconds: float) -> None:
        """Move the hands, and let others run."""
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)

    def set_factor(self, factor: float) -> None:
        """Keep a factor."""
        self._factor = factor

    def advance(self, seconds: float) -> None:
        """Move the hands forward; raise `ValueError` for a step back."""
        _check_step(seconds)
        self._seconds += seconds


def _read(connection: "sqlite3.Connection") -> tuple[float, float, float]:
    row = connection.execute(_ROW).fetchone()
    if row is None:
        real = time.time()
        return real, real, 1.0
    return float(row[0]), float(row[1]), float(row[2])


def _simulated(hands: tuple[float, float, float], real: float) -> float:
    since, simulated, factor = hands
    return simulated + (real - since) * factor


def _check_step(seconds: float) -> None:
    if seconds < 0:
        raise ValueError(f"time does not run backwards: {seconds:g} seconds")
