"""A goal, read: what it names, how much of it, where, and what it does not want."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sandbox.gemini.planner.everyday import weightless
from sandbox.gemini.planner.mentions import Mention, find_mentions
from sandbox.gemini.planner.orders import find_orders
from sandbox.gemini.planner.patterns import NUMBER_WORDS
from sandbox.gemini.planner.places import Place, read_places
from sandbox.gemini.planner.quantities import Quantities, read_quantities
from sandbox.gemini.planner.sizes import NamedSizes, read_sizes
from sandbox.gemini.planner.words import Word, cut, normalise
from sandbox.gemini.wire import Json

COUNT_REACH = 4
ADJECTIVE_REACH = 3
CLAUSE_REACH = 4
MOST_COUNTED = 200
_COUNT_ENDS = frozenset({"and", "with", "for", "to", "of", "in", "per", "the", "or"})
_ITEM = r"(?:(?:one|another) )?(?:for )?(?:the )?[a-z0-9_-]+"
_NAME_LIST = re.compile(
    r"^\W*(?:called|named|for|:|\()\s*(?:the\s+)?"
    rf"([a-z0-9_-]+(?:\s*(?:,\s*and|,|and|&)\s*{_ITEM})+)"
)
_GENERAL = ("service", "services", "app", "apps", "application", "applications", "endpoint")
_APART = frozenset(
    {"extra", "additional", "separate", "second", "another", "attached", "attach", "persistent", "data"}
)
_NAMED_THINGS = (("vm", "server"), ("secret",), ("bucket",), ("pubsub",), ("kms",))
_JOINING = ("and", "one", "another", "for", "the", "")
_ONE_FOR = re.compile(
    r"(?:one|another|the other|a second)\s+(?:for|called|named)\s+(?:the\s+|my\s+|our\s+)?([a-z][a-z0-9_-]*)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a goal, and how much of it was not."""

    text: str
    words: list[Word]
    mentions: list[Mention]
    amounts: Quantities
    places: list[Place]
    sizes: NamedSizes
    orders: list[str]
    raw: str = ""
    unknown_at: list[int] = field(default_factory=list[int])

    @property
    def unknown(self) -> list[str]:
        """The words with a meaning of their own that nothing is known of."""
        return [self.words[at].text for at in self.unknown_at]

    @property
    def place(self) -> Place | None:
        """The place the goal names first."""
        return self.places[0] if self.places else None

    def wants(self, *concepts: str) -> bool:
        """Return whether the goal asks for one of these capabilities, languages or wishes."""
        return any(one.concept in concepts and not one.negated for one in self.mentions)

    def denies(self, *concepts: str) -> bool:
        """Return whether the goal says it does not want one of these, and nowhere that it does."""
        return any(one.concept in concepts and one.negated for one in self.mentions) and not self.wants(
            *concepts
        )

    def concepts(self, kind: str) -> list[str]:
        """Return what is wanted of one kind, in the goal's order, each once."""
        return list(
            dict.fromkeys(one.concept for one in self.mentions if one.kind == kind and not one.negated)
        )

    def says(self, *words: str) -> bool:
        """Return whether any of the words stands in the goal."""
        return any(word.text in words or word.stem in words for word in self.words)

    def count(self, *concepts: str) -> int | None:
        """Return how many of these the goal asks for ("three small VMs"), None where it does not say."""
        for mention in self.mentions:
            if mention.concept in concepts and not mention.negated:
                found = self._count_before(mention.first)
                if found is not None:
                    return found
        return None

    def names(self, *concepts: str) -> list[str]:
        """Return what several of one kind are called, or for ("buckets for images and logs")."""
        for mention in self.mentions:
            if mention.concept in concepts and not mention.negated:
                after = self.text[self.words[mention.last - 1].end :]
                listed = [match.group(1) for match in _ONE_FOR.finditer(after)]
                if len(listed) > 1:
                    return listed
                match = _NAME_LIST.match(after)
                plural = self.words[mention.last - 1].text.endswith("s") or self._count_before(mention.first)
                if match and plural:
                    words = re.split(r"[\s,&]+", match.group(1))
                    return [word for word in words if word not in _JOINING]
        return []

    def attached(self, trait: str, concepts: Iterable[str]) -> bool:
        """Return whether a wish is about one of these: "a private database", "postgres with a private IP"."""
        return any(
            self.nearest(one.first, one.last, strict=True) & set(concepts)
            for one in self.mentions
            if one.concept == trait and not one.negated
        )

    def apart(self, trait: str, concepts: Iterable[str]) -> bool:
        """Return whether a wish is voiced at least once about something else than these things."""
        return any(
            not self.nearest(one.first, one.last, strict=True) & set(concepts)
            for one in self.mentions
            if one.concept == trait and not one.negated
        )

    def nearest(self, first: int, last: int, *, strict: bool = False) -> set[str]:
        """Return what the words `first` to `last` belong to: what follows at once, else what went before.

        Strictly, what went before must be near and in the same clause, or the words belong to the whole goal.
        """
        capabilities = [one for one in self.mentions if one.kind == "capability" and not one.negated]
        own = {one.concept for one in capabilities if one.first < last and first < one.last}
        following = [one for one in capabilities if 0 <= one.first - last < ADJECTIVE_REACH]
        if own or following:
            return own | {one.concept for one in following if not self._clause_between(last, one.first)}
        before = [one for one in capabilities if one.last <= first]
        after = [one for one in capabilities if one.first >= last]
        at = max((one.last for one in before), default=None)
        if at is not None and not (strict and (first - at > CLAUSE_REACH or self._clause_between(at, first))):
            return {one.concept for one in before if one.last == at}
        at = min((one.first for one in after), default=None)
        return set() if strict else {one.concept for one in after if one.first == at}

    def size_of(self, *concepts: str) -> int | None:
        """Return the size in GB said of these things, None where none is."""
        for size in self.amounts.sizes:
            first = next(
                (i for i, word in enumerate(self.words) if word.start >= size.start), len(self.words)
            )
            last = next((i for i, word in enumerate(self.words) if word.start >= size.end), len(self.words))
            near = self.nearest(first, last)
            if near & {"plain_disk"}:
                near = near | self._owner(first)
            if near & set(concepts):
                return size.gb
        return None

    def _owner(self, first: int) -> set[str]:
        """Return what a plain "disk" belongs to: the last thing named before it, else the next one."""
        others = [
            one
            for one in self.mentions
            if one.kind == "capability"
            and one.concept not in ("plain_disk", "snapshot", "firewall")
            and not one.negated
        ]
        before = [one for one in others if one.last <= first]
        at = max((one.last for one in before), default=None)
        if at is not None:
            return {one.concept for one in before if one.last == at}
        return {one.concept for one in others[:1]}

    def _clause_between(self, first: int, last: int) -> bool:
        return any(word.mark or word.text in ("and", "but", "or") for word in self.words[first:last])

    def _count_before(self, first: int) -> int | None:
        """Return the number before a word that counts it: in "three small VMs", not in "postgres 15"."""
        named = {
            at
            for one in self.mentions
            if one.kind in ("capability", "stack")
            for at in range(one.first, one.last)
        }
        for at in range(first - 1, max(-1, first - 1 - COUNT_REACH), -1):
            word = self.words[at]
            if word.mark or word.text in _COUNT_ENDS or at in named:
                return None
            if any(start <= word.start < end for start, end in self.amounts.spans + self.sizes.spans):
                continue
            number = _small_number(word.text)
            if number is not None:
                return None if at - 1 in named else number
            if word.text not in (word.stem, "others") and word.text not in weightless():
                return None
        return None


def _small_number(text: str) -> int | None:
    if text in NUMBER_WORDS and text not in ("a", "an", "hundred"):
        return NUMBER_WORDS[text]
    return int(text) if text.isdigit() and 0 < int(text) <= MOST_COUNTED else None


def read(goal: str, block: Json) -> Reading:
    """Return what the goal says."""
    whole = normalise(goal)
    orders, text = find_orders(whole)
    amounts = read_quantities(text)
    sizes = read_sizes(text, block)
    places = read_places(text, goal, block)
    taken = [*amounts.spans, *sizes.spans, *(place.span for place in places)]
    words = cut(text)
    found = find_mentions(words, taken)
    named = {i for one in found for i in range(one.first, one.last)}
    unknown = [
        at
        for at, word in enumerate(words)
        if at not in named and not word.mark and _means_something(word, taken)
    ]
    mentions = [one for one in _settled(found, words, amounts) if one.kind != "neutral"]
    reading = Reading(text, words, mentions, amounts, places, sizes, orders, goal, unknown)
    mentions, unknown = _without_names(reading)
    return replace(reading, mentions=mentions, unknown_at=unknown)


def _without_names(reading: Reading) -> tuple[list[Mention], list[int]]:
    """Drop what only names one of several things: "three VMs: web, worker and database", "two secrets: db, token"."""
    named: set[int] = set()
    for concepts in _NAMED_THINGS:
        names = reading.names(*concepts)
        if len(names) < 2 or reading.count(*concepts) != len(names):  # noqa: PLR2004
            continue
        last = next(one for one in reading.mentions if one.concept in concepts).last
        parts = {part for name in names for part in re.split("[-_]", name)}
        named |= {at for at, word in enumerate(reading.words) if at >= last and word.text in parts}
    kept = [one for one in reading.mentions if not named & set(range(one.first, one.last))]
    return kept, [at for at in reading.unknown_at if at not in named]


def _settled(found: list[Mention], words: list[Word], amounts: Quantities) -> list[Mention]:
    """Drop general words that only continue what stands before them, such as the app of "GKE app"."""
    kept: list[Mention] = []
    ends = {size.end for size in amounts.sizes}
    for one in found:
        before = [other for other in kept if other.last == one.first and other.kind == "capability"]
        if one.concept == "node" and _counted_nodes(words, one):
            continue
        general = one.concept in ("server", "cluster") or one.text in _GENERAL
        if one.kind == "capability" and general and any(not other.negated for other in before):
            continue
        if one.text == "storage" and any(0 <= words[one.first].start - end <= len(" of ") for end in ends):
            one = replace(one, concept="plain_disk")  # noqa: PLW2901
        before_it = {word.text for word in words[max(0, one.first - COUNT_REACH) : one.first]}
        if one.concept == "plain_disk" and before_it & _APART:
            one = replace(one, concept="disk")  # noqa: PLW2901
        kept.append(one)
    return kept


def _counted_nodes(words: list[Word], one: Mention) -> bool:
    """True for the nodes of a cluster, which are no Node.js: "3 nodes", "a second node", "node count"."""
    before = words[one.first - 1].text if one.first else ""
    after = words[one.last].text if one.last < len(words) else ""
    counted = (
        before.isdigit()
        or before in NUMBER_WORDS
        or before in ("second", "third", "another", "more", "per", "each")
    )
    return one.text == "nodes" or (
        one.text == "node" and (counted or after in ("pool", "pools", "count", "type", "size"))
    )


def _means_something(word: Word, taken: list[tuple[int, int]]) -> bool:
    if word.text in weightless() or word.stem in weightless() or _small_number(word.text):
        return False
    if word.text[0].isdigit():
        return False
    return not any(start <= word.start < end for start, end in taken) and len(word.text) > 1
