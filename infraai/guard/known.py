"""What an expression can stand for, as far as it can be known without running anything.

The answer is the set of all texts it could be, or None where that cannot be shown. A variable is all that the
bundle gives it: its default, the values of variable files, and what calls of its module pass.
"""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

from infraai.configuration import Block, Call, Configuration, Expression
from infraai.models import Bundle

Texts = frozenset[str]
Names = dict[tuple[str, str], list[tuple[str, Expression]]]  # (module path, name) → (module path, expression)

MOST = 200
DEPTH = 12
_SAME_TEXT = {"tostring", "sensitive", "nonsensitive", "trimspace"}
_SAME_ELEMENTS = {"toset", "tolist", "sensitive", "nonsensitive", "sort", "distinct", "compact", "flatten"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: its module, and the block whose `for_each` gives `each` a value."""

    module: str
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The named values of a bundle."""

    files: tuple[str, ...] = ()
    locals: Names = field(default_factory=dict[tuple[str, str], list[tuple[str, Expression]]])
    variables: Names = field(default_factory=dict[tuple[str, str], list[tuple[str, Expression]]])
    answers: dict[tuple[str, str], Texts | None] = field(default_factory=dict[tuple[str, str], Texts | None])

    @classmethod
    def of(cls, configuration: Configuration, bundle: Bundle) -> "Known":
        """Return what is known of a bundle's names."""
        local: Names = defaultdict(list)
        variables: Names = defaultdict(list)
        for block in configuration.of("locals"):
            for attribute in block.attributes:
                local[block.module_path, attribute.name].append((block.module_path, attribute.expression))
        for block in configuration.of("variable"):
            default = block.attribute("default")
            if default is not None and block.labels:
                variables[block.module_path, block.labels[0]].append((block.module_path, default.expression))
        for block in configuration.values:
            for attribute in block.attributes:
                variables["", attribute.name].append(("", attribute.expression))
        for block in configuration.of("module"):
            called = called_module(block)
            for attribute in block.attributes if called is not None else ():
                variables[called or "", attribute.name].append((block.module_path, attribute.expression))
        return cls((*bundle.files, *bundle.assets), dict(local), dict(variables))

    def texts(self, expression: Expression, scope: Scope, depth: int = 0) -> Texts | None:
        """Return every text the expression can be; None where that cannot be shown."""
        literal = expression.literal
        if isinstance(literal, bool):
            literal = str(literal).lower()
        if isinstance(literal, str | int | float):
            return frozenset({str(literal)})
        match expression.kind if depth <= DEPTH else "other":
            case "template":
                return self._joined(
                    [
                        part if isinstance(part, Expression) else frozenset({part})
                        for part in expression.parts
                    ],
                    "",
                    scope,
                    depth,
                )
            case "traversal":
                return self._named(expression, scope, depth)
            case "call":
                return self._called(expression, scope, depth)
            case _:
                return None

    def elements(self, expression: Expression, scope: Scope, depth: int = 0) -> tuple[Texts, Texts] | None:
        """Return every key and every value a collection can have; None where that cannot be shown."""
        match expression.kind if depth <= DEPTH else "other":
            case "list" | "object":
                return self._items(expression, scope, depth)
            case "call":
                return self._made_elements(expression.invocations[0], scope, depth)
            case "traversal":
                return self._one_meaning(expression, scope, depth)
            case _:
                return None

    def _made_elements(self, call: Call, scope: Scope, depth: int) -> tuple[Texts, Texts] | None:
        if call.function in _SAME_ELEMENTS and len(call.arguments) == 1:
            return self.elements(call.arguments[0], scope, depth + 1)
        if call.function == "fileset" and call.arguments:
            return self._fileset(self.texts(call.arguments[0], scope, depth + 1))
        return None

    def _items(self, expression: Expression, scope: Scope, depth: int) -> tuple[Texts, Texts] | None:
        if not expression.items:
            return frozenset(), frozenset()
        values = _union([self.texts(value, scope, depth + 1) for _, value in expression.items])
        if expression.kind == "list":
            return None if values is None else (values, values)
        keys = frozenset(key for key, _ in expression.items)
        return None if "" in keys else (keys, frozenset({"\0"}) if values is None else values)

    def _one_meaning(self, expression: Expression, scope: Scope, depth: int) -> tuple[Texts, Texts] | None:
        meant = self._meant(expression, scope)
        return self.elements(meant[0][1], Scope(meant[0][0]), depth + 1) if len(meant) == 1 else None

    def strings(self, expression: Expression, scope: Scope) -> Iterator[str]:
        """Yield every piece of text in an expression and in the locals and variables it names."""
        yield from expression.strings
        seen: set[tuple[str, str]] = set()
        waiting = [(scope.module, name) for name in expression.references]
        while waiting:
            module, name = waiting.pop()
            if (module, name) not in seen:
                seen.add((module, name))
                for origin, meant in self._definitions(name, module):
                    yield from meant.strings
                    waiting += [(origin, inner) for inner in meant.references]

    def _joined(
        self, pieces: Iterable[Expression | Texts], between: str, scope: Scope, depth: int
    ) -> Texts | None:
        known = [one if isinstance(one, frozenset) else self.texts(one, scope, depth + 1) for one in pieces]
        size = 1
        for one in known:
            size *= len(one) if one is not None else 0
            if one is None or size > MOST:
                return None
        return frozenset(
            between.join(chosen) for chosen in product(*(one for one in known if one is not None))
        )

    def _named(self, expression: Expression, scope: Scope, depth: int) -> Texts | None:
        text = expression.text.strip()
        if text == "path.module":
            return frozenset({scope.module or "."})
        if text == "path.root":
            return frozenset({"."})
        if text in {"each.key", "each.value"}:
            return self._each(text, scope, depth)
        key = (scope.module, text)
        if key not in self.answers:
            self.answers[key] = None  # what a name that stands for itself would be
            found = [
                self.texts(one, Scope(module), depth + 1) for module, one in self._meant(expression, scope)
            ]
            self.answers[key] = _union(found)
        return self.answers[key]

    def _each(self, text: str, scope: Scope, depth: int) -> Texts | None:
        repeated = scope.block.attribute("for_each") if scope.block else None
        if repeated is None:
            return None
        found = self.elements(repeated.expression, Scope(scope.module), depth + 1)
        return None if found is None else found[text == "each.value"]

    def _called(self, expression: Expression, scope: Scope, depth: int) -> Texts | None:
        call = expression.invocations[0]
        if call.function in _SAME_TEXT and len(call.arguments) == 1:
            return self.texts(call.arguments[0], scope, depth + 1)
        if call.function == "join" and len(call.arguments) == 2 and call.arguments[1].kind == "list":  # noqa: PLR2004
            between = call.arguments[0].literal
            if isinstance(between, str):
                return self._joined([one for _, one in call.arguments[1].items], between, scope, depth)
        if call.function == "format" and call.arguments and isinstance(call.arguments[0].literal, str):
            pieces = re.split(r"%[sd]", call.arguments[0].literal)
            if len(pieces) == len(call.arguments) and "%" not in "".join(pieces):
                mixed: list[Expression | Texts] = [frozenset({pieces[0]})]
                for argument, piece in zip(call.arguments[1:], pieces[1:], strict=True):
                    mixed += [argument, frozenset({piece})]
                return self._joined(mixed, "", scope, depth)
        return None

    def _fileset(self, folders: Texts | None) -> tuple[Texts, Texts] | None:
        if folders is None:
            return None
        found: set[str] = set()
        for folder in (posixpath.normpath(one) for one in folders):
            prefix = "" if folder == "." else f"{folder}/"
            found |= {name[len(prefix) :] for name in self.files if name.startswith(prefix)}
        return frozenset(found), frozenset(found)

    def _meant(self, expression: Expression, scope: Scope) -> list[tuple[str, Expression]]:
        """Return what a name as written stands for; an attribute or an element of it is not known."""
        text = expression.text.strip()
        return self._definitions(text, scope.module) if text.count(".") == 1 else []

    def _definitions(self, name: str, module: str) -> list[tuple[str, Expression]]:
        root, _, rest = name.partition(".")
        table = {"local": self.locals, "var": self.variables}.get(root, {})
        return table.get((module, rest.split(".")[0] if root == "local" else rest), [])


def called_module(block: Block) -> str | None:
    """Return the directory inside the bundle that a module call names, or None."""
    source = block.literal("source")
    if not isinstance(source, str) or not source.startswith(("./", "../")) or "\\" in source:
        return None
    path = posixpath.normpath(posixpath.join(block.module_path, source))
    return None if path.startswith("..") else ("" if path == "." else path)


def _union(found: list[Texts | None]) -> Texts | None:
    if not found or any(one is None for one in found):
        return None
    joined = frozenset[str]().union(*(one for one in found if one is not None))
    return joined if len(joined) <= MOST else None
