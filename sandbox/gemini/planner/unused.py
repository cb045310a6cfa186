"""The amounts of a goal that the finished plan does not hold."""

import re
from dataclasses import dataclass

from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.evidence import EVIDENCE, numbers_in, those_of, used
from sandbox.gemini.planner.parts.accelerators import accelerator_of
from sandbox.gemini.planner.patterns import NUMBER_WORDS
from sandbox.gemini.planner.reading import Reading

_CLOCK_BEFORE = re.compile(r"(?:\bat|\bevery|:)\s*$")
_CLOCK_AFTER = re.compile(r"\s*(?:am|pm|o'clock|h\b|utc|:\d|minutes?|hours?|mins?)")
_ENDS = frozenset(
    {"with", "and", "for", "in", "of", "on", "at", "to", "from", "behind", "per", "or", "by", "that"}
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Words the plan does not cover; `thing` where they look like something that was to be built."""

    at: int
    text: str
    words: int = 1
    thing: bool = False


def unused(blueprint: Blueprint) -> list[Gap]:
    """Return the amounts that stand nowhere in the plan, with the word they belong to."""
    reading = blueprint.reading
    rows = [*blueprint.table("machine_types"), *blueprint.table("sql_tiers")]
    chosen = {str(one.settings.get(key)) for one in blueprint.resources for key in ("machine_type", "tier")}
    amounts = numbers_in(blueprint.resources)
    if cards := accelerator_of(reading):
        amounts.add(float(cards.count))
    for row in rows:
        if row["name"] in chosen:
            amounts |= {float(row["vcpus"]), float(row["memory_gb"])}
            wanted = ((reading.amounts.memory_gb, row["memory_gb"]), (reading.amounts.cpus, row["vcpus"]))
            amounts |= {float(asked) for asked, given in wanted if asked and asked <= given}
    gaps: list[Gap] = []
    for at, word in enumerate(reading.words):
        number = number_of(word.text)
        if (
            number is None
            or number <= 1
            or at + 1 in reading.unknown_at
            or _spoken_for(blueprint, at)
            or used(number, _counting(blueprint, at) or amounts)
        ):
            continue
        follows = reading.words[at + 1].text if at + 1 < len(reading.words) else ""
        follows = "" if follows in _ENDS else follows
        gaps.append(Gap(at, f"{word.text} {follows}".rstrip(" .,;:!?()"), 2))
    return gaps + _too_small(blueprint)


def _too_small(blueprint: Blueprint) -> list[Gap]:
    """Return what was asked of a machine and is more than the one planned has."""
    amounts = blueprint.reading.amounts
    used_types = {str(one.settings.get("machine_type")) for one in blueprint.resources}
    rows = [row for row in blueprint.table("machine_types") if row["name"] in used_types]
    gaps: list[Gap] = []
    if rows and amounts.cpus and amounts.cpus > max(row["vcpus"] for row in rows):
        gaps.append(Gap(0, f"{amounts.cpus} CPUs (the machine planned has fewer)", 3, thing=True))
    if rows and amounts.memory_gb and amounts.memory_gb > max(row["memory_gb"] for row in rows):
        gaps.append(
            Gap(0, f"{amounts.memory_gb:g} GB of memory (the machine planned has less)", 3, thing=True)
        )
    return gaps


def _counting(blueprint: Blueprint, at: int) -> set[float]:
    """Return the amounts of the things that a number counts ("2 disks"), empty where it counts none that is known."""
    reading = blueprint.reading
    found: set[float] = set()
    for word in range(at + 1, min(at + 5, len(reading.words))):
        text = reading.words[word].text
        if reading.words[word].mark or text in _ENDS or number_of(text) is not None:
            break
        for one in reading.mentions:
            if one.first == word and one.kind == "capability" and one.concept in EVIDENCE:
                if one.concept == "gpu":
                    return set()
                found |= numbers_in(those_of(one.concept, blueprint.resources)) or {0.0}
    return found


def number_of(text: str) -> float | None:
    """Return the number that a word or digits stand for, None for other words."""
    if text in NUMBER_WORDS:
        return float(NUMBER_WORDS[text])
    digits = text.replace(",", "")
    return float(digits) if re.fullmatch(r"\d+(?:\.\d+)?", digits) else None


def _spoken_for(blueprint: Blueprint, at: int) -> bool:
    """True for amounts that size the plan (people, rates, money) and for those within a name that is known."""
    reading = blueprint.reading
    start = reading.words[at].start
    timed = _CLOCK_BEFORE.search(reading.text[:start]) or _CLOCK_AFTER.match(
        reading.text[reading.words[at].end :]
    )
    if timed and blueprint.refs("google_cloud_scheduler_job", "google_compute_resource_policy"):
        return True
    stored = reading.size_of("bucket") if blueprint.refs("google_storage_bucket") else None
    if stored and any(one.gb == stored and one.start <= start < one.end for one in reading.amounts.sizes):
        return True
    spans = [*reading.amounts.sizing, *reading.sizes.spans, *(one.span for one in reading.places)]
    if any(first <= start < last for first, last in spans):
        return True
    return any(
        one.first <= at < one.last or (one.last == at and one.kind == "capability" and _version(reading, at))
        for one in reading.mentions
    )


def _version(reading: Reading, at: int) -> bool:
    """True for the number of a version: "postgres 15"; it is followed by no thing that it counts."""
    after = reading.words[at + 1] if at + 1 < len(reading.words) else None
    return after is None or after.mark or after.text in ("with", "and", "in", "on", "for")
