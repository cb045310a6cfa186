"""Strings and heredocs that do not end, or hold what the language would read as its own."""

import re
from collections.abc import Callable, Iterator

from infraai.mending.lexer import Token, tokens

Parses = Callable[[str], bool]
_ESCAPE = re.compile(rb'\\(?![nrt"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})')
_MARKER = re.compile(r"<<(-?)([A-Za-z_][\w-]*)")
_WORD = re.compile(r"[\w./:@-]+$")


def escapes(text: str) -> str:
    """Double a backslash that begins no escape sequence."""
    source = text.encode()
    out, last = b"", 0
    for one in tokens(source):
        if one.kind == "string":
            out += source[last : one.start] + _ESCAPE.sub(rb"\\\\", source[one.start : one.end])
            last = one.end
    return (out + source[last:]).decode()


def unclosed(text: str, parses: Parses) -> str:
    """Write the quote, or the interpolation's brace, that is missing on a line."""
    lines = text.split("\n")
    inside = _heredoc_lines(text)
    for number, line in enumerate(lines):
        if number in inside or not any(one.kind == "string" and one.open for one in tokens(line.encode())):
            continue
        fixed = next((one for one in _candidates(line.rstrip("\r")) if fits(one, parses)), None)
        if fixed is not None:
            lines[number] = fixed + ("\r" if line.endswith("\r") else "")
    return "\n".join(lines)


def _heredoc_lines(text: str) -> set[int]:
    found: set[int] = set()
    source = text.encode()
    for one in tokens(source):
        if one.kind == "heredoc" and not one.open:
            first = source.count(b"\n", 0, one.start)
            found |= set(range(first + 1, first + one.text.count("\n") + 1))
    return found


def _candidates(line: str) -> Iterator[str]:
    """Yield the line with one mark more, the likeliest first."""
    body = line.rstrip()
    if body.count("${") > body.count("}"):
        yield from _with_brace(body)
    yield body + '"'
    yield body + '}"'
    for tail in (",", "]", ")", "}", "{", "],", "),", "},", " {", " }"):
        if body.endswith(tail):
            yield body[: -len(tail)].rstrip() + '"' + body[len(body[: -len(tail)].rstrip()) :]
    if body.endswith('"') and (word := _WORD.search(body[:-1])):
        yield body[: word.start()] + '"' + body[word.start() :]
    for at in range(len(body) - 1, body.find("=") + 1, -1):
        if body[at] in ' ,])}"':
            yield body[:at] + '"' + body[at:]
            yield body[: at + 1] + '"' + body[at + 1 :]
    comment = re.search(r"\s+(?:#|//)", body)
    if comment:
        yield body[: comment.start()] + '"' + body[comment.start() :]


def _with_brace(body: str) -> Iterator[str]:
    """Close the last interpolation where its expression ends: at the quote, or before what no expression has."""
    at = body.rfind("${")
    found = re.compile(r"\$\{\s*[\w.\[\]*-]+").match(body, at)
    if found:
        yield body[: found.end()] + "}" + body[found.end() :]
    quote = body.rfind('"')
    if quote > at:
        yield body[:quote] + "}" + body[quote:]


def fits(line: str, parses: Parses) -> bool:
    """Return whether a line can stand in a file: as an argument, a header, a list's item or the start of one."""
    if any(one.open for one in tokens(line.encode()) if one.kind in {"string", "heredoc"}):
        return False
    wraps = (
        "x {{\n{}\n}}\n",
        "{}\n}}\n",
        "x {{\ny = [\n{}\n]\n}}\n",
        "x {{\n{}\n]\n}}\n",
        "x {{\n{}\n}}\n}}\n",
        "x {{\ny = {{\n{}\n}}\n}}\n",
    )
    return any(parses(wrap.format(line)) for wrap in wraps)


def heredocs(text: str) -> str:
    """Write the missing end of a heredoc: where its marker stands misspelt, else before the first line outside."""
    source = text.encode()
    one = next((one for one in tokens(source) if one.kind == "heredoc" and one.open), None)
    found = _MARKER.match(one.text) if one else None
    if one is None or not found:
        return text
    start = source.rfind(b"\n", 0, one.start) + 1
    indent = len(source[start : one.start]) - len(source[start : one.start].lstrip())
    head, *rest = source[one.start :].decode().split("\n")
    at = _end_line(rest, found[2], indent)
    lead = " " * indent if found[1] else ""
    if at < len(rest) and _is_marker(rest[at], found[2]):
        rest[at] = lead + found[2]
    else:
        rest.insert(at, lead + found[2])
    return source[: one.start].decode() + "\n".join([head, *rest])


def _is_marker(line: str, name: str) -> bool:
    word = line.strip().rstrip(";,.)")
    return bool(word) and (
        word.upper() == name.upper() or (word.isupper() and word.isalpha() and word[:2] == name[:2])
    )


def _end_line(rest: list[str], name: str, indent: int) -> int:
    for at, line in enumerate(rest):
        if _is_marker(line, name):
            return at
    for at, line in enumerate(rest):
        if (
            line.strip()
            and len(line) - len(line.lstrip()) <= indent
            and re.match(r"\s*(?:[\w-]+\s*(?:=|\{|\")|\})", line)
        ):
            return at
    return len(rest)


def shell(text: str, parses: Parses) -> str:
    """Escape what in a heredoc is the shell's `${…}` and no expression of this language."""
    source = text.encode()
    out, last = b"", 0
    for one in tokens(source):
        if one.kind == "heredoc":
            out += source[last : one.start] + _escaped(one, source, parses)
            last = one.end
    return (out + source[last:]).decode()


def _escaped(token: Token, source: bytes, parses: Parses) -> bytes:
    body = source[token.start : token.end]

    def escape(found: re.Match[bytes]) -> bytes:
        inner = found[2].decode()
        name = re.fullmatch(r"[A-Z_][A-Z0-9_]*", inner.strip())
        if found[1] or (not name and parses(f"x {{\n  y = ({inner})\n}}\n")):
            return found[0]
        return b"$" + found[0]

    return re.sub(rb"(\$?)\$\{([^{}\n]*)\}", escape, body)
