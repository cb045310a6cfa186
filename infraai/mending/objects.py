"""Object expressions as nested blocks: `{ a = 1, b = 2 }` as the lines of a body."""

import re

from infraai.configuration import Attribute
from infraai.mending.lexer import Token, split_items, tokens

_QUOTED_KEY = re.compile(rb'^(\s*)"([A-Za-z_][\w-]*)"(\s*[=:])')
_COLON = re.compile(rb"^(\s*[A-Za-z_][\w-]*\s*):(?!:)")


def as_blocks(attribute: Attribute, source: bytes) -> str | None:
    """Return the text of one block per object of a value, None where it is no plain object or list."""
    span = attribute.expression.span
    value = source[span.start : span.end]
    parts = [one for one in tokens(value) if one.kind not in {"space", "newline", "comment"}]
    if not parts:
        return None
    if parts[0].text == "[" and parts[-1].text == "]" and _closes(parts):
        inner = value[parts[0].end : parts[-1].start]
        items = [inner[start:end].strip() for start, end in split_items_by_comma(inner)]
        line = source.rfind(b"\n", 0, attribute.span.start) + 1
        lead = source[line : attribute.span.start]
        indent = lead if not lead.strip() else b""
        bodies = [_body(item) for item in items]
        if not bodies or any(body is None for body in bodies):
            return None
        separator = b"\n" + indent
        return separator.join(
            attribute.name.encode() + b" {" + (body or b"") + b"}" for body in bodies
        ).decode()
    body = _body(value)
    return None if body is None else f"{attribute.name} {{{body.decode()}}}"


def split_items_by_comma(inner: bytes) -> list[tuple[int, int]]:
    """Return the byte ranges of a list's items."""
    found: list[tuple[int, int]] = []
    depth = start = 0
    for one in tokens(inner):
        if one.kind == "mark":
            depth += (one.text in {"{", "[", "("}) - (one.text in {"}", "]", ")"})
        if depth == 0 and one.text == ",":
            found.append((start, one.start))
            start = one.end
    found.append((start, len(inner)))
    return [(begin, end) for begin, end in found if inner[begin:end].strip()]


def _closes(parts: list[Token]) -> bool:
    depth = 0
    for one in parts[:-1]:
        if one.kind == "mark":
            depth += (one.text in {"{", "[", "("}) - (one.text in {"}", "]", ")"})
        if depth == 0:
            return False
    return True


def _body(value: bytes) -> bytes | None:
    """Return what stands between an object's braces, written as a block's body."""
    parts = [one for one in tokens(value) if one.kind not in {"space", "newline", "comment"}]
    if not parts or parts[0].text != "{" or parts[-1].text != "}" or not _closes(parts):
        return None
    if len(parts) > 1 and parts[1].text == "for":
        return None
    inner = value[parts[0].end : parts[-1].start]
    items = split_items(inner)
    if len(items) > 1 and b"\n" not in inner:
        return b"\n" + b"\n".join(_argument(inner[start:end].strip()) for start, end in items) + b"\n"
    out, last = b"", 0
    for start, end in items:
        out += inner[last:start].replace(b",", b"") + _argument(inner[start:end])
        last = end
    return out + inner[last:].replace(b",", b"")


def _argument(item: bytes) -> bytes:
    item = _QUOTED_KEY.sub(rb"\1\2\3", item)
    return _COLON.sub(rb"\1 =", item)
