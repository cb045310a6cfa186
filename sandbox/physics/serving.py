"""Requests and how long they take, for whatever serves them.

A distribution is kept as single observations, some for each tick.
"""

from collections.abc import Iterator

from sandbox.physics.load import TICK_S, Capacity, Load
from sandbox.physics.machines import share
from sandbox.physics.measure import Sample, Series
from sandbox.physics.noise import wobble

# How long the quickest, two usual and the slowest of a tick's requests take, against the usual; and when.
_SPREAD = ((0.6, 7.5), (0.9, 5.0), (1.1, 2.5), (1.6, 0.0))
_CROWDED = 0.8  # the share of the processors from which on requests wait for each other
_CROWD_FACTOR = 15.0
_WAIT_MS = 900.0  # of a request that waits in a line as long as the processors can bear
_SERVER_ERROR = 500


def latency_ms(load: Load, capacity: Capacity) -> float:
    """Return what a request usually takes: longer where processors are busy or requests wait in line."""
    crowding = max(0.0, min(1.0, share(load.cpu, capacity.cpu)) - _CROWDED) * _CROWD_FACTOR
    line = share(load.waiting, capacity.cpu)
    return load.latency_ms * (1 + crowding) + _WAIT_MS * line * line


def observed(series: Series, at: float, usual: float, seed: int) -> Iterator[Sample]:
    """Yield a tick's observations around a usual value."""
    for factor, before in _SPREAD:
        yield series.at(at - before, usual * factor * wobble(seed, at + before, 0.05))


def counted(load: Load, status: int, seed: int, at: float) -> tuple[int, int]:
    """Return a tick's requests: how many were answered, and how many of these with a 5xx."""
    total = round(load.requests_s * TICK_S * wobble(seed, at, 0.08))
    if status >= _SERVER_ERROR or load.down:
        return total, total
    return total, round(total * min(1.0, load.errors))
