"""What goals are made of: the phrases people use for each capability, language, wish and rival cloud."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

from sandbox.gemini.planner.words import phrase_key

Kind = Literal["capability", "stack", "trait", "cloud", "neutral"]
Meaning = tuple[Kind, str]


@cache
def meanings() -> Mapping[str, tuple[Meaning, ...]]:
    """Return what each phrase of `vocabulary.txt` can mean, by the key it is looked up by."""
    text = (files("sandbox.gemini.planner") / "vocabulary.txt").read_text(encoding="utf-8")
    found: dict[str, tuple[Meaning, ...]] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        head, _, phrases = line.partition(":")
        kind, _, concept = head.partition(" ")
        if kind not in get_args(Kind):
            raise ValueError(f"vocabulary.txt has a line of no known kind: {head!r}")
        for phrase in phrases.split(","):
            meaning = cast("Meaning", (kind, concept.strip()))
            known = found.get(phrase_key(phrase), ())
            found[phrase_key(phrase)] = known if meaning in known else (*known, meaning)
    return found
