"""Cloud SQL: what is measured of a database instance.

Metrics: https://cloud.google.com/monitoring/api/metrics_gcp_c#gcp-cloudsql. Connections that an instance allows:
https://cloud.google.com/sql/docs/postgres/flags#postgres-m, https://cloud.google.com/sql/docs/quotas.
"""

from collections.abc import Iterator

from sandbox.network.view import block, blocks, name_of
from sandbox.physics.load import TICK_S, Capacity, Load
from sandbox.physics.machines import share
from sandbox.physics.measure import Moments, Sample, Source
from sandbox.physics.noise import noise, seed_of, wobble
from sandbox.physics.sizes import tier_size
from sandbox.physics.world import Subject, World

SQL = "google_sql_database_instance"
_ROOT = "cloudsql.googleapis.com/database"
# The least memory in GB for a limit.
_POSTGRES_LIMITS = (
    (120, 1000), (60, 800), (30, 600), (15, 500), (7.5, 400), (6, 200), (3.75, 100), (1, 50), (0, 25),
)  # fmt: skip
_MYSQL_LIMIT, _SQLSERVER_LIMIT = 4000, 32_767
_MYSQL_SHARED = {"db-f1-micro": 250, "db-g1-small": 1000}
_DISK_GB = 10.0
_IO_BYTES = 16 * 1024


class Databases:
    """`google_sql_database_instance`."""

    types = (SQL,)

    def capacity(self, subject: Subject, world: World) -> Capacity:
        """Return what the tier, the disk and `max_connections` give."""
        del world
        settings = block(subject.values, "settings")
        cpu, memory_gb = tier_size(str(settings.get("tier") or ""))
        return Capacity(
            cpu=cpu,
            memory_gb=memory_gb,
            disk_gb=float(settings.get("disk_size") or _DISK_GB),
            connections=_most_connections(subject, memory_gb),
            most_cpu=cpu,
        )

    def first_load(self, subject: Subject, capacity: Capacity) -> Load:
        """Return a quarter to a third of the processors, and a tenth of the connections, 40 at most."""
        seed = seed_of(subject.id)
        return Load(
            cpu=(0.30 + 0.05 * noise(seed, 1)) * capacity.cpu,
            memory_gb=(0.50 + 0.05 * noise(seed, 2)) * capacity.memory_gb,
            disk_gb=(0.35 + 0.05 * noise(seed, 3)) * capacity.disk_gb,
            connections=min(40.0, capacity.connections / 10) * wobble(seed, 4, 0.2),
            read_bytes_s=1e6 * wobble(seed, 5, 0.3),
        )

    def samples(self, subject: Subject, world: World, moments: Moments) -> Iterator[Sample]:
        """Yield the instance's measurements; one that is switched off only says that it is not up."""
        capacity = self.capacity(subject, world)
        source = Source(
            "cloudsql_database",
            {
                "project_id": subject.project,
                "database_id": f"{subject.project}:{subject.name}",
                "region": subject.place,
            },
        )
        off = block(subject.values, "settings").get("activation_policy") == "NEVER"
        seed = seed_of(subject.id)
        databases = _databases(subject, world)
        up = source.series(f"{_ROOT}/up")
        every = [source.series(f"{_ROOT}/{name}") for name in _GAUGES]
        for at, load in moments:
            dead = off or load.down
            yield up.at(at, 0 if dead else 1)
            if dead:
                continue
            for series, value in zip(every, _values(load, capacity, seed, at), strict=True):
                yield series.at(at, value)
            count = min(load.connections * wobble(seed, at + 9), capacity.connections)
            yield from _connections(source, databases, count, at)


_GAUGES = ("cpu/utilization", "memory/utilization", "disk/utilization", "disk/read_ops_count")


def _values(load: Load, capacity: Capacity, seed: int, at: float) -> tuple[float, ...]:
    return (
        min(1.0, share(load.cpu, capacity.cpu) * wobble(seed, at)),
        min(0.99, share(load.memory_gb, capacity.memory_gb) * wobble(seed, at + 1, 0.01)),
        min(1.0, share(load.disk_gb, capacity.disk_gb)),
        round(load.read_bytes_s / _IO_BYTES * TICK_S * wobble(seed, at + 2, 0.1)),
    )


def _connections(source: Source, databases: list[str], count: float, at: float) -> Iterator[Sample]:
    """Yield the connections: PostgreSQL counts them for each database, the others in all."""
    if not databases:
        yield source.series(f"{_ROOT}/network/connections").at(at, round(count))
        return
    for position, name in enumerate(databases):
        series = source.series(f"{_ROOT}/postgresql/num_backends", database=name)
        yield series.at(at, round(count) if position == 0 else 1)


def _databases(subject: Subject, world: World) -> list[str]:
    """Return a PostgreSQL instance's databases, the application's first; none for the other engines."""
    if not str(subject.values.get("database_version") or "").startswith("POSTGRES"):
        return []
    made = [
        one.name
        for one in world.subjects(("google_sql_database",))
        if name_of(str(one.values.get("instance") or "")) == subject.name and one.project == subject.project
    ]
    return [*made, "postgres"]


def _most_connections(subject: Subject, memory_gb: float) -> float:
    """Return what the flag says, else Google's default for the tier."""
    settings = block(subject.values, "settings")
    for flag in blocks(settings, "database_flags"):
        value = str(flag.get("value") or "")
        if flag.get("name") in {"max_connections", "user connections"} and value.isdigit() and int(value):
            return float(value)
    version = str(subject.values.get("database_version") or "")
    if version.startswith("POSTGRES"):
        return float(next(limit for least, limit in _POSTGRES_LIMITS if memory_gb >= least))
    if version.startswith("SQLSERVER"):
        return float(_SQLSERVER_LIMIT)
    return float(_MYSQL_SHARED.get(str(settings.get("tier")), _MYSQL_LIMIT))
