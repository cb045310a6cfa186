"""Reading one type's Terraform schema from the TypeScript source of its CDK Terrain binding.

The bindings are generated, so their layout is regular: a comment `// nat_ip - computed: true, optional: true,
required: false` before each member, and a `...ToHclTerraform` function or `synthesizeHclAttributes` method
that names each member's storage (list, set, struct) and whether it is a block.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Kind = Literal["resource", "data", "provider"]
CtyType = Any  # as Terraform writes it: "string", ["list", "string"], ["list", ["object", {…}]]

_CLASS = re.compile(r"^export class (\w+) extends cdktn\.(\w+) \{$", re.MULTILINE)
_HCL_FUNCTION = re.compile(r"^export function (\w+)ToHclTerraform\(.*?\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_HCL_ENTRY = re.compile(
    r'^\s+(\w+): \{\n\s+value: (.*?),\n\s+isBlock: (\w+),\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)"',
    re.MULTILINE | re.DOTALL,
)
_INTERFACE = re.compile(r"^export interface (\w+) (?:extends [\w.]+ )?\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_DOCUMENTED = re.compile(r"/\*\*\n(.*?)\*/\s*\n\s*readonly (\w+)(\?)?:", re.DOTALL)
_DOC_NAME = re.compile(r"docs[^ }]*#(\w+)")
_DOC_NOISE = re.compile(
    r"Docs at Terraform Registry:.*?\}|Note: Please be careful when using this field.*", re.DOTALL
)
_MEMBER = re.compile(r"^  // (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n", re.MULTILINE)
_HELD = re.compile(r'= new (cdktn\.)?(\w+)\(this, "(\w+)"(?:, (true|false))?\)')
_ELEMENT = re.compile(r"return new (\w+)\(")
_GETTER = re.compile(r"this\.(get\w+)\(")
_FIELD = re.compile(r"private _\w+\??: (.*?);")
_TYPE_NAME = re.compile(r'tfResourceType = "([^"]+)"')

_KINDS: dict[str, Kind] = {
    "TerraformResource": "resource",
    "TerraformDataSource": "data",
    "TerraformProvider": "provider",
}
_COLLECTIONS = ("ComplexList", "ComplexMap")
_GETTER_TYPES: dict[str, CtyType] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
    "getAnyMapAttribute": ["map", "string"],
}
_HELD_TYPES: dict[str, CtyType] = {
    "StringMap": ["map", "string"],
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "AnyMap": ["map", "string"],
    "StringMapList": ["list", ["map", "string"]],
    "NumberMapList": ["list", ["map", "number"]],
    "BooleanMapList": ["list", ["map", "bool"]],
    "AnyMapList": ["list", ["map", "string"]],
    "StringListList": ["list", ["list", "string"]],
    "NumberListList": ["list", ["list", "number"]],
    "StringListMap": ["map", ["list", "string"]],
}
_STORAGE_TYPES: dict[str, CtyType] = {
    "stringMap": ["map", "string"],
    "stringList": ["list", "string"],
    "boolean": "bool",
    "string": "string",
    "number": "number",
}
_MAX_DESCRIPTION = 320
_DEFAULT = re.compile(r'Default value: ("[^"]*"|\d+(?=\s|$)|true\b|false\b)')
_DEFAULT_POLICY = re.compile(r'prevented from destroying the \w+\. Defaults to ("[A-Z]+")')
_VALUES = re.compile(r'Possible values: (\["[^\]]*"\])')
_PYTHON: dict[str, type | tuple[type, ...]] = {"string": str, "number": (int, float), "bool": bool}


class Extracted(NamedTuple):
    """One type: what it is, its name, and its block as {"a": attributes, "b": nested blocks}."""

    kind: Kind
    name: str
    block: dict[str, Any]


class _Hcl(NamedTuple):
    storage: str
    value: str


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    computed: bool
    optional: bool
    required: bool
    text: str

    @property
    def flags(self) -> str:
        return (
            ("r" if self.required else "") + ("o" if self.optional else "") + ("c" if self.computed else "")
        )


def parse_binding(source: str) -> Extracted | None:
    """Return the type that a binding's source describes, or None where it describes none.

    A block that contains itself is cut at its second level, as the provider's own schema does.
    """
    reader = _Reader(source)
    for name, (base, body) in reader.classes.items():
        if base in _KINDS and (found := _TYPE_NAME.search(body)):
            hcl = _hcl_entries(body[body.find("synthesizeHclAttributes") :])
            return Extracted(_KINDS[base], found[1], reader.block(body, name + "Config", hcl, ()))
    return None


class _Reader:
    def __init__(self, source: str) -> None:
        self.classes = _classes(source)
        self._documents = _documents(source)
        self._hcl = {match[1]: match[2] for match in _HCL_FUNCTION.finditer(source)}

    def block(
        self, body: str, interface: str, hcl: dict[str, _Hcl], within: tuple[str, ...]
    ) -> dict[str, Any]:
        attributes: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        for member in _members(body):
            entry = hcl.get(member.name, _Hcl("", ""))
            description = self._documents.get((interface, member.name), "")
            held = _HELD.search(member.text)
            if held and not held[1]:
                if held[2] not in within:
                    wraps = "set" if entry.storage == "set" or held[4] == "true" else "list"
                    nested = self._nested(member, held[2], entry, wraps, (*within, held[2]))
                    if _is_attribute(member, entry):
                        attributes[member.name] = _described(
                            [_object_type(nested), member.flags], description
                        )
                    else:
                        blocks[member.name] = nested | (
                            {} if description.endswith(" block.") else _doc(description)
                        )
                continue
            attributes[member.name] = _described(
                [_plain_type(member, held, entry), member.flags], description
            )
        return {"a": attributes, **({"b": blocks} if blocks else {})}

    def _nested(
        self,
        member: _Member,
        name: str,
        entry: _Hcl,
        wraps: str,
        within: tuple[str, ...],
    ) -> dict[str, Any]:
        base = self.classes[name][0]
        element = name
        if base in _COLLECTIONS:
            found = _ELEMENT.search(self.classes[name][1])
            assert found is not None, name
            element = found[1]
        struct = element.removesuffix("OutputReference")
        hcl = _hcl_entries(self._hcl.get(struct[0].lower() + struct[1:], ""))
        single = entry.storage == "struct" and base not in _COLLECTIONS
        nesting = "map" if base == "ComplexMap" else "single" if single else wraps
        block = {"n": nesting, **self.block(self.classes[element][1], struct, hcl, within)}
        if base not in _COLLECTIONS and not single:
            block["max"] = 1
        if member.required:
            block["min"] = 1
        return block


def _classes(source: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for match in _CLASS.finditer(source):
        end = source.find("\n}\n", match.end())
        found[match[1]] = match[2], source[match.end() : end + 1]
    return found


def _documents(source: str) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for interface in _INTERFACE.finditer(source):
        for match in _DOCUMENTED.finditer(interface[2]):
            text = re.sub(r"^\s*\* ?", "", match[1], flags=re.MULTILINE)
            if name := _DOC_NAME.search(text):
                words = " ".join(_DOC_NOISE.sub("", text).split())
                found[interface[1], name[1]] = words
    return found


def _shortened(text: str) -> str:
    if len(text) <= _MAX_DESCRIPTION:
        return text
    cut = text[:_MAX_DESCRIPTION]
    stop = cut.rfind(". ")
    return cut[: stop + 1] if stop > _MAX_DESCRIPTION // 3 else cut.rsplit(" ", 1)[0] + " …"


def _hcl_entries(text: str) -> dict[str, _Hcl]:
    return {match[1]: _Hcl(match[4], match[2]) for match in _HCL_ENTRY.finditer(text)}


def _members(body: str) -> list[_Member]:
    parts = _MEMBER.split(body)
    return [
        _Member(name, computed == "true", optional == "true", required == "true", text)
        for name, computed, optional, required, text in zip(
            parts[1::5], parts[2::5], parts[3::5], parts[4::5], parts[5::5], strict=True
        )
    ]


def _is_attribute(member: _Member, entry: _Hcl) -> bool:
    """Return whether a nested structure is an attribute: all computed, or mapped as no block."""
    computed_only = member.computed and not member.optional and not member.required
    return computed_only or bool(re.search(r"listMapperHcl\(\w+, false\)", entry.value))


def _object_type(nested: dict[str, Any]) -> CtyType:
    members: dict[str, CtyType] = {name: value[0] for name, value in nested["a"].items()}
    members |= {name: _object_type(value) for name, value in nested.get("b", {}).items()}
    if nested["n"] == "single":
        return ["object", members]
    return [nested["n"], ["object", members]]


def _plain_type(member: _Member, held: re.Match[str] | None, entry: _Hcl) -> CtyType:
    kind: CtyType = None
    if held:
        kind = _HELD_TYPES.get(held[2])
    elif getter := _GETTER.search(member.text):
        kind = _GETTER_TYPES.get(getter[1])
        if isinstance(kind, list) and "Fn.tolist" in member.text:
            kind = ["set", kind[1]]
    if kind is None:
        kind = _STORAGE_TYPES.get(entry.storage)
    if kind is None:
        field = _FIELD.search(member.text)
        kind = _field_type(field[1] if field else "")
    if entry.storage == "set" and isinstance(kind, list):
        kind = ["set", kind[1]]
    return kind


def _field_type(text: str) -> CtyType:
    for mark, kind in (
        ("string[]", ["list", "string"]),
        ("[key: string]: string", ["map", "string"]),
        ("boolean", "bool"),
        ("number", "number"),
    ):
        if mark in text:
            return kind
    return "string"


def _described(attribute: list[Any], description: str) -> list[Any]:
    """Return an attribute with its description, and what that says for machines, where it says something."""
    if not description:
        return attribute
    told = _told(attribute[0], attribute[1], description)
    return [*attribute, _shortened(description), *([told] if told else [])]


def _told(kind: CtyType, flags: str, description: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    default = _DEFAULT.search(description) if "c" not in flags else _DEFAULT_POLICY.search(description)
    if default and (value := _json(default[1])) is not None and isinstance(value, _PYTHON.get(str(kind), ())):
        told["default"] = value
    if kind == "string" and flags != "c" and (values := _VALUES.search(description)):
        told["enum"] = _json(values[1]) or []
    return {key: value for key, value in told.items() if value != []}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _doc(description: str) -> dict[str, str]:
    return {"d": _shortened(description)} if description else {}
