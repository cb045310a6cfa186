"""Which changes cannot be made in place."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.provider.codec import UNKNOWN, Path, Values, canonical
from sandbox.schema.archive import NO_FACT, Attribute, Block, Condition, Fact, NestedBlock

Facts = Mapping[str, Fact]


def replace_paths(
    block: Block, facts: Facts, planned: Values, prior: Values, *, immutable: bool = False
) -> list[Path]:
    """Return the paths of changes that force a replacement; an `immutable` type changes nothing in place.

    A block marked so forces it when its count changes; its arguments carry their own marks.
    """
    return list(_Comparison(facts, immutable).block(block, planned, prior, "", ()))


def conditional_paths(conditions: tuple[Condition, ...], planned: Values, prior: Values) -> list[Path]:
    """Return the paths that force a replacement by comparing old and new, such as a disk that shrinks."""
    found: list[Path] = []
    for condition in conditions:
        rule = _RULES.get(condition.rule) or _BY_PATH.get(condition.path)
        old, new = at(prior, condition.path), at(planned, condition.path)
        if rule is None or new is UNKNOWN or canonical(old) == canonical(new):
            continue
        if condition.kind.startswith("ForceNew") and rule(old, new, planned):
            found.append(steps(condition.path))
    return found


def at(values: Any, path: str) -> Any:
    """Return what stands at a dotted path, in the first element of each block; None where nothing does."""
    for name in path.split("."):
        while isinstance(values, list):
            values = values[0] if values else None
        if not isinstance(values, dict):
            return values if values is UNKNOWN else None
        values = values.get(name)
    return values


def steps(path: str) -> Path:
    """Return a dotted path as attribute steps, by the first element of each block."""
    first, *rest = path.split(".")
    found: list[str | int] = [first]
    for name in rest:
        found += [0, name]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Comparison:
    facts: Facts
    immutable: bool

    def block(self, block: Block, planned: Values, prior: Values, prefix: str, where: Path) -> Iterator[Path]:
        for name, attribute in block.attributes.items():
            forced = self.facts.get(prefix + name, NO_FACT).force_new or (
                self.immutable and attribute.settable
            )
            if forced and _changed(attribute, planned.get(name), prior.get(name)):
                yield (*where, name)
        for name, nested in block.blocks.items():
            if name != "timeouts":
                new, old = planned.get(name), prior.get(name)
                yield from self.nested(nested, new, old, prefix + name, (*where, name))

    def nested(self, nested: NestedBlock, planned: Any, prior: Any, path: str, where: Path) -> Iterator[Path]:
        forced = self.immutable or self.facts.get(path, NO_FACT).force_new
        new, old = _elements(planned), _elements(prior)
        if planned is UNKNOWN or nested.nesting == "set":
            changed = planned is UNKNOWN or sorted(map(canonical, new)) != sorted(map(canonical, old))
            if changed and (forced or self.any_forced(nested.block, (*new, *old), path + ".")):
                yield where
            return
        if len(new) != len(old) and forced:
            yield where
            return
        for index, (one, other) in enumerate(zip(new, old, strict=False)):
            step = where if nested.nesting == "single" else (*where, index)
            yield from self.block(nested.block, one, other, path + ".", step)
        if self.any_forced(nested.block, (*new[len(old) :], *old[len(new) :]), path + "."):
            yield where

    def any_forced(self, block: Block, elements: Sequence[Values], prefix: str) -> bool:
        """Return whether any element sets what cannot change in place."""
        for value in elements:
            for name in block.attributes:
                if self.facts.get(prefix + name, NO_FACT).force_new and not _zero(value.get(name)):
                    return True
            for name, nested in block.blocks.items():
                if self.any_forced(nested.block, _elements(value.get(name)), f"{prefix}{name}."):
                    return True
        return False


def _elements(value: Any) -> list[Values]:
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _changed(attribute: Attribute, planned: Any, prior: Any) -> bool:
    if planned is UNKNOWN:
        return True
    if isinstance(attribute.type, list) and attribute.type[0] == "set":
        planned, prior = (sorted(map(canonical, one or [])) for one in (planned, prior))
    return canonical(planned) != canonical(prior) and not (_zero(planned) and _zero(prior))


def _zero(value: Any) -> bool:
    """Return whether the plugin SDK sees no difference between this value and none at all."""
    return value is None or value in ("", 0, [], {}) or value is False


def _shrinks(old: Any, new: Any, planned: Values) -> bool:
    del planned
    return isinstance(old, (int, float)) and isinstance(new, (int, float)) and new < old


def _cidr_shrinks(old: Any, new: Any, planned: Values) -> bool:
    del planned
    try:
        before, after = ipaddress.ip_network(str(old)), ipaddress.ip_network(str(new))
    except ValueError:
        return True
    return before.version != after.version or not before.subnet_of(after)  # type: ignore[arg-type]


def _version_decreases(old: Any, new: Any, planned: Values) -> bool:
    del planned
    numbers = [[int(part) for part in re.findall(r"\d+", str(one))] for one in (old, new)]
    return numbers[1] < numbers[0]


def _cleared(old: Any, new: Any, planned: Values) -> bool:
    del planned
    return bool(old) and not new


def _set(old: Any, new: Any, planned: Values) -> bool:
    """Return whether there is a new value: clearing it (a replica that is promoted) needs no new resource."""
    del old, planned
    return bool(new)


def _script_not_moved(old: Any, new: Any, planned: Values) -> bool:
    """Return whether a startup script changed, and did not only move into the metadata."""
    del new
    metadata = planned.get("metadata")
    return not (isinstance(metadata, dict) and metadata.get("startup-script") == old)


def _attachment(old: Any, new: Any, planned: Values) -> bool:
    """Return whether a forwarding rule turns to or from a Private Service Connect target."""
    del planned
    return any("serviceAttachments" in str(one) for one in (old, new))


_Rule = Callable[[Any, Any, Values], bool]
_RULES: dict[str, _Rule] = {
    "IsDiskShrinkage": _shrinks,
    "isInstanceShrinkage": _shrinks,
    "IsShrinkageIpCidr": _cidr_shrinks,
    "isBeenEnabled": _cleared,
    "isRedisVersionDecreasing": _version_decreases,
    "isPolicyLocked": _cleared,
    "ForceNewResourcePoliciesWorkloadPolicyIfNewIsEmpty": _cleared,
    "privateNetworkCustomizeDiff": _cleared,
}
_BY_PATH: dict[str, _Rule] = {  # rules that have no name of their own
    "metadata_startup_script": _script_not_moved,
    "master_instance_name": _set,
    "replica_configuration.cascadable_replica": _set,
    "config.node_config.network": _set,
    "config.node_config.subnetwork": _set,
    "target": _attachment,
}
