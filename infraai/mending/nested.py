"""Blocks that stand where none of that type is expected."""

import re

from infraai.configuration import Block
from infraai.mending.fault import Edit, Fault, Mend, join, path_of
from infraai.mending.nearest import nearest, suggested
from infraai.mending.shape import META_BLOCKS, Shape
from infraai.mending.successors import block_now
from infraai.mending.text import (
    add_to_body,
    content_indent,
    indent_at,
    newline_of,
    remove_lines,
    replace,
    wrapped,
)

_NAMED = re.compile(r'Blocks of type "([\w-]+)" are not expected here')
TOP_LEVEL = (
    "resource",
    "data",
    "variable",
    "output",
    "locals",
    "module",
    "provider",
    "terraform",
    "moved",
    "import",
    "removed",
    "check",
)


def mend_block(fault: Fault) -> Mend | None:
    """Rename a block, turn it into an argument, or move it to the one place there is for it."""
    found = _NAMED.search(fault.words)
    block = fault.block
    if not found or block is None or block.type != found[1]:
        return None
    if len(fault.chain) == 1:
        return _rename(fault, block, nearest(block.type, TOP_LEVEL) or suggested(fault.words))
    if block.type in TOP_LEVEL and block.labels:
        return _hoist(fault, block)
    return _within(fault, block)


def _within(fault: Fault, block: Block) -> Mend | None:
    """Mend a block within another one by the schema."""
    path, shape = path_of(fault.chain[:-1]), fault.shape
    if shape.has(join(path, block.type)) and not shape.is_block(join(path, block.type)):
        return _to_argument(fault, block, shape.kind(join(path, block.type)))
    if not shape.known and "Did you mean to define argument" in fault.words:
        return _to_argument(fault, block, "map")
    known = (*shape.settable(path, blocks=True), *(META_BLOCKS if not path else ("dynamic",)))
    kind = fault.chain[0].labels[0] if fault.chain[0].labels else ""
    if (now := block_now(kind, join(path, block.type))) and now in known:
        return _rename(fault, block, now)
    if new := nearest(block.type, known) if shape.known else suggested(fault.words):
        return _rename(fault, block, new)
    if argument := nearest(block.type, shape.settable(path, blocks=False)):
        return _rename(fault, block, argument)
    return _move(fault, block, shape)


def _rename(fault: Fault, block: Block, new: str) -> Mend | None:
    if not new or new == block.type:
        return None
    start = block.span.start
    return Mend(
        (Edit(fault.file, start, start + len(block.type.encode()), new),), f"block {block.type} → {new}"
    )


def _to_argument(fault: Fault, block: Block, kind: str) -> Mend | None:
    if kind not in {"map", "object"} or block.labels or block.blocks:
        return None
    at = block.span.start + len(block.type.encode())
    return Mend((Edit(fault.file, at, at, " ="),), f"{block.type} is an argument: it takes an equals sign")


def _hoist(fault: Fault, block: Block) -> Mend:
    """A resource within a resource stands on its own, after it."""
    top, source = fault.chain[0], fault.source
    text = source[block.span.start : block.span.end].decode()
    newline = newline_of(source)
    lead = source[source.rfind(b"\n", 0, block.span.start) + 1 : block.span.start].decode()
    lines = [line.removeprefix(lead) if not lead.strip() else line for line in text.split(newline)]
    after = Edit(fault.file, top.span.end, top.span.end, newline * 2 + newline.join(lines))
    cut = remove_lines(fault.file, block.span, source)
    return Mend(
        (cut, after), f"{block.address} taken out of {top.address}: blocks of its type stand at the top"
    )


def _move(fault: Fault, block: Block, shape: Shape) -> Mend | None:
    """Move a block into the one block of the resource that has it."""
    places = [one for one in shape.places(block.type) if shape.is_block(one)]
    if len(places) != 1:
        return None
    home, source = fault.chain[0], fault.source
    *above, _ = places[0].split(".")
    missing: list[str] = []
    for name in above:
        inner = [one for one in home.blocks if one.type == name] if not missing else []
        if len(inner) > 1:
            return None
        home = inner[0] if inner else home
        missing += [] if inner else [name]
    text = source[block.span.start : block.span.end].decode()
    what = f"block {block.type} moved to {places[0]}"
    if home is fault.chain[-2] and missing:
        indent = indent_at(source, block.span.start)
        deeper = text.replace("\n", "\n" + "  " * len(missing))
        return Mend(
            (replace(fault.file, block.span, newline_of(source).join(wrapped([deeper], missing, indent))),),
            what,
        )
    lines = wrapped([text], missing, content_indent(home, source) if not missing else "")
    return Mend((remove_lines(fault.file, block.span, source), add_to_body(home, lines, source)), what)
