"""HCL as a tree, and its text as `terraform fmt` leaves it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_LIST = 90
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INDENT = "  "
_FIRST = ("count", "for_each", "name", "account_id")
_LAST = ("lifecycle", "depends_on")


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression that stands as it is, such as a reference."""

    text: str


@dataclass(frozen=True, slots=True)
class Heredoc:
    """Text of many lines; `${` in it is Terraform's unless it was escaped."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function called with one value."""

    function: str
    value: Any


class Blocks(list["Body"]):
    """The nested blocks of one name."""


Body = dict[str, Any]


def escape(text: str) -> str:
    """Return the text with what Terraform would interpolate made literal."""
    return text.replace("${", "$${").replace("%{", "%%{")


def quote(text: str) -> str:
    """Return a literal string."""
    plain = escape(text).replace("\\", "\\\\").replace('"', '\\"')
    plain = plain.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return '"' + _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", plain) + '"'


def resource(kind: str, name: str, body: Body) -> str:
    """Return one resource block."""
    return "\n".join([f'resource "{kind}" "{name}" {{', *_body(body, _INDENT), "}"])


def _body(body: Body, indent: str) -> list[str]:
    """Return the lines of a body: arguments, then blocks, then what Terraform itself reads."""
    lines: list[str] = []
    leading = [key for key in ("count", "for_each") if key in body]
    if leading:
        lines += [*_arguments({key: body[key] for key in leading}, indent), ""]
    blocks = {key: value for key, value in body.items() if isinstance(value, Blocks)}
    plain = {
        key: value
        for key, value in body.items()
        if key not in blocks and key not in leading and key not in _LAST
    }
    lines += _arguments(dict(sorted(plain.items(), key=_rank)), indent)
    for name, found in sorted(blocks.items(), key=lambda one: one[0] in _LAST):
        for one in found:
            lines += ["", *_block(name, one, indent)]
    trailing = {key: body[key] for key in _LAST if key in body and key not in blocks}
    if trailing:
        lines += ["", *_arguments(trailing, indent)]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _rank(item: tuple[str, Any]) -> tuple[bool, bool, int]:
    """Order arguments: names first, those of many lines last, the others as they came."""
    key, value = item
    many = isinstance(value, (Heredoc, Call)) or (isinstance(value, Mapping) and bool(value))
    return many, key not in _FIRST, 0


def _block(name: str, body: Body, indent: str) -> list[str]:
    inner = _body(body, indent + _INDENT)
    return [f"{indent}{name} {{", *inner, f"{indent}}}"] if inner else [f"{indent}{name} {{}}"]


def _arguments(arguments: Mapping[str, Any], indent: str) -> list[str]:
    """Return argument lines; the equals signs of neighbouring one-line values stand in one column."""
    lines: list[str] = []
    run: list[tuple[str, str]] = []
    for key, value in arguments.items():
        name = key if _BARE_KEY.fullmatch(key) else quote(key)
        text = _expression(value, indent)
        if isinstance(value, Heredoc):
            first, *rest = text
            lines += _aligned([*run, (name, first)], indent) + rest
            run = []
        elif len(text) > 1:
            lines += [*_aligned(run, indent), f"{indent}{name} = {text[0]}", *text[1:]]
            run = []
        else:
            run.append((name, text[0]))
    return lines + _aligned(run, indent)


def _aligned(run: Iterable[tuple[str, str]], indent: str) -> list[str]:
    pairs = list(run)
    width = max((len(name) for name, _ in pairs), default=0)
    return [f"{indent}{name.ljust(width)} = {text}" for name, text in pairs]


def _expression(value: Any, indent: str) -> list[str]:
    """Return an expression's lines, the first without indent."""
    if isinstance(value, Heredoc):
        inner = [f"{indent}{_INDENT}{line}".rstrip() for line in value.text.strip("\n").split("\n")]
        return ["<<-EOT", *inner, f"{indent}EOT"]
    if isinstance(value, Call):
        inner = _expression(value.value, indent)
        inner[0] = f"{value.function}({inner[0]}"
        inner[-1] += ")"
        return inner
    if isinstance(value, Mapping):
        if not value:
            return ["{}"]
        return ["{", *_arguments({str(k): v for k, v in value.items()}, indent + _INDENT), f"{indent}}}"]
    if isinstance(value, (list, tuple)):
        return _list(list(value), indent)
    return [scalar(value)]


def _list(values: list[Any], indent: str) -> list[str]:
    parts = [_expression(one, indent + _INDENT) for one in values]
    flat = "[" + ", ".join(part[0] for part in parts) + "]"
    if all(len(part) == 1 for part in parts) and len(flat) <= LONGEST_LIST:
        return [flat]
    lines = ["["]
    for part in parts:
        part[-1] += ","
        lines += [f"{indent}{_INDENT}{part[0]}", *part[1:]]
    return [*lines, f"{indent}]"]


def scalar(value: Any) -> str:
    """Return a value of one line."""
    if isinstance(value, Expr):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)  # noqa: PLR2004
    return quote(str(value))
