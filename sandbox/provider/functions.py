"""The google provider's functions, such as `provider::google::region_from_zone`."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProviderFunction:
    """A function of one text that returns a text; `call` raises ValueError for what it cannot read."""

    parameter: str
    summary: str
    call: Callable[[str], str]


def _part(collection: str) -> Callable[[str], str]:
    """Return a reader of the part that follows a collection's name in an id or self link."""
    pattern = re.compile(rf"(?:^|/){collection}/([^/]+)(?:/|$)")

    def read(text: str) -> str:
        if found := pattern.search(text):
            return found[1]
        raise ValueError(_unlike(text, f"{collection}/{{{collection[:-1]}}}/"))

    return read


def _name(text: str) -> str:
    if not text or text.endswith("/"):
        raise ValueError(_unlike(text, "resourceType/{name}$"))
    return text.rsplit("/", 1)[-1]


def _region_from_zone(zone: str) -> str:
    if not re.fullmatch(r"[a-z]+-[a-z]+\d+-[a-z]+", zone):
        raise ValueError(_unlike(zone, "{region}-{letter}"))
    return zone.rpartition("-")[0]


def _unlike(text: str, pattern: str) -> str:
    return f'The input string "{text}" doesn\'t contain the expected pattern "{pattern}"'


GOOGLE_FUNCTIONS: dict[str, ProviderFunction] = {
    "location_from_id": ProviderFunction("id", "The location within an id", _part("locations")),
    "name_from_id": ProviderFunction("id", "The short name within an id", _name),
    "project_from_id": ProviderFunction("id", "The project within an id", _part("projects")),
    "region_from_id": ProviderFunction("id", "The region within an id", _part("regions")),
    "region_from_zone": ProviderFunction("zone", "The region of a zone", _region_from_zone),
    "zone_from_id": ProviderFunction("id", "The zone within an id", _part("zones")),
}
