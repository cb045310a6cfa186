"""What a change will look like: defaults, what is not known yet, what is kept from before."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.codec import UNKNOWN, Values, canonical, conform_type
from sandbox.schema.archive import NO_FACT, Attribute, Block, Fact, NestedBlock

Facts = Mapping[str, Fact]


def plan_block(block: Block, facts: Facts, config: Values, prior: Values | None, prefix: str = "") -> Values:
    """Return the planned value of a block.

    What the configuration sets stays. What it leaves out takes its default; else, where the provider computes
    it, the prior value, or `UNKNOWN` for something new. `prior` is None for what is being created.
    """
    planned: Values = {}
    for name, attribute in block.attributes.items():
        fact = facts.get(prefix + name, NO_FACT)
        planned[name] = _plan_attribute(attribute, fact, config.get(name), prior, name)
    for name, nested in block.blocks.items():
        before = prior.get(name) if prior is not None else None
        planned[name] = _plan_nested(
            nested, facts, config.get(name), before, prefix + name, new=prior is None
        )
    return planned


def _plan_attribute(attribute: Attribute, fact: Fact, given: Any, prior: Values | None, name: str) -> Any:
    if attribute.write_only:
        return None
    computed = attribute.computed or fact.computed
    if given is not None and not (given == "" and computed):  # to the SDK, "" leaves it to the API
        before = prior.get(name) if prior is not None else None
        return before if _same_json(fact, before, given) or same_link(name, before, given) else given
    if fact.default is not None:
        return conform_type(attribute.type, fact.default)
    if computed:
        return UNKNOWN if prior is None else prior.get(name)
    return None


def _plan_nested(nested: NestedBlock, facts: Facts, given: Any, before: Any, path: str, *, new: bool) -> Any:
    single = nested.nesting == "single"
    if given is UNKNOWN or (single and given is None):
        return given
    if not single and not given:
        computed = facts.get(path, NO_FACT).computed
        return (UNKNOWN if new else before or []) if computed else []
    earlier: list[Any] = _listed(before)
    if nested.nesting == "set":
        earlier = [_match(one, earlier) for one in given]
    earlier += [None] * len(given)
    planned = [
        plan_block(nested.block, facts, one, prior, path + ".")
        for one, prior in zip(_listed(given), earlier, strict=False)
    ]
    return planned[0] if single else planned


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value]
    return list(value) if isinstance(value, list) else []


def _match(given: Values, candidates: list[Any]) -> Values | None:
    """Return the set element that had everything the configuration now says, or None."""
    for candidate in candidates:
        if isinstance(candidate, dict) and _covers(candidate, given):
            return candidate
    return None


def _covers(candidate: Any, given: Any) -> bool:
    if given is None or given == []:
        return True
    if isinstance(given, dict):
        return isinstance(candidate, dict) and all(
            _covers(candidate.get(key), one) for key, one in given.items()
        )
    if isinstance(given, list) and isinstance(candidate, list) and len(given) == len(candidate):
        return canonical(given) == canonical(candidate) or all(map(_covers, candidate, given))
    return canonical(candidate) == canonical(given)


def same_link(name: str, before: Any, given: Any) -> bool:
    """Return whether two spellings name one resource: full URL or relative path; for a network its name too.

    The provider's CompareSelfLinkRelativePaths and CompareSelfLinkOrResourceName suppress such a change.
    """
    if before == given or not (isinstance(before, str) and isinstance(given, str)):
        return False
    if "/" not in before and "/" not in given:
        return False
    first, second = relative_link(before), relative_link(given)
    if "projects/" in before and "projects/" in given:
        return first == second
    if name not in _LINKS_BY_NAME:
        return False
    shorter, longer = sorted((first, second), key=len)
    return longer.endswith("/" + shorter)


_LINKS_BY_NAME = frozenset(
    {"network", "subnetwork", "zone", "region", "machine_type", "vpn_gateway", "router"}
)


def relative_link(link: str) -> str:
    """Return a resource URL from `projects/` on; other text as it is."""
    start = link.find("projects/")
    return link[start:] if link.startswith("https://") and start >= 0 else link


def _same_json(fact: Fact, before: Any, given: Any) -> bool:
    if "json" not in fact.range_or_regex or not (isinstance(before, str) and isinstance(given, str)):
        return False
    from json import loads

    try:
        return canonical(loads(before)) == canonical(loads(given))
    except ValueError:
        return False
