"""Times in words, as cron."""

import re

from sandbox.gemini.planner.patterns import NUMBER_WORDS

_DAYS = {"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6}
_CRON = re.compile(r"(?<![\w*/])((?:[\d*][\d*/,-]*)(?: (?:[\d*][\d*/,-]*)){4})(?![\w*/])")
_EVERY = re.compile(rf"every\s+(\d+|{'|'.join(NUMBER_WORDS)}|other)?\s*(minutes?|mins?|hours?|hrs?|days?)\b")
_CLOCK = re.compile(
    r"\bat\s+(\d{1,2})(?::(\d{2}))?\s*(am|pm|o'clock|h|utc)?\b|"
    r"\b(\d{1,2})(?::(\d{2}))?\s*(am|pm)\b|\b(\d{1,2}):(\d{2})\b"
)
DEFAULT = "0 3 * * *"


def cron_of(text: str) -> tuple[str, str]:
    """Return (cron, the words it was read from); 03:00 every day where the goal names no time."""
    written = _CRON.search(text)
    if written:
        return written.group(1), written.group(1)
    every = _EVERY.search(text)
    if every and not every.group(2).startswith("day"):
        return _repeated(every)
    minute, hour, clock = _time(text)
    day = next((name for name in _DAYS if name in text), "")
    if day:
        return f"{minute} {hour} * * {_DAYS[day]}", f"{day} {clock}".strip()
    for pattern, rest in (
        (r"\bhourly\b|once an hour|each hour|every hour", "0 * * * *"),
        (r"\bweekdays?\b|every working day", f"{minute} {hour} * * 1-5"),
        (r"\bweekly\b|every week|once a week|each week", f"{minute} {hour} * * 0"),
        (r"\bmonthly\b|every month|once a month|first of the month", f"{minute} {hour} 1 * *"),
        (r"every minute|each minute", "* * * * *"),
    ):
        found = re.search(pattern, text)
        if found and not (found.group() == "monthly" and "$" in text):
            return rest, f"{found.group()} {clock}".strip()
    daily = re.search(
        r"\b(?:daily|nightly|every (?:day|night|morning|evening)|each (?:day|night)|once a day|midnight)\b",
        text,
    )
    if daily:
        named = {"evening": 18, "morning": 6, "midnight": 0}
        if not clock:
            hour = next((value for word, value in named.items() if word in daily.group()), hour)
        return f"{minute} {hour} * * *", f"{daily.group()} {clock}".strip()
    return (f"{minute} {hour} * * *", clock) if clock else (DEFAULT, "")


def _repeated(every: re.Match[str]) -> tuple[str, str]:
    amount = every.group(1) or "1"
    number = 2 if amount == "other" else NUMBER_WORDS.get(amount) or int(amount)
    if every.group(2).startswith("m"):
        minutes = max(1, min(59, number))
        return ("* * * * *" if minutes == 1 else f"*/{minutes} * * * *"), every.group()
    hours = max(1, min(23, number))
    return ("0 * * * *" if hours == 1 else f"0 */{hours} * * *"), every.group()


def _time(text: str) -> tuple[int, int, str]:
    """Return (minute, hour, words) of the clock time named, 03:00 and "" where none is."""
    match = _CLOCK.search(text)
    if match is None:
        return 0, 3, ""
    hour = int(match.group(1) or match.group(4) or match.group(7))
    minute = int(match.group(2) or match.group(5) or match.group(8) or 0)
    half = match.group(3) or match.group(6)
    if half == "pm" and hour < 12:  # noqa: PLR2004
        hour += 12
    if half == "am" and hour == 12:  # noqa: PLR2004
        hour = 0
    return (minute, hour, match.group()) if hour < 24 and minute < 60 else (0, 3, "")  # noqa: PLR2004
