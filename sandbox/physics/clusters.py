"""GKE: nodes and containers of a cluster.

Metrics: https://cloud.google.com/monitoring/api/metrics_kubernetes. What runs in a cluster is not known to
Terraform: one application of two pods stands for it.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.network.view import Values, block, blocks, name_of
from sandbox.physics.load import TICK_S, Capacity, Load
from sandbox.physics.machines import share
from sandbox.physics.measure import Moments, Sample, Source
from sandbox.physics.noise import noise, seed_of, wobble
from sandbox.physics.sizes import machine_size
from sandbox.physics.world import Subject, World

CLUSTER = "google_container_cluster"
_POOL = "google_container_node_pool"
_ROOT = "kubernetes.io"
_TARGET = 0.7  # up to which the cluster autoscaler fills nodes here
_AUTOPILOT = ("e2-standard-4", 3)
_PODS = 2
_CONTAINER_CPU, _CONTAINER_GB = 0.5, 0.5  # an application container's limits
_APPLICATION = "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A node pool: what one node gives, how many there are, and between what the autoscaler chooses."""

    name: str
    cpu: float
    memory_gb: float
    low: int
    high: int
    count: int


class Clusters:
    """`google_container_cluster` with its node pools."""

    types = (CLUSTER,)

    def capacity(self, subject: Subject, world: World) -> Capacity:
        """Return what the nodes give together, and what they could."""
        pools = _pools(subject, world)
        return Capacity(
            cpu=sum(one.cpu * one.count for one in pools),
            memory_gb=sum(one.memory_gb * one.count for one in pools),
            most_cpu=sum(one.cpu * one.high for one in pools),
        )

    def first_load(self, subject: Subject, capacity: Capacity) -> Load:
        """Return a quarter to a third of the nodes' processors, and less than half of their memory."""
        seed = seed_of(subject.id)
        return Load(
            cpu=(0.30 + 0.05 * noise(seed, 1)) * capacity.cpu,
            memory_gb=(0.42 + 0.05 * noise(seed, 2)) * capacity.memory_gb,
        )

    def samples(self, subject: Subject, world: World, moments: Moments) -> Iterator[Sample]:
        """Yield the measurements of nodes and containers."""
        pools = _pools(subject, world)
        usual = float(subject.kept.get("base", {}).get("cpu") or 1.0)
        for at, load in moments:
            if subject.place in load.lost_zones:
                continue
            sizes = [(pool, _size(pool, pools, load)) for pool in pools]
            cpu = sum(pool.cpu * size for pool, size in sizes)
            memory = sum(pool.memory_gb * size for pool, size in sizes)
            for pool, size in sizes:
                yield from _nodes(
                    subject, pool, size, (share(load.cpu, cpu), share(load.memory_gb, memory)), at
                )
            subject.kept["restarts"] = float(subject.kept.get("restarts", 0.0)) + load.restarts_s * TICK_S
            yield from _containers(subject, load.cpu / usual, at)


def _nodes(subject: Subject, pool: Pool, size: int, used: tuple[float, float], at: float) -> Iterator[Sample]:
    for number in range(size):
        name = f"gke-{subject.name}-{pool.name}-{_mark(f'{subject.id}/{pool.name}')}-{_mark(str(number))[:4]}"
        source = Source("k8s_node", {**_labels(subject), "node_name": name})
        seed = seed_of(name)
        for kind, value in zip(("cpu", "memory"), used, strict=True):
            series = source.series(f"{_ROOT}/node/{kind}/allocatable_utilization")
            yield series.at(at, min(1.0, value * wobble(seed, at)))


def _containers(subject: Subject, busy: float, at: float) -> Iterator[Sample]:
    restarts = float(subject.kept.get("restarts", 0.0))
    for number in range(_PODS):
        pod = f"{_APPLICATION}-{_mark(subject.id)}-{_mark(f'{subject.id}/{number}')[:5]}"
        labels = {
            **_labels(subject),
            "namespace_name": "default",
            "pod_name": pod,
            "container_name": _APPLICATION,
        }
        source = Source("k8s_container", labels)
        seed = seed_of(pod)
        used = min(1.0, 0.3 * busy * wobble(seed, at))
        memory = min(1.0, 0.4 * wobble(seed, at + 1, 0.02))
        counted = math.floor(restarts) if number == 0 else 0  # one pod's container is what fails
        yield source.series(f"{_ROOT}/container/cpu/limit_utilization").at(at, used)
        yield source.series(f"{_ROOT}/container/memory/limit_utilization", memory_type="non-evictable").at(
            at, memory
        )
        yield source.series(f"{_ROOT}/container/restart_count").at(at, counted)


def _size(pool: Pool, pools: list[Pool], load: Load) -> int:
    """Return how many nodes the cluster autoscaler gives a pool."""
    if pool.low == pool.high:
        return pool.count
    whole = sum(one.cpu * one.count for one in pools) or 1.0
    part = pool.cpu * pool.count / whole
    wanted = math.ceil(load.cpu * part / (pool.cpu * _TARGET))
    return min(pool.high, max(pool.low, wanted, pool.count))


def _pools(subject: Subject, world: World) -> list[Pool]:
    if subject.values.get("enable_autopilot"):
        kind, count = _AUTOPILOT
        cpu, memory_gb = machine_size(kind)
        return [Pool(name="autopilot", cpu=cpu, memory_gb=memory_gb, low=count, high=count, count=count)]
    own = [] if subject.values.get("remove_default_node_pool") else blocks(subject.values, "node_pool")
    rows = [
        one.values
        for one in world.subjects((_POOL,))
        if name_of(str(one.values.get("cluster") or "")) == subject.name and one.project == subject.project
    ]
    if not own and not rows and not subject.values.get("remove_default_node_pool"):
        own = [
            {**subject.values, "name": "default-pool", "node_count": subject.values.get("initial_node_count")}
        ]
    places = len(subject.values.get("node_locations") or ()) + (0 if _regional(subject) else 1)
    named = {str(one.get("name")): one for one in (*own, *rows)}
    return [_pool(name, one, max(1, places)) for name, one in named.items()]


def _pool(name: str, values: Values, zones: int) -> Pool:
    spread = len(found) if isinstance(found := values.get("node_locations"), list) and found else zones
    cpu, memory_gb = machine_size(str(block(values, "node_config").get("machine_type") or "e2-medium"))
    wanted = values.get("node_count") or values.get("initial_node_count") or 1
    count = int(str(wanted)) * spread
    scaling = block(values, "autoscaling")
    low = int(scaling.get("min_node_count") or 0) * spread or int(scaling.get("total_min_node_count") or 0)
    high = int(scaling.get("max_node_count") or 0) * spread or int(scaling.get("total_max_node_count") or 0)
    return Pool(
        name=name,
        cpu=cpu,
        memory_gb=memory_gb,
        low=low if high else count,
        high=max(high, count),
        count=count,
    )


def _regional(subject: Subject) -> bool:
    return subject.place.count("-") == 1


def _labels(subject: Subject) -> dict[str, str]:
    return {"project_id": subject.project, "location": subject.place, "cluster_name": subject.name}


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
