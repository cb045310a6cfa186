"""What a value is as far as the files say, and where the literal stands that makes it so."""

import json
import re
from dataclasses import dataclass

from infraai.configuration import Block, Expression, Span
from infraai.operations.edits.subject import Key, Scope

_MOST_HOPS = 12
_ROOT = re.compile(r"^(var|local|each)\.([A-Za-z_][\w-]*)")
_REST = re.compile(r'\.([A-Za-z_][\w-]*)|\.?\[\s*("(?:[^"\\]|\\.)*"|\d+|each\.key|count\.index)\s*\]')
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Hop:
    """A variable, a local value or a `for_each` that a value comes through, and what is picked from it."""

    name: str  # "var.machine_type", "local.sizes", "each.value"
    scope: Scope
    path: Steps
    keyed: bool = False  # what is picked is that of one copy: by each.value, each.key or count.index


@dataclass(frozen=True, slots=True)
class Known:
    """A value, and its literal's place."""

    value: object
    file: str
    span: Span
    hops: tuple[Hop, ...] = ()

    @property
    def each(self) -> bool:
        """Return whether the literal belongs to one copy of a block that makes several."""
        return any(hop.keyed for hop in self.hops)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a value cannot be known; `missing` where the files do know that there is none."""

    why: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class _Look:
    """One step of looking a value up."""

    expression: Expression
    file: str
    scope: Scope
    path: Steps = ()
    hops: tuple[Hop, ...] = ()


def known(expression: Expression, file: str, scope: Scope) -> Known | Unknown:
    """Return the value of an expression, through variables, locals and `for_each`, or why it is not known."""
    return _followed(_Look(expression, file, scope))


def _followed(look: _Look) -> Known | Unknown:
    if len(look.hops) > _MOST_HOPS:
        return Unknown(f"`{look.expression.text}` leads too far")
    for _ in range(_MOST_HOPS):
        found = _step(look)
        if not isinstance(found, _Look):
            return found
        look = found
    return Unknown(f"`{look.expression.text}` leads too far")


def _step(look: _Look) -> "_Look | Known | Unknown":
    expression = look.expression
    if len(expression.parts) == 1 and isinstance(expression.parts[0], Expression):
        return _Look(expression.parts[0], look.file, look.scope, look.path, look.hops)
    if expression.kind == "call":
        return _chosen(look)
    if look.path:
        if expression.kind in {"object", "list"}:
            return _picked(look)
    elif expression.kind == "literal" and expression.literal is not None:
        return Known(expression.literal, look.file, expression.span, look.hops)
    return _traversed(look)


def _traversed(look: _Look) -> "_Look | Unknown":
    expression = look.expression
    root = _ROOT.match(expression.text)
    if not root or expression.kind != "traversal":
        return Unknown(f"it is reckoned: `{expression.text}`")
    picked = _rest(expression.text[root.end() :], look.scope.key)
    if picked is None:
        return Unknown(f"it is reckoned: `{expression.text}`")
    steps, keyed = picked
    hop = Hop(f"{root[1]}.{root[2]}", look.scope, (*steps, *look.path), keyed or root[1] == "each")
    return _referred(look, hop)


def _chosen(look: _Look) -> Known | Unknown:
    """Return what `lookup` finds, or the first that `try` can have."""
    call = look.expression.invocations[0]
    alternatives = [(one, look.path) for one in call.arguments]
    if call.function == "lookup" and len(call.arguments) > 1 and isinstance(call.arguments[1].literal, str):
        key = call.arguments[1].literal
        alternatives = [(call.arguments[0], (key, *look.path)), *alternatives[2:]]
    elif call.function != "try":
        return Unknown(f"it is reckoned: `{look.expression.text}`")
    found: Known | Unknown = Unknown(f"it is reckoned: `{look.expression.text}`")
    for expression, path in alternatives:
        found = _followed(_Look(expression, look.file, look.scope, path, look.hops))
        if isinstance(found, Known) or not found.missing:
            return found
    return found


def _picked(look: _Look) -> "_Look | Unknown":
    first, rest, items = look.path[0], look.path[1:], look.expression.items
    chosen: Expression | None = None
    if look.expression.kind == "object":
        chosen = look.expression.item(str(first))
    elif isinstance(first, int) and 0 <= first < len(items):
        chosen = items[first][1]
    if chosen is None:
        return Unknown(f"`{first}` is not written out where it comes from", missing=True)
    return _Look(chosen, look.file, look.scope, rest, look.hops)


def _referred(look: _Look, hop: Hop) -> "_Look | Unknown":
    hops, path = (*look.hops, hop), hop.path
    root, name = hop.name.split(".", 1)
    if root == "each":
        each, key = look.scope.each, look.scope.key
        if name != "value" or each is None or key is None:
            return Unknown(f"it is `{look.expression.text}`")
        return _Look(each, look.file, look.scope, (key, *path), hops)
    found = _variable(look.scope, name) if root == "var" else _local(look.scope, name)
    if found is None:
        return Unknown(f"{root}.{name} is not given in the files")
    expression, file, scope = found
    return _Look(expression, file, scope, path, hops)


def _variable(scope: Scope, name: str) -> tuple[Expression, str, Scope] | None:
    """Return what gives a variable its value: the module call, a file of values, else its default."""
    if scope.calls:
        call = scope.calls[-1].block
        given = call.attribute(name)
        if given:
            return given.expression, call.file, scope.outer
    else:
        for values in sorted(scope.configuration.values, key=_precedence, reverse=True):
            if given := values.attribute(name):
                return given.expression, values.file, scope
    declared = next((one for one in scope.blocks("variable") if one.labels == (name,)), None)
    default = declared.attribute("default") if declared else None
    return (default.expression, declared.file, scope) if declared and default else None


def _precedence(values: Block) -> tuple[bool, str]:
    """Return how late Terraform reads a file of values: those named *.auto.tfvars after terraform.tfvars."""
    return ".auto.tfvars" in values.file, values.file


def _local(scope: Scope, name: str) -> tuple[Expression, str, Scope] | None:
    for block in scope.blocks("locals"):
        if found := block.attribute(name):
            return found.expression, block.file, scope
    return None


def _rest(text: str, key: Key) -> tuple[Steps, bool] | None:
    """Return what a traversal picks after its root, and whether by the copy's key; None where that is not plain."""
    steps: list[str | int] = []
    offset, keyed = 0, False
    while offset < len(text):
        found = _REST.match(text, offset)
        if found is None:
            return None
        if found[1]:
            steps.append(found[1])
        elif found[2] in {"each.key", "count.index"}:
            if key is None:
                return None
            steps.append(key)
            keyed = True
        else:
            steps.append(json.loads(found[2]))
        offset = found.end()
    return tuple(steps), keyed


def users(hop: Hop) -> tuple[str, ...]:
    """Return the blocks of the hop's module that use what the hop picks, each once; outputs only tell it."""
    told = {"variable", "output"}
    blocks = (one for one in hop.scope.configuration.blocks if one.module_path == hop.scope.directory)
    return tuple(one.address for one in blocks if one.type not in told and _uses(one, hop))


def _uses(block: Block, hop: Hop) -> bool:
    each = block.attribute("for_each")
    loops = each is not None and any(_within(one, hop.name) for one in each.expression.references)
    for expression in block.expressions():
        over = each is not None and expression is each.expression and expression.kind == "traversal"
        for reference in expression.references:
            direct = _within(reference, hop.name) and not (over and hop.path)
            if (direct or (loops and _within(reference, "each.value"))) and _picks(
                expression, reference, hop
            ):
                return True
    return False


def _picks(expression: Expression, reference: str, hop: Hop) -> bool:
    """Return whether a reference takes all of the hop's value, or just what the hop picks from it."""
    names = [str(one) for one in hop.path if isinstance(one, str)]
    if not names or names[-1] in reference.split("."):
        return True
    looked_up = "lookup" in expression.functions and names[-1] not in expression.strings
    return reference in {hop.name, "each.value"} and not looked_up


def _within(reference: str, name: str) -> bool:
    return reference == name or reference.startswith(f"{name}.")
