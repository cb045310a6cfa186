"""What a name, an element of a collection or a conditional stands for: the expressions behind it, all of them."""

import posixpath
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from unicodedata import normalize

from infraai.configuration import Call, Expression
from infraai.guard.names import Meaning, Names, Scope, literal

Texts = frozenset[str]
Meant = tuple[Meaning, ...]

MOST = 1_000
DEPTH = 24
HERE = "\ue000here"  # the root module's absolute path; in a private character, which nobody writes by chance
_EFFORT = 500_000
_ROOT = re.compile(r"[A-Za-z_][\w-]*")
_STEP = re.compile(r'\.(?P<name>[A-Za-z_][\w-]*)|\["(?P<key>[^"\\$%\n]*)"\]|\[[\w. -]+\]')
_SAME = frozenset({"sensitive", "nonsensitive"})
_ONE_OF = frozenset({"try", "coalesce"})
_SAME_ELEMENTS = frozenset({"toset", "tolist", "tomap", "sort", "distinct", "compact", "reverse"})
_JOINED_ELEMENTS = frozenset({"concat", "setunion"})
_LOOKUP = 3


@dataclass(frozen=True, slots=True)
class Member:
    """One element of a collection; `keys` is None where its key is not known."""

    keys: Meant | None
    value: Meaning


@dataclass(slots=True)
class Effort:
    """How much may still be looked into: a bundle can be made to take for ever."""

    left: int = _EFFORT

    def take(self) -> bool:
        """Return whether one more step may be taken."""
        self.left -= 1
        return self.left > 0


@dataclass(frozen=True)
class Meanings(ABC):
    """Follows names to what they are given; None wherever anything else could be meant as well."""

    files: tuple[str, ...] = ()
    names: Names = field(default_factory=Names)
    effort: Effort = field(default_factory=Effort)

    @abstractmethod
    def read(self, expression: Expression, scope: Scope, depth: int) -> Texts | None:
        """Return every text the expression can be; None where that cannot be shown."""

    def meant(self, expression: Expression, scope: Scope, depth: int) -> Meant | None:
        """Return every expression this one can stand for."""
        if depth > DEPTH or not self.effort.take():
            return None
        if expression.arms:
            return self._all(expression.arms, scope, depth)
        if expression.kind == "traversal":
            return self._traversed(expression, scope, depth)
        if expression.kind == "call":
            call = expression.invocations[0]
            name = call.function.removeprefix("core::")
            if (name in _SAME and len(call.arguments) == 1) or (name in _ONE_OF and call.arguments):
                return self._all(call.arguments, scope, depth)
            if name in {"lookup", "element"} and len(call.arguments) in {2, 3}:
                found = _values(self.members(call.arguments[0], scope, depth + 1))
                return joined([self._of(found, depth), self._all(call.arguments[2:_LOOKUP], scope, depth)])
        return (Meaning(expression, scope),)

    def _all(self, expressions: Iterable[Expression], scope: Scope, depth: int) -> Meant | None:
        return joined(self.meant(one, scope, depth + 1) for one in expressions)

    def _of(self, meanings: Meant | None, depth: int) -> Meant | None:
        if meanings is None:
            return None
        return joined(self.meant(one.expression, one.scope, depth + 1) for one in meanings)

    def _traversed(self, expression: Expression, scope: Scope, depth: int) -> Meant | None:
        steps = _steps(expression.text.strip())
        if steps is None:
            return None
        found, rest = self._root(steps, scope, depth)
        found = self._of(found, depth)
        for step in rest:
            found = self._of(self._step(found, step, depth), depth)
        return found

    def _root(
        self, steps: list[str | None], scope: Scope, depth: int
    ) -> tuple[Meant | None, list[str | None]]:
        """Return what the first names of a traversal stand for, and the steps that are left."""
        root, first = steps[0] or "", (steps[1] if len(steps) > 1 else None)
        for at in reversed(range(len(scope.loops))):
            if root in scope.loops[at].names:
                return self._looped(scope, at, root, depth), steps[1:]
        found: Meant | None = None
        match root:
            case "path" if first == "module":
                found = (Meaning(literal(scope.module or "."), scope),)
            case "path" if first == "root":
                found = (Meaning(literal("."), scope),)
            case "path" if first == "cwd":
                found = (Meaning(literal(HERE), scope),)
            case "each" if first in {"key", "value"}:
                found = self._each(scope, first or "", depth)
            case "count" if first == "index":
                found = self._counted(scope, depth)
            case "local" | "var" if first is not None:
                found = self.names.given(f"{root}.{first}", scope.module)
            case _:
                pass
        return found, steps[2:]

    def _looped(self, scope: Scope, at: int, name: str, depth: int) -> Meant | None:
        loop = scope.loops[at]
        outside = Scope(scope.module, scope.block, scope.loops[:at])
        members = self.members(loop.collection, outside, depth + 1)
        return _values(members) if name == loop.names[-1] else _keys(members)

    def _each(self, scope: Scope, what: str, depth: int) -> Meant | None:
        repeated = scope.block.attribute("for_each") if scope.block else None
        if repeated is None:
            return None
        members = self.members(repeated.expression, Scope(scope.module), depth + 1)
        return _keys(members) if what == "key" else _values(members)

    def _counted(self, scope: Scope, depth: int) -> Meant | None:
        counted = scope.block.attribute("count") if scope.block else None
        counts = self.read(counted.expression, Scope(scope.module), depth + 1) if counted else None
        if counts is None or not all(one.isdecimal() and len(one) <= _LOOKUP for one in counts):
            return None
        return tuple(Meaning(literal(str(at)), scope) for at in range(max(map(int, counts))))

    def _step(self, found: Meant | None, step: str | None, depth: int) -> Meant | None:
        """Return what an element is; `step` is its name, or None for one that is computed."""
        if found is None:
            return None
        picked: list[Meant | None] = []
        for one in found:
            if one.expression.kind == "object" and step is not None:
                # a key that is computed may be this one
                values = [value for key, value in one.expression.items if not key or same(key, step)]
                picked.append(tuple(Meaning(value, one.scope) for value in values) or None)
            elif one.expression.kind == "list" and step is not None:
                picked.append(None)
            else:
                picked.append(_values(self.members(one.expression, one.scope, depth + 1)))
        return joined(picked)

    def members(self, expression: Expression, scope: Scope, depth: int) -> list[Member] | None:
        """Return every element a collection can have."""
        found: list[Member] = []
        meanings = self.meant(expression, scope, depth)
        for one in meanings or ():
            more = self._elements(one, depth)
            if more is None or len(found) + len(more) > MOST:
                return None
            found += more
        return None if meanings is None else found

    def _elements(self, one: Meaning, depth: int) -> list[Member] | None:
        expression, scope = one.expression, one.scope
        if expression.kind == "list":
            return _listed([Meaning(value, scope) for _, value in expression.items])
        if expression.kind == "object":
            return [
                Member((Meaning(literal(key), scope),) if key else None, Meaning(value, scope))
                for key, value in expression.items
            ]
        if expression.loop is not None:
            loop = expression.loop
            members = self.members(loop.collection, scope, depth + 1)
            inside = Scope(scope.module, scope.block, (*scope.loops, loop))
            value = Meaning(loop.value, inside)
            if members is None or loop.key is None:
                return None if members is None else _listed([value] * len(members))
            return [Member((Meaning(loop.key, inside),), value)] if members else []
        return self._made(expression.invocations[0], scope, depth) if expression.kind == "call" else None

    def _made(self, call: Call, scope: Scope, depth: int) -> list[Member] | None:
        """Return the elements of what a function gives."""
        name, arguments = call.function.removeprefix("core::"), call.arguments
        if name == "fileset" and arguments:
            return self._fileset(self.read(arguments[0], scope, depth + 1), scope)
        found: list[Member] = []
        for one in arguments:
            more = self.members(one, scope, depth + 1)
            if more is None:
                return None
            found += more
        if name == "merge" or (name in _SAME_ELEMENTS and len(arguments) == 1):
            return found
        if name in _JOINED_ELEMENTS or (name == "values" and len(arguments) == 1):
            return _listed([one.value for one in found])
        keys = _keys(found) if name == "keys" and len(arguments) == 1 else None
        return None if keys is None else _listed(list(keys))

    def _fileset(self, folders: Texts | None, scope: Scope) -> list[Member] | None:
        found: set[str] = set()
        for folder in () if folders is None else (posixpath.normpath(placed(one)) for one in folders):
            prefix = "" if folder == "." else f"{folder}/"
            found |= {name[len(prefix) :] for name in self.files if name.startswith(prefix)}
        return None if folders is None else _listed([Meaning(literal(one), scope) for one in sorted(found)])


def same(key: str, other: str) -> bool:
    """Return whether Terraform takes two keys for one: it normalises texts (Unicode's NFC)."""
    return key == other or normalize("NFC", key) == normalize("NFC", other)


def placed(text: str) -> str:
    """Return a path below the root module's absolute one as relative to it; any other as it is."""
    return "." if text == HERE else text.removeprefix(f"{HERE}/")


def joined(found: Iterable[Meant | None]) -> Meant | None:
    """Return all meanings together; None where one is unknown, or where there are too many."""
    together: list[Meaning] = []
    for one in found:
        if one is None or len(together) + len(one) > MOST:
            return None
        together += one
    return tuple(together)


def _steps(text: str) -> list[str | None] | None:
    """Return a traversal's names, None for an index that is computed; None where it is something else."""
    root = _ROOT.match(text)
    if root is None:
        return None
    steps: list[str | None] = [root.group()]
    at = root.end()
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            return None
        steps.append(step["name"] or step["key"])
        at = step.end()
    return steps


def _listed(values: list[Meaning]) -> list[Member]:
    """Return values as a list's elements: a key is their place, and in a set the value itself."""
    return [Member((Meaning(literal(str(at)), one.scope), one), one) for at, one in enumerate(values)]


def _values(members: list[Member] | None) -> Meant | None:
    return None if members is None else tuple(one.value for one in members)


def _keys(members: list[Member] | None) -> Meant | None:
    return None if members is None else joined(one.keys for one in members)
