"""Google Cloud's regions and zones."""

import json
import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("regions.json")  # order and ranges as auto mode networks have them
_AI_ZONE = re.compile(r"-ai\d[a-z]$")


@cache
def _table() -> dict[str, tuple[tuple[str, ...], str]]:
    raw = json.loads(_FILE.read_text(encoding="utf-8"))
    return {name: (tuple(row["zones"]), row["range"]) for name, row in raw.items()}


def regions() -> tuple[str, ...]:
    """Return the names of all regions."""
    return tuple(_table())


def zones(region: str) -> tuple[str, ...]:
    """Return the region's zones; () where there is no such region."""
    return _table()[region][0] if region in _table() else ()


def is_region(name: str) -> bool:
    """Return whether Google has this region."""
    return name in _table()


def is_zone(name: str) -> bool:
    """Return whether Google has this zone, zones for accelerators included."""
    region = region_of(name)
    return name in zones(region) or (is_region(region) and bool(_AI_ZONE.search(name)))


def region_of(zone: str) -> str:
    """Return a zone's region, by its name alone."""
    return zone.rpartition("-")[0]


def auto_range(region: str) -> str:
    """Return the CIDR range of an auto mode network's subnetwork in a region."""
    return _table()[region][1]
