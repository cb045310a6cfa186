"""Terraform's own arguments: depends_on, for_each, lifecycle, types, sensitive outputs, versions."""

import re

from infraai.configuration import Attribute
from infraai.mending.fault import Edit, Fault, Mend
from infraai.mending.nearest import alike, nearest
from infraai.mending.objects import split_items_by_comma
from infraai.mending.shape import META_ARGUMENTS
from infraai.mending.text import add_to_body, indent_at, newline_of, remove_lines, replace, wrapped

_REFERENCES = {"depends_on", "ignore_changes", "replace_triggered_by"}
_TYPES = {
    "list": "list(string)",
    "set": "set(string)",
    "map": "map(string)",
    "array": "list(string)",
    "str": "string",
    "text": "string",
    "int": "number",
    "integer": "number",
    "float": "number",
    "boolean": "bool",
    "object": "map(string)",
    "dict": "map(string)",
}
_WORDS = re.compile(r"(?i)(?<=[(=,\s])(?:str|text|int|integer|float|boolean)(?=[),\s}])")
_CONSTRAINT = re.compile(r"^\s*(?:(?:=|!=|>=|<=|>|<|~>)?\s*v?\d+(?:\.\d+)*\s*,?\s*)+$")


def mend_reference_list(fault: Fault) -> Mend | None:
    """Write depends_on and its like as a list of bare references."""
    attribute = fault.attribute_at()
    if attribute is None or attribute.name not in _REFERENCES:
        return None
    text = attribute.expression.text.strip()
    if text.strip('"') == "all":
        new = "all"
    else:
        inner = (text[1:-1] if text.startswith("[") else text).encode()
        items = [
            _bare(inner[start:end].decode(), attribute.name) for start, end in split_items_by_comma(inner)
        ]
        new = "[" + ", ".join(dict.fromkeys(one for one in items if one)) + "]"
    if new == text:
        return None
    return _put(fault, attribute, new)


def _bare(item: str, name: str) -> str:
    text = item.strip().strip('"').strip()
    text = re.sub(r"^\$\{(.*)\}$", r"\1", text).strip()
    if name != "depends_on":
        return text
    found = re.match(r"^(?:data\.)?[\w-]+\.[\w-]+", text)
    return found[0] if found else text


def _put(fault: Fault, attribute: Attribute, text: str) -> Mend:
    top = fault.top
    where = top.address if top else fault.file
    return Mend(
        (replace(fault.file, attribute.expression.span, text),), f"{attribute.name} = {text} in {where}"
    )


def mend_for_each(fault: Fault) -> Mend | None:
    """A list of strings is wrapped in `toset`."""
    attribute = fault.attribute_at("for_each")
    if attribute is None or not re.search(r"value of type (?:tuple|list of string|list)", fault.words):
        return None
    if attribute.expression.text.startswith("[") and re.search(r"\{(?<!\$\{)", attribute.expression.text):
        return None
    return _put(fault, attribute, f"toset({attribute.expression.text})")


def mend_count_and_for_each(fault: Fault) -> Mend | None:
    """Of count and for_each the one goes that the block's own expressions do not use."""
    block = fault.block
    if '"count" and "for_each"' not in fault.diagnostic.summary or block is None:
        return None
    texts = [
        one.expression.text
        for inner in block.walk()
        for one in inner.attributes
        if one.name not in {"count", "for_each"}
    ]
    each = any(re.search(r"(?<![\w.])each\.(?:key|value)", one) for one in texts)
    count = any(re.search(r"(?<![\w.])count\.index", one) for one in texts)
    gone = block.attribute("count" if each else "for_each")
    if each == count or gone is None:
        return None
    return Mend(
        (remove_lines(fault.file, gone.span, fault.source),),
        f"{gone.name} removed from {block.address}: it uses the other",
    )


def mend_uncounted(fault: Fault) -> Mend | None:
    """A misspelt count or for_each, told by an index without one."""
    found = re.search(
        r'Reference to "(count|each)" in (?:non-counted|context without)', fault.diagnostic.summary
    )
    top = fault.top
    if not found or top is None:
        return None
    wanted = "count" if found[1] == "count" else "for_each"
    for one in top.attributes:
        if not fault.shape.has(one.name) and one.name not in META_ARGUMENTS and alike(one.name, wanted):
            edit = Edit(fault.file, one.span.start, one.span.start + len(one.name), wanted)
            return Mend((edit,), f"argument {one.name} → {wanted} in {top.address}")
    return None


def mend_lifecycle(fault: Fault) -> Mend | None:
    """`prevent_destroy` and `create_before_destroy` take literals only: the safe one is written."""
    attribute = fault.attribute_at()
    if attribute is None or attribute.name not in {"prevent_destroy", "create_before_destroy"}:
        return None
    found = re.fullmatch(r"\"?(?:\$\{)?var\.([\w-]+)\}?\"?", attribute.expression.text.strip())
    default = next(
        (
            one.attribute("default")
            for one in fault.siblings("variable")
            if found and one.labels == (found[1],)
        ),
        None,
    )
    keeps = attribute.name == "prevent_destroy" or default is None
    text = "true" if keeps else default.expression.text if default else "true"
    return _put(fault, attribute, text) if text != attribute.expression.text else None


def mend_sensitive(fault: Fault) -> Mend | None:
    """An output of something sensitive says so."""
    block = fault.top
    if "Output refers to sensitive values" not in fault.words or block is None or block.type != "output":
        return None
    own = block.attribute("sensitive")
    if own:
        return _put(fault, own, "true") if own.expression.literal is not True else None
    return Mend(
        (add_to_body(block, ["sensitive = true"], fault.source),), f"{block.address} marked sensitive"
    )


def mend_type_constraint(fault: Fault) -> Mend | None:
    """A variable's type is written bare, and by Terraform's own name for it."""
    attribute = fault.attribute_at("type")
    block = fault.block
    if attribute is None or block is None or block.type != "variable":
        return None
    text = attribute.expression.text.strip()
    bare = _WORDS.sub(lambda found: _TYPES[found[0].lower()], text.strip('"'))
    new = _TYPES.get(
        bare.lower(), bare.lower() if bare.lower() in {"string", "number", "bool", "any"} else bare
    )
    new = nearest(bare, ("string", "number", "bool", "any")) or new if new == text else new
    return _put(fault, attribute, new) if new != text else None


def mend_dynamic(fault: Fault) -> Mend | None:
    """What a dynamic block generates stands in its `content`."""
    block = fault.block
    told = fault.diagnostic.summary in {"Missing dynamic content block", "Unsupported argument"}
    if (
        not told
        or block is None
        or block.type != "dynamic"
        or any(one.type == "content" for one in block.blocks)
    ):
        return None
    own = [one for one in block.attributes if one.name not in {"for_each", "iterator", "labels"}]
    spans = sorted(
        [*(one.span for one in own), *(one.span for one in block.blocks)], key=lambda one: one.start
    )
    if not spans:
        return None
    source = fault.source
    text = [source[one.start : one.end].decode() for one in spans]
    content = wrapped(text, ["content"], indent_at(source, spans[0].start))
    first = Edit(fault.file, spans[0].start, spans[0].end, newline_of(source).join(content))
    cuts = [remove_lines(fault.file, one, source) for one in spans[1:]]
    return Mend((first, *cuts), f"content of dynamic {'.'.join(block.labels)}")


def mend_version(fault: Fault) -> Mend | None:
    """A version constraint that is none becomes the one this product is made for."""
    attribute = fault.attribute_at()
    if "Invalid version constraint" not in fault.diagnostic.summary or attribute is None:
        return None
    if attribute.name == "required_version":
        return _put(fault, attribute, '">= 1.5"')
    found = re.search(
        rb'version\s*[=:]\s*("[^"\n]*")', fault.source[attribute.span.start : attribute.span.end]
    )
    text = attribute.expression.text
    if not found or ("hashicorp/google" not in text and attribute.name != "version"):
        return None
    start = attribute.span.start + found.start(1)
    numbers = re.search(r"\d+(?:\.\d+)*", found[1].decode())
    new = (
        f'"~> {numbers[0]}"'
        if numbers and "." in numbers[0]
        else f'"~> {numbers[0]}.0"'
        if numbers
        else '">= 1.0"'
    )
    return Mend((Edit(fault.file, start, start + len(found[1]), new),), f"version constraint {new}")
