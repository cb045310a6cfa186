"""Which changes cannot be made in place."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.provider.codec import UNKNOWN, Path, Values, canonical
from sandbox.schema.archive import NO_FACT, Attribute, Block, Condition, Fact, NestedBlock

Facts = Mapping[str, Fact]


def replace_paths(
    block: Block, facts: Facts, planned: Values, prior: Values, *, immutable: bool = False
) -> list[Path]:
    """Return the paths of the changes that force a replacement; `immutable` types change no argument in place.

    A block marked so forces it when its count changes; its arguments carry their own marks.
    """
    return list(_block(block, facts, planned, prior, "", (), immutable))


def conditional_paths(conditions: tuple[Condition, ...], planned: Values, prior: Values) -> list[Path]:
    """Return the paths that force a replacement by comparing old and new, such as a disk that shrinks."""
    found: list[Path] = []
    for condition in conditions:
        rule = _RULES.get(condition.rule)
        if rule is None or not condition.kind.startswith("ForceNew"):
            continue
        old, new = at(prior, condition.path), at(planned, condition.path)
        if new is not UNKNOWN and canonical(old) != canonical(new) and rule(old, new):
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


def _block(
    block: Block,
    facts: Facts,
    planned: Values,
    prior: Values,
    prefix: str,
    where: Path,
    immutable: bool,  # noqa: FBT001
) -> Iterator[Path]:
    for name, attribute in block.attributes.items():
        if _forces(facts.get(prefix + name, NO_FACT), attribute, immutable) and _changed(
            attribute, planned.get(name), prior.get(name)
        ):
            yield (*where, name)
    for name, nested in block.blocks.items():
        if name != "timeouts":
            yield from _nested(
                nested, facts, planned.get(name), prior.get(name), prefix + name, (*where, name), immutable
            )


def _nested(
    nested: NestedBlock,
    facts: Facts,
    planned: Any,
    prior: Any,
    path: str,
    where: Path,
    immutable: bool,  # noqa: FBT001
) -> Iterator[Path]:
    forced = immutable or facts.get(path, NO_FACT).force_new
    if planned is UNKNOWN:
        if forced:
            yield where
        return
    new, old = _elements(planned), _elements(prior)
    if nested.nesting == "set":
        if canonical(sorted(map(canonical, new))) != canonical(sorted(map(canonical, old))) and (
            forced or any(_any_forced(nested.block, facts, one, path + ".") for one in (*new, *old))
        ):
            yield where
        return
    if len(new) != len(old) and forced:
        yield where
        return
    for index, (one, other) in enumerate(zip(new, old, strict=False)):
        step = where if nested.nesting == "single" else (*where, index)
        yield from _block(nested.block, facts, one, other, path + ".", step, immutable)
    if any(_any_forced(nested.block, facts, one, path + ".") for one in (*new[len(old) :], *old[len(new) :])):
        yield where


def _elements(value: Any) -> list[Values]:
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _any_forced(block: Block, facts: Facts, value: Values, prefix: str) -> bool:
    for name in block.attributes:
        if facts.get(prefix + name, NO_FACT).force_new and not _zero(value.get(name)):
            return True
    return any(
        _any_forced(nested.block, facts, one, f"{prefix}{name}.")
        for name, nested in block.blocks.items()
        for one in _elements(value.get(name))
    )


def _forces(fact: Fact, attribute: Attribute, immutable: bool) -> bool:  # noqa: FBT001
    return fact.force_new or (immutable and attribute.settable)


def _changed(attribute: Attribute, planned: Any, prior: Any) -> bool:
    if planned is UNKNOWN:
        return True
    if isinstance(attribute.type, list) and attribute.type[0] == "set":
        planned, prior = (sorted(map(canonical, one or [])) for one in (planned, prior))
    return canonical(planned) != canonical(prior) and not (_zero(planned) and _zero(prior))


def _zero(value: Any) -> bool:
    """Return whether the plugin SDK sees no difference between this value and none at all."""
    return value is None or value in ("", 0, [], {}) or value is False


def _shrinks(old: Any, new: Any) -> bool:
    return isinstance(old, (int, float)) and isinstance(new, (int, float)) and new < old


def _cidr_shrinks(old: Any, new: Any) -> bool:
    try:
        before, after = ipaddress.ip_network(str(old)), ipaddress.ip_network(str(new))
    except ValueError:
        return True
    return before.version != after.version or not before.subnet_of(after)  # type: ignore[arg-type]


def _version_decreases(old: Any, new: Any) -> bool:
    numbers = [[int(part) for part in re.findall(r"\d+", str(one))] for one in (old, new)]
    return numbers[1] < numbers[0]


_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "IsDiskShrinkage": _shrinks,
    "isInstanceShrinkage": _shrinks,
    "IsShrinkageIpCidr": _cidr_shrinks,
    "isBeenEnabled": lambda old, new: bool(old) and not new,
    "isRedisVersionDecreasing": _version_decreases,
    "isPolicyLocked": lambda old, new: bool(old) and not new,
    "ForceNewResourcePoliciesWorkloadPolicyIfNewIsEmpty": lambda old, new: bool(old) and not new,
    "privateNetworkCustomizeDiff": lambda old, new: bool(old) and not new,
}
