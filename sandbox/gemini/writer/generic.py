"""Writing a resource from its settings and its schema alone."""

import re
from typing import Any

from sandbox.gemini.writer.hcl import Blocks, Body, Expr, quote
from sandbox.gemini.writer.project import Planned, Project
from sandbox.gemini.writer.shape import Argument, at, locate

_INTERPOLATION = re.compile(r"\$\{([^{}]*)\}")
_ADDRESS = re.compile(r"(?<!data\.)\b((?:google|random|time|null)_[a-z0-9_]+\.[A-Za-z_][\w-]*)")
_VARIABLE = re.compile(r"\bvar\.(?:project|region|zone)\b|\bdata\.google_project\.this\.\w+\b")
_PLACES = ("region", "zone", "location")
META = frozenset({"count", "for_each", "depends_on", "lifecycle", "provider"})


def put(body: Body, path: tuple[str, ...], value: Any, root: Argument) -> None:
    """Set what stands at a path, opening the blocks above it; a mapping into a block becomes a block."""
    here = body
    for depth, part in enumerate(path[:-1], start=1):
        argument = at(root, path[:depth])
        if argument is not None and argument.children and not argument.block:
            return
        blocks = here.get(part)
        if not isinstance(blocks, Blocks) or not blocks:
            blocks = here[part] = Blocks([{}])
        here = blocks[0]
    argument = at(root, path)
    if argument is not None and argument.block and not isinstance(value, Blocks):
        value = Blocks([dict(value)]) if isinstance(value, dict) else Blocks([{}]) if value else Blocks()
    here[path[-1]] = value


def settled(project: Project, name: str, value: Any) -> Any:
    """Return a setting's value with its references resolved; None where it refers to what is gone."""
    if isinstance(value, (list, tuple)):
        parts = [settled(project, name, one) for one in value]
        return [one for one in parts if one is not None]
    if isinstance(value, dict):
        return {str(key): settled(project, str(key), one) for key, one in value.items()}
    if isinstance(value, str) and re.fullmatch(r"(?:\$\{)?var\.[a-z_]+\}?", value):
        return Expr(value.removeprefix("${").removesuffix("}"))
    if isinstance(value, str) and name in _PLACES:
        variable = project.place_variable(value)
        if variable:
            return Expr(variable)
    if project.refers(value):
        return project.reference(name, value)
    if isinstance(value, str) and "${" in value:
        return interpolated(project, value)
    return value


def interpolated(project: Project, text: str) -> Any:
    """Return a template whose parts all name variables or planned resources; None where one is gone."""
    parts = _INTERPOLATION.findall(text)
    for part in parts:
        named = set(_ADDRESS.findall(part))
        if not named and not _VARIABLE.search(part):
            return text
        if not named <= set(project.addresses):
            return None
    whole = _INTERPOLATION.fullmatch(text)
    if whole and len(parts) == 1:
        return Expr(whole[1])
    pieces = _INTERPOLATION.split(text)
    literal = [quote(piece)[1:-1] if at % 2 == 0 else f"${{{piece}}}" for at, piece in enumerate(pieces)]
    return Expr('"' + "".join(literal) + '"')


def apply_settings(project: Project, planned: Planned, body: Body, consumed: set[str]) -> None:
    """Put every setting the kind did not use itself where the schema has an argument of that name."""
    root = project.shape(planned.type)
    for name, setting in planned.settings.items():
        if name in consumed or name in META:
            continue
        path = locate(root, name)
        value = settled(project, name.rsplit(".", 1)[-1], setting)
        if path is None or value is None:
            continue
        put(body, path, fitted(value, at(root, path)), root)


def fitted(value: Any, argument: Argument | None) -> Any:
    """Return the value in the argument's type: a list where one is wanted, a number out of digits."""
    if argument is None or argument.block or isinstance(value, Blocks):
        return value
    kind = argument.type
    if kind.startswith(("list", "set")) and not isinstance(value, list):
        return [value]
    if not kind.startswith(("list", "set")) and isinstance(value, list) and len(value) == 1:
        return value[0]
    if kind == "number" and isinstance(value, str) and re.fullmatch(r"-?\d+(?:\.\d+)?", value):
        return float(value) if "." in value else int(value)
    if kind == "bool" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value


def fill_required(project: Project, planned: Planned, body: Body, root: Argument) -> None:
    """Give every required argument that is still missing a value, in every block that is there."""
    for name, argument in root.children.items():
        if argument.required and name not in body:
            value = Blocks([{}]) if argument.block else sensible(project, planned, argument)
            body[name] = value
        if argument.block and isinstance(body.get(name), Blocks):
            for one in body[name]:
                fill_required(project, planned, one, argument)


def sensible(project: Project, planned: Planned, argument: Argument) -> Any:
    """Return a value for a required argument, from the plan where something fits its name."""
    name = argument.name
    hyphenated = planned.name.replace("_", "-")
    if argument.enum:
        return argument.enum[0]
    if argument.default is not None:
        return argument.default
    linked = linked_by_name(project, planned, name)
    if linked is not None:
        return fitted(linked, argument)
    if name in ("region", "zone", "project"):
        return Expr(f"var.{name}")
    if name == "location":
        return Expr("var.region")
    if argument.type == "number":
        return 1
    if argument.type == "bool":
        return True
    if argument.type.startswith("map"):
        return {}
    text: Any = planned.name if name.endswith("_id") and "account" not in name else hyphenated
    if name in ("role",):
        text = "roles/viewer"
    if argument.type.startswith(("list", "set")):
        return [text]
    return text


def linked_by_name(project: Project, planned: Planned, name: str) -> Any:
    """Return a reference to the planned resource an argument's name speaks of: `topic`, `key_ring`, `cluster`."""
    stem = re.sub(r"(_id|_name|_link|_ids)$", "", name)
    family = planned.type.split("_")[1] if "_" in planned.type else ""
    candidates = [
        one
        for one in project.resources
        if one.address != planned.address
        and (one.type.endswith(f"_{stem}") or one.type == f"google_{family}_{stem}")
    ]
    near = [one for one in candidates if one.type.startswith(f"google_{family}_")] or candidates
    if not near:
        return None
    return project.refer(near[0], project.attribute(name, near[0].type))
