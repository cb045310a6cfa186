"""Machine types and database tiers a goal names outright."""

import re
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import OSA

from sandbox.gemini.planner.quantities import Span
from sandbox.gemini.wire import Json

_MACHINE = re.compile(
    r"\b((?:e|n|c|t|m|a|g|z|h|x)\d{1,2}[ad]?-(?:standard|highmem|highcpu|micro|small|medium|mega|ultra|custom|megamem|ultramem|highgpu|megagpu)"
    r"(?:-\d+){0,2}|f1-micro|g1-small)\b"
)
# https://cloud.google.com/compute/docs/machine-resource; what the table does not price may still exist
_FAMILIES = frozenset(
    {"e2", "n1", "n2", "n2d", "n4", "c2", "c2d", "c3", "c3d", "c4", "c4a", "c4d", "t2a", "t2d"}
    | {"m1", "m2", "m3", "m4", "a2", "a3", "g2", "h3", "z3", "x4"}
)
_TIER = re.compile(r"\b(db-(?:custom-\d+-\d+|f1-micro|g1-small|[a-z0-9]+-[a-z0-9-]+))\b")


@dataclass(slots=True)
class NamedSizes:
    """What was named; `unknown` are names no table has, mapped to the nearest one that is there."""

    machine_types: list[str] = field(default_factory=list[str])
    tier: str = ""
    unknown: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    spans: list[Span] = field(default_factory=list[Span])


def read_sizes(text: str, block: Json) -> NamedSizes:
    """Return the machine types and tiers named in a normalised goal."""
    found = NamedSizes()
    machines = [str(one["name"]) for one in block.get("machine_types", [])]
    tiers = [str(one["name"]) for one in block.get("sql_tiers", [])]
    for match in _MACHINE.finditer(text):
        found.machine_types.append(_known(match.group(1), machines, found))
        found.spans.append(match.span())
    tier = _TIER.search(text)
    if tier:
        custom = tier.group(1).startswith("db-custom-")
        found.tier = tier.group(1) if custom else _known(tier.group(1), tiers, found)
        found.spans.append(tier.span())
    return found


def _known(name: str, table: list[str], found: NamedSizes) -> str:
    """Return the name, or the nearest one of the table, which is then noted."""
    family_name = name.split("-", maxsplit=1)[0]
    if not table or name in table or family_name in _FAMILIES:
        return name
    family = [one for one in table if one.split("-")[0] == family_name] or table
    near = process.extractOne(name, family, scorer=OSA.normalized_similarity)
    best = near[0] if near else table[0]
    found.unknown.append((name, best))
    return best
