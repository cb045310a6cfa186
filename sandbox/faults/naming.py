"""What a person may call the resource that a fault is for."""

from collections.abc import Iterable
from typing import Any, cast

from sandbox.compute_api.members import members_of
from sandbox.faults.kind import BALANCERS, CLUSTERS, FIREWALLS, GROUPS, ZONE, InjectError, Kind
from sandbox.physics.balancers import rules_of, services_of
from sandbox.physics.models import MODELS
from sandbox.physics.world import Subject, World

_POOL = "google_container_node_pool"


def find(world: World, kind: Kind, name: str, others: Iterable[Kind]) -> Subject:
    """Return the resource of this name, id or number that the kind fits; raise `InjectError`."""
    every = [*(one for model in MODELS for one in world.subjects(model.types)), *world.subjects(FIREWALLS)]
    candidates = _zones(every) if kind.fits == ZONE else every
    named = [one for one in candidates if name in _names(one, world, every)]
    if not named:
        standing = listed(f"{one.name} ({one.type})" for one in candidates)
        raise InjectError(f"nothing that can have a fault is called {name!r}", f"what stands: {standing}")
    fitting = [one for one in named if one.type in kind.fits]
    if not fitting:
        kinds = listed(one.name for one in others if named[0].type in one.fits)
        raise InjectError(f"{kind.name} does not fit a {named[0].type}", f"what fits {name}: {kinds}")
    exact = [one for one in fitting if name in {one.id, one.name}] or fitting
    if len(exact) > 1:
        raise InjectError(
            f"{name!r} is the name of {len(exact)} resources",
            f"name one by its id: {listed(one.id for one in exact)}",
        )
    return exact[0]


def listed(names: Iterable[str]) -> str:
    """Return names as a sorted list in words."""
    return ", ".join(sorted(set(names))) or "nothing"


def _names(subject: Subject, world: World, every: list[Subject]) -> set[str]:
    """Return the resource's own names, and those of what is part of it."""
    numbers = {str(subject.values.get(key) or "") for key in ("instance_id", "self_link", "uptime_check_id")}
    names = {subject.name, subject.id, *numbers} - {""}
    if subject.type in GROUPS:
        names |= {one.name for one in members_of(cast("Any", world), world.view, subject.values)}
    elif subject.type in BALANCERS:
        parts = [*services_of(subject, world), *(part for pair in rules_of(subject, world) for part in pair)]
        names |= {name for one in parts for name in (one.name, one.id)}
    elif subject.type in CLUSTERS:
        pools = world.subjects((_POOL,))
        names |= {one.name for one in pools if str(one.values.get("cluster") or "").endswith(subject.name)}
    elif subject.type in ZONE:
        inside = [one for one in every if subject.name in one.zones and one.project == subject.project]
        names |= {name for one in inside for name in (one.name, one.id)}
    return names


def _zones(every: list[Subject]) -> list[Subject]:
    """Return the zones in which something stands."""
    found = sorted({(one.project, zone) for one in every for zone in one.zones})
    return [
        Subject(ZONE[0], f"projects/{project}/zones/{zone}", {"name": zone, "project": project}, 0.0)
        for project, zone in found
    ]
