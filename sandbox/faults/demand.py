"""More is asked of a resource than it can bear: only more capacity, or less demand, helps."""

from typing import Any, ClassVar

from sandbox.faults.kind import CLUSTERS, GROUPS, RUN, SQL, VMS, Kind, Place, grown, number, raised
from sandbox.physics.load import Fault, Happening, Load

_SPIKE = 0.95
_LEAK, _FULL = 0.95, 0.97
_GROWTH_S = 600.0  # until memory or disk is as full as it gets
_HEAVY_READS = 300e6
_CROWDED = 0.98  # of the connections
_FEWEST = 130.0


class CpuSpike(Kind):
    """Work that keeps the processors busy."""

    name: ClassVar[str] = "cpu_spike"
    summary: ClassVar[str] = (
        "processors are asked for 95% of what they can do (a group: of what it can grow to)"
    )
    fits: ClassVar[tuple[str, ...]] = (*VMS, *GROUPS, *RUN)
    alert: ClassVar[str] = "cpu"
    cure: ClassVar[str] = "more processors: a bigger machine type, more machines, a higher maximum"

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return the vCPUs' worth that is asked for besides."""
        return {"cpu": raised(_SPIKE, place.usual.cpu, place.capacity.most_cpu)}

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Ask for more."""
        del at
        load.cpu += number(fault.body, "cpu")


class SqlCpu(CpuSpike):
    """Queries that keep a database's processors busy."""

    name: ClassVar[str] = "sql_cpu"
    summary: ClassVar[str] = "a database's processors are asked for 95% of what they can do"
    fits: ClassVar[tuple[str, ...]] = SQL
    cure: ClassVar[str] = "a bigger tier"


class NodePressure(Kind):
    """More work than a cluster's nodes can bear."""

    name: ClassVar[str] = "node_pressure"
    summary: ClassVar[str] = "a cluster's nodes are asked for 95% of their processors and memory"
    fits: ClassVar[tuple[str, ...]] = CLUSTERS
    alert: ClassVar[str] = "node cpu and memory"
    cure: ClassVar[str] = "more nodes, or bigger ones"

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return the vCPUs' worth and the memory that are asked for besides."""
        capacity, usual = place.capacity, place.usual
        most = capacity.most_cpu / capacity.cpu if capacity.cpu else 1.0
        return {
            "cpu": raised(_SPIKE, usual.cpu, capacity.most_cpu),
            "memory_gb": raised(_SPIKE, usual.memory_gb, capacity.memory_gb * most),
        }

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Ask for more."""
        del at
        load.cpu += number(fault.body, "cpu")
        load.memory_gb += number(fault.body, "memory_gb")


class MemoryLeak(Kind):
    """A program that keeps memory it does not need."""

    name: ClassVar[str] = "memory_leak"
    summary: ClassVar[str] = "memory fills to 95% within 10 minutes"
    fits: ClassVar[tuple[str, ...]] = (*VMS, *GROUPS, *RUN, *SQL)
    ends_with: ClassVar[tuple[Happening, ...]] = ("restart", "replace", "redeploy")
    alert: ClassVar[str] = "memory"
    cure: ClassVar[str] = "a restart, or more memory"

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return how much memory it comes to."""
        return {"memory_gb": raised(_LEAK, place.usual.memory_gb, place.capacity.memory_gb)}

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Keep more and more."""
        load.memory_gb += number(fault.body, "memory_gb") * grown(fault, at, _GROWTH_S)


class DiskFill(Kind):
    """Files that nobody removes."""

    name: ClassVar[str] = "disk_fill"
    summary: ClassVar[str] = (
        "the disk fills to 97% within 10 minutes; a database does not grow its disk by itself"
    )
    fits: ClassVar[tuple[str, ...]] = (*VMS, *GROUPS, *SQL)
    ends_with: ClassVar[tuple[Happening, ...]] = ("replace",)
    alert: ClassVar[str] = "disk percentage"
    cure: ClassVar[str] = "a bigger disk; a new machine has a new disk"

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return how much it comes to."""
        return {"disk_gb": raised(_FULL, place.usual.disk_gb, place.capacity.disk_gb)}

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Keep more and more."""
        load.disk_gb += number(fault.body, "disk_gb") * grown(fault, at, _GROWTH_S)


class DiskRead(Kind):
    """A process that reads the disk without end."""

    name: ClassVar[str] = "disk_read"
    summary: ClassVar[str] = "a runaway process reads 300 MB/s"
    fits: ClassVar[tuple[str, ...]] = (*VMS, *GROUPS)
    ends_with: ClassVar[tuple[Happening, ...]] = ("restart", "replace", "redeploy")
    alert: ClassVar[str] = "disk read bytes"
    cure: ClassVar[str] = "a restart"

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Read."""
        del fault, at
        load.read_bytes_s += _HEAVY_READS


class SqlConnections(Kind):
    """Clients that open connections and never close them."""

    name: ClassVar[str] = "sql_connections"
    summary: ClassVar[str] = "clients hold 98% of the connections that the database allows"
    fits: ClassVar[tuple[str, ...]] = SQL
    ends_with: ClassVar[tuple[Happening, ...]] = ("restart", "replace")
    alert: ClassVar[str] = "connections"
    cure: ClassVar[str] = "a restart, which a higher max_connections or another tier brings with it"

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return how many connections are held besides."""
        wanted = max(_CROWDED * place.capacity.connections, _FEWEST)
        return {"connections": max(0.0, wanted - place.usual.connections)}

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Hold connections."""
        del at
        load.connections += number(fault.body, "connections")


class TrafficDrop(Kind):
    """Almost nobody comes: something before the resource is broken."""

    name: ClassVar[str] = "traffic_drop"
    summary: ClassVar[str] = "requests fall to 3% of the usual for half an hour"
    fits: ClassVar[tuple[str, ...]] = (
        *VMS,
        *GROUPS,
        *RUN,
        "google_compute_url_map",
        "google_compute_region_url_map",
    )
    lasts_s: ClassVar[float | None] = 1800.0
    alert: ClassVar[str] = "request count below"
    cure: ClassVar[str] = "time: nothing that is done to the resource"

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Ask for almost nothing."""
        del fault, at
        load.requests_s *= 0.03
        load.cpu *= 0.3
