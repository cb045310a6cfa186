"""Managed instance groups: their members' measurements, and the autoscaler that really scales.

Autoscaler decisions: https://cloud.google.com/compute/docs/autoscaler/understanding-autoscaler-decisions.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from sandbox.compute_api.members import Member, members_of, template_of
from sandbox.network.groups import MANAGERS, size_of
from sandbox.network.machines import TEMPLATES
from sandbox.network.view import block, refers
from sandbox.physics.load import Capacity, Load
from sandbox.physics.machines import Measured, has_agent, share, usual_load
from sandbox.physics.measure import Moments, Sample, Source
from sandbox.physics.noise import seed_of
from sandbox.physics.sizes import machine_size
from sandbox.physics.world import Subject, World

_SCALERS = ("google_compute_autoscaler", "google_compute_region_autoscaler")
_COOLDOWN_S = 60.0
_STABLE_S = 600.0  # how long demand must have been lower before machines are taken away
_TARGET = 0.6
_BOOT_GB = 10.0


class Groups:
    """`google_compute_instance_group_manager` and its regional kind."""

    types = MANAGERS

    def capacity(self, subject: Subject, world: World) -> Capacity:
        """Return what the machines of the group give together."""
        one = _member_capacity(subject, world)
        size = max(1, size_of(world.view, subject.values))
        most = max(size, Scaling(subject, world).most)
        return Capacity(
            cpu=one.cpu * size,
            memory_gb=one.memory_gb * size,
            disk_gb=one.disk_gb * size,
            most_cpu=one.cpu * most,
        )

    def first_load(self, subject: Subject, capacity: Capacity) -> Load:
        """Return a quarter to a third of what the group can do."""
        return usual_load(subject.id, capacity)

    def samples(self, subject: Subject, world: World, moments: Moments) -> Iterator[Sample]:
        """Yield the members' measurements, the group's size and the autoscaler's view."""
        one = _member_capacity(subject, world)
        scaling = Scaling(subject, world)
        size = started = size_of(world.view, subject.values)
        known: dict[int, list[Member]] = {}
        lives: dict[str, tuple[Member, list[tuple[float, Load]]]] = {}
        source = _size_source(subject)
        for at, load in moments:
            if size not in known:
                known[size] = _members(subject, world, size)
            running = [member for member in known[size] if _runs(member, load)]
            for member in running:
                lives.setdefault(member.number, (member, []))[1].append((at, _shared(load, len(running))))
            yield source.series("compute.googleapis.com/instance_group/size").at(at, size)
            used = min(1.0, share(load.cpu, one.cpu * len(running))) if running else 0.0
            yield from scaling.samples(at, used * len(running), size)
            size = scaling.decide(at, load.cpu, one.cpu, size)
        for member, life in lives.values():
            yield from _measured(member, one, float(subject.kept.get("since", 0.0))).samples(life)
        if size != started:
            subject.values["target_size"] = size
            world.put(subject, "resize")


class Scaling:
    """A group's autoscaler; one that does nothing where the group has none."""

    def __init__(self, subject: Subject, world: World) -> None:
        self._subject = subject
        found = [
            one
            for one in world.subjects(_SCALERS)
            if refers(str(one.values.get("target") or ""), subject.values)
        ]
        self._scaler = found[0] if found else None
        policy = block(found[0].values, "autoscaling_policy") if found else {}
        self.on = bool(found) and str(policy.get("mode") or "ON") != "OFF"
        self.least = int(policy.get("min_replicas") or 0)
        self.most = int(policy.get("max_replicas") or 0)
        self._cooldown_s = float(policy.get("cooldown_period") or _COOLDOWN_S)
        by_cpu = block(policy, "cpu_utilization")
        self._target = float(by_cpu.get("target") or _TARGET)
        self._only_out = policy.get("mode") in {"ONLY_SCALE_OUT", "ONLY_UP"}

    def decide(self, at: float, demand: float, each: float, size: int) -> int:
        """Return the size the group has from now on."""
        if not self.on:
            return size
        kept: dict[str, Any] = self._subject.kept
        wanted = min(max(math.ceil(demand / (each * self._target) - 1e-9), self.least, 1), max(self.most, 1))
        if wanted >= size:
            kept["lower_since"] = at
        if wanted > size and at - float(kept.get("scaled", 0.0)) >= self._cooldown_s:
            kept["scaled"] = at
            return wanted
        if (
            wanted < size
            and not self._only_out
            and at - float(kept.setdefault("lower_since", at)) >= _STABLE_S
        ):
            kept["scaled"] = kept["lower_since"] = at
            return wanted
        return size

    def samples(self, at: float, used: float, size: int) -> Iterator[Sample]:
        """Yield what the autoscaler says of itself: both sums over the group's machines."""
        if self._scaler is None:
            return
        labels = {
            "project_id": self._subject.project,
            "location": self._subject.place,
            "autoscaler_name": self._scaler.name,
            "instance_group_manager_name": self._subject.name,
            "instance_group_manager_id": str(self._subject.values.get("instance_group_manager_id") or ""),
        }
        source = Source("autoscaler", labels)
        kind = {"metric_type": "compute.googleapis.com/instance/cpu/utilization"}
        yield source.series("autoscaler.googleapis.com/current_utilization", **kind).at(at, used)
        yield source.series("autoscaler.googleapis.com/capacity", **kind).at(at, self._target * size)


def _members(subject: Subject, world: World, size: int) -> list[Member]:
    return list(members_of(cast("Any", world), world.view, {**subject.values, "target_size": size}))


def _runs(member: Member, load: Load) -> bool:
    return member.status == "RUNNING" and member.zone not in load.lost_zones


def _member_capacity(subject: Subject, world: World) -> Capacity:
    template = world.view.one(template_of(subject.values).partition("?")[0], *TEMPLATES) or {}
    cpu, memory_gb = machine_size(str(template.get("machine_type") or ""))
    disk = block(template, "disk")
    return Capacity(cpu=cpu, memory_gb=memory_gb, disk_gb=float(disk.get("disk_size_gb") or _BOOT_GB))


def _shared(load: Load, members: int) -> Load:
    """Return a member's part of the group's load."""
    return replace(
        load,
        cpu=load.cpu / members,
        memory_gb=load.memory_gb / members,
        disk_gb=load.disk_gb / members,
        requests_s=load.requests_s / members,
    )


def _size_source(subject: Subject) -> Source:
    number = str(seed_of(subject.id))
    labels = {
        "project_id": subject.project,
        "location": subject.place,
        "instance_group_name": subject.name,
        "instance_group_id": number,
    }
    return Source("instance_group", labels)


def _measured(member: Member, capacity: Capacity, since: float) -> Measured:
    return Measured(
        name=member.name,
        number=member.number,
        zone=member.zone,
        project=member.project,
        capacity=capacity,
        agent=has_agent(member.values),
        since=since,
    )
