"""What is asked of a resource at one moment, in units of demand, and the faults that bend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TICK_S = 10.0
Happening = Literal["restart", "replace", "redeploy", "resize"]


@dataclass(slots=True)
class Load:
    """Demand, which capacity stands against: utilisation is their quotient, so more capacity lowers it."""

    cpu: float = 0.0  # vCPUs' worth
    memory_gb: float = 0.0
    disk_gb: float = 0.0
    read_bytes_s: float = 0.0
    write_bytes_s: float = 0.0
    requests_s: float = 0.0
    connections: float = 0.0
    latency_ms: float = 0.0
    errors: float = 0.0  # share of requests answered by a 5xx
    waiting: float = 0.0  # vCPUs' worth of requests that wait for their turn
    restarts_s: float = 0.0  # of a container
    down: bool = False  # what runs there answers nothing
    answers: int = 0  # the status that every request gets; 0 leaves it to the program
    lost_zones: frozenset[str] = frozenset()  # whose machines are out of reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a resource can bear now; 0 is what it does not have."""

    cpu: float = 0.0
    memory_gb: float = 0.0
    disk_gb: float = 0.0
    connections: float = 0.0
    most_cpu: float = 0.0  # once it has scaled out as far as it may by itself


@dataclass(slots=True, kw_only=True)
class Fault:
    """One injected fault: times are simulated epoch seconds."""

    fault_id: str
    kind: str
    type: str
    resource_id: str
    name: str
    started: float
    until: float | None = None
    ended: float | None = None
    why: str = ""  # what ended it
    body: dict[str, Any] = field(default_factory=dict[str, Any])

    def active(self, at: float) -> bool:
        """Return whether the fault acts at a time."""
        return self.started <= at < min(_or_never(self.until), _or_never(self.ended))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that was done to a resource."""

    happening: Happening
    type: str
    resource_id: str
    at: float
    verb: str = ""  # as the operations log has it


def base_load(kept: Mapping[str, Any]) -> Load:
    """Return the load that was fixed when the resource was first seen."""
    return Load(**kept)


def _or_never(at: float | None) -> float:
    return float("inf") if at is None else at
