"""Faults on request: which, where, and how to take them back."""

import difflib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.faults.kind import FIREWALLS, GROUPS, ZONE, InjectError, Kind, Place, end
from sandbox.faults.kinds import KINDS
from sandbox.faults.naming import find, listed
from sandbox.faults.store import all_faults, save
from sandbox.physics.load import Capacity, Fault, Load, base_load
from sandbox.physics.models import model_of
from sandbox.physics.world import Subject, World

if TYPE_CHECKING:
    from sandbox.clock import CloudClock
    from sandbox.cloud import Cloud
    from sandbox.physics.physics import Physics


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """A fault as it stands; the times are simulated."""

    fault_id: str
    kind: str
    resource_type: str
    resource_id: str
    resource: str
    started_at: datetime
    until: datetime | None
    ended_at: datetime | None
    ended_by: str

    @property
    def over(self) -> bool:
        """Return whether something ended it before its time."""
        return self.ended_at is not None


class Faults:
    """The faults of one cloud."""

    def __init__(self, cloud: "Cloud", clock: "CloudClock", physics: "Physics") -> None:
        self._cloud = cloud
        self._clock = clock
        self._physics = physics

    def inject(self, kind: str, resource: str, for_s: float | None = None) -> Injected:
        """Begin a fault of this kind on the resource of this name or id; raise `InjectError`."""
        chosen = _chosen(kind)
        if for_s is not None and for_s <= 0:
            raise InjectError(f"a fault cannot last {for_s:g} s", "give a time above 0, or none")
        self._physics.advance(always=True)
        with self._cloud.transaction() as connection:
            world = World(connection)
            place = _place(connection, world, find(world, chosen, resource, KINDS.values()))
            started = self._clock.seconds()
            lasts = chosen.lasts(place) if for_s is None else for_s
            fault = Fault(
                fault_id=f"fault-{secrets.token_hex(4)}",
                kind=kind,
                type=place.subject.type,
                resource_id=place.subject.id,
                name=place.subject.name,
                started=started,
                until=None if lasts is None else started + lasts,
                body={**chosen.prepare(place), "made": _made(world)},
            )
            chosen.disturb(place, fault)
            save(connection, fault)
        self._physics.advance(always=True)
        return _shown(fault)

    def list(self) -> list[Injected]:
        """Return every fault there ever was, oldest first."""
        self._physics.advance(always=True)
        with self._cloud.connection() as connection:
            return [_shown(one) for one in all_faults(connection)]

    def clear(self, fault_id: str) -> Injected:
        """End a fault now; raise `InjectError` for one that is unknown."""
        with self._cloud.transaction() as connection:
            known = {one.fault_id: one for one in all_faults(connection)}
            fault = known.get(fault_id)
            if fault is None:
                raise InjectError(f"there is no fault {fault_id}", f"those there are: {listed(known)}")
            if fault.ended is None:
                KINDS[fault.kind].undo(World(connection), fault)
                end(fault, self._clock.seconds(), "cleared")
                save(connection, fault)
        self._physics.advance(always=True)
        return _shown(fault)


def _chosen(kind: str) -> Kind:
    if kind in KINDS:
        return KINDS[kind]
    near = difflib.get_close_matches(kind, KINDS, n=2, cutoff=0.5)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    raise InjectError(f"there is no fault of kind {kind!r}", f"{meant}The kinds are: {listed(KINDS)}")


def _made(world: World) -> dict[str, Any]:
    """Return how often each group's members were made anew until now."""
    return {one.id: made for one in world.subjects(GROUPS) if (made := world.machine(one.id).get("made"))}


def _place(connection: sqlite3.Connection, world: World, subject: Subject) -> Place:
    """Return the resource with its capacity and the load that was fixed when it was first seen."""
    if subject.type in (*ZONE, *FIREWALLS):
        return Place(subject=subject, world=world, capacity=Capacity(), usual=Load())
    row = connection.execute(
        "SELECT body FROM load WHERE type=? AND id=?", (subject.type, subject.id)
    ).fetchone()
    usual = base_load(json.loads(row[0])["base"])
    capacity = model_of(subject.type).capacity(subject, world)
    return Place(subject=subject, world=world, capacity=capacity, usual=usual)


def _shown(fault: Fault) -> Injected:
    return Injected(
        fault_id=fault.fault_id,
        kind=fault.kind,
        resource_type=fault.type,
        resource_id=fault.resource_id,
        resource=fault.name,
        started_at=_moment(fault.started),
        until=None if fault.until is None else _moment(fault.until),
        ended_at=None if fault.ended is None else _moment(fault.ended),
        ended_by=fault.why,
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
