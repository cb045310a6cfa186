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
    match = _TIER.search(text)
    if match:
        custom = match.group(1).startswith("db-custom-")
        found.tier = match.group(1) if custom else _known(match.group(1), tiers, found)
        found.spans.append(match.span())
    return found


def _known(name: str, table: list[str], found: NamedSizes) -> str:
    """Return the name, or the nearest one of the table, which is then noted."""
    if not table or name in table or "-custom-" in name:
        return name
    family = [one for one in table if one.split("-")[0] == name.split("-")[0]] or table
    near = process.extractOne(name, family, scorer=OSA.normalized_similarity)
    best = near[0] if near else table[0]
    found.unknown.append((name, best))
    return best
