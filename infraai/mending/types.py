"""Types of resources and data sources that the provider does not have."""

import re

from infraai.configuration import Block
from infraai.mending.fault import Edit, Fault, Mend
from infraai.mending.nearest import nearest, suggested

_NAMED = re.compile(r'does not support (?:resource type|data source) "([\w-]+)"')


def mend_type(fault: Fault) -> Mend | None:
    """Put the type somebody meant in the place of one that does not exist, wherever it is named."""
    found = _NAMED.search(fault.words)
    top = fault.top
    if not found or top is None or not top.labels or top.labels[0] != found[1]:
        return None
    new = _meant(found[1], fault, top)
    if not new:
        return None
    edits = list(renames(fault, top, (new, *top.labels[1:])))
    return Mend(tuple(edits), f"{top.type} type {found[1]} → {new}")


def _meant(old: str, fault: Fault, top: Block) -> str:
    if top.type == "resource":
        return nearest(old, fault.schemas.types()) or _of_schema(suggested(fault.words), fault)
    meant = suggested(fault.words)
    return nearest(old, [*fault.schemas.types(), meant]) or meant


def _of_schema(name: str, fault: Fault) -> str:
    return name if fault.schemas.known(name) else ""


def renames(fault: Fault, block: Block, labels: tuple[str, ...]) -> list[Edit]:
    """Return the edits that give a block new labels and follow it through the references in its module."""
    source = fault.bundle.files[block.file].encode()
    header = source[block.span.start : block.body.start]
    edits: list[Edit] = []
    at = len(block.type)
    for old, new in zip(block.labels, labels, strict=True):
        at = header.index(old.encode(), at)
        if old != new:
            edits.append(
                Edit(block.file, block.span.start + at, block.span.start + at + len(old.encode()), new)
            )
        at += len(old.encode())
    prefix = "data." if block.type == "data" else ""
    return edits + follow(fault, prefix + ".".join(block.labels), prefix + ".".join(labels))


def follow(fault: Fault, old: str, new: str) -> list[Edit]:
    """Return the edits that put one traversal in the place of another in every expression of the module."""
    pattern = re.compile(rb"(?<![\w.-])" + re.escape(old.encode()) + rb"(?![\w-])")
    edits: list[Edit] = []
    folder = fault.file.rpartition("/")[0]
    for block in fault.configuration.blocks:
        if block.file.rpartition("/")[0] != folder:
            continue
        source = fault.bundle.files[block.file].encode()
        for expression in block.expressions():
            span = expression.span
            edits += [
                Edit(block.file, span.start + one.start(), span.start + one.end(), new)
                for one in pattern.finditer(source[span.start : span.end])
            ]
    return edits
