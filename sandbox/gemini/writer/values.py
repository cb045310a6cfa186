"""What a plan's settings stand for: references, templates, variables, and values in an argument's type."""

import re
from typing import Any

from sandbox.gemini.writer.hcl import Blocks, Expr, quote
from sandbox.gemini.writer.project import Project
from sandbox.gemini.writer.shape import Argument

_INTERPOLATION = re.compile(r"\$\{([^{}]*)\}")
_ADDRESS = re.compile(r"(?<!data\.)\b((?:google|random|time|null)_[a-z0-9_]+\.[A-Za-z_][\w-]*)")
_KNOWN = re.compile(r"\bvar\.(?:project|region|zone)\b|\bdata\.google_project\.this\.\w+\b")
_VARIABLE = re.compile(r"(?:\$\{)?(var\.(?:project|region|zone))\}?")
_DIGITS = re.compile(r"-?\d+(?:\.\d+)?")
_PLACES = ("region", "zone", "location")


def settled(project: Project, name: str, value: Any) -> Any:
    """Return a setting's value with its references resolved; None where it refers to what is gone."""
    if isinstance(value, (list, tuple)):
        parts = [settled(project, name, one) for one in value]
        return [one for one in parts if one is not None]
    if isinstance(value, dict):
        return {str(key): settled(project, str(key), one) for key, one in value.items()}
    return _settled_text(project, name, value) if isinstance(value, str) else value


def _settled_text(project: Project, name: str, text: str) -> Any:
    variable = _VARIABLE.fullmatch(text)
    if variable:
        return Expr(variable[1])
    place = project.place_variable(text) if name in _PLACES else ""
    if place:
        return Expr(place)
    if project.refers(text):
        return project.reference(name, text)
    return interpolated(project, text) if "${" in text else text


def interpolated(project: Project, text: str) -> Any:
    """Return a template whose parts all name variables or planned resources; None where one is gone."""
    parts = _INTERPOLATION.findall(text)
    named = [set(_ADDRESS.findall(part)) for part in parts]
    if not all(names or _KNOWN.search(part) for names, part in zip(named, parts, strict=True)):
        return text
    if not set().union(*named) <= set(project.addresses):
        return None
    whole = _INTERPOLATION.fullmatch(text)
    if whole and len(parts) == 1:
        return Expr(whole[1])
    pieces = _INTERPOLATION.split(text)
    literal = [quote(piece)[1:-1] if at % 2 == 0 else f"${{{piece}}}" for at, piece in enumerate(pieces)]
    return Expr('"' + "".join(literal) + '"')


def fitted(value: Any, argument: Argument | None) -> Any:
    """Return the value in the argument's type: a list where one is wanted, a number out of digits."""
    if argument is None or argument.block or isinstance(value, Blocks):
        return value
    if argument.type.startswith(("list", "set")):
        return value if isinstance(value, list) else [value]
    if isinstance(value, list) and len(value) == 1:
        return fitted(value[0], argument)
    return _fitted_scalar(value, argument.type)


def _fitted_scalar(value: Any, kind: str) -> Any:
    if isinstance(value, str):
        if kind == "number" and _DIGITS.fullmatch(value):
            return float(value) if "." in value else int(value)
        if kind == "bool" and value.lower() in ("true", "false"):
            return value.lower() == "true"
    elif kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value
