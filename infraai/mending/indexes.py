"""Indexes that are missing, or stand where there is nothing to index."""

import re

from infraai.configuration import Block
from infraai.mending.fault import Edit, Fault, Mend
from infraai.mending.text import line_span

_LIST = re.compile(r'Block type "([\w-]+)" is represented by a list of objects')
_MISSING = re.compile(r'Because ([\w.-]+) has "(count|for_each)" set')
_NEEDLESS = re.compile(r'Because ([\w.-]+) does not have "count" or "for_each" set')


def mend_index(fault: Fault) -> Mend | None:
    """Write `[0]` after a block that is a list, and an instance key where a counted resource wants one."""
    if found := _LIST.search(fault.words):
        return _zero(fault, found[1])
    if found := _MISSING.search(fault.words):
        return _key(fault, found[1], found[2])
    if found := _NEEDLESS.search(fault.words):
        pattern = rb"(" + re.escape(found[1].encode()) + rb")\[(?:[^\[\]]*)\]"
        return _on_line(fault, pattern, found[1], f"{found[1]} is a single instance: its index is removed")
    return None


def _zero(fault: Fault, name: str) -> Mend | None:
    pattern = rb"(?<=\.)(" + re.escape(name.encode()) + rb")(?=\.[A-Za-z_])"
    return _on_line(fault, pattern, f"{name}[0]", f".{name} → .{name}[0]: the block is a list")


def _key(fault: Fault, address: str, meta: str) -> Mend | None:
    top = fault.top
    key = _instance_key(fault, top, address, meta) if top else ""
    if not key:
        return None
    if key == "values":
        pattern = rb"(?<![\w.-])" + re.escape(address.encode()) + rb"(?=\.[A-Za-z_])"
        return _on_line(fault, pattern, f"values({address})[*]", f"{address} has {meta}: all its instances")
    pattern = rb"(?<![\w.-])(" + re.escape(address.encode()) + rb")(?=\.[A-Za-z_])"
    return _on_line(fault, pattern, f"{address}[{key}]", f"{address} → {address}[{key}]: it has {meta}")


def _instance_key(fault: Fault, top: Block, address: str, meta: str) -> str:
    """In a block counted alike, its own key; in an output's whole value, all instances."""
    target = next(
        (
            one
            for one in fault.configuration.blocks
            if one.address == address and one.file.rpartition("/")[0] == top.file.rpartition("/")[0]
        ),
        None,
    )
    own, other = top.attribute(meta), target.attribute(meta) if target else None
    if own and other and own.expression.text in {other.expression.text, address}:
        return "count.index" if meta == "count" else "each.key"
    attribute = fault.attribute_at()
    whole = attribute is not None and re.fullmatch(
        re.escape(address) + r"(?:\.[\w-]+)+", attribute.expression.text.strip()
    )
    if top.type == "output" and whole:
        return "*" if meta == "count" else "values"
    if other and meta == "count" and (other.expression.literal == 1 or "?" in other.expression.text):
        return "0"
    return ""


def _on_line(fault: Fault, pattern: bytes, text: str, what: str) -> Mend | None:
    start, end = line_span(fault.source, fault.line)
    found = re.finditer(pattern, fault.source[start:end])
    edits = tuple(Edit(fault.file, start + one.start(), start + one.end(), text) for one in found)
    return Mend(edits, what) if edits else None
