"""Whether every argument that said something still says it: in its place, renamed, or moved."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from infraai.configuration import Block, Expression
from infraai.mending.fault import join, shape_of
from infraai.mending.nearest import alike
from infraai.mending.shape import Shape
from infraai.mending.successors import removed, says_too, successor
from infraai.ports import Schemas

_NOTHING = {"", "null", '""', "[]", "{}"}
_TOP = {"resource", "data", "module", "provider"}  # one that stood inside another is compared itself
_EITHER = {"count", "for_each"}


class Written(NamedTuple):
    """One argument, by its dotted path of block types."""

    path: str
    expression: Expression

    @property
    def leaf(self) -> str:
        """Return its name."""
        return self.path.rsplit(".", 1)[-1]

    @property
    def text(self) -> str:
        """Return its value without white space."""
        return re.sub(r"\s+", "", self.expression.text)


def lost(old: Block, new: Block, schemas: Schemas | None) -> Iterator[str]:
    """Yield the arguments and empty blocks whose intent a mend has dropped.

    Nothing is lost that was empty or off, is said again elsewhere in the resource, stands under its
    present name, or was taken away by the provider (`infraai.mending.successors`).
    """
    shape = shape_of(old, schemas) if schemas else Shape({})
    kind = old.labels[0] if old.labels else ""
    gone, gained = _compared(list(written(old)), list(written(new)))
    for one in gone:
        if _said_nothing(one, shape) or removed(kind, one.path) or _excused(one, new):
            continue
        match = _found(one, gained, kind)
        if match is None and not _spread(one, gained, new) and not _repeated(one, new, kind):
            yield f"{one.path} = {one.text}"
        elif match is not None and match.leaf == one.leaf:
            gained.remove(match)
    yield from _lost_blocks(old, new, kind)


def written(block: Block, prefix: str = "") -> Iterator[Written]:
    """Yield every argument of a block and of those inside it."""
    for one in block.attributes:
        yield Written(join(prefix, one.name), one.expression)
    for inner in block.blocks:
        if not inner.generated and inner.type not in _TOP:
            yield from written(inner, join(prefix, _name(inner)))


def _name(block: Block) -> str:
    if block.type == "dynamic" and block.labels:
        return block.labels[0]
    return "" if block.type == "content" else block.type


def _compared(old: list[Written], new: list[Written]) -> tuple[list[Written], list[Written]]:
    """Return what stands no longer where it stood, and what is new in its place."""
    places: dict[str, list[Written]] = defaultdict(list)
    for one in new:
        places[one.path].append(one)
    gone: list[Written] = []
    changed: list[Written] = []
    for one in old:
        same = next((other for other in places[one.path] if other.text == one.text), None)
        if same is not None:
            places[one.path].remove(same)
        elif not any(other.path == one.path and other.text == one.text for other in new):
            changed.append(one)
    gained = [one for rest in places.values() for one in rest if one.text not in _NOTHING]
    for one in changed:
        match = next((other for other in places[one.path] if other.text not in _NOTHING), None)
        if match is None:
            gone.append(one)
        else:
            places[one.path].remove(match)
    return gone, gained


def _said_nothing(one: Written, shape: Shape) -> bool:
    if one.text in _NOTHING:
        return True
    default = shape.arguments.get(one.path, {}).get("default")
    return one.expression.literal == default if default is not None else one.text == "false"


def _excused(one: Written, new: Block) -> bool:
    """`depends_on` orders and sets nothing; of `count` and `for_each` only one can stand."""
    return one.path == "depends_on" or (
        one.path in _EITHER and any(new.attribute(other) for other in _EITHER - {one.path})
    )


def _found(one: Written, gained: list[Written], kind: str) -> Written | None:
    """Return the new argument that carries on an old one."""
    if same := next((other for other in gained if other.leaf == one.leaf), None):
        return same
    known = successor(kind, one.path)
    atoms = _atoms(one.expression)
    for other in gained:
        if (known and other.path == known.to) or atoms <= _atoms(other.expression):
            return other
    return None


def _spread(one: Written, gained: list[Written], new: Block) -> bool:
    """Return whether a value is written in several places now, or as the block of its name."""
    if one.text == "true":
        return one.path in set(_blocks(new))
    every = {atom for other in gained for atom in _atoms(other.expression)}
    return _atoms(one.expression) <= every


def _repeated(one: Written, new: Block, kind: str) -> bool:
    """Return whether the same stands under its present name, or beside it under one all but the same."""
    home, known = one.path.rpartition(".")[0], successor(kind, one.path)
    for other in written(new):
        beside = other.path.rpartition(".")[0] == home and alike(other.leaf, one.leaf)
        if beside and other.text == one.text:
            return True
        if known and other.path == known.to and says_too(other.text, one.text):
            return True
    return False


def _atoms(expression: Expression) -> set[str]:
    """Return what a value is made of: its texts, what it refers to, its numbers and words."""
    found = {re.sub(r"[^a-z0-9]", "", one.lower()) for one in expression.strings}
    found |= {".".join(one.split(".")[:2]) for one in expression.references}
    if not found:
        found = set(re.findall(r"[\w.]+", expression.text))
    return found - {""} or {expression.text}


def _lost_blocks(old: Block, new: Block, kind: str) -> Iterator[str]:
    """Yield the blocks without content that are gone: some say all by being there."""
    known, now = set(_blocks(old)), list(_blocks(new))
    names = {one.leaf for one in written(new)}
    for path in _empty(old):
        tail = path.rsplit(".", 1)[-1]
        renamed = any(other not in known and alike(other.rsplit(".", 1)[-1], tail) for other in now)
        if not (renamed or path in now or tail in names or removed(kind, path)):
            yield f"the block {path}"


def _empty(block: Block, prefix: str = "") -> Iterator[str]:
    for inner in block.blocks:
        path = join(prefix, _name(inner))
        if not inner.generated and not inner.attributes and not inner.blocks and inner.type != "content":
            yield path
        yield from _empty(inner, path)


def _blocks(block: Block, prefix: str = "") -> Iterator[str]:
    for inner in block.blocks:
        path = join(prefix, _name(inner))
        yield path
        yield from _blocks(inner, path)
