"""Tokens of Terraform's language from text that may be broken: never fails, never loses a byte.

Offsets are bytes: the text is read as Latin-1, in which one byte is one character, and HCL's own marks are
ASCII. A string that is not closed ends at its line's end and is marked `open`; so does an interpolation. The
language is https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "number", "string", "heredoc", "comment", "newline", "space", "mark", "bad"]

_SIMPLE: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("space", re.compile(r"[ \t]+")),
    ("newline", re.compile(r"\r?\n")),
    ("comment", re.compile(r"(?:#|//)[^\n]*?(?=\r?\n|\r?\Z)")),
    ("name", re.compile(r"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff-]*")),
    ("number", re.compile(r"[0-9][A-Za-z0-9_.]*")),
    ("mark", re.compile(r"=>|==|!=|<=|>=|&&|\|\||\.\.\.|[{}\[\]()=,.:?*+/%<>!-]")),
)
_HEREDOC = re.compile(r"<<-?([A-Za-z_][\w-]*)[^\n]*\n")


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of text; `open` where its end is missing."""

    kind: Kind
    start: int
    end: int
    text: str
    open: bool = False


def tokens(source: bytes) -> list[Token]:
    """Return all tokens of a file or an expression, in order and without gaps."""
    return list(_tokens(source.decode("latin-1")))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        token = _next(text, at)
        yield token
        at = token.end


def _next(text: str, at: int) -> Token:
    if text[at] == '"':
        end, closed = string_end(text, at)
        return Token("string", at, end, text[at:end], not closed)
    if text.startswith("/*", at):
        end = text.find("*/", at + 2)
        end, closed = (len(text), False) if end < 0 else (end + 2, True)
        return Token("comment", at, end, text[at:end], not closed)
    if found := _HEREDOC.match(text, at):
        return _heredoc(text, at, found)
    for kind, pattern in _SIMPLE:
        if found := pattern.match(text, at):
            return Token(kind, at, found.end(), found[0])
    return Token("bad", at, at + 1, text[at])


def _heredoc(text: str, at: int, found: re.Match[str]) -> Token:
    ending = re.compile(rf"^[ \t]*{re.escape(found[1])}[ \t]*\r?$", re.MULTILINE)
    last = ending.search(text, found.end())
    if not last:
        return Token("heredoc", at, len(text), text[at:], open=True)
    end = last.end() - text[: last.end()].endswith("\r")
    return Token("heredoc", at, end, text[at:end])


def string_end(text: str, at: int) -> tuple[int, bool]:
    """Return where a quoted string that starts here ends, and whether it is closed on its own line."""
    one = at + 1
    while one < len(text) and text[one] not in "\r\n":
        if text[one] == "\\":
            one += 2
        elif text[one] == '"':
            return one + 1, True
        elif text.startswith(("$${", "%%{"), one):
            one += 3
        elif text.startswith(("${", "%{"), one):
            inner, closed = interpolation_end(text, one + 2)
            if not closed:
                return _line_end(text, at), False
            one = inner
        else:
            one += 1
    return min(one, _line_end(text, at)), False


def interpolation_end(text: str, at: int) -> tuple[int, bool]:
    """Return where an interpolation whose content starts here ends, and whether it is closed on its line."""
    depth = 1
    while at < len(text) and text[at] not in "\r\n":
        if text[at] == '"':
            at, closed = string_end(text, at)
            if not closed:
                return at, False
            continue
        depth += (text[at] == "{") - (text[at] == "}")
        at += 1
        if not depth:
            return at, True
    return at, False


def _line_end(text: str, at: int) -> int:
    found = re.compile(r"\r?\n|\Z").search(text, at)
    return found.start() if found else len(text)


def split_items(inner: bytes) -> list[tuple[int, int]]:
    """Return the byte ranges of the items between the brackets of a list or object: by comma, or by line."""
    found: list[tuple[int, int]] = []
    depth = start = 0
    for one in tokens(inner):
        if one.kind == "mark":
            depth += (one.text in {"{", "[", "("}) - (one.text in {"}", "]", ")"})
        ends = one.kind == "newline" or one.text == ","
        if depth == 0 and ends:
            found.append((start, one.start))
            start = one.end
    found.append((start, len(inner)))
    return [(begin, end) for begin, end in found if inner[begin:end].strip()]
