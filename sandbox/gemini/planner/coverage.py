"""What of a goal's words the finished plan does not cover: said outright, and counted against the confidence."""

import re
from dataclasses import dataclass

from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.evidence import shown, text_of
from sandbox.gemini.planner.mentions import Mention
from sandbox.gemini.planner.reading import Reading
from sandbox.gemini.planner.substitutes import substituted
from sandbox.gemini.planner.unused import Gap, number_of, unused

LEAST_CONFIDENCE = 0.3
MOST_CONFIDENCE = 0.95
NOT_A_PLAN = 0.55
ABSURD = 0.35
PEOPLE_ON_EARTH = 8_500_000_000
DOUBT_PER_UNKNOWN_NAME = 0.35
DOUBT_PER_GUESS = 0.03
DOUBT_PER_SUBSTITUTE = 0.12
_TOPIC = frozenset(
    {"for", "about", "of", "by", "our", "my", "your", "their", "called", "named", "selling", "from"}
)
_SEVERAL_REGIONS = re.compile(
    r"\b(?:two|three|four|five|several|multiple|many|all|[2-9])\s+(?:\w+\s+)?(?:regions|continents|countries)\b|"
    r"\b(?:another|a second|second|additional|every|each) (?:region|continent)\b"
)
_SKIPPED = frozenset(
    {"a", "an", "the", "some", "any", "new", "single", "one", "two", "three", "small", "big"}
)
_GENERAL = frozenset(
    {"vm", "server", "cluster", "sql", "gke", "api", "group", "pubsub", "bucket", "container", "web"}
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The gaps in the goal's order, and how sure the plan may be."""

    gaps: list[Gap]
    confidence: float

    @property
    def notes(self) -> list[str]:
        """What is said of the gaps."""
        if not self.gaps:
            return []
        return ["Not covered by this plan: " + ", ".join(dict.fromkeys(gap.text for gap in self.gaps)) + "."]


def cover(blueprint: Blueprint) -> Coverage:
    """Return what the plan leaves of the goal, and the confidence that is left."""
    reading = blueprint.reading
    gaps = [
        *_strange(reading),
        *_unmet(blueprint),
        *unused(blueprint),
        *_elsewhere(blueprint),
        *_impossible(reading),
    ]
    gaps.sort(key=lambda gap: gap.at)
    return Coverage(gaps, _confidence(reading, gaps))


def _confidence(reading: Reading, gaps: list[Gap]) -> float:
    """Weigh the words that were used against those that were not."""
    known = len({at for one in reading.mentions for at in range(one.first, one.last)}) + len(
        reading.amounts.spans
    )
    known += len(reading.places) + len(reading.sizes.spans)
    missed = sum(gap.words for gap in gaps)
    share = known / (known + missed) if known else 0.0
    score = LEAST_CONFIDENCE + (MOST_CONFIDENCE - LEAST_CONFIDENCE) * share
    score -= DOUBT_PER_UNKNOWN_NAME * (
        len(reading.sizes.unknown) + sum(bool(one.unknown) for one in reading.places)
    )
    score -= DOUBT_PER_GUESS * sum(one.guessed for one in reading.mentions)
    score -= DOUBT_PER_GUESS * sum(one.guessed for one in reading.places)
    score -= DOUBT_PER_SUBSTITUTE * len(substituted(reading))
    if any(gap.thing for gap in gaps):
        score = min(score, NOT_A_PLAN)
    if _impossible(reading):
        score = min(score, ABSURD)
    return round(max(0.1, score), 2)


def _strange(reading: Reading) -> list[Gap]:
    """Return the unknown words, neighbours together."""
    runs: list[list[int]] = []
    for at in reading.unknown_at:
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    gaps: list[Gap] = []
    for run in runs:
        first = run[0] - 1 if run[0] and (number_of(reading.words[run[0] - 1].text) or 0) > 1 else run[0]
        text = reading.text[reading.words[first].start : reading.words[run[-1]].end]
        gaps.append(Gap(run[0], text, len(run), _is_thing(reading, run)))
    return gaps


def _is_thing(reading: Reading, run: list[int]) -> bool:
    """True where unknown words stand where goals name what is to be built, and not what it is for."""
    last = reading.words[run[-1]].text
    if re.search(r"(?:ly|ing|ed|able|ible|ful|ous|ive|ish|less)$", last):
        return False
    following = {one.concept for one in reading.mentions if one.first == run[-1] + 1}
    if following and not following & _GENERAL:
        return False
    for at in range(run[0] - 1, max(-1, run[0] - 4), -1):
        text = reading.words[at].text
        if text in _TOPIC:
            return False
        if text not in _SKIPPED and not text.isdigit():
            break
    return True


def _unmet(blueprint: Blueprint) -> list[Gap]:
    """Return the wishes that left no trace in the plan."""
    text = text_of(blueprint.resources)
    missed: dict[str, Mention] = {}
    met = {
        (one.first, one.last)
        for one in blueprint.reading.mentions
        if one.kind in ("capability", "stack") and not one.negated and shown(one.concept, text)
    }
    for one in blueprint.reading.mentions:
        wish = one.kind in ("capability", "trait") and not one.negated
        if wish and not shown(one.concept, text) and (one.first, one.last) not in met:
            missed.setdefault(one.concept, one)
    return [Gap(one.first, one.text, 2, one.kind == "capability") for one in missed.values()]


def _elsewhere(blueprint: Blueprint) -> list[Gap]:
    """Return the places named where nothing of the plan stands."""
    reading = blueprint.reading
    there = {blueprint.region, *blueprint.built_in}
    text = text_of(blueprint.resources)
    ranges = [*reading.amounts.cidrs, *reading.amounts.sources]
    gaps = [Gap(0, f"{one} (no rule or subnet has it)", 2) for one in ranges if f'"{one}"' not in text]
    gaps += [Gap(0, one, 2) for one in reading.amounts.ips if f'"{one}"' not in text]
    for one in reading.places:
        if one.region in there and not one.unknown:
            continue
        first = next((at for at, word in enumerate(reading.words) if word.start >= one.span[0]), 0)
        named = reading.text[one.span[0] : one.span[1]]
        gaps.append(Gap(first, f"{named} (nothing is planned there)", 2))
    many = _SEVERAL_REGIONS.search(reading.text)
    if many and len(there) < 2:  # noqa: PLR2004
        gaps.append(Gap(0, f"{many.group()} (all stands in {blueprint.region}; name the regions)", 2))
    return gaps


def _impossible(reading: Reading) -> list[Gap]:
    """Return amounts that cannot be meant: less than nothing, more people than there are, broken addresses."""
    amounts = reading.amounts
    gaps = [Gap(0, f"{one.strip()} (an amount below zero)", 2) for one in amounts.negative]
    if (amounts.users or 0) > PEOPLE_ON_EARTH:
        gaps.append(Gap(0, f"{amounts.users:,} users (more people than there are)", 2))
    gaps += [Gap(0, f"{one} (no address range)", 2) for one in amounts.odd]
    return gaps
