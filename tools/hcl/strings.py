"""The text of HCL's strings and heredocs, as Terraform would have it."""

import re
import sys

_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))|([$%])[$%]\{')
_SURROGATES = range(0xD800, 0xE000)
_SINGLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unquote(text: str) -> str:
    """Return what a piece of quoted text means: escapes read, `$${` and `%%{` made single."""

    def one(match: re.Match[str]) -> str:
        short, long, single, sigil = match.groups()
        if single:
            return _SINGLE[single]
        if sigil:
            return sigil + "{"
        code = int(short or long, 16)
        return chr(code) if code <= sys.maxunicode and code not in _SURROGATES else match.group()

    return _ESCAPE.sub(one, text) if "\\" in text or "{" in text else text


def unescape_heredoc(text: str) -> str:
    """Return what a piece of a heredoc means: only `$${` and `%%{` are escapes there."""
    return text.replace("$${", "${").replace("%%{", "%{")


def indent_of(raw: str) -> int:
    """Return how many characters `<<-` takes off each line: the least white space of the lines not blank."""
    lines = [line for line in raw.split("\n") if line.strip()]
    return min((len(line) - len(line.lstrip()) for line in lines), default=0)


def dedent(piece: str, indent: int, *, at_line_start: bool) -> str:
    """Return a piece of a heredoc with that much taken off the start of each line in it; blank lines stay."""
    if not indent:
        return piece
    first, *others = piece.split("\n")
    starts = [first[indent:] if at_line_start and first.strip() else first]
    last = len(others) - 1  # may go on behind an interpolation, so it is not blank
    return "\n".join(
        starts
        + [one[indent:] if one.strip() or (at == last and one) else one for at, one in enumerate(others)]
    )
