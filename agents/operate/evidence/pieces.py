"""One piece of evidence: bounded, without secrets, and never more than data."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from infraai.masking import conceal, conceal_text
from infraai.operations.shapes import Evidence, EvidenceKind

LONGEST_TEXT = 500
_MOST_ITEMS = 60
_DEEPEST = 6


def piece(kind: EvidenceKind, summary: str, data: Mapping[str, Any] | None = None) -> Evidence:
    """Return a piece that has no id yet: texts bounded, secrets and control characters gone."""
    safe = bounded(conceal(dict(data or {})))
    words = bounded(conceal_text(summary))
    return Evidence(id="", kind=kind, summary=words, data=safe)


def numbered(pieces: Sequence[Evidence]) -> list[Evidence]:
    """Return the pieces as E1, E2 … in their order, without a closed port where the address answers well."""
    answers = any(one.kind == "probe" and one.data.get("healthy") for one in pieces)
    kept = [one for one in pieces if not (answers and one.data.get("blocked_ports"))]
    return [one.model_copy(update={"id": f"E{number}"}) for number, one in enumerate(kept, start=1)]


def bounded(value: Any, depth: int = _DEEPEST) -> Any:
    """Return a JSON value with its texts, lists and depth cut to what a person could read."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        kept = list(value.items())[:_MOST_ITEMS] if depth else []
        return {plain(str(key)): bounded(one, depth - 1) for key, one in kept}
    if isinstance(value, list | tuple):
        return [bounded(one, depth - 1) for one in value[:_MOST_ITEMS]] if depth else []
    return value if value is None or isinstance(value, bool | int | float) else plain(str(value))


def plain(text: str) -> str:
    """Return a text in one line of at most 500 characters."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}…"


def clock_time(at: float) -> str:
    """Return `14:05:09 UTC` of epoch seconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S UTC")


def ago(seconds: float) -> str:
    """Return a length of time as a person says it: `40 s`, `12 min`, `3 h`, `2 days`."""
    for unit, size in (("days", 172_800), ("h", 7_200), ("min", 120)):
        if seconds >= size:
            return f"{seconds / (size / 2):.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
