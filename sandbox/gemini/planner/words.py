"""Cutting a goal into words, and telling whether two spellings are the same word."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[a-z]+(?:\.(?=js\b|net\b)[a-z]+)?[0-9]*[+#]*|\d[\d,.]*\d|\d|[€£$%]|[.,;:!?()]")
_SIMILAR = 0.8
_SHORT_PLURALS = frozenset({"vms", "dbs", "ips", "pcs"})
_NO_PLURALS = frozenset({"nats", "https", "gcs"})
_FUZZY_LENGTH = 5
_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": " - ",
        "\u00a0": " ",
    }
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word or mark of the goal, and where it stands in the normalised text."""

    text: str
    start: int
    end: int

    @property
    def stem(self) -> str:
        """The word without its plural."""
        return stem(self.text)

    @property
    def mark(self) -> bool:
        """True for punctuation."""
        return not self.text[0].isalnum()


def normalise(text: str) -> str:
    """Return the text in lower case without accents, with one sort of quote and dash."""
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(one for one in apart if not unicodedata.combining(one)).lower()


def cut(text: str) -> list[Word]:
    """Return the words and marks of a normalised text; hyphens, slashes and quotes only separate."""
    return [Word(found.group(), found.start(), found.end()) for found in _WORD.finditer(text)]


def stem(word: str) -> str:
    """Return the word without a plural ending."""
    if word in _SHORT_PLURALS or word.endswith("caches"):
        return word[:-1]
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):  # noqa: PLR2004
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))  # noqa: PLR2004
    return word[:-1] if plural and word not in _NO_PLURALS else word


def key(words: Iterable[Word]) -> str:
    """Return what a phrase is looked up by."""
    return " ".join(word.stem for word in words)


def phrase_key(phrase: str) -> str:
    """Return what a phrase of the vocabulary is looked up by."""
    return key(cut(normalise(phrase)))


def closest(candidate: str, phrases: Iterable[str]) -> str | None:
    """Return the phrase that the candidate is most likely a misspelling of, None where none is near."""
    if len(candidate) < _FUZZY_LENGTH:
        return None
    choices = [
        phrase
        for phrase in phrases
        if phrase[0] == candidate[0] and phrase.count(" ") == candidate.count(" ")
    ]
    found = process.extractOne(candidate, choices, scorer=OSA.normalized_similarity, score_cutoff=_SIMILAR)
    return found[0] if found else None
