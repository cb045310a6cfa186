"""Arguments by the name or in the place they once had, or have with another cloud (`successors`)."""

import re

from infraai.configuration import Attribute, Block
from infraai.mending.fault import Edit, Fault, Mend, join, path_of
from infraai.mending.successors import Successor, removed, says_too, successor
from infraai.mending.text import (
    add_to_body,
    attribute_name_span,
    remove_lines,
    replace,
    wrapped,
)

_NAMED = re.compile(r'An argument named "([\w-]+)" is not expected here')
_BLOCK = re.compile(r'Blocks of type "([\w-]+)" are not expected here')


def mend_moved(fault: Fault) -> Mend | None:
    """Write an argument, and those that go to the same block, by its present name in its present place."""
    found, block, top = _NAMED.search(fault.words), fault.block, fault.top
    attribute = fault.attribute_at(found[1]) if found else None
    goal = _goal(fault, attribute) if attribute else None
    if goal is None or attribute is None or block is None or top is None:
        return None
    home_path = goal.to.rpartition(".")[0]
    if home_path == path_of(fault.chain):
        return _renamed(fault, block, attribute, goal)
    moved = [
        (one, other)
        for one in block.attributes
        if (other := _goal(fault, one)) and other.to.rpartition(".")[0] == home_path
    ]
    return _moved(fault, moved, home_path)


def _goal(fault: Fault, attribute: Attribute) -> Successor | None:
    top, path = fault.top, path_of(fault.chain)
    if top is None or top.type != "resource" or not top.labels:
        return None
    goal = successor(top.labels[0], join(path, attribute.name))
    shape = fault.shape
    own = join(path, attribute.name)
    if goal is None or (shape.has(own) and not shape.is_block(own)) or not shape.is_settable(goal.to):
        return None
    if goal.value and attribute.expression.text.strip() != "true":
        return None
    items = attribute.expression.items
    if shape.is_block(own) and attribute.expression.kind not in {"literal", "template"}:
        return None
    if goal.to == "tags" and any(one.kind != "literal" for _, one in items):
        return None  # a reference to another cloud's group is no tag
    return goal


def _renamed(fault: Fault, block: Block, attribute: Attribute, goal: Successor) -> Mend | None:
    new = goal.to.rpartition(".")[2]
    if there := block.attribute(new):
        if not says_too(there.expression.text, attribute.expression.text):
            return None
        what = f"{attribute.name} of {_address(fault)} removed: {new} says it"
        return Mend((remove_lines(fault.file, attribute.span, fault.source),), what)
    edits = [Edit(fault.file, *attribute_name_span(attribute), new)]
    if goal.value:
        edits.append(replace(fault.file, attribute.expression.span, goal.value))
    return Mend(tuple(edits), f"argument {attribute.name} → {new} in {_address(fault)}")


def _moved(fault: Fault, moved: list[tuple[Attribute, Successor]], home_path: str) -> Mend | None:
    top = fault.chain[0]
    reached = _home(fault, home_path.split(".") if home_path else [])
    if reached is None:
        return None
    home, missing = reached
    source, lines = fault.source, list[str]()
    for attribute, goal in moved:
        name = goal.to.rpartition(".")[2]
        if not missing and home.attribute(name):
            return None
        value = goal.value or source[attribute.expression.span.start : attribute.expression.span.end].decode()
        lines.append(f"{name} = {value}")
        lines += [one for one in goal.beside if missing or not home.attribute(one.split(" ")[0])]
    if len({one.split(" ")[0] for one in lines}) != len(lines):
        return None
    body = wrapped(lines, missing, "")
    cuts = [remove_lines(fault.file, one.span, source) for one, _ in moved]
    what = ", ".join(one.name for one, _ in moved)
    return Mend(
        (*cuts, add_to_body(home, body, source)),
        f"{what} moved to {home_path or top.address} in {_address(fault)}",
    )


def _home(fault: Fault, names: list[str]) -> tuple[Block, list[str]] | None:
    """Return the block to write in and the blocks still to be made, by way of the diagnostic's own."""
    chain = [one for one in fault.chain if one.type not in {"dynamic", "content"}]
    if len(chain) != len(fault.chain):
        return None
    block = chain[0]
    for at, name in enumerate(names):
        inner = block.of(name)
        own = chain[at + 1] if at + 1 < len(chain) and chain[at + 1] in inner else None
        if own is None and len(inner) > 1:
            return None
        found = own or next(iter(inner), None)
        if found is None:
            return block, names[at:]
        block = found
    return block, []


def mend_removed(fault: Fault) -> Mend | None:
    """Take out what the provider has taken away with nothing in its place, and say so."""
    top = fault.top
    if top is None or top.type != "resource" or not top.labels:
        return None
    if found := _NAMED.search(fault.words):
        attribute = fault.attribute_at(found[1])
        path = join(path_of(fault.chain), found[1])
        span = attribute.span if attribute else None
    elif (found := _BLOCK.search(fault.words)) and fault.block and fault.block.type == found[1]:
        path, span = path_of(fault.chain), fault.block.span
    else:
        return None
    why = removed(top.labels[0], path)
    if not why or span is None or fault.shape.has(path):
        return None
    return Mend((remove_lines(fault.file, span, fault.source),), f"{path} of {top.address} removed: {why}")


def _address(fault: Fault) -> str:
    return join(fault.chain[0].address, path_of(fault.chain))
