"""Single values of a body: what is there in a form that is sure, else nothing. Never a guess."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from infraai.errors import AlertError
from infraai.masking import mask
from infraai.models import AlertSeverity
from infraai.operations.shapes import AlertState

MAX_SUMMARY = 2000
_LONGEST_NAME = 512
_MOST_LABELS = 100
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 300
_MILLISECONDS_FROM = 1e11  # as seconds that is the year 5138
_TIME_LIMIT = 1e14
_NOTHING = frozenset({"", "null", "none", "nil", "undefined"})
_CRITICAL = frozenset(
    {"critical", "crit", "page", "high", "fatal", "emergency", "disaster", "p0", "p1", "sev0", "sev1"}
)
_STATES: dict[str, AlertState] = {
    "open": "open",
    "opened": "open",
    "firing": "open",
    "alerting": "open",
    "triggered": "open",
    "active": "open",
    "acknowledged": "open",
    "no_data": "open",
    "nodata": "open",
    "closed": "closed",
    "resolved": "closed",
    "recovered": "closed",
    "ok": "closed",
    "normal": "closed",
}


def mapping(value: object) -> Mapping[str, Any]:
    """Return the object, or an empty one where it is something else."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """Return the list, or an empty one where it is something else."""
    return value if isinstance(value, list) else []


def number(value: object) -> float | None:
    """Return a finite number: one, or a text that is nothing but one. `28.5%` or a sentence is None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        value = value.strip()
        if len(value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(value):
            return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def instant(value: object) -> float | None:
    """Return epoch seconds of a count of (milli)seconds or an ISO 8601 time that names its zone.

    0, `0001-01-01T00:00:00Z` and whatever lies before 1970 stand for no time at all.
    """
    seconds = number(value)
    if seconds is None and isinstance(value, str):
        seconds = _iso(value.strip())
    if seconds is None or not 0 < seconds < _TIME_LIMIT:
        return None
    return seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds


def _iso(text: str) -> float | None:
    try:
        read = datetime.fromisoformat(text)
        return read.timestamp() if read.tzinfo else None
    except (ValueError, OverflowError):
        return None


def name(value: object) -> str:
    """Return what can name a thing, in one line; empty where it is no text or holds what cannot be seen."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return ""
    text = value.strip()
    if len(text) > _LONGEST_NAME or text.lower() in _NOTHING:
        return ""
    return text if text.isprintable() else ""


def first_name(source: Mapping[str, Any], *fields: str) -> str:
    """Return the first of these fields that names a thing; else empty."""
    return next((found for field in fields if (found := name(source.get(field)))), "")


def first_number(source: Mapping[str, Any], *fields: str) -> float | None:
    """Return the first of these fields that is a number; else None."""
    return next((found for field in fields if (found := number(source.get(field))) is not None), None)


def first_instant(source: Mapping[str, Any], *fields: str) -> float | None:
    """Return the first of these fields that is a time, in epoch seconds; else None."""
    return next((found for field in fields if (found := instant(source.get(field))) is not None), None)


def words(*values: object) -> str:
    """Return texts of the sender for people to read: joined, bounded, without secrets or control characters."""
    bounded = (value[: 2 * MAX_SUMMARY] for value in values if isinstance(value, str))
    said = dict.fromkeys(text for value in bounded if (text := _visible(value)))
    return mask("\n".join(said)[: 2 * MAX_SUMMARY])[:MAX_SUMMARY].strip()


def _visible(text: str) -> str:
    kept = (one if one == "\n" or one.isprintable() else " " if one.isspace() else "" for one in text)
    return "".join(kept).strip()


def flat(prefix: str, value: object) -> dict[str, str]:
    """Return an object's names and whole numbers, under `prefix.` if there is one; what is no label is left out."""
    found: dict[str, str] = {}
    for key, one in list(mapping(value).items())[:_MOST_LABELS]:
        label, said = name(key), name(one)
        if isinstance(one, bool):
            said = str(one).lower()
        if label and said:
            found[f"{prefix}.{label}" if prefix else label] = said
    return found


def severity(*values: object) -> AlertSeverity:
    """Return what the first of them that says anything says; a word we do not know is a warning."""
    said = next((text for value in values if (text := name(value))), "")
    return "critical" if said.lower() in _CRITICAL else "warning"


def state(value: object, *, ended: bool = False) -> AlertState:
    """Return open or closed; where nothing is said, by whether it ended. Raises `AlertError` on another word."""
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return "closed" if ended else "open"
    word = name(value).lower().replace(" ", "_")
    if word not in _STATES:
        raise AlertError(
            f"The alert's state {name(value)[:80]!r} is none we know.",
            next_step=f"Send one of {', '.join(sorted(_STATES))}.",
        )
    return _STATES[word]


def digest(value: object) -> str:
    """Return a stable id of what has none of its own."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
