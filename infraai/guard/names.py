"""The named values of a bundle: what its locals and variables are given, and where that was written."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from infraai.configuration import Block, Configuration, Expression, Loop, Span

_NOWHERE = Span(0, 0, 0, 0)
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: its module, the block that is repeated, and the `for`s around it."""

    module: str
    block: Block | None = None
    loops: tuple[Loop, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """An expression, and where it stands."""

    expression: Expression
    scope: Scope


Definitions = dict[tuple[str, str], list[Meaning]]  # by module path and name


@dataclass(frozen=True, slots=True)
class Names:
    """What each local and each variable of each module is given."""

    locals: Definitions = field(default_factory=dict[tuple[str, str], list[Meaning]])
    variables: Definitions = field(default_factory=dict[tuple[str, str], list[Meaning]])

    allowed: Definitions = field(default_factory=dict[tuple[str, str], list[Meaning]])  # by validations
    open: frozenset[tuple[str, str]] = frozenset()  # variables whose type may add texts of its own
    numbered: bool = False  # whether a type may add numbers, of which no path out of the bundle is made

    def given(self, name: str, module: str) -> tuple[Meaning, ...] | None:
        """Return everything that `local.x` or `var.x` can be; None where there may be more to it."""
        key = module, name.partition(".")[2]
        if name.startswith("var.") and key in self.open:
            return None
        found = self.definitions(name, module)
        if not found and name.startswith("var."):
            found = self.allowed.get(key, [])
        return tuple(found) or None

    def definitions(self, name: str, module: str) -> list[Meaning]:
        """Return everything the bundle gives to `local.x` or `var.x`."""
        root, _, rest = name.partition(".")
        table = {"local": self.locals, "var": self.variables}.get(root, {})
        return table.get((module, rest.partition(".")[0]), [])


def literal(value: str) -> Expression:
    """Return a text as an expression."""
    return Expression(value, _NOWHERE, "literal", value, strings=(value,))


def names_of(configuration: Configuration) -> Names:
    """Return what a bundle's names are given."""
    local: Definitions = defaultdict(list)
    variables: Definitions = defaultdict(list)
    for block in configuration.of("locals"):
        for attribute in block.attributes:
            local[block.module_path, attribute.name].append(_meant(block, attribute.expression))
    for block in configuration.of("variable"):
        default = block.attribute("default")
        if default is not None and block.labels:
            variables[block.module_path, block.labels[0]].append(_meant(block, default.expression))
    for block in configuration.values:
        for attribute in block.attributes:
            variables["", attribute.name].append(Meaning(attribute.expression, Scope("")))
    for block in configuration.of("module"):
        called = called_module(block)
        for attribute in block.attributes if called is not None else ():
            scope = Scope(block.module_path, block)
            variables[called or "", attribute.name].append(Meaning(attribute.expression, scope))
    declared = {(one.module_path, one.labels[0]): one for one in configuration.of("variable") if one.labels}
    allowed = {key: [_meant(one, literal(text)) for text in _allowed(one)] for key, one in declared.items()}
    return Names(
        dict(local),
        dict(variables),
        allowed,
        frozenset(key for key, one in declared.items() if _adds_texts(one)),
        any(_defaults(one) for one in declared.values()),
    )


def called_module(block: Block) -> str | None:
    """Return the directory inside the bundle that a module call names, or None."""
    return module_of(block, block.module_path)


def module_of(block: Block, origin: str) -> str | None:
    """Return the directory inside the bundle that a source names, seen from `origin`, or None."""
    source = block.literal("source")
    if not isinstance(source, str) or not source.startswith(("./", "../")) or "\\" in source:
        return None
    path = posixpath.normpath(posixpath.join(origin, source))
    return None if path.startswith("..") else ("" if path == "." else path)


def folders_loaded(configuration: Configuration) -> frozenset[str]:
    """Return the directories whose files Terraform loads: the root's, and those that modules name."""
    tests = [inner for block in configuration.tests for inner in block.walk() if inner.type == "module"]
    found = {""}
    found |= {one for block in tests for one in _both(block) if one is not None}
    calls = configuration.of("module")
    while True:
        more = {called_module(block) for block in calls if block.module_path in found} - {None} - found
        if not more:
            return frozenset(found)
        found |= {one for one in more if one is not None}


def _both(block: Block) -> Iterable[str | None]:
    """Yield what a test file's source may mean: it is relative to the root module."""
    return module_of(block, ""), module_of(block, block.module_path)


def _meant(block: Block, expression: Expression) -> Meaning:
    return Meaning(expression, Scope(block.module_path))


def _allowed(variable: Block) -> tuple[str, ...]:
    """Return the texts a validation holds a variable to: `contains(["a", "b"], var.x)`, and no more."""
    for validation in variable.of("validation"):
        found = validation.attribute("condition")
        call = found.expression.invocations[0] if found and found.expression.kind == "call" else None
        if (
            call is None
            or call.function not in {"contains", "core::contains"}
            or len(call.arguments) != _PAIR
        ):
            continue
        listed, asked = call.arguments
        texts = tuple(value.literal for _, value in listed.items if isinstance(value.literal, str))
        if (
            asked.text == f"var.{variable.labels[0]}"
            and listed.kind == "list"
            and len(texts) == len(listed.items)
        ):
            return texts
    return ()


def _defaults(variable: Block) -> list[Expression] | None:
    """Return what `optional(TYPE, DEFAULT)` in a variable's type may put where the bundle gives nothing.

    None where that is not known: the JSON syntax has types as texts.
    """
    declared = variable.attribute("type")
    if declared is None:
        return []
    if isinstance(declared.expression.literal, str):
        return None if "optional" in declared.expression.literal else []
    return [call.arguments[1] for call in declared.expression.invocations if len(call.arguments) > 1]


def _adds_texts(variable: Block) -> bool:
    """Return whether a variable's type may add texts to what the bundle gives it."""
    found = _defaults(variable)
    plain = {"literal", "list", "object"}
    return found is None or any(any(one.strings) or one.kind not in plain for one in found)
