"""What differs between two JSON values, leaf by leaf, as a person reads it: `settings.tier: small → large`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile, zip_longest
from typing import Any

KEYS = ("name", "key", "id", "device_name")  # what tells the blocks of a list apart, in this order
VALUE = ".value"  # of a block that is a name and its value, the name says it all
MOST = 80  # characters of a value
BEFORE_IT = 12  # characters of a long text that are shown before the place where it differs


class Gap(Enum):
    """A side on which there is no value."""

    ABSENT = "none"
    UNKNOWN = "(known after apply)"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place that differs: its dotted path, and what is there on either side."""

    path: str
    before: Any
    after: Any

    @property
    def unknown(self) -> bool:
        """Return whether only the apply will tell what is there."""
        return self.after is Gap.UNKNOWN

    def __str__(self) -> str:
        """Return the leaf in words; of two lists with something in common, only what comes and goes."""
        old, new = self.before, self.after
        if _plain_list(old) and _plain_list(new) and any(one in new for one in old):
            signed = [f"+{one}" for one in new if one not in old] + [
                f"-{one}" for one in old if one not in new
            ]
            return f"{self.path}: {_short(' '.join(signed), MOST) or 'another order'}"
        return f"{self.path}: {' → '.join(_pair(old, new))}"


def changed_leaves(before: Any, after: Any, path: str = "") -> Iterator[Leaf]:
    """Yield what differs; lists of blocks are matched by a name where each has one of its own, else by place.

    What is empty on both sides (absent, null, "", [], {}) does not differ.
    """
    if before == after or (_nothing(before) and _nothing(after)):
        return
    if after is Gap.UNKNOWN:
        yield Leaf(path, before, after)
    elif _is_a(Mapping, before, after):
        yield from _in_mappings(_mapping(before), _mapping(after), path)
    elif _is_a(list, before, after):
        yield from _in_lists(_list(before), _list(after), path)
    else:
        yield Leaf(path, before, after)


def plain(value: Any) -> str:
    """Return a value as it is written: words bare, lists with commas, blocks as JSON; at most `MOST` characters."""
    return _short(_whole(value), MOST)


def _in_mappings(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[Leaf]:
    for name in dict.fromkeys((*before, *after)):
        inner = f"{path}.{name}" if path else str(name)
        yield from changed_leaves(before.get(name, Gap.ABSENT), after.get(name, Gap.ABSENT), inner)


def _in_lists(before: list[Any], after: list[Any], path: str) -> Iterator[Leaf]:
    if not _blocks(before) or not _blocks(after):
        yield Leaf(path, before, after)
        return
    key = next((one for one in KEYS if _tells(one, before) and _tells(one, after)), "")
    if key:
        yield from _in_named(key, before, after, path)
        return
    alone = max(len(before), len(after)) == 1
    old, new = [one for one in before if one not in after], [one for one in after if one not in before]
    if not old and not new:
        yield Leaf(path, Gap.ABSENT, "another order")
    for index, (left, right) in enumerate(zip_longest(old, new, fillvalue=Gap.ABSENT)):
        yield from changed_leaves(left, right, path if alone else f"{path}[{index}]")


def _in_named(key: str, before: list[Any], after: list[Any], path: str) -> Iterator[Leaf]:
    old, new = ({one[key]: one for one in side} for side in (before, after))
    for name in dict.fromkeys((*old, *new)):
        inner = f"{path}.{name}"
        left, right = old.get(name, Gap.ABSENT), new.get(name, Gap.ABSENT)
        rest = [
            Leaf(one.path.removesuffix(VALUE), one.before, one.after)
            for one in changed_leaves(_without(key, left), _without(key, right), inner)
        ]
        if Gap.ABSENT in (left, right) and not rest:
            rest = [Leaf(path, left if left is Gap.ABSENT else name, right if right is Gap.ABSENT else name)]
        yield from rest


def _without(key: str, block: Any) -> Any:
    return block if block is Gap.ABSENT else {name: one for name, one in block.items() if name != key}


def _tells(key: str, blocks: Sequence[Any]) -> bool:
    named = [one.get(key) for one in blocks]
    return all(isinstance(one, str) and one for one in named) and len(set(named)) == len(named)


def _blocks(values: Sequence[Any]) -> bool:
    return all(isinstance(one, Mapping) for one in values)


def _plain_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and not _blocks(value)


def _nothing(value: Any) -> bool:
    return value is Gap.ABSENT or value is None or value in ("", [], {})


def _is_a(kind: type, before: Any, after: Any) -> bool:
    """Return whether both are of the kind, or one is and the other is nothing."""
    sides = [isinstance(one, kind) for one in (before, after)]
    return all(sides) or (any(sides) and (_nothing(before) or _nothing(after)))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pair(before: Any, after: Any) -> tuple[str, str]:
    """Return both sides; of long ones, the part where they begin to differ."""
    old, new = _whole(before), _whole(after)
    if max(len(old), len(new)) <= MOST:
        return old, new
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    begin = max(0, same - BEFORE_IT) if same > BEFORE_IT else 0
    lead = "…" if begin else ""
    return lead + _short(old[begin:], MOST), lead + _short(new[begin:], MOST)


def _whole(value: Any) -> str:
    if isinstance(value, Gap):
        return value.value
    if value is None:
        return Gap.ABSENT.value
    if isinstance(value, str):
        return " ".join(value.split()) or '""'
    if _plain_list(value):
        return ",".join(_whole(one) for one in value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
