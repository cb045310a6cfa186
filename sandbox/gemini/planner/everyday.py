"""Everyday English: words without a wish of their own, and words that are no misspelling of one."""

from functools import cache
from importlib.resources import files


@cache
def everyday(section: str) -> frozenset[str]:
    """Return the words of one section of `everyday.txt`: function, asking or lookalike."""
    text = (files("sandbox.gemini.planner") / "everyday.txt").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"[{section}]")
    return frozenset(rest.partition("[")[0].split())


@cache
def weightless() -> frozenset[str]:
    """Return the words that carry no wish of their own."""
    return everyday("function") | everyday("asking")


@cache
def well_spelt() -> frozenset[str]:
    """Return the words that are never taken for a misspelling."""
    return weightless() | everyday("lookalike")
