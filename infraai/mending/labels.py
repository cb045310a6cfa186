"""Names that Terraform does not take: characters no name may have, and names it keeps for itself."""

import re

from infraai.mending.fault import Edit, Fault, Mend
from infraai.mending.types import follow

_INVALID = re.compile(
    r"^Invalid (?:resource|data resource|variable|output|module instance|data source) name$"
)
_PREFIX = {"variable": "var.", "module": "module.", "output": "", "data": "data."}


def mend_label(fault: Fault) -> Mend | None:
    """Write a block's name with letters, digits and underscores, and follow it wherever it is referred to."""
    top = fault.top
    if top is None or not top.labels or not _INVALID.match(fault.diagnostic.summary):
        return None
    old = top.labels[-1]
    reserved = "reserved" in fault.words
    new = f"{old}_value" if reserved else _name(old)
    taken = {one.labels for one in fault.siblings(top.type)}
    labels = (*top.labels[:-1], new)
    if new == old or labels in taken:
        return None
    source = fault.source
    at = top.span.start + source[top.span.start : top.body.start].rindex(old.encode())
    prefix = _PREFIX.get(top.type, "") + "".join(f"{one}." for one in top.labels[:-1])
    edits = [Edit(fault.file, at, at + len(old.encode()), new)]
    edits += follow(fault, prefix + old, prefix + new) if prefix else []
    return Mend(tuple(edits), f"{top.type} {old} is named {new}")


def _name(old: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", old).strip("_") or "main"
    return plain if plain[0].isalpha() else f"_{plain}"
