"""Cloud Run: what is measured of a service's revision.

Metrics: https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run.
"""

import math
import re
from collections.abc import Iterator

from sandbox.network.serverless import status_of
from sandbox.network.view import Values, block, name_of
from sandbox.physics.load import TICK_S, Capacity, Load
from sandbox.physics.machines import share
from sandbox.physics.measure import Moments, Sample, Source
from sandbox.physics.noise import noise, seed_of, wobble
from sandbox.physics.serving import counted, latency_ms, observed
from sandbox.physics.world import Subject, World

RUN = ("google_cloud_run_v2_service", "google_cloud_run_service")
_ROOT = "run.googleapis.com"
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|Ki|Mi|Gi|k|M|G)?")
_UNITS = {"m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 1e3, "M": 1e6, "G": 1e9, None: 1.0, "": 1.0}
_TARGET = 0.6  # https://cloud.google.com/run/docs/about-instance-autoscaling
_MOST = 100
_MEMORY = 512 * 2**20


class Services:
    """`google_cloud_run_v2_service` and `google_cloud_run_service`."""

    types = RUN

    def capacity(self, subject: Subject, world: World) -> Capacity:
        """Return what all instances give that the service may have, and the memory of one."""
        del world
        cpu = instance_cpu(subject.values) * _limits(subject.values)[1]
        memory_gb = _quantity(_container_limits(subject.values).get("memory"), _MEMORY) / 2**30
        return Capacity(cpu=cpu, memory_gb=memory_gb, most_cpu=cpu)

    def first_load(self, subject: Subject, capacity: Capacity) -> Load:
        """Return what keeps one instance half busy."""
        seed = seed_of(subject.id)
        one = instance_cpu(subject.values)
        return Load(
            cpu=min(0.35 * capacity.cpu, 0.5 * one * wobble(seed, 1, 0.2)),
            memory_gb=(0.45 + 0.05 * noise(seed, 2)) * capacity.memory_gb,
            requests_s=20 * wobble(seed, 3, 0.3),
            latency_ms=120 * wobble(seed, 4, 0.3),
            errors=0.001,
        )

    def samples(self, subject: Subject, world: World, moments: Moments) -> Iterator[Sample]:
        """Yield the measurements of the newest revision."""
        source = Source("cloud_run_revision", _labels(subject))
        one, (low, high) = instance_cpu(subject.values), _limits(subject.values)
        capacity = self.capacity(subject, world)
        seed = seed_of(subject.id)
        status = status_of(world.view, subject.type, subject.values, through_balancer=True)
        good = source.series(f"{_ROOT}/request_count", response_code="200", response_code_class="2xx")
        bad = source.series(f"{_ROOT}/request_count", response_code="500", response_code_class="5xx")
        taken = source.series(f"{_ROOT}/request_latencies", response_code="200", response_code_class="2xx")
        cpu = source.series(f"{_ROOT}/container/cpu/utilizations")
        memory = source.series(f"{_ROOT}/container/memory/utilizations")
        count = source.series(f"{_ROOT}/container/instance_count", state="active")
        billed = source.series(f"{_ROOT}/container/billable_instance_time")
        for at, load in moments:
            instances = min(high, max(low, math.ceil(load.cpu / (one * _TARGET)), 1))
            total, failed = counted(load, status, seed, at)
            used = share(load.cpu, one * instances)
            yield good.at(at, total - failed)
            yield bad.at(at, failed)
            yield from observed(taken, at, latency_ms(load, capacity), seed)
            yield cpu.at(at, min(1.0, used * wobble(seed, at + 1)))
            yield memory.at(at, min(1.0, share(load.memory_gb, capacity.memory_gb)))
            yield count.at(at, instances)
            yield billed.at(at, instances * TICK_S)


def instance_cpu(values: Values) -> float:
    """Return the processors of one instance."""
    return _quantity(_container_limits(values).get("cpu"), 1.0)


def _labels(subject: Subject) -> dict[str, str]:
    status = block(subject.values, "status")
    revision = subject.values.get("latest_ready_revision") or status.get("latest_ready_revision_name")
    return {
        "project_id": subject.project,
        "location": subject.place,
        "service_name": subject.name,
        "revision_name": name_of(str(revision or "")),
        "configuration_name": subject.name,
    }


def _container_limits(values: Values) -> Values:
    template = block(values, "template")
    container = block(block(template, "spec") or template, "containers")
    limits: Values = block(container, "resources").get("limits") or {}
    return limits


def _limits(values: Values) -> tuple[int, int]:
    """Return how many instances there are at least and at most."""
    template = block(values, "template")
    scaling = block(template, "scaling")
    marks = block(template, "metadata").get("annotations") or {}
    low = scaling.get("min_instance_count") or marks.get("autoscaling.knative.dev/minScale") or 0
    high = scaling.get("max_instance_count") or marks.get("autoscaling.knative.dev/maxScale") or _MOST
    return int(low), max(1, int(high))


def _quantity(text: object, default: float) -> float:
    found = _QUANTITY.fullmatch(str(text or ""))
    return float(found[1]) * _UNITS[found[2]] if found else default
