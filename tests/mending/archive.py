"""`infraai.ports.Schemas` for these tests, over the shipped schema of the google provider."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sandbox.schema.archive import Block, shipped


class ArchiveSchemas:
    def known(self, resource_type: str) -> bool:
        return resource_type in self.types()

    def types(self) -> Sequence[str]:
        return shipped().resource_types()

    def describe(self, resource_type: str) -> Mapping[str, Any]:
        return _described(resource_type)


@lru_cache
def _described(resource_type: str) -> Mapping[str, Any]:
    found = shipped().resource(resource_type)
    if found is None:
        return {}
    facts = shipped().facts(resource_type)
    arguments: dict[str, dict[str, Any]] = {}

    def walk(block: Block, prefix: str) -> None:
        for name, one in block.attributes.items():
            fact = facts.get(prefix + name)
            arguments[prefix + name] = {
                "type": one.type,
                "required": one.required,
                "optional": one.optional,
                "computed": one.computed,
                "default": fact.default if fact else None,
                "enum": list(fact.enum) if fact else [],
            }
        for name, inner in block.blocks.items():
            arguments[prefix + name] = {"type": "block", "required": inner.min_items > 0, "optional": True}
            walk(inner.block, prefix + name + ".")

    walk(found.block, "")
    return {"arguments": arguments}
