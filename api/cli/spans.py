"""Spans of time as people write and read them."""

import re
from contextvars import ContextVar
from datetime import UTC, datetime

from infraai.errors import InputError

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
LONGEST_S = 366 * SECONDS["d"]
APART: ContextVar[bool] = ContextVar("apart", default=False)  # the cloud's clock does not show the real time


def parse_span(text: str) -> float:
    """Return seconds from such as `90s`, `30m`, `2h`, `1h30m`, `1d`; raise `InputError` for anything else."""
    plain = text.replace(" ", "").lower()
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhd])", plain)
    seconds = sum(float(number) * SECONDS[unit] for number, unit in parts)
    if "".join(number + unit for number, unit in parts) != plain or not 0 < seconds <= LONGEST_S:
        raise InputError(f"{text!r} is no span of time.", next_step="Such as 30m, 2h, 1h30m or 1d.")
    return seconds


def span(seconds: float) -> str:
    """Return the span in words: `45 s`, `2 min 10 s`, `3 h 5 min`, `2 d 1 h`."""
    whole = max(0, round(seconds))
    for unit, next_unit, size in (("d", "h", 86_400), ("h", "min", 3600), ("min", "s", 60)):
        if whole >= size:
            smaller = {"h": 3600, "min": 60, "s": 1}[next_unit]
            rest = whole % size // smaller
            return f"{whole // size} {unit}" + (f" {rest} {next_unit}" if rest else "")
    return f"{whole} s"


def clock_time(at: float) -> str:
    """Return the local time of epoch seconds, with its day where that is not today."""
    when = datetime.fromtimestamp(at, UTC).astimezone()
    today = datetime.now(UTC).astimezone().date()
    return when.strftime("%H:%M:%S" if when.date() == today else "%d %b %H:%M")


def cloud_time(at: float) -> str:
    """Return a time of the cloud's clock, marked as one where that clock does not show the real time."""
    return clock_time(at) + (" cloud time" if APART.get() else "")
