"""How far an edit reaches: the resources and values it wrote, and whether a planned change is that and no more."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infraai.configuration import Block, Configuration, Expression
from infraai.models import Change
from infraai.operations.shapes import ActionRequest
from infraai.preview import REDACTED

ANYWHERE = ""  # the name of a value that a variable, a local or a module's argument was given
_INDEX = re.compile(r"\[[^\]]*\]")
_WATCHING = "google_monitoring_alert_policy"  # refers to what it watches, and changes nothing of it
_LABELS = 2
Written = tuple[str, str]  # the innermost argument's name, and its value as text


@dataclass(frozen=True, slots=True)
class Extent:
    """What an edit wrote: the action's own address, other resources' addresses without index, and the values.

    `restores` is a rule of a firewall that the files have as it should be already: it is put back as they say.
    """

    own: str
    others: frozenset[str]
    written: frozenset[Written]
    restores: str = ""

    def wrote(self, name: str, value: object) -> bool:
        """Return whether the edit gave an argument of this name this value."""
        text = _text(value)
        return (name, text) in self.written or (ANYWHERE, text) in self.written


def extent_of(request: ActionRequest, before: Configuration, after: Configuration) -> Extent:
    """Return what differs between two configurations, the second an edit of the first for this request."""
    old, others, written = _keyed(before), set[str](), set[Written]()
    modules = _INDEX.sub("", request.resource_id).split(".")[:-2]
    for key, block in _keyed(after).items():
        found = list(_differing(old.get(key), block))
        if not found:
            continue
        if block.type == "resource" and len(block.labels) == _LABELS:
            others.add(".".join((*modules, *block.labels)))
            written |= set(found)
        else:
            written |= {(ANYWHERE, value) for _, value in found}
    restores = ""
    if request.action_type == "modify_firewall" and not written and not others:
        restores = str(request.parameters.get("rule") or request.resource_id)
    return Extent(request.resource_id, frozenset(others), frozenset(written), restores)


def within(change: Change, extent: Extent) -> bool:
    """Return whether an update is only what the edit wrote, and what Google works out from it."""
    if change.type == _WATCHING and not change.after:
        return True
    if extent.restores:
        return change.address == extent.restores
    stem = _INDEX.sub("", change.address)
    mine = change.address == extent.own or (stem in extent.others and stem != _INDEX.sub("", extent.own))
    return mine and all(
        _fits(name, change.before.get(name), change.after[name], extent)
        for name in change.changed
        if name in change.after
    )


def _fits(name: str, before: Any, after: Any, extent: Extent) -> bool:
    if _hidden(before) or _hidden(after):
        return False
    return all(extent.wrote(*one) for one in _leaves(name, before, after))


def _leaves(name: str, before: Any, after: Any, *, fresh: bool = False) -> Iterator[tuple[str, object]]:
    """Yield the (name, value) that are new; a value that was taken away is None, and no edit wrote that."""
    if before == after or (_empty(after) and (fresh or _empty(before))):
        return
    if isinstance(after, Mapping):
        old: Mapping[str, Any] = before if isinstance(before, Mapping) else {}
        for key, value in after.items():
            yield from _leaves(key, old.get(key), value, fresh=fresh or not old)
        for key in old.keys() - after.keys():
            yield key, None
    elif isinstance(after, list):
        yield from _of_list(name, before if isinstance(before, list) else [], after, fresh=fresh)
    else:
        yield name, after


def _of_list(
    name: str, before: Sequence[Any], after: Sequence[Any], *, fresh: bool
) -> Iterator[tuple[str, object]]:
    old = [one for one in before if one not in after]
    new = [one for one in after if one not in before]
    if len(after) < len(before):
        yield name, None
    for number, value in enumerate(new):
        was = old[number] if number < len(old) else None
        if isinstance(value, Mapping) and isinstance(was, Mapping):
            known = {key: one for key, one in was.items() if key in value}  # the rest is worked out by Google
            yield from _leaves(name, known, value)
        else:
            yield from _leaves(name, None, value, fresh=fresh or was is None)


def _differing(old: Block | None, new: Block) -> Iterator[Written]:
    for attribute in new.attributes:
        was = old.attribute(attribute.name) if old else None
        yield from _values(attribute.name, was.expression if was else None, attribute.expression)
    counts: dict[str, int] = {}
    for block in new.blocks:
        number = counts[block.type] = counts.get(block.type, -1) + 1
        there = old.of(block.type) if old else ()
        yield from _differing(there[number] if number < len(there) else None, block)


def _values(name: str, old: Expression | None, new: Expression) -> Iterator[Written]:
    if old is not None and old.text == new.text:
        return
    if new.items:
        for number, (key, item) in enumerate(new.items):
            was = None
            if old is not None:
                was = old.item(key) if key else (old.items[number][1] if number < len(old.items) else None)
            yield from _values(key or name, was, item)
    elif isinstance(new.literal, str | int | float | bool):
        yield name, _text(new.literal)
    else:
        for text in new.strings:
            yield ANYWHERE, _text(text)


def _keyed(configuration: Configuration) -> dict[tuple[object, ...], Block]:
    found: dict[tuple[object, ...], Block] = {}
    counts: dict[tuple[object, ...], int] = {}
    for block in (*configuration.blocks, *configuration.values):
        key = (block.module_path, block.type, block.labels)
        counts[key] = counts.get(key, -1) + 1
        found[(*key, counts[key])] = block
    return found


def _hidden(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_hidden(one) for one in value.values())
    if isinstance(value, list):
        return any(_hidden(one) for one in value)
    return bool(value == REDACTED)


def _empty(value: object) -> bool:
    return value is None or value is False or value in ("", 0) or value in ([], {})


def _text(value: object) -> str:
    if value is None:
        return "\0"  # no edit writes it
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)
