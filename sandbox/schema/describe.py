"""The schema as a model reads it: arguments only, with everything known of each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.schema.archive import NO_FACT, Block, CtyType, Fact, SchemaArchive, shipped

_ABOUT = (
    "default",
    "enum",
    "conflicts_with",
    "exactly_one_of",
    "at_least_one_of",
    "required_with",
    "range_or_regex",
)

PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class ShippedSchemas:
    """`infraai.ports.Schemas`, from the shipped archive."""

    archive: SchemaArchive = field(default_factory=shipped)

    def known(self, resource_type: str) -> bool:
        """Return whether the provider has this resource type."""
        return self.archive.resource(resource_type) is not None

    def types(self) -> Sequence[str]:
        """Return all resource types, sorted."""
        return self.archive.resource_types()

    def name_attribute(self, resource_type: str) -> str | None:
        """Return the argument that names such a resource within its project and place; None where there is none."""
        if resource_type == "google_service_account":
            return "account_id"
        names = [
            name
            for name in PLACEHOLDER.findall(self.archive.id_format(resource_type).id_format)
            if name not in {"project", "region", "zone", "location"}
        ]
        return names[0] if len(names) == 1 else None

    def import_id(self, resource_type: str, values: Mapping[str, Any]) -> str | None:
        """Return the id `terraform import` takes for these attributes; None where one is missing."""
        if resource_type == "google_service_account":
            email = f"{values.get('account_id')}@{values.get('project')}.iam.gserviceaccount.com"
            return f"projects/{values.get('project')}/serviceAccounts/{email}"
        form = self.archive.id_format(resource_type).id_format
        names = PLACEHOLDER.findall(form)
        known = {name: values.get(name) for name in names}
        if not names or any(not isinstance(value, str) or not value for value in known.values()):
            return None
        return PLACEHOLDER.sub(lambda match: str(known[match.group(1)]), form)

    def describe(self, resource_type: str) -> Mapping[str, Any]:
        """Return {"arguments": {dotted path: what is known of it}}; {} for an unknown type.

        Always there: `type` (`string`, `list(string)`, `block`, `list(block)`, `set(block)`), `required` and
        `optional`. Where they apply: `computed`, `force_new`, `sensitive`, `default`, `enum`,
        `range_or_regex`, the other paths it excludes or needs, `min_items`, `max_items` and `description`.
        """
        schema = self.archive.resource(resource_type)
        if schema is None:
            return {}
        facts = self.archive.facts(resource_type)
        return {"arguments": dict(_arguments(schema.block, facts, ""))}


def type_name(kind: CtyType) -> str:
    """Return a Terraform type as its language writes it, such as `map(string)`."""
    if isinstance(kind, str):
        return kind
    shape, inner = kind
    if shape == "object":
        return "object({" + ", ".join(f"{name}={type_name(one)}" for name, one in inner.items()) + "})"
    return f"{shape}({type_name(inner)})"


def _arguments(block: Block, facts: Mapping[str, Fact], prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, attribute in block.attributes.items():
        if not attribute.settable or (name == "id" and not prefix):
            continue
        fact = facts.get(prefix + name, NO_FACT)
        about = {
            "type": type_name(attribute.type),
            "required": attribute.required,
            "optional": attribute.optional,
        }
        if attribute.computed:
            about["computed"] = True
        yield prefix + name, about | _known(fact, attribute.description)
    for name, nested in block.blocks.items():
        if name == "timeouts":
            continue
        fact = facts.get(prefix + name, NO_FACT)
        single = nested.nesting == "single" or nested.max_items == 1
        about = {
            "type": "block" if single else f"{nested.nesting}(block)",
            "required": nested.min_items > 0,
            "optional": nested.min_items == 0,
        }
        yield prefix + name, about | _known(fact, nested.block.description)
        yield from _arguments(nested.block, facts, f"{prefix}{name}.")


def _known(fact: Fact, description: str) -> dict[str, Any]:
    found: dict[str, Any] = {name: True for name in ("force_new", "sensitive") if getattr(fact, name)}
    for name in _ABOUT:
        value = getattr(fact, name)
        if value not in (None, "", ()):
            found[name] = list(value) if isinstance(value, tuple) else value
    found |= {name: getattr(fact, name) for name in ("min_items", "max_items") if getattr(fact, name)}
    return found | ({"description": description} if description else {})
