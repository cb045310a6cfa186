"""Virtual machines: what Compute Engine and the Ops Agent measure of them.

Metrics: https://cloud.google.com/monitoring/api/metrics_gcp_c#gcp-compute.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.network.machines import INSTANCE, MANAGED, Machine, machines
from sandbox.network.view import Values, block, name_of
from sandbox.physics.load import TICK_S, Capacity, Load
from sandbox.physics.measure import Moments, Sample, Source
from sandbox.physics.noise import noise, seed_of, wobble
from sandbox.physics.sizes import machine_size
from sandbox.physics.world import Subject, World

_COMPUTE = "compute.googleapis.com/instance"
_AGENT = "agent.googleapis.com"
_AGENT_MARK = "google-cloud-ops-agent"
_BLOCK_BYTES = 64 * 1024  # of one read or write
_BYTES_A_REQUEST = 8_000
_BOOT_GB = 10.0


class Machines:
    """`google_compute_instance` and what is made like it."""

    types = MANAGED

    def capacity(self, subject: Subject, world: World) -> Capacity:
        """Return what the machine type and the disk give."""
        values = _whole(subject, world)
        cpu, memory_gb = machine_size(str(values.get("machine_type") or ""))
        return Capacity(cpu=cpu, memory_gb=memory_gb, disk_gb=boot_disk_gb(values, world), most_cpu=cpu)

    def first_load(self, subject: Subject, capacity: Capacity) -> Load:
        """Return a quarter to a third of the processors, and less than half of memory and disk."""
        return usual_load(subject.id, capacity)

    def samples(self, subject: Subject, world: World, moments: Moments) -> Iterator[Sample]:
        """Yield the machine's measurements; one at rest has none."""
        values = _whole(subject, world)
        machine = Machine(world.view, values)
        zone = name_of(str(subject.values.get("zone") or ""))
        if not machine.running:
            return
        one = Measured(
            name=subject.name,
            number=str(subject.values.get("instance_id") or ""),
            zone=zone,
            project=subject.project,
            capacity=self.capacity(subject, world),
            agent=has_agent(values),
            since=float(subject.kept.get("since", 0.0)),
        )
        yield from one.samples([(at, load) for at, load in moments if zone not in load.lost_zones])


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A running machine: alone, or the member of a group."""

    name: str
    number: str
    zone: str
    project: str
    capacity: Capacity
    agent: bool = False
    since: float = 0.0

    def samples(self, moments: Moments) -> Iterator[Sample]:
        """Yield the measurements under each moment's load."""
        labels = {"project_id": self.project, "instance_id": self.number, "zone": self.zone}
        source = Source("gce_instance", labels)
        seed = seed_of(f"{self.project}/{self.zone}/{self.name}")
        every = _series(source, self.name)
        for at, load in moments:
            for series, value in zip(every, self._values(load, seed, at), strict=True):
                yield series.at(at, value)
            if self.agent:
                yield from self._agent_samples(source, load, seed, at)

    def _values(self, load: Load, seed: int, at: float) -> tuple[float, ...]:
        used = share(load.cpu, self.capacity.cpu) * wobble(seed, at)
        used = min(1.0, max(0.0, used))
        read = load.read_bytes_s * wobble(seed, at + 1, 0.1) * TICK_S
        written = load.write_bytes_s * wobble(seed, at + 2, 0.1) * TICK_S
        served = 0.0 if load.down else load.requests_s * _BYTES_A_REQUEST * wobble(seed, at + 3, 0.1) * TICK_S
        return (
            used,
            used * self.capacity.cpu * TICK_S,
            TICK_S,
            round(max(0.0, at - self.since)),
            round(read),
            round(written),
            round(read / _BLOCK_BYTES),
            round(written / _BLOCK_BYTES),
            round(served / 5),
            round(served),
        )

    def _agent_samples(self, source: Source, load: Load, seed: int, at: float) -> Iterator[Sample]:
        memory = share(load.memory_gb, self.capacity.memory_gb) * 100 + noise(seed, at + 4)
        disk = share(load.disk_gb, self.capacity.disk_gb) * 100
        used, full = min(99.9, max(0.0, memory)), min(100.0, disk)
        for state, value in (("used", used), ("free", 100 - used)):
            yield source.series(f"{_AGENT}/memory/percent_used", state=state).at(at, value)
        for state, value in (("used", full), ("free", 100 - full)):
            series = source.series(f"{_AGENT}/disk/percent_used", state=state, device="/dev/sda1")
            yield series.at(at, value)


def _series(source: Source, name: str) -> tuple[Any, ...]:
    disk = {"device_name": "persistent-disk-0", "device_type": "permanent", "storage_type": "pd-standard"}
    through = {"loadbalanced": "false"}
    kinds: list[tuple[str, dict[str, str]]] = [
        *((one, {}) for one in ("cpu/utilization", "cpu/usage_time", "uptime", "uptime_total")),
        *((f"disk/{one}_count", disk) for one in ("read_bytes", "write_bytes", "read_ops", "write_ops")),
        *((f"network/{one}_count", through) for one in ("received_bytes", "sent_bytes")),
    ]
    return tuple(source.series(f"{_COMPUTE}/{metric}", instance_name=name, **more) for metric, more in kinds)


def usual_load(resource_id: str, capacity: Capacity) -> Load:
    """Return what a machine or group of this capacity has to do on an ordinary day."""
    seed = seed_of(resource_id)
    return Load(
        cpu=(0.30 + 0.05 * noise(seed, 1)) * capacity.cpu,
        memory_gb=(0.45 + 0.05 * noise(seed, 2)) * capacity.memory_gb,
        disk_gb=(0.40 + 0.05 * noise(seed, 3)) * capacity.disk_gb,
        read_bytes_s=2e6 * wobble(seed, 4, 0.5),
        write_bytes_s=1e6 * wobble(seed, 5, 0.5),
        requests_s=20 * wobble(seed, 6, 0.5),
        latency_ms=80 * wobble(seed, 7, 0.3),
        errors=0.001,
    )


def _whole(subject: Subject, world: World) -> Values:
    """Return the attributes with those of the template that the machine was made from, where it has one."""
    if subject.type == INSTANCE:
        return subject.values
    return next(
        (one.values for one in machines(world.view) if one.values["id"] == subject.id), subject.values
    )


def share(demand: float, capacity: float) -> float:
    """Return how much of a capacity is used; all of it where there is none."""
    return demand / capacity if capacity > 0 else 1.0


def has_agent(values: Mapping[str, Any]) -> bool:
    """Return whether the machine's start-up script installs the Ops Agent."""
    metadata = values.get("metadata") or {}
    scripts = [
        values.get("metadata_startup_script"),
        metadata.get("startup-script"),
        metadata.get("user-data"),
    ]
    return any(_AGENT_MARK in str(script) for script in scripts if script)


def boot_disk_gb(values: Values, world: World) -> float:
    """Return the size of the boot disk in GB."""
    disk = block(values, "boot_disk") or block(values, "disk")
    source = world.view.one(
        str(disk.get("source") or ""), "google_compute_disk", "google_compute_region_disk"
    )
    size = (
        (source or {}).get("size") or block(disk, "initialize_params").get("size") or disk.get("disk_size_gb")
    )
    return float(size or _BOOT_GB)
