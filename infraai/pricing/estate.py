"""Resources as pricing sees them, whether a plan names them or Terraform planned them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from infraai.models import PlannedResource
from infraai.regions import find_region, region_of

_MOST_COPIES = 1000
_INDEX = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Item:
    """One resource: its address, and its values as Terraform nests them or flat as a plan has them."""

    address: str
    type: str
    values: Mapping[str, Any]
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    written: Mapping[str, Any] | None = None  # what the configuration says of it, None where it is not known

    def says(self, *path: str) -> bool | None:
        """Return whether the configuration gives an argument, None where that cannot be told.

        A state holds an argument that nobody wrote, once Google has worked it out. A block that is not written at
        all may be made by a loop.
        """
        here: Any = self.written
        for depth, name in enumerate(path):
            here = here[0] if isinstance(here, list) and here else here
            if not isinstance(here, Mapping) or (name not in here and depth == 0):
                return None
            if name not in here:
                return False
            here = here[name]
        return True

    def pick(self, *paths: str) -> Any:
        """Return the first value at one of these dotted paths; lists are entered at their first element.

        A plan may leave the block `settings` of a database out of a path.
        """
        every = [*paths, *(path.removeprefix("settings.") for path in paths if path.startswith("settings."))]
        return next((found for path in every if (found := _at(self.values, path)) is not None), None)

    def text(self, *paths: str) -> str:
        """Return the value as text, "" where there is none."""
        found = self.pick(*paths)
        return str(found) if isinstance(found, (str, int, float)) else ""

    def number(self, *paths: str) -> float | None:
        """Return the value as a number, None where it is none."""
        return as_number(self.pick(*paths))

    def flag(self, *paths: str) -> bool:
        """Return whether the value is true, in any of the ways a plan writes that."""
        found = self.pick(*paths)
        return found is True or str(found).lower() in {"true", "yes", "1"}

    def blocks(self, name: str) -> list[Mapping[str, Any]]:
        """Return nested blocks of this name."""
        found = self.values.get(name)
        if isinstance(found, Mapping):
            return [found]
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []

    def region(self, default: str) -> str:
        """Return where it stands: its own region, zone or location if it has one."""
        own = self.text("region", "zone", "location")
        return region_of(own) if own and not own.startswith("var.") else default

    @property
    def base(self) -> str:
        """Return the address without indexes."""
        return _INDEX.sub("", self.address)


@dataclass(frozen=True, slots=True)
class Estate:
    """All resources together, so that one can be found from another."""

    items: tuple[Item, ...]
    region: str

    def of(self, *types: str) -> tuple[Item, ...]:
        """Return the items of these types."""
        return tuple(item for item in self.items if item.type in types)

    def linked(self, item: Item, path: str, types: Sequence[str]) -> Item | None:
        """Return what an argument refers to: by reference, by id or name, else the only one there is."""
        candidates = self.of(*types)
        root = path.split(".", 1)[0]
        named = item.references.get(root, ())
        for candidate in candidates:
            if candidate.base in named:
                return candidate
        value = item.text(path, path.rsplit(".", 1)[-1])
        for candidate in candidates:
            if value and _names(candidate, value):
                return candidate
        return candidates[0] if len(candidates) == 1 and not named and not value.startswith("http") else None


def plan_items(resources: Iterable[PlannedResource]) -> tuple[Item, ...]:
    """Return a plan's resources; a `count` in the settings makes that many of one, at most 1,000."""
    found: list[Item] = []
    for one in resources:
        count = as_number(one.settings.get("count"))
        address = f"{one.type}.{one.name}"
        if count is None or count == 1:
            found.append(Item(address, one.type, one.settings))
        else:
            often = range(min(int(count), _MOST_COPIES))
            found += [Item(f"{address}[{index}]", one.type, one.settings) for index in often]
    return tuple(found)


def value_items(
    values: Mapping[str, Any], configuration: Mapping[str, Any] | None = None
) -> tuple[Item, ...]:
    """Return the managed resources of `planned_values` or `prior_state.values` of `terraform show -json`.

    Source: https://developer.hashicorp.com/terraform/internals/json-format.
    """
    root = (configuration or {}).get("root_module") or {}
    return tuple(_module_items(values.get("root_module") or {}, root, ""))


def provider_region(shown: Mapping[str, Any]) -> str:
    """Return the google provider's region in `terraform show -json`, "" where none is known."""
    configuration = shown.get("configuration") or {}
    for provider in (configuration.get("provider_config") or {}).values():
        if provider.get("name") not in {"google", "google-beta"}:
            continue
        said = (provider.get("expressions") or {}).get("region") or {}
        if said.get("constant_value"):
            return str(said["constant_value"])
        for reference in said.get("references", ()):
            variable = (shown.get("variables") or {}).get(str(reference).removeprefix("var."))
            if variable and variable.get("value"):
                return str(variable["value"])
    return ""


def _module_items(module: Mapping[str, Any], written: Mapping[str, Any], prefix: str) -> Iterator[Item]:
    expressions = {
        str(one.get("address")): one.get("expressions") or {} for one in written.get("resources", ())
    }
    for one in module.get("resources", ()):
        if one.get("mode") != "managed":
            continue
        local = f"{one.get('type')}.{one.get('name')}"
        said = _references(expressions.get(local, {}), prefix)
        values, own = one.get("values") or {}, expressions.get(local)
        yield Item(str(one.get("address")), str(one.get("type")), values, said, own)
    for child in module.get("child_modules", ()):
        address = str(child.get("address", ""))
        name = _INDEX.sub("", address).rsplit("module.", 1)[-1]
        call = (written.get("module_calls") or {}).get(name) or {}
        yield from _module_items(child, call.get("module") or {}, f"{_INDEX.sub('', address)}.")


def _references(expressions: Mapping[str, Any], prefix: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(prefix + one for one in _said(value)) for name, value in expressions.items()}


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("references"), list):
            yield from (_INDEX.sub("", str(one)) for one in value["references"])
        for inner in value.values():
            yield from _said(inner)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, (Mapping, list)):
                yield from _said(inner)


def _names(candidate: Item, value: str) -> bool:
    own = {str(candidate.values.get(key)) for key in ("id", "self_link", "self_link_unique", "name")}
    own |= {candidate.base, candidate.base.rsplit(".", 1)[-1]}
    return value in own or value.rstrip("/").rsplit("/", 1)[-1] in own or candidate.base in value


def _at(values: Mapping[str, Any], path: str) -> Any:
    if path in values:
        return values[path]
    here: Any = values
    for part in path.split("."):
        if isinstance(here, list):
            here = here[0] if here else None
        if not isinstance(here, Mapping):
            return None
        here = here.get(part)
    return here


def as_number(value: Any) -> float | None:
    """Return a number, also from text such as "20" or "20GB"; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    digits = re.match(r"^\s*(\d+(?:\.\d+)?)\s*(?:gi?b?)?\s*$", str(value), re.IGNORECASE)
    return float(digits[1]) if digits else None


def is_regional(location: str) -> bool:
    """Return whether a location is a whole region rather than one zone."""
    return find_region(location) is not None
