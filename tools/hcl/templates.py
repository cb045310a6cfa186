"""Templates that stand by themselves: the strings of the JSON syntax, and files for `templatefile`."""

from dataclasses import replace

from infraai.configuration import Expression
from tools.hcl.tree import parse_text

_MARKER = "TEMPLATE"


def parse_template(file: str, text: str, *, first_line: int = 1) -> Expression | None:
    """Return what a template says, or None where it is not one; of positions only its lines are right.

    A heredoc reads exactly as a template does: no escapes but `$${` and `%%{`.
    """
    marker = _MARKER
    while marker in text:
        marker += "_"
    above = "\n" * max(0, first_line - 2)
    body = parse_text(file, f"{above}value = <<{marker}\n{text}\n{marker}\n")
    if body.faults or body.blocks or len(body.attributes) != 1:
        return None
    return _without_last_newline(body.attributes[0].expression)


def _without_last_newline(read: Expression) -> Expression:
    """Return the template without the newline that only the heredoc needed."""
    if isinstance(read.literal, str):
        literal = read.literal[:-1]
        return replace(read, literal=literal, strings=(literal,))
    last = read.parts[-1] if read.parts else ""
    if not isinstance(last, str):
        return read
    kept = (last[:-1],) if last != "\n" else ()
    return replace(read, parts=(*read.parts[:-1], *kept), strings=(*read.strings[:-1], *kept))
