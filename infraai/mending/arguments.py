"""Arguments that stand where none of that name is expected."""

import posixpath
import re
from collections.abc import Mapping

from infraai.configuration import Attribute, Block
from infraai.mending.fault import Edit, Fault, Mend, join, path_of
from infraai.mending.nearest import nearest, suggested
from infraai.mending.objects import as_blocks
from infraai.mending.shape import META_ARGUMENTS, Shape
from infraai.mending.text import (
    add_to_body,
    attribute_name_span,
    indent_at,
    newline_of,
    remove_lines,
    wrapped,
)

_LONG_ENOUGH = 6  # letters: a shorter name is too like others to be looked for in other blocks
_NAMED = re.compile(r'An argument named "([\w-]+)" is not expected here')
_WRITTEN: Mapping[str, tuple[str, ...]] = {  # https://developer.hashicorp.com/terraform/language
    "variable": ("type", "default", "description", "sensitive", "nullable", "ephemeral"),
    "output": ("value", "description", "sensitive", "depends_on", "ephemeral"),
    "terraform": ("required_version", "experiments"),
    "module": ("source", "version", "count", "for_each", "depends_on", "providers"),
    "lifecycle": ("create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"),
}
_SAME: Mapping[tuple[str, str], str] = {
    ("variable", "value"): "default",
    ("variable", "default_value"): "default",
    ("variable", "desc"): "description",
    ("output", "default"): "value",
    ("output", "desc"): "description",
    ("terraform", "version"): "required_version",
}


def mend_argument(fault: Fault) -> Mend | None:
    """Rename, turn into a block, or move an argument to the one place the schema has for it."""
    found = _NAMED.search(fault.words)
    attribute = fault.attribute_at(found[1]) if found else None
    block = fault.block
    if attribute is None or block is None:
        return None
    path = path_of(fault.chain)
    if block.type in _WRITTEN:
        return _rename(fault, block, attribute, _own_name(fault, block, attribute))
    shape = fault.shape
    if shape.is_block(join(path, attribute.name)):
        return _to_block(fault, attribute)
    if new := _meant(fault, block, attribute, shape, path):
        return _rename(fault, block, attribute, new)
    return _move(fault, block, attribute, shape, path)


def _own_name(fault: Fault, block: Block, attribute: Attribute) -> str:
    known = _WRITTEN[block.type]
    if block.type == "module":
        known = (*known, *module_inputs(fault, block))
    same = _SAME.get((block.type, attribute.name), "")
    return same or nearest(attribute.name, known) or suggested(fault.words)


def module_inputs(fault: Fault, module: Block) -> tuple[str, ...]:
    """Return the names of the variables of a local module."""
    source = module.attribute("source")
    folder = module_folder(module.file, str(source.expression.literal)) if source else ""
    return tuple(one.labels[0] for one in fault.in_module("variable", folder) if one.labels) if folder else ()


def module_folder(file: str, source: str) -> str:
    """Return the bundle's folder that a local `source` names, "" where it is not local."""
    if not source.startswith(("./", "../")):
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), source))


def _meant(fault: Fault, block: Block, attribute: Attribute, shape: Shape, path: str) -> str:
    taken = {one.name for one in block.attributes} - {attribute.name}
    known = (*shape.settable(path, blocks=False), *(META_ARGUMENTS if not path else ()))
    if not shape.known:
        name = suggested(fault.words)
        return name if name not in taken else ""
    found = nearest(attribute.name, known)
    if found and found not in taken:
        return found
    if attribute.expression.text.startswith(("{", "[")):
        return nearest(attribute.name, shape.settable(path, blocks=True))
    return ""


def _rename(fault: Fault, block: Block, attribute: Attribute, new: str) -> Mend | None:
    if not new or block.attribute(new):
        return None
    start, end = attribute_name_span(attribute)
    return Mend((Edit(fault.file, start, end, new),), f"argument {attribute.name} → {new} in {_where(fault)}")


def _to_block(fault: Fault, attribute: Attribute) -> Mend | None:
    """`x = { … }` and `x = [{ … }]` become `x { … }`."""
    text = as_blocks(attribute, fault.source)
    path = join(path_of(fault.chain), attribute.name)
    if attribute.expression.literal is True and not fault.shape.required(path):
        text = f"{attribute.name} {{}}"
    if text is None:
        return None
    span = attribute.span
    return Mend(
        (Edit(fault.file, span.start, span.end, text),), f"{attribute.name} is a block in {_where(fault)}"
    )


def _move(fault: Fault, block: Block, attribute: Attribute, shape: Shape, path: str) -> Mend | None:
    """Move an argument, and all that belong beside it, into the one nested block that has them."""
    home_path = _home(attribute, shape, path)[0]
    goal = _deepest(block, home_path[len(path) + 1 if path else 0 :].split(".")) if home_path else None
    if goal is None:
        return None
    home, missing = goal
    moved = {
        one: name for one in block.attributes for at, name in (_home(one, shape, path),) if at == home_path
    }
    if len(set(moved.values())) < len(moved):
        return None
    if any(home is not block and home.attribute(name) for name in moved.values()):
        return None
    source = fault.source
    written = [
        name + source[attribute_name_span(one)[1] : one.span.end].decode() for one, name in moved.items()
    ]
    what = f"{', '.join(one.name for one in moved)} moved to {home_path} in {_where(fault)}"
    cuts = [remove_lines(fault.file, one.span, source) for one in moved]
    if home is not block:
        lines = wrapped(written, missing, "")
        return Mend((*cuts, add_to_body(home, lines, source)), what)
    first = next(iter(moved)).span
    text = newline_of(source).join(wrapped(written, missing, indent_at(source, first.start)))
    return Mend((Edit(fault.file, first.start, first.end, text), *cuts[1:]), what)


def _home(attribute: Attribute, shape: Shape, path: str) -> tuple[str, str]:
    """Return the path of the one nested block that has what the block has not, and its name there."""
    if shape.has(join(path, attribute.name)) or (not path and attribute.name in META_ARGUMENTS):
        return "", ""
    for name in dict.fromkeys((attribute.name, _deeper(attribute.name, shape, path))):
        places = [one for one in shape.places(name) if path == "" or one.startswith(path + ".")]
        depth = min((one.count(".") for one in places), default=0)
        nearby = [one for one in places if one.count(".") == depth]
        if len(nearby) == 1 and shape.is_settable(nearby[0]) and not shape.is_block(nearby[0]):
            return nearby[0].rpartition(".")[0], name
        if nearby:
            break
    return "", ""


def _deeper(name: str, shape: Shape, path: str) -> str:
    """Return the argument of a nested block that a misspelt name means, "" where that is not clear."""
    if len(name) < _LONG_ENOUGH:
        return ""
    below = (one for one in shape.arguments if one.startswith(f"{path}." if path else "") and "." in one)
    return nearest(name, {one.rsplit(".", 1)[-1] for one in below})


def _deepest(block: Block, names: list[str]) -> tuple[Block, list[str]] | None:
    """Return the deepest block on the way, and the names still to be written; None if unclear."""
    for at, name in enumerate(names):
        inner = [one for one in block.blocks if one.type == name]
        if len(inner) > 1 or any(one.type == "dynamic" and one.labels == (name,) for one in block.blocks):
            return None
        if not inner:
            return block, names[at:]
        block = inner[0]
    return block, []


def _where(fault: Fault) -> str:
    top = fault.top
    return top.address if top else fault.file
