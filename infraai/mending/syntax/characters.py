"""Characters that the language does not have: curly and single quotes, invisible ones, other comments."""

import re
from collections.abc import Callable

from infraai.mending.lexer import Token, tokens

_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u2060\u00ad\x00-\x08\x0b\x0c\x0e-\x1f]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_CURLY = "“”„‟«»″"
_CURLY_SINGLE = "\u2018\u2019\u201a\u201b\u2032"
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w-]*[ \t]*\r?\n?", re.MULTILINE)
_DASHES = re.compile(r"^([ \t]*)--+(?=\s)", re.MULTILINE)
_HTML = re.compile(r"^([ \t]*)<!--\s*(.*?)\s*-->[ \t]*$", re.MULTILINE)
_STATEMENT = re.compile(r"\s*(?:[\w-]+\s*=[^=]|[\w-]+(?:\s+\"[^\"]*\")*\s*\{|\})")


def invisible(text: str) -> str:
    """Take out marks nobody sees, and make every kind of space a plain one, outside strings and comments."""
    text = text[:1].replace("\ufeff", "") + text[1:]
    return _outside(text, lambda part: _SPACES.sub(" ", _INVISIBLE.sub("", part)))


def curly_quotes(text: str) -> str:
    """Make curly quotes straight where they stand for a string's own quotes."""
    return "".join(_straight(line) for line in text.splitlines(keepends=True))


def _straight(line: str) -> str:
    if not any(one in line for one in _CURLY + _CURLY_SINGLE) or line.lstrip().startswith(("#", "//")):
        return line
    out, at = "", 0
    while at < len(line):
        one = line[at]
        if one == '"' or one in _CURLY + _CURLY_SINGLE:
            end = _closing(line, at)
            if end < 0:
                return out + ('"' if one != '"' else one) + line[at + 1 :]
            out += '"' + line[at + 1 : end] + '"'
            at = end + 1
        else:
            out += one
            at += 1
    return out


def _closing(line: str, at: int) -> int:
    """Return where the string ends: a straight one at its own kind, else at the next quote."""
    kinds = '"' if line[at] == '"' else (_CURLY if line[at] in _CURLY else _CURLY_SINGLE) + '"'
    found = [place for place in range(at + 1, len(line)) if line[place] in kinds and line[place - 1] != "\\"]
    if not found and line[at] == '"':
        found = [place for place in range(at + 1, len(line)) if line[place] in _CURLY]
    return found[0] if found else -1


def single_quotes(text: str) -> str:
    """Make `'text'` a string, where no string, comment or heredoc holds it."""
    pattern = re.compile(rb"'((?:[^'\\\n]|\\.)*)'")
    source = text.encode()
    for _ in range(source.count(b"'")):
        bad = next((one for one in tokens(source) if one.kind == "bad" and one.text == "'"), None)
        found = pattern.match(source, bad.start) if bad else None
        if not found:
            break
        inner = re.sub(rb'(?<!\\)"', rb'\\"', found[1].replace(b"\\'", b"'"))
        source = source[: found.start()] + b'"' + inner + b'"' + source[found.end() :]
    return source.decode()


def fences(text: str) -> str:
    """Take out Markdown's code fences."""
    return _outside(text, lambda part: _FENCE.sub("", part)) if "```" in text or "~~~" in text else text


def comments(text: str) -> str:
    """Write the comments of other languages as this one's, and close an open one."""
    text = _HTML.sub(r"\1# \2", _DASHES.sub(r"\1#", text))
    source = text.encode()
    for one in tokens(source):
        if one.kind == "comment" and one.open:
            rest = source[one.start + 2 :]
            if re.search(rb"^\s*(?:resource|data|variable|output|module|provider)\s", rest, re.MULTILINE):
                return (source[: one.start] + b"#" + rest).decode()
            return source.rstrip().decode() + " */\n"
    return text


def semicolons(text: str) -> str:
    """End a statement by a new line, not a semicolon; what follows one and is no statement is a comment."""
    source = text.encode()
    out, last = b"", 0
    for one in tokens(source):
        if one.kind != "bad" or one.text != ";":
            continue
        end = source.find(b"\n", one.end)
        rest = source[one.end : end if end >= 0 else len(source)].decode()
        lead = source[source.rfind(b"\n", 0, one.start) + 1 : one.start]
        indent = lead[: len(lead) - len(lead.lstrip())]
        mark = b"" if not rest.strip() else b"\n" + indent if _STATEMENT.match(rest) else b"#"
        if mark.startswith(b"\n"):
            out += source[last : one.start] + mark
            last = one.end + len(rest) - len(rest.lstrip())
        else:
            out += source[last : one.start] + mark
            last = one.end
    return (out + source[last:]).decode()


def dollars(text: str) -> str:
    """`$var.x` and `${var.x}` outside a string are `var.x`."""
    source = text.encode()
    for _ in range(source.count(b"$")):
        bad = next((one for one in tokens(source) if one.kind == "bad" and one.text == "$"), None)
        if bad is None:
            break
        braces = re.compile(rb"\$\{([^{}\n]*)\}").match(source, bad.start)
        inner, end = (braces[1], braces.end()) if braces else (b"", bad.end)
        source = source[: bad.start] + inner.strip() + source[end:]
    return source.decode()


def _outside(text: str, change: Callable[[str], str]) -> str:
    """Apply a change to what stands outside strings, heredocs and comments."""
    source = text.encode()
    out, plain = b"", b""
    for one in tokens(source):
        if one.kind in {"string", "heredoc", "comment"} and not _unsure(one):
            out += change(plain.decode()).encode() + source[one.start : one.end]
            plain = b""
        else:
            plain += source[one.start : one.end]
    return (out + change(plain.decode()).encode()).decode()


def _unsure(token: Token) -> bool:
    return token.open
