"""How long data is kept, and what becomes of it then: moved to a colder class, or deleted."""

import re
from dataclasses import dataclass

from sandbox.gemini.planner.patterns import NUMBER_WORDS

Span = tuple[int, int]
# https://cloud.google.com/storage/docs/storage-classes
CLASSES = {"nearline": "NEARLINE", "coldline": "COLDLINE", "archive": "ARCHIVE"}
_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_WORDED = "|".join(word for word in NUMBER_WORDS if word not in ("single", "couple", "pair"))
_AGE = re.compile(rf"\b(\d[\d,]*|{_WORDED})\s*-?\s*(day|week|month|quarter|year)s?(?:'s?)?\b")
_NO_AGE = re.compile(r"(?:every|per|each|once|budget of|usd|\$|€|/)\s*$")
_DELETION = re.compile(
    r"\b(?:deletes?|deleted|deleting|deletion|expires?|expired|expiry|expiration|purged?|purges|discard(?:ed)?|"
    r"removed?|removes|thrown away|throw away|trash(?:ed)?|ttl|clean(?:ed)? up|drop(?:ped)?)\b"
)
_NOT = re.compile(r"\b(?:never|not|no|don'?t|without|nothing)\s+(?:\w+\s+)?$")
_KEEPING = re.compile(
    r"\b(?:keep|keeps|kept|keeping|retain|retains|retained|retention|hold|holds|held|store[ds]? for|lifecycle)\b"
)
_COLD = re.compile(r"\b(nearline|coldline|archived?|cold storage|colder storage)\b")
_MOVING = re.compile(
    r"\b(?:then|move|moves|moved|moving|transition|transitions|transitioned|go|goes|to|into|tier|tiered|switch|"
    r"change|become|becomes|after|older)\b"
)
_VERBS = re.compile(
    r"\b(?:moves?|moved|moving|transition(?:s|ed|ing)?|tier(?:s|ed)?|retain(?:s|ed)?|retention|lifecycle|becomes?|objects?|"
    r"older|goes|rule|rules|policy|automatically|class)\b"
)
_SEGMENT = re.compile(r"[,;.\n]|\bthen\b|\band\b|\bafterwards\b|\bbut\b")


@dataclass(slots=True)
class Lifecycle:
    """Ages in days: of each move to a storage class, of the deletion, and of what is only kept."""

    moves: dict[str, int]
    delete_days: int | None
    keep_days: int | None
    spans: list[Span]

    @property
    def days(self) -> int | None:
        """After how many days data may go, where the goal says that it goes or how long it is kept."""
        if self.delete_days is not None:
            return self.delete_days
        return None if self.moves else self.keep_days


@dataclass(slots=True)
class _Step:
    """One clause: an age, and what happens then; either may be missing."""

    days: int | None
    action: str


def read_lifecycle(text: str) -> Lifecycle:
    """Return what the goal says becomes of data with time; ages are paired with the nearest clause's action."""
    found = Lifecycle({}, None, None, [])
    waiting: _Step | None = None
    kept: int | None = None
    for start, end in _segments(text):
        step = _step(text, start, end, found.spans)
        if step.action == "keep":
            kept = step.days if step.days is not None else kept
            waiting = None
            continue
        if not step.action and step.days is None:
            continue
        if step.action and step.days is None:
            age = waiting.days if waiting and not waiting.action else kept
            _take(found, step.action, age)
            waiting = step if age is None else None
        elif step.action:
            _take(found, step.action, step.days)
            waiting = None
        elif waiting and waiting.action:
            _take(found, waiting.action, step.days)
            waiting = None
        else:
            waiting = step
    found.keep_days = kept
    return found


def _segments(text: str) -> list[Span]:
    edges = [0, *(edge for cut in _SEGMENT.finditer(text) for edge in (cut.start(), cut.start())), len(text)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _step(text: str, start: int, end: int, spans: list[Span]) -> _Step:
    clause = text[start:end]
    action = _action(clause)
    for match in _AGE.finditer(clause):
        if _NO_AGE.search(clause[: match.start()]):
            continue
        if not action and not re.search(r"\b(?:after|older than|past|for|then|at)\b", clause):
            continue
        amount = NUMBER_WORDS.get(match.group(1)) or int(match.group(1).replace(",", "") or 0)
        spans.append((start + match.start(), start + match.end()))
        _claim(clause, start, spans)
        return _Step(amount * _DAYS[match.group(2)], action)
    if action in ("delete", *CLASSES.values()):
        _claim(clause, start, spans)
    return _Step(None, action)


def _claim(clause: str, start: int, spans: list[Span]) -> None:
    """Take the verbs of a step as understood."""
    for pattern in (_DELETION, _VERBS):
        spans.extend((start + one.start(), start + one.end()) for one in pattern.finditer(clause))


def _action(clause: str) -> str:
    cold = _COLD.search(clause)
    if cold and _MOVING.search(clause):
        return CLASSES.get(cold.group(1).removesuffix("d"), "COLDLINE")
    deletion = _DELETION.search(clause)
    if deletion and not _NOT.search(clause[: deletion.start()]):
        return "delete"
    return "keep" if _KEEPING.search(clause) else ""


def _take(found: Lifecycle, action: str, days: int | None) -> None:
    if days is None or action == "keep":
        return
    if action == "delete":
        found.delete_days = days
    else:
        found.moves[action] = days
