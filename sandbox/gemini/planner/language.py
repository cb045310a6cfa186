"""Whether a goal is in a language the vocabulary does not know."""

import unicodedata

from sandbox.gemini.planner.everyday import everyday
from sandbox.gemini.planner.reading import Reading

MOST_UNKNOWN = 0.5
FEW = 3
FOREIGN_LETTERS = 0.3


def is_foreign(reading: Reading) -> bool:
    """Return whether the goal is written in another language: by its letters, its little words, its unknown words."""
    letters = [one for one in reading.raw if one.isalpha()]
    other = sum(not unicodedata.name(one, "").startswith("LATIN") for one in letters)
    if letters and other / len(letters) > FOREIGN_LETTERS:
        return True
    words = [word.text for word in reading.words if word.text[0].isalpha()]
    foreign = sum(word in everyday("foreign") for word in words)
    english = sum(word in everyday("function") for word in words)
    unknown = len(reading.unknown_at)
    if foreign >= 2 and foreign + unknown > english + len(words) / 4 and foreign > english:  # noqa: PLR2004
        return True
    return unknown >= FEW and unknown / len(words) > MOST_UNKNOWN and english * 2 < unknown
