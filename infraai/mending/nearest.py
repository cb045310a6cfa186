"""The name somebody meant: the nearest of those that exist, and only where it is clearly the nearest."""

import re
from collections.abc import Iterable

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

SHORTEST = 3  # letters that may stand for a longer name
MEANT = re.compile(r'Did you mean (?:the [a-z ]+ )?"?([\w.]+?)"?\?')


def suggested(words: str) -> str:
    """Return the name in Terraform's own "Did you mean", or ""."""
    found = MEANT.search(words)
    return found[1] if found else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the one known name within a few typing slips of this one, "" where none or several are as near.

    A slip is one letter more, less, other or two swapped (optimal string alignment); one is allowed for every
    four letters. Names that differ in case and separators alone count as the same.
    """
    choices = tuple(dict.fromkeys(known))
    if same := [one for one in choices if _letters(one) == _letters(name)]:
        return same[0] if len(same) == 1 else ""
    limit = max(1, len(name) // 4)
    found = extract(name, choices, scorer=OSA.distance, limit=2, score_cutoff=limit)
    if not found or (len(found) > 1 and found[0][1] == found[1][1]):
        return ""
    return str(found[0][0])


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def alike(one: str, other: str) -> bool:
    """Return whether two names are the same but for a few slips, case, separators or an ending."""
    short, long = sorted((_letters(one), _letters(other)), key=len)
    return (
        short == long
        or (len(short) >= SHORTEST and long.startswith(short))
        or OSA.distance(short, long) <= max(1, len(long) // 4)
    )
