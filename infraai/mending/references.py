"""References to what is not there, or not by that name."""

import re

from infraai.configuration import Attribute, Block
from infraai.mending.arguments import module_folder
from infraai.mending.fault import Edit, Fault, Mend, join, path_of
from infraai.mending.nearest import nearest, suggested
from infraai.mending.shape import Shape
from infraai.mending.text import line_span, replace
from infraai.mending.types import follow

_RESOURCE = re.compile(r'A (managed|data) resource "([\w-]+)" "([\w-]+)" has not been declared')
_LOCAL = re.compile(r'A local value with the name "([\w-]+)" has not been declared')
_ATTRIBUTE = re.compile(r'(?:exported attribute|have an attribute) named "([\w-]+)"')
_FUNCTION = re.compile(r'There is no function named "([\w:-]+)"')
_MODULE = re.compile(r'No module call named "([\w-]+)" is declared')
_DIRECTORY = re.compile(r'could not be read for module "([\w-]+)" at ')
_PREFIXES = {
    "variable": "var",
    "variables": "var",
    "vars": "var",
    "locals": "local",
    "modules": "module",
    "datas": "data",
}
_PLAIN_WORD = re.compile(r"(?!(?:true|false|null)$)[A-Za-z][\w-]*")
_BARE = re.compile(r"^[A-Za-z0-9][\w./:@-]*$")
_WORDS = re.compile(
    r"A reference to a resource type must be followed|Invalid reference"
    r"|Reference to undeclared resource|Invalid number literal"
)
_MAP_WORD = re.compile(rb'\s*"?[\w-]+"?\s*[=:]\s*([A-Za-z][\w-]*)\s*,?\s*$')
LABELS = 2  # of a resource and of a data source
_SIMPLE_ATTRIBUTE = re.compile(rb"(?<![\w.-])((?:var|local)\.[\w-]+)\.[A-Za-z_][\w-]*(?![\w.\[-])")
_ROOTS = ("var", "local", "data", "module", "each", "count", "path", "self", "terraform")


def mend_reference(fault: Fault) -> Mend | None:
    """Put the declared resource that was meant in the place of one that is not there."""
    found = _RESOURCE.search(fault.words)
    if not found:
        return None
    mode, kind, name = found[1], found[2], found[3]
    if mode == "managed" and kind in _PREFIXES:
        return _follow(fault, f"{kind}.{name}", f"{_PREFIXES[kind]}.{name}")
    prefix = "data." if mode == "data" else ""
    old = f"{prefix}{kind}.{name}"
    if "Did you mean the data resource" in fault.words:
        return _follow(fault, old, f"data.{old}")
    if mode == "data" and any(one.labels == (kind, name) for one in fault.siblings("resource")):
        return _follow(fault, old, f"{kind}.{name}")
    return _follow(fault, old, _declared(fault, mode, kind, name, prefix))


def _declared(fault: Fault, mode: str, kind: str, name: str, prefix: str) -> str:
    blocks = [
        one
        for one in fault.siblings("resource" if mode == "managed" else "data")
        if len(one.labels) == LABELS
    ]
    own = fault.top
    names = [one.labels[1] for one in blocks if one.labels[0] == kind and one != own]
    if new := nearest(name, names):
        return f"{prefix}{kind}.{new}"
    kinds = [one.labels[0] for one in blocks if one.labels[1] == name and one != own]
    new = nearest(kind, kinds)
    if fault.schemas.known(kind) and not fault.schemas.known(new):
        return ""  # the declaration is misspelt, not the reference
    return f"{prefix}{new}.{name}" if new else ""


def _follow(fault: Fault, old: str, new: str) -> Mend | None:
    edits = tuple(follow(fault, old, new)) if new else ()
    return Mend(edits, f"{old} → {new}") if edits else None


def mend_local(fault: Fault) -> Mend | None:
    """Put the local value, or the variable, that was meant."""
    found = _LOCAL.search(fault.words)
    if not found:
        return None
    names = [one.name for block in fault.siblings("locals") for one in block.attributes]
    if new := nearest(found[1], names):
        return _follow(fault, f"local.{found[1]}", f"local.{new}")
    variables = [one.labels[0] for one in fault.siblings("variable") if one.labels]
    return _follow(fault, f"local.{found[1]}", f"var.{found[1]}") if found[1] in variables else None


def mend_attribute(fault: Fault) -> Mend | None:
    """Put the attribute that was meant, as the schema or the module's outputs name it."""
    found = _ATTRIBUTE.search(fault.words)
    if not found:
        return None
    old = found[1]
    start, end = line_span(fault.source, fault.line)
    here = re.compile(rb"([\w.\[\]\"*-]+)\." + re.escape(old.encode()) + rb"(?![\w-])")
    places = list(here.finditer(fault.source[start:end]))
    if len({one[0] for one in places}) != 1:
        return None
    meant = suggested(fault.words)
    known = _exported(fault, places[0][1].decode())
    new = nearest(old, [*known, *([meant] if meant else [])])
    if not new or new == old:
        return None
    edits = (Edit(fault.file, start + one.end() - len(old), start + one.end(), new) for one in places)
    return Mend(tuple(edits), f".{old} → .{new}")


def mend_no_attributes(fault: Fault) -> Mend | None:
    """A variable or local value that is no object is used as it is."""
    if "Can't access attributes on a primitive-typed value" not in fault.words:
        return None
    start, end = line_span(fault.source, fault.line)
    found = list(_SIMPLE_ATTRIBUTE.finditer(fault.source[start:end]))
    if len(found) != 1:
        return None
    edit = Edit(fault.file, start + found[0].end(1), start + found[0].end(), "")
    return Mend((edit,), f"{found[0][0].decode()} → {found[0][1].decode()}: it has no attributes")


def _exported(fault: Fault, traversal: str) -> tuple[str, ...]:
    parts = re.sub(r"\[[^\]]*\]", "", traversal).split(".")
    if parts[0] == "module" and len(parts) > 1:
        return _outputs(fault, parts[1])
    if fault.schemas.known(parts[0]):
        shape = Shape(fault.schemas.describe(parts[0]).get("arguments", {}))
        path = ".".join(part for part in parts[2:] if not part.isdigit() and part != "*")
        return (*shape.children(path), *(("id", "self_link") if not path else ()))
    return ()


def _outputs(fault: Fault, name: str) -> tuple[str, ...]:
    for module in fault.siblings("module"):
        source = module.attribute("source")
        if module.labels == (name,) and source:
            folder = module_folder(module.file, str(source.expression.literal))
            return tuple(one.labels[0] for one in fault.in_module("output", folder) if one.labels)
    return ()


def mend_function(fault: Fault) -> Mend | None:
    """Put the function that Terraform says was meant."""
    found = _FUNCTION.search(fault.words)
    new = suggested(fault.words)
    if not found or not new:
        return None
    start, end = line_span(fault.source, fault.line)
    places = re.finditer(
        rb"(?<![\w-])" + re.escape(found[1].encode()) + rb"(?=\s*\()", fault.source[start:end]
    )
    edits = tuple(Edit(fault.file, start + one.start(), start + one.end(), new) for one in places)
    return Mend(edits, f"{found[1]}() → {new}()") if edits else None


def mend_module(fault: Fault) -> Mend | None:
    """Put the module that was meant, or the folder that its source means."""
    if found := _MODULE.search(fault.words):
        names = [one.labels[0] for one in fault.siblings("module") if one.labels]
        new = nearest(found[1], names)
        return _follow(fault, f"module.{found[1]}", f"module.{new}") if new else None
    found = _DIRECTORY.search(fault.words)
    blocks = fault.configuration.of("module") if found else ()
    block = next((one for one in blocks if found and one.labels == (found[1],)), None)
    return _folder(fault, block) if block else None


def _folder(fault: Fault, block: Block) -> Mend | None:
    source = block.attribute("source")
    if source is None or not isinstance(source.expression.literal, str):
        return None
    folders = {
        "./" + file.rpartition("/")[0]
        for file in fault.bundle.files
        if "/" in file and file.endswith((".tf", ".tf.json"))
    }
    written = source.expression.literal
    new = nearest(written, folders) or nearest(
        written if written.startswith(".") else f"./{written}", folders
    )
    if not new:
        last = [one for one in folders if one.rsplit("/", 1)[-1] == written.rstrip("/").rsplit("/", 1)[-1]]
        new = last[0] if len(last) == 1 else ""
    if not new or "/" in block.file:
        return None
    return Mend(
        (replace(block.file, source.expression.span, f'"{new}"'),), f"source of {block.address} → {new}"
    )


def mend_bare_word(fault: Fault) -> Mend | None:
    """Quote a word, or an address, that stands where a string is wanted and names nothing."""
    if not _WORDS.search(fault.words):
        return None
    attribute = fault.attribute_at()
    text = attribute.expression.text.strip() if attribute else ""
    if attribute is None or not _BARE.match(text):
        return _in_map(fault, attribute) if attribute else None
    word = "" if _names_something(fault, text) else _word(fault, attribute, text)
    edit = replace(fault.file, attribute.expression.span, word)
    return Mend((edit,), f"{attribute.name} = {word}") if word else None


def _names_something(fault: Fault, text: str) -> bool:
    head = text.split(".", maxsplit=1)[0]
    number = re.fullmatch(r"-?\d+(?:\.\d+)?", text) is not None
    reference = "_" in head and "." in text
    return number or reference or head in _ROOTS or head in _PREFIXES or fault.schemas.known(head)


def _word(fault: Fault, attribute: Attribute, text: str) -> str:
    """Return the word as its place wants it: true or false, a string, or "" where that is not known."""
    block, head = fault.block, text.split(".", maxsplit=1)[0]
    wanted = fault.shape.kind(join(path_of(fault.chain), attribute.name))
    if wanted == "bool":
        return nearest(text.lower(), ("true", "false"))
    free = block is not None and block.type in {"locals", "variable", "provider", "module"}
    return f'"{text}"' if wanted == "string" or (free and (text == head or head.isdigit())) else ""


def _in_map(fault: Fault, attribute: Attribute) -> Mend | None:
    """Quote the words that are a map's values on the line."""
    words = [
        value
        for _, value in attribute.expression.items
        if value.span.line == fault.line and _PLAIN_WORD.fullmatch(value.text.strip())
    ]
    words = [one for one in words if not _names_something(fault, one.text.strip())]
    if words and attribute.expression.kind == "object":
        edits = tuple(replace(fault.file, one.span, f'"{one.text.strip()}"') for one in words)
        return Mend(edits, f"{', '.join(one.text.strip() for one in words)} quoted in {attribute.name}")
    start, end = line_span(fault.source, fault.line)
    found = _MAP_WORD.match(fault.source[start:end])
    if not found or not attribute.span.start < start < attribute.span.end or found[1].decode() in _ROOTS:
        return None
    edit = Edit(fault.file, start + found.start(1), start + found.end(1), f'"{found[1].decode()}"')
    return Mend((edit,), f'"{found[1].decode()}" quoted in {attribute.name}')
