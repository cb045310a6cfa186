"""Where a goal wants to be: region and zone names, and the places regions are near."""

import re
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from sandbox.gemini.planner.everyday import well_spelt
from sandbox.gemini.planner.place_names import ALIASES, CONTINENTS
from sandbox.gemini.planner.quantities import Span
from sandbox.gemini.planner.vocabulary import meanings
from sandbox.gemini.planner.words import normalise, phrase_key
from sandbox.gemini.wire import Json

_REGION_NAME = re.compile(
    r"\b((?:us|europe|asia|australia|northamerica|southamerica|me|africa|eu|ap)-[a-z]+-?\d*)(-[a-f])?\b"
)
_PLACE_WORD = re.compile(r"[a-z][a-z.]+(?: [a-z][a-z.]+){0,2}")
_NOT_THERE = re.compile(
    r"\b(?:not|outside|except|never|avoid|avoiding|no longer|nothing|isn'?t)\s+(?:be\s+)?(?:in|from|of|within|to)?\s*"
    r"(?:the\s+)?$"
)
_PLACED = re.compile(r"\b(?:in|near|from|around|to|for|at|region|close to|and)\s+$")
_SIMILAR = 0.79  # one letter of five
_FUZZY_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A region, perhaps a zone, and how it was found."""

    region: str
    zone: str = ""
    note: str = ""
    unknown: str = ""
    span: Span = (0, 0)
    guessed: bool = False


def read_places(text: str, raw: str, block: Json) -> list[Place]:
    """Return where the goal wants to be, in its order, regions by name first; empty where it does not say.

    What is said of a continent stands last, and only where nothing nearer is named, or what is named lies
    outside of it: then it has no region, and is left to be said.
    """
    regions = {str(one["name"]): str(one.get("place", "")) for one in block.get("regions", [])}
    default = str(block.get("default_region") or "us-central1")
    named = [_named(match, regions, default) for match in _REGION_NAME.finditer(text)]
    blank = _REGION_NAME.sub(lambda match: " " * len(match.group()), text)
    found = _once([*named, *_described(blank, regions)])
    found = found or _misspelt(blank, _places(regions))
    wide = [one for one in _continents(blank, raw, regions) if not _avoided(text, one.span[0])]
    if not found:
        return wide[:1] or _away(blank, raw, regions, default)
    return found + [
        Place("", span=one.span, unknown=one.unknown) for one in wide if not _within(found, one.region)
    ]


def _away(text: str, raw: str, regions: dict[str, str], default: str) -> list[Place]:
    """Return another continent's region where the goal shuts out the one that the default region is in."""
    shut = {one.region.split("-")[0]: one for one in _continents(text, raw, regions)}
    if default.split("-", maxsplit=1)[0] not in shut:
        return []
    other = next(
        (one for one in ("europe-west1", "us-central1") if one in regions and one.split("-")[0] not in shut),
        "",
    )
    note = f"Region {other} was chosen, as {default} is where the goal does not want to be."
    return [Place(other, note=note, span=shut[default.split("-", maxsplit=1)[0]].span)] if other else []


def _once(places: list[Place]) -> list[Place]:
    return list({one.region: one for one in reversed(places)}.values())[::-1]


def _within(found: list[Place], continent: str) -> bool:
    lead = continent.split("-", maxsplit=1)[0]
    return all(one.region.split("-")[0] == lead for one in found)


def _avoided(text: str, at: int) -> bool:
    """True where the goal says that it is not to be there."""
    return bool(_NOT_THERE.search(text[:at]))


def _named(match: re.Match[str], regions: dict[str, str], default: str) -> Place:
    name, zone = match.group(1), match.group(2) or ""
    if name in regions:
        return Place(name, f"{name}{zone}" if zone else "", span=match.span())
    near = process.extractOne(name, [*regions, default], scorer=OSA.normalized_similarity)
    best = near[0] if near and near[1] >= 0.8 and near[0].split("-")[0] == name.split("-")[0] else default  # noqa: PLR2004
    note = f"Google Cloud has no region {match.group()!r} that is known here: {best} is planned instead."
    return Place(best, note=note, unknown=match.group(), span=match.span())


def _described(text: str, regions: dict[str, str]) -> list[Place]:
    """Return the cities and countries named, in the goal's order; the longest words win."""
    found: list[Place] = []
    for word, region in sorted(_places(regions).items(), key=lambda one: -len(one[0])):
        for match in re.finditer(rf"\b{re.escape(word)}\b", text):
            taken = any(one.span[0] < match.end() and match.start() < one.span[1] for one in found)
            if not taken and not _avoided(text, match.start()):
                note = f"Region {region} was chosen for {word!r}."
                found.append(Place(region, note=note, span=match.span()))
    return sorted(found, key=lambda one: one.span)


def _continents(text: str, raw: str, regions: dict[str, str]) -> list[Place]:
    found: list[Place] = []
    for word, region in sorted(CONTINENTS.items(), key=lambda one: -len(one[0])):
        match = re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", text)
        if match and region in (regions or {region: ""}):
            said = word.removeprefix("the ").removeprefix("in ")
            note = f"Region {region} was chosen for {said!r}."
            if word in ("gdpr", "dsgvo"):
                note += (
                    " No more than the place is planned for it: what else the law asks is yours to see to."
                )
            found.append(Place(region, note=note, span=match.span()))
    shouted = re.search(r"\bUS\b", raw)
    if not found and shouted and not raw.isupper() and "us-central1" in regions:
        note = "Region us-central1 was chosen for 'US'."
        found.append(Place("us-central1", note=note, span=shouted.span()))
    return found


def _places(regions: dict[str, str]) -> dict[str, str]:
    """Return region by lower-case place word: the parts of each region's place, then the aliases."""
    found: dict[str, str] = {}
    for name, place in regions.items():
        for part in re.split(r"[,()/]| and ", normalise(place)):
            word = part.strip()
            if len(word) > 3 and word not in CONTINENTS:  # noqa: PLR2004
                found.setdefault(word, name)
    for word, anchor in ALIASES.items():
        region = next(
            (name for name, place in regions.items() if normalise(anchor) in normalise(place)), None
        )
        if region:
            found[word] = region
    return found


def _misspelt(text: str, by_place: dict[str, str]) -> list[Place]:
    """Return the places that words no other reading claims are most likely a misspelling of."""
    found: list[Place] = []
    for match in re.finditer(r"\b[a-z]+\b", text):
        word = match.group()
        plain = len(word) < _FUZZY_LENGTH or word in well_spelt() or phrase_key(word) in meanings()
        if plain or not (_PLACED.search(text[: match.start()]) or _lonely(text, match.end())):
            continue
        best = process.extractOne(
            word,
            [one for one in by_place if one[0] == word[0]],
            scorer=OSA.normalized_similarity,
            score_cutoff=_SIMILAR,
        )
        if best:
            region = by_place[best[0]]
            note = f"Region {region} was chosen for {word!r}, read as {best[0].title()}."
            found.append(Place(region, note=note, span=match.span(), guessed=True))
    return found


def _lonely(text: str, end: int) -> bool:
    """True where a word ends a clause, as a place often does: "vm tokio, 2 cores"."""
    return not re.match(r"\s*[a-z0-9]", text[end:]) or bool(
        re.match(r"\s+(?:region|only|zone|with|for)\b", text[end:])
    )
