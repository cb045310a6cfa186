"""Values of a plan at a path, those not known yet included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final


class Unknown:
    """A value that the plan does not know yet."""


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Node:
    """A block's values, and the marks of those that are not known yet."""

    values: Mapping[str, Any]
    marks: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """Return a value, `UNKNOWN` where the plan does not know it, None where it is not set."""
        return UNKNOWN if self.marks.get(name) is True else self.values.get(name)

    def is_false(self, name: str) -> bool:
        """Return whether a switch is surely off."""
        return self.get(name) in (False, "false")

    def each(self, name: str) -> list[Any]:
        """Return the members of a list or set of plain values, `UNKNOWN` for each that is not known."""
        mark, value = self.marks.get(name), self.values.get(name)
        if mark is True:
            return [UNKNOWN]
        members = value if isinstance(value, list) else [] if value is None else [value]
        marks = mark if isinstance(mark, list) else []
        size = max(len(members), len(marks))
        return [
            UNKNOWN if _at(marks, index) is True else one
            for index in range(size)
            if (one := _at(members, index)) is not None or _at(marks, index) is True
        ]

    def blocks(self, *path: str) -> "Iterator[Node]":
        """Yield the nested blocks at a path; blocks that are not known as a whole are not there."""
        if not path:
            yield self
            return
        name, *rest = path
        values, marks = _listed(self.values.get(name)), _listed(self.marks.get(name))
        for index in range(max(len(values), len(marks))):
            yield from node(_at(values, index), _at(marks, index)).blocks(*rest)

    def reach(self, block: str, name: str) -> list[Any]:
        """Return one attribute of each nested block; `UNKNOWN` also for blocks not known as a whole."""
        if self.marks.get(block) is True:
            return [UNKNOWN]
        whole = [UNKNOWN for one in _listed(self.marks.get(block)) if one is True]
        return whole + [value for one in self.blocks(block) if (value := one.get(name)) is not None]


def node(values: Any, marks: Any = None) -> Node:
    """Return a block of what a plan shows; anything but an object has no values."""
    return Node(
        values if isinstance(values, Mapping) else {},
        marks if isinstance(marks, Mapping) else {},
    )


def _listed(value: Any) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, Mapping) else []


def _at(members: Sequence[Any], index: int) -> Any:
    return members[index] if index < len(members) else None
