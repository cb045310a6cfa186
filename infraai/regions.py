"""Regions and zones of Google Cloud, with the places people call them by.

Source: https://cloud.google.com/compute/docs/regions-zones.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

_CONTINENTS = {"eu": "europe", "ap": "asia", "na": "northamerica", "ca": "northamerica", "sa": "southamerica"}
_ZONE = re.compile(r"^([a-z]+-[a-z]+\d+)-[a-z]$")


@dataclass(frozen=True, slots=True)
class Region:
    """One region: its zones' letters and where it stands."""

    name: str
    letters: tuple[str, ...]
    city: str
    country: str
    words: tuple[str, ...]

    @property
    def place(self) -> str:
        """Return where it stands, in words."""
        return self.city if self.city == self.country else f"{self.city}, {self.country}"

    @property
    def zones(self) -> tuple[str, ...]:
        """Return its zones' full names."""
        return tuple(f"{self.name}-{letter}" for letter in self.letters)


@cache
def regions() -> dict[str, Region]:
    """Return all regions by name."""
    text = (files("infraai") / "data" / "regions.tsv").read_text(encoding="utf-8")
    found: dict[str, Region] = {}
    for line in text.splitlines()[1:]:
        name, letters, city, country, words = line.split("\t")
        found[name] = Region(name, tuple(letters.split(",")), city, country, tuple(words.split(",")))
    return found


def find_region(name: str) -> Region | None:
    """Return the region of exactly this name, or None."""
    return regions().get(name.strip().lower())


def region_of(location: str) -> str:
    """Return the region of a region's or zone's name, or of a URL that ends in one."""
    tail = location.rstrip("/").rsplit("/", 1)[-1].strip().lower()
    zone = _ZONE.match(tail)
    return zone[1] if zone else tail


def default_zone(region: str) -> str:
    """Return the region's first zone; for a region that is not known, the letter most regions have."""
    known = find_region(region)
    return known.zones[0] if known else f"{region}-b"


def near_regions(name: str, count: int = 3) -> tuple[str, ...]:
    """Return the regions somebody may have meant, best first: by place, by a zone's region, by spelling."""
    wanted = name.strip().lower()
    by_zone = region_of(wanted)
    if by_zone in regions():
        return (by_zone,)
    by_place = [one.name for one in regions().values() if wanted and wanted in _said(one)]
    squeezed = {_squeezed(known): known for known in regions()}
    loose = get_close_matches(_squeezed(wanted), squeezed, n=count, cutoff=0.7)
    return tuple(dict.fromkeys([*by_place, *(squeezed[one] for one in loose)]))[:count]


def nearest_region(name: str, default: str) -> str:
    """Return the region itself if it is known, else the likeliest one meant, else the default."""
    known = find_region(name)
    if known:
        return known.name
    near = near_regions(name)
    return near[0] if near else default


def _squeezed(name: str) -> str:
    """Return the name without separators, and with other clouds' short words for continents spelt out."""
    parts = re.split(r"[^a-z0-9]+", name)
    return "".join(_CONTINENTS.get(part, part) for part in parts)


def _said(region: Region) -> tuple[str, ...]:
    city = region.city.lower()
    return (city, *(part.strip() for part in city.split(",")), region.country.lower(), *region.words)
