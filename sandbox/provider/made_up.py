"""Values for what the API would decide, by name and type: well-formed, never empty where they are used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.provider.codec import UNKNOWN, Values, conform_type
from sandbox.provider.forms import Forms
from sandbox.schema.archive import NO_FACT, Attribute, Block, Fact, NestedBlock

_DEPTH = 6  # a list nested deeper stays empty
_EMPTY_LISTS = frozenset({"conditions", "users", "errors", "warnings", "attachments", "pending"})
_TWO = frozenset({"psc_service_attachments", "psc_attachment_details"})  # for discovery, and for the shards
_PORT = 443
_SIZE = 10


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes up values for one resource."""

    forms: Forms
    facts: Mapping[str, Fact] = field(default_factory=dict[str, Fact])

    def fill(self, block: Block, values: Values, prefix: str = "") -> None:
        """Replace in place everything unknown in a block.

        What a configuration might have set, and did not, is None or [] afterwards, so that a type's service
        can tell; `complete` then fills what the service left so.
        """
        for name, attribute in block.attributes.items():
            if values.get(name) is UNKNOWN:
                fact = self.facts.get(prefix + name, NO_FACT)
                place = bool(self.forms.places.get(name))
                ours = not attribute.optional or fact.default is not None or place
                values[name] = self.attribute(attribute, prefix + name) if ours else None
            elif not isinstance(values.get(name), str | int | float | None):
                values[name] = self._known(attribute.type, values[name], prefix + name)
        for name, nested in block.blocks.items():
            if values.get(name) is UNKNOWN:
                values[name] = None if nested.nesting == "single" else []
            for item in _items_of(values.get(name)):
                self.fill(nested.block, item, f"{prefix}{name}.")

    def complete(self, block: Block, values: Values, prefix: str = "") -> None:
        """Give every computed attribute and block that is still empty a value, in place."""
        for name, attribute in block.attributes.items():
            computed = attribute.computed or self._fact(prefix + name).computed
            if values.get(name) is None and computed and not attribute.write_only:
                values[name] = self.attribute(attribute, prefix + name)
        for name, nested in block.blocks.items():
            if not values.get(name) and self._fact(prefix + name).computed:
                values[name] = self._whole(nested, prefix + name)
            for item in _items_of(values.get(name)):
                self.complete(nested.block, item, f"{prefix}{name}.")

    def attribute(self, attribute: Attribute, path: str) -> Any:
        """Return an attribute's value; what may be configured is left empty where it has no usual value."""
        fact = self._fact(path)
        if fact.default is not None:
            return conform_type(attribute.type, fact.default)
        if fact.enum and attribute.type == "string":
            return next((one for one in fact.enum if one and "UNSPECIFIED" not in one), "")
        return self.value(attribute.type, path, optional=attribute.optional)

    def value(self, kind: Any, path: str, *, optional: bool = False) -> Any:
        """Return a value of a Terraform type for a dotted path."""
        if isinstance(kind, str):
            return self._simple(kind, path, optional=optional)
        shape, inner = kind
        if shape == "object":
            return {name: self.value(one, f"{path}.{name}") for name, one in inner.items()}
        if shape == "map":
            return {}
        return [] if optional or path.count(".") > _DEPTH else self._items(inner, path)

    def _simple(self, kind: str, path: str, *, optional: bool) -> Any:
        if kind == "number":
            return self._number(path)
        if kind == "bool":
            return False
        if (found := self.forms.text(path)) is not None:
            return found
        name = path.rsplit(".", 1)[-1].replace("_", "-")
        return "" if optional else f"{name}-{self.forms.digest(path) % 16**6:06x}"

    def _number(self, path: str) -> int:
        name = path.rsplit(".", 1)[-1]
        if re.fullmatch(r"(project_)?number", name):
            return int(self.forms.project_number)
        if "port" in name.split("_"):
            return _PORT
        if "size" in name:
            return _SIZE
        return int(bool(re.search(r"count|replicas|capacity|generation|version|observed|index", name)))

    def _items(self, inner: Any, path: str) -> list[Any]:
        name = path.rsplit(".", 1)[-1]
        if name in _EMPTY_LISTS:
            return []
        if name == "name_servers":
            shard = "abcde"[self.forms.digest(path) % 5]
            return [f"ns-cloud-{shard}{index}.googledomains.com." for index in (1, 2, 3, 4)]
        if name in _TWO:
            return [self.value(inner, f"{index}.{path}") for index in range(2)]
        return [self.value(inner, path)]

    def _known(self, kind: Any, value: Any, path: str) -> Any:
        """Replace what is unknown within a list, map or object that is otherwise known."""
        if value is UNKNOWN:
            return self.value(kind, path)
        if isinstance(kind, str):
            return value
        shape, inner = kind
        if isinstance(value, list):
            return [self._known(inner, one, path) for one in value]
        if isinstance(value, dict):
            types = inner if shape == "object" else dict.fromkeys(value, inner)
            return {name: self._known(types[name], one, f"{path}.{name}") for name, one in value.items()}
        return value

    def _whole(self, nested: NestedBlock, path: str) -> Any:
        """Return what a block is that nobody configured: one of it where there can only be one."""
        if nested.nesting in {"single", "map"}:
            return None if nested.nesting == "single" else {}
        if nested.max_items != 1 and not _reported(nested.block):
            return []
        element: Values = dict.fromkeys(nested.block.attributes)
        element |= {
            name: None if inner.nesting == "single" else [] for name, inner in nested.block.blocks.items()
        }
        for name, attribute in nested.block.attributes.items():
            fact = self._fact(f"{path}.{name}")
            if fact.default is not None and not attribute.write_only:
                element[name] = conform_type(attribute.type, fact.default)
        self.complete(nested.block, element, path + ".")
        return [element]

    def _fact(self, path: str) -> Fact:
        return self.facts.get(path, NO_FACT)


def _reported(block: Block) -> bool:
    """Return whether a block tells what the API made, so that it stands there even if nobody set it."""
    return any(one.computed and not one.optional for one in block.attributes.values())


def _items_of(value: Any) -> list[Values]:
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
