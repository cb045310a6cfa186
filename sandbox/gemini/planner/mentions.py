"""Which words of a goal name something the vocabulary knows, and which of those are wished away."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sandbox.gemini.planner.everyday import well_spelt
from sandbox.gemini.planner.vocabulary import Kind, meanings
from sandbox.gemini.planner.words import Word, closest, key

LONGEST_PHRASE = 6
FUZZY_WORDS = 3
_NEGATIONS = frozenset(
    {
        "no",
        "without",
        "not",
        "don",
        "dont",
        "skip",
        "avoid",
        "minus",
        "never",
        "nor",
        "neither",
        "exclude",
        "excluding",
        "omit",
        "drop",
        "w",
        "isn",
        "doesn",
        "doesnt",
        "isnt",
        "shouldn",
        "except",
        "remove",
    }
)
_NEGATION_ENDS = frozenset(
    {
        "but",
        "with",
        "just",
        "only",
        "use",
        "add",
        "need",
        "include",
        "including",
        "want",
        "rather",
        "plus",
        "deploy",
        "create",
        "build",
        "then",
        "so",
        "because",
        "since",
        "everything",
        "please",
        "instead",
    }
)
_MARKS = frozenset(",.;:!?()")
_NEGATION_REACH = 7


@dataclass(frozen=True, slots=True)
class Mention:
    """A known thing at words `first` to `last` (exclusive)."""

    kind: Kind
    concept: str
    first: int
    last: int
    text: str
    negated: bool = False
    guessed: bool = False  # spelt differently from what the vocabulary has


@cache
def _guess(candidate: str) -> str | None:
    return closest(candidate, meanings())


def find_mentions(words: list[Word], taken: Iterable[tuple[int, int]] = ()) -> list[Mention]:
    """Return what the words name, longest phrases first; spans in `taken` mean something else."""
    spans = list(taken)
    free = [not any(start < word.end and word.start < end for start, end in spans) for word in words]
    found: list[Mention] = []
    at = 0
    while at < len(words):
        mention = _mention_at(words, free, at)
        if mention is None:
            at += 1
            continue
        found.extend(
            Mention(kind, concept, at, mention.last, mention.text, guessed=mention.guessed)
            for kind, concept in meanings()[mention.concept]
        )
        at = mention.last
    return [_with_negation(words, found, mention) for mention in found]


def _mention_at(words: list[Word], free: list[bool], at: int) -> Mention | None:
    """Return the longest phrase that begins here; its `concept` is the phrase's key."""
    if not free[at] or words[at].mark:
        return None
    for guess in (False, True):
        for length in range(FUZZY_WORDS if guess else LONGEST_PHRASE, 0, -1):
            run = words[at : at + length]
            if len(run) < length or not all(free[at : at + length]) or any(word.mark for word in run):
                continue
            phrase: str | None = key(run)
            if guess:
                phrase = None if any(_plain(word) for word in run) else _guess(key(run))
            if phrase is not None and phrase in meanings():
                return Mention(
                    "capability", phrase, at, at + length, " ".join(w.text for w in run), guessed=guess
                )
    return None


def _plain(word: Word) -> bool:
    """True for a word that is no misspelling of anything."""
    return word.text in well_spelt() or word.stem in well_spelt() or word.text[0].isdigit()


def _with_negation(words: list[Word], found: list[Mention], mention: Mention) -> Mention:
    negated = is_negated(words, mention.first, frozenset(i for m in found for i in range(m.first, m.last)))
    return Mention(
        mention.kind, mention.concept, mention.first, mention.last, mention.text, negated, mention.guessed
    )


def is_negated(words: list[Word], first: int, named: frozenset[int] = frozenset()) -> bool:
    """Return whether a `no`, `without` or `don't` reaches the word: through a list, not past a new clause."""
    for back in range(1, _NEGATION_REACH + 1):
        at = first - back
        if at < 0:
            return False
        text = words[at].text
        if text in _NEGATIONS and at not in named:
            return not _only(words, at)
        if text in _MARKS or (text in _NEGATION_ENDS and not _negated_verb(words, at)):
            return False
        if text == "and" and not _list_goes_on(words, at):
            return False
    return False


def _only(words: list[Word], at: int) -> bool:
    """True for "not only" and "not just", which deny nothing."""
    return words[at].text == "not" and at + 1 < len(words) and words[at + 1].text in ("only", "just")


def _negated_verb(words: list[Word], at: int) -> bool:
    """True where the verb itself is denied: "don't need", "do not use", "no need"."""
    return any(word.text in _NEGATIONS or word.text == "t" for word in words[max(0, at - 3) : at])


def _list_goes_on(words: list[Word], at: int) -> bool:
    """True where "and" goes on: in "without redis and queues", not in "no db and a bucket"."""
    follows = words[at + 1].text if at + 1 < len(words) else ""
    if follows in ("a", "an", "the", "one", "two", "three", *_NEGATION_ENDS) or follows.isdigit():
        return False
    return any(
        word.text in ("without", "don", "dont", "skip", "avoid") for word in words[max(0, at - 4) : at]
    )
