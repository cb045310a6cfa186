"""What was done to the resources: by the cloud's own log of operations, and by what changed in them."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sandbox.compute_api.members import template_of
from sandbox.network.groups import MANAGERS
from sandbox.network.machines import MANAGED, TEMPLATES
from sandbox.network.view import Values, block, blocks
from sandbox.physics.load import Event, Happening
from sandbox.physics.run import RUN
from sandbox.physics.sql import SQL
from sandbox.physics.world import Subject, World

if TYPE_CHECKING:
    from sandbox.clock import CloudClock

_HAPPENINGS: dict[str, tuple[Happening, ...]] = {
    "reset": ("restart",),
    "start": ("restart",),
    "restart": ("restart",),
    "recreateInstances": ("restart", "replace"),
    "redeploy": ("redeploy",),
    "applyUpdatesToInstances": ("restart", "redeploy"),
}
_OF_ONE_MEMBER = {"reset", "start"}  # logged on the group, and not enough for what all members have
_LOG = "SELECT at, verb, type, id FROM operation WHERE seq>? ORDER BY seq"


def events_since(
    connection: sqlite3.Connection,
    seq: int,
    clock: "CloudClock",
    now: float,
    subjects: Sequence[Subject],
) -> Iterator[Event]:
    """Yield what happened after operation `seq`, at simulated times."""
    standing = {(one.type, one.id) for one in subjects}
    for real, verb, kind, key in connection.execute(_LOG, (seq,)).fetchall():
        at = clock.at_real(real)
        moment = now if at is None else min(at, now)
        if (kind, key) not in standing or (kind in MANAGERS and verb in _OF_ONE_MEMBER):
            continue
        for happening in _HAPPENINGS.get(verb, ()):
            yield Event(happening=happening, type=kind, resource_id=key, at=moment, verb=verb)


def stamps_of(subject: Subject, world: World) -> dict[str, str]:
    """Return a mark for the version that a resource runs, and one for what cannot change without a restart."""
    values = subject.values
    deployed: object = None
    started: object = None
    if subject.type in MANAGED:
        deployed = [values.get("metadata"), values.get("metadata_startup_script")]
        started = values.get("machine_type")
    elif subject.type in MANAGERS:
        template = world.view.one(template_of(values).partition("?")[0], *TEMPLATES) or {}
        images = [one.get("source_image") for one in blocks(template, "disk")]
        names = [
            one.get("name") for one in blocks(values, "version")
        ]  # a rolling replacement gives a new one
        deployed = [names, images, template.get("metadata"), template.get("metadata_startup_script")]
        started = [values.get("version"), template.get("machine_type")]
    elif subject.type in RUN:
        deployed = [_without_size(block(values, "template")), values.get("traffic")]
        started = values.get("template")
    elif subject.type == SQL:
        settings = block(values, "settings")
        started = [settings.get("tier"), settings.get("database_flags"), values.get("database_version")]
    return {"redeploy": _mark(deployed), "restart": _mark(started)}


def changes(subject: Subject, world: World, before: Mapping[str, str], at: float) -> Iterator[Event]:
    """Yield what the marks say was done since they were `before`."""
    now = stamps_of(subject, world)
    happenings: tuple[Happening, ...] = ("restart", "redeploy")
    for happening in happenings:
        if now[happening] != before.get(happening, now[happening]):
            yield Event(happening=happening, type=subject.type, resource_id=subject.id, at=at)


def made_anew(subject: Subject, at: float) -> Iterator[Event]:
    """Yield what it means that a resource is a new one under the same name."""
    happenings: tuple[Happening, ...] = ("restart", "replace", "redeploy")
    for happening in happenings:
        yield Event(happening=happening, type=subject.type, resource_id=subject.id, at=at)


def _without_size(template: Values) -> Values:
    """Return a Cloud Run template without what says how big it is: another size is the same program."""
    sizes = {"scaling", "resources", "max_instance_request_concurrency", "container_concurrency", "timeout"}
    kept = {
        key: value
        for key, value in template.items()
        if key not in sizes and not key.startswith("autoscaling.knative.dev/")
    }
    if isinstance(kept.get("annotations"), dict):
        kept["annotations"] = _without_size(kept["annotations"])
    for name in ("containers", "spec", "metadata"):
        if isinstance(kept.get(name), list):
            kept[name] = [_without_size(one) if isinstance(one, dict) else one for one in kept[name]]
    return kept


def _mark(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
