"""One step of the physics: what happened since the last, what was measured, what answers now."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.compute_api.members import member_names
from sandbox.faults.kind import end
from sandbox.faults.kinds import KINDS
from sandbox.faults.store import active_faults, save
from sandbox.network.groups import size_of
from sandbox.physics.events import changes, events_since, made_anew, stamps_of
from sandbox.physics.load import Event, Fault, Load, base_load
from sandbox.physics.measure import Sample
from sandbox.physics.models import MODELS, model_of
from sandbox.physics.world import Subject, World

if TYPE_CHECKING:
    from sandbox.clock import CloudClock

_FORGOTTEN_S = 900.0  # how long a fault waits for a resource that is being replaced
_BY_FAULT = "by_fault"


class Step:
    """One advance, within the transaction of `connection`; `now` and `last` are simulated seconds."""

    def __init__(self, connection: sqlite3.Connection, clock: "CloudClock", now: float, last: float) -> None:
        self._connection = connection
        self._clock = clock
        self._now = now
        self._last = last
        self.world = World(connection)
        self.world.load_of = self.load
        self.faults = active_faults(connection, last)
        self.subjects = [one for model in MODELS for one in self.world.subjects(model.types)]
        self._changes = self._remember()

    def _remember(self) -> list[Event]:
        """Give each resource what is kept of it; return what was done to those that changed."""
        rows = self._connection.execute("SELECT type, id, body FROM load").fetchall()
        known = {(kind, key): json.loads(body) for kind, key, body in rows}
        found: list[Event] = []
        for one in self.subjects:
            one.kept = known.get((one.type, one.id), {})
            before = json.dumps(one.kept)
            if one.kept.get("created") != one.created:
                found += made_anew(one, self._now) if one.kept else ()
                since = self._clock.at_real(one.created)
                one.kept["since"] = max(self._last, since if since is not None else self._last)
                one.kept["created"] = one.created
            else:
                found += changes(one, self.world, one.kept.get("stamps", {}), self._now)
            one.kept["stamps"] = stamps_of(one, self.world)
            if "base" not in one.kept:
                model = model_of(one.type)
                one.kept["base"] = _plain(model.first_load(one, model.capacity(one, self.world)))
            self._keep(one, before)
        return found

    def hear(self, seq: int) -> None:
        """Let faults end by what was done since operation `seq`, by time, and by what is mended."""
        logged = events_since(self._connection, seq, self._clock, self._now, self.subjects)
        for event in [*logged, *self._changes]:
            for fault in self.faults:
                if _is_about(event, fault) and self._is_whole(event, fault):
                    KINDS[fault.kind].hear(fault, event)
                    save(self._connection, fault)
        for fault in self.faults:
            if fault.ended is None and self._is_over(fault):
                save(self._connection, fault)

    def _is_whole(self, event: Event, fault: Fault) -> bool:
        """Return whether what was done to a group was done to all of its machines since the fault began."""
        group = next(
            (one for one in self.subjects if (one.type, one.id) == (event.type, event.resource_id)), None
        )
        if event.verb != "recreateInstances" or group is None:
            return True
        made: dict[str, int] = self.world.machine(group.id).get("made", {})
        before: dict[str, int] = fault.body.get("made", {}).get(group.id, {})
        names = member_names(group.values, size_of(self.world.view, group.values))
        return all(made.get(name, 0) > before.get(name, 0) for name in names)

    def _is_over(self, fault: Fault) -> bool:
        kind = KINDS[fault.kind]
        if fault.until is not None and fault.until <= self._now:
            kind.undo(self.world, fault)
            end(fault, fault.until, "time")
        elif kind.is_mended(self.world, fault):
            end(fault, self._now, "mended")
        elif fault.type in {model_type for model in MODELS for model_type in model.types}:
            return self._is_gone(fault)
        return fault.ended is not None

    def _is_gone(self, fault: Fault) -> bool:
        """Return whether something is to be saved of a fault whose resource may be gone."""
        if any((one.type, one.id) == (fault.type, fault.resource_id) for one in self.subjects):
            return fault.body.pop("gone_since", None) is not None
        since = float(fault.body.setdefault("gone_since", self._now))
        if self._now - since >= _FORGOTTEN_S:
            end(fault, self._now, "gone")
        return True

    def settle(self) -> None:
        """Let what has crashed answer nothing, what fails fail, and what is well again answer."""
        for one in self.subjects:
            load = self.load(one, self._now)
            inner = self.world.machine(one.id)
            wanted: dict[str, Any] = {}
            if load.down or (one.zones and one.zones <= load.lost_zones):
                wanted["service_down"] = True
            if load.answers:
                wanted["answers"] = load.answers
            own = inner.get(_BY_FAULT) or []
            kept = {key: value for key, value in inner.items() if key not in {*own, _BY_FAULT}}
            kept |= wanted | ({_BY_FAULT: sorted(wanted)} if wanted else {})
            if kept != inner:
                self.world.set_machine(one.id, kept)

    def measure(self, ticks: list[float]) -> int:
        """Write the samples of these moments; return how many."""
        count = 0
        for one in self.subjects:
            moments = [(at, self.load(one, at)) for at in ticks if at > one.kept["since"]]
            if moments:
                before = json.dumps(one.kept)
                count += _write(self._connection, model_of(one.type).samples(one, self.world, moments))
                self._keep(one, before)
        return count

    def load(self, subject: Subject, at: float) -> Load:
        """Return what is asked of a resource at a moment, faults included."""
        load = base_load(subject.kept.get("base", {}))
        for fault in self.faults:
            if fault.active(at) and _concerns(fault, subject):
                KINDS[fault.kind].shape(load, fault, at)
        return load

    def _keep(self, subject: Subject, before: str) -> None:
        after = json.dumps(subject.kept)
        if after != before:
            row = (subject.type, subject.id, after)
            self._connection.execute("INSERT OR REPLACE INTO load VALUES (?,?,?)", row)


def _is_about(event: Event, fault: Fault) -> bool:
    subject = [event.type, event.resource_id]
    return subject in [[fault.type, fault.resource_id], *fault.body.get("behind", ())]


def _concerns(fault: Fault, subject: Subject) -> bool:
    if fault.type == "zone":
        return fault.resource_id.startswith(f"projects/{subject.project}/")
    return (fault.type, fault.resource_id) == (subject.type, subject.id)


def _write(connection: sqlite3.Connection, samples: Iterable[Sample]) -> int:
    return connection.executemany("INSERT INTO series VALUES (?,?,?,?,?)", samples).rowcount


def _plain(load: Load) -> dict[str, float]:
    return {key: value for key, value in asdict(load).items() if isinstance(value, float) and value}
