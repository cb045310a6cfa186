"""Strings and heredocs that do not end, or hold what the language would read as its own."""

import re
from collections.abc import Callable, Collection, Iterator

from infraai.mending.lexer import Token, tokens
from infraai.mending.nested import TOP_LEVEL
from infraai.mending.syntax.statements import statements

Parses = Callable[[str], bool]
_BOUND = r"(?:~>|[<>]=?|!=)[ \t]*\d[\d.]*"
_CONSTRAINT = re.compile(
    rf"^([ \t]*(?:required_)?version[ \t]*=[ \t]*)({_BOUND}(?:[ \t]*,[ \t]*{_BOUND})*)(?=[ \t]*\r?$)",
    re.MULTILINE,
)
_ESCAPE = re.compile(rb'\\(?![nrt"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})')
_MARKER = re.compile(r"<<(-?)([A-Za-z_][\w-]*)")
_ENDED = re.compile(r'(?<=[\[,(=?: ])[\w./:@-]+(?=")')  # a word that a quote ends and none began
_HEADER = re.compile(rf"^(\s*(?:{'|'.join(TOP_LEVEL)}))\b([\s\w\"-]*)\{{$")
_VALUE = re.compile(r"=\s*(?=[^\s\"\[{(=])")
_DOUBLED = re.compile(r'""(?=[\w./$-])|(?<=[\w./}-])""')
_WHOLE = ("x {{\n{}\n}}\n", "{}\n}}\n", "x {{\ny = [\n{}\n]\n}}\n", "x {{\ny = {{\n{}\n}}\n}}\n")
_PARTS = ("x {{\n{}\n]\n}}\n", "x {{\n{}\n}}\n}}\n")


def escapes(text: str) -> str:
    """Double a backslash that begins no escape sequence."""
    source = text.encode()
    out, last = b"", 0
    for one in tokens(source):
        if one.kind == "string":
            out += source[last : one.start] + _ESCAPE.sub(rb"\\\\", source[one.start : one.end])
            last = one.end
    return (out + source[last:]).decode()


def versions(text: str) -> str:
    """Quote a version constraint."""
    return _CONSTRAINT.sub(r'\1"\2"', text)


def unclosed(text: str, parses: Parses, declared: Collection[str] = ()) -> str:
    """Write the quote, or the interpolation's brace, that is missing on a line; drop one that is doubled."""
    lines = text.split("\n")
    inside = _heredoc_lines(text)
    for number, line in enumerate(lines):
        if number in inside or not any(one.kind == "string" and one.open for one in tokens(line.encode())):
            continue
        choices = list(dict.fromkeys(_candidates(line.rstrip("\r"), declared)))
        whole = next((one for one in choices if fits(one, parses, _WHOLE)), None)
        fixed = whole or next((one for one in choices if fits(one, parses, _PARTS)), None)
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


def _candidates(line: str, declared: Collection[str]) -> Iterator[str]:
    """Yield the line with one mark more, or one doubled quote less, the likeliest first."""
    body = line.rstrip()
    if header := _HEADER.match(body):
        yield header[1] + "".join(f' "{one}"' for one in re.findall(r"[\w-]+", header[2])) + " {"
    if "${{" in body:
        yield body.replace("${{", "${")
    if body.count("${") > body.count("}"):
        yield from _with_brace(body, declared)
    for one in _DOUBLED.finditer(body):
        yield body[: one.start()] + body[one.start() + 1 :]
    for one in _ENDED.finditer(body):
        yield body[: one.start()] + '"' + body[one.start() :]
    yield body + '"'
    yield body + '}"'
    yield from _at_tail(body)
    for at in range(len(body) - 1, body.find("=") + 1, -1):
        if body[at] in ' ,])}"':
            yield body[:at] + '"' + body[at:]
            yield body[: at + 1] + '"' + body[at + 1 :]
    if comment := re.search(r"\s+(?:#|//)", body):
        yield body[: comment.start()] + '"' + body[comment.start() :]


def _at_tail(body: str) -> Iterator[str]:
    """Yield the line with a quote before the brackets and commas it ends in, and before its value."""
    for tail in (",", "]", ")", "}", "{", "],", "),", "},", " {", " }"):
        if body.endswith(tail):
            kept = body[: -len(tail)].rstrip()
            yield kept + '"' + body[len(kept) :]
    if value := _VALUE.search(body):
        yield body[: value.end()] + '"' + body[value.end() :]


def _with_brace(body: str, declared: Collection[str]) -> Iterator[str]:
    """Close the last interpolation where its expression ends: a declared name, a word, the quote."""
    at = body.rfind("${")
    if named := re.compile(r"\$\{\s*(?:var|local)\.([\w-]+)").match(body, at):
        parts = named[1].split("-")
        for size in range(len(parts), 0, -1):
            if (name := "-".join(parts[:size])) in declared:
                end = named.start(1) + len(name)
                yield body[:end] + "}" + body[end:]
    if found := re.compile(r"\$\{\s*[\w.\[\]*-]+").match(body, at):
        yield body[: found.end()] + "}" + body[found.end() :]
    quote = body.rfind('"')
    if quote > at:
        yield body[:quote] + "}" + body[quote:]


def fits(line: str, parses: Parses, wraps: tuple[str, ...]) -> bool:
    """Return whether a line parses within one of the wraps."""
    if any(one.open for one in tokens(line.encode()) if one.kind in {"string", "heredoc"}):
        return False
    written = [wrap.format(line) for wrap in wraps]
    return any(parses(one) and statements(one) == one for one in written)


def heredocs(text: str) -> str:
    """Write the missing end of a heredoc: at its misspelt marker, else before the first line outside."""
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
