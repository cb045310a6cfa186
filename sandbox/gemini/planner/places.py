"""Where a goal wants to be: region and zone names, and the places regions are near."""

import re
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from sandbox.gemini.planner.everyday import well_spelt
from sandbox.gemini.planner.quantities import Span
from sandbox.gemini.planner.words import normalise
from sandbox.gemini.wire import Json

_REGION_NAME = re.compile(
    r"\b((?:us|europe|asia|australia|northamerica|southamerica|me|africa|eu|ap)-[a-z]+-?\d*)(-[a-f])?\b"
)
_PLACE_WORD = re.compile(r"[a-z][a-z.]+(?: [a-z][a-z.]+){0,2}")
_ALIASES = {
    "germany": "Frankfurt",
    "munich": "Frankfurt",
    "england": "London",
    "uk": "London",
    "britain": "London",
    "great britain": "London",
    "united kingdom": "London",
    "holland": "Netherlands",
    "amsterdam": "Netherlands",
    "bangalore": "Mumbai",
    "bengaluru": "Mumbai",
    "hyderabad": "Mumbai",
    "india": "Mumbai",
    "chennai": "Mumbai",
    "pune": "Mumbai",
    "new york": "Virginia",
    "washington": "Virginia",
    "boston": "Virginia",
    "east coast": "South Carolina",
    "us east": "South Carolina",
    "west coast": "Oregon",
    "us west": "Oregon",
    "california": "Los Angeles",
    "san francisco": "Los Angeles",
    "seattle": "Oregon",
    "texas": "Dallas",
    "chicago": "Iowa",
    "uae": "Doha",
    "dubai": "Doha",
    "saudi": "Dammam",
    "vienna": "Frankfurt",
    "rome": "Milan",
    "austria": "Frankfurt",
    "denmark": "Finland",
    "sweden": "Stockholm",
    "norway": "Finland",
    "ireland": "London",
    "portugal": "Madrid",
    "lisbon": "Madrid",
    "barcelona": "Madrid",
    "czech": "Warsaw",
    "beijing": "Hong Kong",
    "china": "Hong Kong",
    "malaysia": "Singapore",
    "thailand": "Singapore",
    "vietnam": "Singapore",
    "philippines": "Singapore",
    "new zealand": "Sydney",
    "nigeria": "Johannesburg",
    "kenya": "Johannesburg",
    "egypt": "Tel Aviv",
    "argentina": "Santiago",
    "rio": "Paulo",
    "mexico": "Quer",
    "berlin": "Frankfurt",
    "lyon": "Paris",
    "auckland": "Sydney",
    "africa": "Johannesburg",
    "south america": "Paulo",
    "latin america": "Paulo",
    "middle east": "Tel Aviv",
    "canada": "Montr",
    "vancouver": "Oregon",
    "korea": "Seoul",
    "japan": "Tokyo",
    "australia": "Sydney",
    "italy": "Milan",
    "france": "Paris",
    "spain": "Madrid",
    "switzerland": "rich",
    "poland": "Warsaw",
    "israel": "Tel Aviv",
    "brazil": "Paulo",
    "indonesia": "Jakarta",
    "taiwan": "Taiwan",
    "south africa": "Johannesburg",
    "belgium": "Belgium",
    "finland": "Finland",
    "scandinavia": "Finland",
}
_CONTINENTS = {
    "europe": "europe-west1",
    "european": "europe-west1",
    "the eu": "europe-west1",
    "in eu": "europe-west1",
    "eu region": "europe-west1",
    "asia": "asia-southeast1",
    "the us": "us-central1",
    "the usa": "us-central1",
    "usa": "us-central1",
    "in us": "us-central1",
    "us region": "us-central1",
    "united states": "us-central1",
    "america": "us-central1",
    "american": "us-central1",
    "north america": "us-central1",
}
_SIMILAR = 0.8
_FUZZY_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A region, perhaps a zone, and how it was found."""

    region: str
    zone: str = ""
    note: str = ""
    unknown: str = ""
    span: Span = (0, 0)


def read_place(text: str, raw: str, block: Json) -> Place | None:
    """Return where the goal wants to be, None where it does not say."""
    regions = {str(one["name"]): str(one.get("place", "")) for one in block.get("regions", [])}
    default = str(block.get("default_region") or "us-central1")
    match = _REGION_NAME.search(text)
    if match:
        return _named(match, regions, default)
    return _described(text, raw, regions)


def _named(match: re.Match[str], regions: dict[str, str], default: str) -> Place:
    name, zone = match.group(1), match.group(2) or ""
    if name in regions:
        return Place(name, f"{name}{zone}" if zone else "", span=match.span())
    near = process.extractOne(name, [*regions, default], scorer=OSA.normalized_similarity)
    best = near[0] if near and near[1] >= 0.8 and near[0].split("-")[0] == name.split("-")[0] else default  # noqa: PLR2004
    note = f"Google Cloud has no region {match.group()!r} that is known here: {best} is planned instead."
    return Place(best, note=note, unknown=match.group(), span=match.span())


def _described(text: str, raw: str, regions: dict[str, str]) -> Place | None:
    """Look for cities, then countries, then continents; the longest words win."""
    by_place = _places(regions)
    found: list[tuple[int, Place]] = []
    for word, region in {**_CONTINENTS, **by_place}.items():
        match = re.search(rf"\b{re.escape(word)}\b", text)
        if match and region in (regions or {region: ""}):
            rank = len(word) + (100 if word in by_place else 0)
            note = f"Region {region} was chosen for {word.removeprefix('the ').removeprefix('in ')!r}."
            found.append((rank, Place(region, note=note, span=match.span())))
    if found:
        return max(found, key=lambda one: one[0])[1]
    shouted = re.search(r"\bUS\b", raw)
    if shouted and not raw.isupper() and "us-central1" in regions:
        return Place("us-central1", note="Region us-central1 was chosen for 'US'.", span=shouted.span())
    return _misspelt(text, by_place)


def _places(regions: dict[str, str]) -> dict[str, str]:
    """Return region by lower-case place word: the parts of each region's place, then the aliases."""
    found: dict[str, str] = {}
    for name, place in regions.items():
        for part in re.split(r"[,()/]| and ", normalise(place)):
            word = part.strip()
            if len(word) > 3 and word not in _CONTINENTS:  # noqa: PLR2004
                found.setdefault(word, name)
    for word, anchor in _ALIASES.items():
        region = next(
            (name for name, place in regions.items() if normalise(anchor) in normalise(place)), None
        )
        if region:
            found[word] = region
    return found


def _misspelt(text: str, by_place: dict[str, str]) -> Place | None:
    """Return the place a word after "in", "near" or "from" is most likely a misspelling of."""
    for match in re.finditer(r"\b(?:in|near|from|around|to|for)\s+([a-z]+)", text):
        word = match.group(1)
        if len(word) < _FUZZY_LENGTH or word in well_spelt():
            continue
        best = process.extractOne(
            word, list(by_place), scorer=OSA.normalized_similarity, score_cutoff=_SIMILAR
        )
        if best:
            region = by_place[best[0]]
            return Place(region, note=f"Region {region} was chosen for {word!r}.", span=match.span(1))
    return None
