"""Where text goes, byte for byte: indentation, new lines, whole blocks and attributes."""

import re
from posixpath import dirname, join

from infraai.configuration import Attribute, Block, Span
from infraai.mending.fault import Edit
from infraai.models import Bundle

_IDENTIFIER = rb"(?<![\w-])%s(?![\w-])"


def newline_of(source: bytes) -> str:
    """Return the file's own line ending."""
    return "\r\n" if b"\r\n" in source else "\n"


def line_span(source: bytes, line: int) -> tuple[int, int]:
    """Return the byte offsets of a 1-based line, without its line ending."""
    lines = source.split(b"\n")
    if not 1 <= line <= len(lines):
        return len(source), len(source)
    start = sum(len(one) + 1 for one in lines[: line - 1])
    return start, start + len(lines[line - 1].rstrip(b"\r"))


def indent_at(source: bytes, offset: int) -> str:
    """Return the white space at the start of the line an offset is on."""
    start = source.rfind(b"\n", 0, offset) + 1
    found = re.match(rb"[ \t]*", source[start:])
    return found[0].decode() if found else ""


def replace(file: str, span: Span, text: str) -> Edit:
    """Return the edit that puts text in the place of a span."""
    return Edit(file, span.start, span.end, text)


def rename(file: str, span: Span, old: str, new: str, source: bytes) -> Edit | None:
    """Return the edit that renames the first `old` within a span, None where it is not there."""
    found = re.search(_IDENTIFIER % re.escape(old.encode()), source[span.start : span.end])
    if not found:
        return None
    return Edit(file, span.start + found.start(), span.start + found.end(), new)


def remove_lines(file: str, span: Span, source: bytes) -> Edit:
    """Return the edit that takes out a span, with its whole lines where nothing else is on them."""
    start = source.rfind(b"\n", 0, span.start) + 1
    end = source.find(b"\n", span.end)
    end = len(source) if end < 0 else end + 1
    before, after = source[start : span.start], source[span.end : end].strip()
    if before.strip() or (after and not after.startswith((b"#", b"//"))):
        return Edit(file, span.start, span.end, "")
    return Edit(file, start, end, "")


def add_to_body(block: Block, lines: list[str], source: bytes) -> Edit:
    """Return the edit that writes lines at the start of a block's body, indented as its content is."""
    newline = newline_of(source)
    inner = content_indent(block, source)
    text = "".join(newline + inner + line if line else newline for line in lines)
    body = source[block.body.start : block.body.end]
    if b"\n" not in body:  # `content {}` or `content { a = 1 }` on one line
        rest = body.strip().decode()
        text += (newline + inner + rest if rest else "") + newline + indent_at(source, block.span.start)
        return Edit(block.file, block.body.start, block.body.end, text)
    return Edit(block.file, block.body.start, block.body.start, text)


def content_indent(block: Block, source: bytes) -> str:
    """Return the indentation of what stands in a block."""
    spans = [*(one.span for one in block.attributes), *(one.span for one in block.blocks)]
    for one in sorted(spans, key=lambda span: span.start):
        if one.line > block.span.line:
            return indent_at(source, one.start)
    return indent_at(source, block.span.start) + "  "


def append(bundle: Bundle, file: str, text: str) -> Edit:
    """Return the edit that adds a top-level block to a file, after an empty line."""
    source = bundle.files.get(file, "").encode()
    newline = newline_of(source)
    lead = "" if not source else newline if source.endswith(b"\n") else newline * 2
    return Edit(file, len(source), len(source), lead + text.replace("\n", newline))


def home_of(bundle: Bundle, beside: str, wanted: str) -> str:
    """Return the module's file of this name (such as variables.tf), or the file given where there is none."""
    file = join(dirname(beside), wanted)
    return file if file in bundle.files or not beside.endswith(".tf") else beside


def attribute_name_span(attribute: Attribute) -> tuple[int, int]:
    """Return where an attribute's name stands."""
    return attribute.span.start, attribute.span.start + len(attribute.name.encode())


def wrapped(written: list[str], names: list[str], indent: str) -> list[str]:
    """Return lines put inside blocks of these names; all but the first carry the indentation."""
    lines = list(written)
    for name in reversed(names):
        lines = [f"{name} {{", *("  " + one for one in lines), "}"]
    return [lines[0], *(indent + one for one in lines[1:])]
