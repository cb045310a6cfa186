"""Edits of Terraform text that touch exactly one thing: every other byte, comments included, stays as it was.

Positions come from `infraai.configuration` for the very text that is edited. Native syntax only: a `.tf.json`
file is data and is written anew by whoever changes it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from infraai.configuration import Attribute, Block, Span

_INDENT = re.compile(rb"[ \t]*")
_HEREDOC = re.compile(r"<<-?([^\W\d][\w-]*)\s*$")


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits made, from the last to the first; raise ValueError where two overlap."""
    source = text.encode()
    limit = len(source)
    for edit in sorted(edits, key=lambda one: (one.start, one.end), reverse=True):
        if edit.end > limit or edit.start > edit.end:
            raise ValueError(f"the edit of bytes {edit.start} to {edit.end} overlaps the one after it")
        source = source[: edit.start] + edit.text.encode() + source[edit.end :]
        limit = edit.start
    return source.decode()


def set_attribute(text: str, block: Block, name: str, value_text: str) -> str:
    """Return the text with `name = value_text` in this block, changed where it stands or added."""
    return apply_edits(text, [attribute_edit(text, block, name, value_text)])


def replace(text: str, span: Span, new_text: str) -> str:
    """Return the text with what stands there replaced."""
    return apply_edits(text, [Edit(span.start, span.end, new_text)])


def remove(text: str, span: Span) -> str:
    """Return the text without what stands there, and without its line where nothing else is on it."""
    return apply_edits(text, [removal_edit(text, span)])


def rename(text: str, named: Attribute | Block, new_name: str) -> str:
    """Return the text with an attribute's name, or a block's type, changed; its labels stay."""
    return apply_edits(text, [rename_edit(text, named, new_name)])


def rename_label(text: str, block: Block, index: int, new_label: str) -> str:
    """Return the text with one label of a block changed."""
    source = text.encode()
    head = source[block.span.start : block.body.start]
    labels = list(re.finditer(rb'"(?:[^"\\]|\\.)*"|[^\s"{/*]+', head))[1:]
    found = labels[index]
    start = block.span.start + found.start()
    return apply_edits(text, [Edit(start, start + len(found.group()), f'"{new_label}"')])


def insert_block(text: str, block: Block, block_text: str) -> str:
    """Return the text with another block inside this one, before its closing brace."""
    return apply_edits(text, [insertion_edit(text, block, block_text)])


def append(text: str, block_text: str) -> str:
    """Return the text with a block after its end, one blank line between."""
    newline = _newline(text)
    end = "" if not text or text.endswith("\n") else newline
    gap = newline if text.strip() and not text.endswith(("\n\n", "\r\n\r\n")) else ""
    return f"{text}{end}{gap}{_with_newlines(block_text.strip(), newline)}{newline}"


def attribute_edit(text: str, block: Block, name: str, value_text: str) -> Edit:
    """Return the edit that gives the attribute this value."""
    found = block.attribute(name)
    value = _with_newlines(value_text, _newline(text))
    if found is not None:
        span = found.expression.span
        return Edit(span.start, span.end, value)
    source = text.encode()
    if block.body.line == block.body.end_line:
        return _opened(text, block, f"{name} = {value}")
    own = [one.span for one in block.attributes]
    after = max(own, key=lambda span: span.end) if own else Span(0, block.body.start, 0, 0)
    indent = _indent_at(source, after.start) if own else _indent_at(source, block.span.start) + "  "
    line_end = source.find(b"\n", after.end, block.body.end)
    if line_end < 0:
        return _opened(text, block, f"{name} = {value}")
    return Edit(line_end + 1, line_end + 1, f"{indent}{name} = {value}{_newline(text)}")


def removal_edit(text: str, span: Span) -> Edit:
    """Return the edit that takes something out, with its line where it has the line to itself."""
    source = text.encode()
    line_start = source.rfind(b"\n", 0, span.start) + 1
    line_end = source.find(b"\n", span.end)
    line_end = len(source) if line_end < 0 else line_end + 1
    before, after = source[line_start : span.start], source[span.end : line_end]
    if before.strip() or after.strip():
        return Edit(span.start, span.end, "")
    blank = source[line_end : source.find(b"\n", line_end) + 1]
    between_blanks = (line_start == 0 or source[:line_start].endswith((b"\n\n", b"\n\r\n"))) and blank
    if between_blanks and not blank.strip():
        line_end += len(blank)
    return Edit(line_start, line_end, "")


def rename_edit(text: str, named: Attribute | Block, new_name: str) -> Edit:
    """Return the edit that changes an attribute's name or a block's type.

    Raises ValueError if it is not there.
    """
    old = (named.name if isinstance(named, Attribute) else named.type).encode()
    start = named.span.start
    if text.encode()[start : start + len(old)] != old:
        raise ValueError(f"{old.decode()} does not stand at byte {start}: the positions are of another text")
    return Edit(start, start + len(old), new_name)


def insertion_edit(text: str, block: Block, block_text: str) -> Edit:
    """Return the edit that puts another block inside this one, before its closing brace."""
    source = text.encode()
    indent = _indent_at(source, block.span.start) + "  "
    line_start = source.rfind(b"\n", 0, block.body.end) + 1
    if line_start <= block.body.start or source[line_start : block.body.end].strip():
        return _opened(text, block, block_text.strip())
    newline = _newline(text)
    return Edit(
        line_start, line_start, _indented(_with_newlines(block_text.strip(), newline), indent) + newline
    )


def _opened(text: str, block: Block, added: str) -> Edit:
    """Return the edit that makes a block written on one line one of several lines, with something added."""
    source, newline = text.encode(), _newline(text)
    outer = _indent_at(source, block.span.start)
    inside = source[block.body.start : block.body.end].decode().strip()
    lines = [_indented(_with_newlines(one, newline), outer + "  ") for one in (inside, added) if one]
    return Edit(block.body.start, block.body.end, newline + newline.join(lines) + newline + outer)


def _indent_at(source: bytes, offset: int) -> str:
    line_start = source.rfind(b"\n", 0, offset) + 1
    found = _INDENT.match(source, line_start)
    return found.group().decode() if found else ""


def _indented(text: str, indent: str) -> str:
    """Return the text with each line indented, but for what stands in heredocs."""
    lines: list[str] = []
    marker = ""
    for line in text.split("\n"):
        inside = bool(marker)
        lines.append(line if inside or not line.strip() else indent + line)
        if inside and line.strip() == marker:
            marker = ""
        elif not inside and (opened := _HEREDOC.search(line)):
            marker = opened.group(1)
    return "\n".join(lines)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _with_newlines(text: str, newline: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", newline)
