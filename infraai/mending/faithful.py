"""Whether a mend still is what was asked for: nothing dropped or made up, no guard lowered.

A mend may rename a resource whose type or name could not stand, and may merge two that say the same; anything
else that is gone after it, or is less safe after it, is an objection.
"""

import re
from collections import Counter
from collections.abc import Iterator

from infraai.configuration import Block, Configuration
from infraai.mending.exposure import exposed, guards_on, weakened
from infraai.mending.grants import seized
from infraai.mending.kept import lost
from infraai.mending.nearest import alike
from infraai.mending.secrets import made_up
from infraai.mending.twins import repointed
from infraai.ports import Schemas

_KEPT = ("resource", "data", "module")


def objection(before: Configuration, after: Configuration, schemas: Schemas | None = None) -> str | None:
    """Return why the second configuration is no mend of the first, or None where it is one.

    With the provider's schemas it also knows defaults and which arguments are sensitive.
    """
    return next(_objections(before, after, schemas), None)


def _objections(before: Configuration, after: Configuration, schemas: Schemas | None) -> Iterator[str]:
    pairs, gone = paired(before, after)
    for block in gone:
        yield f"it drops {block.address}"
    for old, new in pairs:
        for what in weakened(old, new):
            yield f"it weakens {new.address}: {what}"
    known = {id(new) for _, new in pairs}
    for block in after.blocks:
        if id(block) not in known and block.type in {"resource", "data", "module", "provider"}:
            for what in weakened(None, block):
                yield f"it adds {block.address}: {what}"
    yield from _by_way_of_variables(before, after)
    yield from _foreign(before, after)
    for old, new in pairs:
        for what in lost(old, new, schemas):
            yield f"it drops {what} of {old.address}"
        yield from seized(old, new)
    yield from repointed(before, pairs, after)
    yield from made_up(before, after, schemas)


def _by_way_of_variables(before: Configuration, after: Configuration) -> Iterator[str]:
    """A default or a local value can open what the resource only refers to."""
    old, new = ((*one.of("variable"), *one.of("locals")) for one in (before, after))
    if exposed(new) > exposed(old):
        yield "it opens something to everybody by a variable or a local value"
    declared = {one.labels[0] for one in after.of("variable") if one.labels}
    for name in sorted((guards_on(before.of("variable")) & declared) - guards_on(after.of("variable"))):
        yield f"it turns off var.{name}"


def paired(before: Configuration, after: Configuration) -> tuple[list[tuple[Block, Block]], list[Block]]:
    """Return the blocks of before with what became of each, and those that became nothing."""
    rest = [one for one in after.blocks if one.type in (*_KEPT, "provider")]
    pairs: list[tuple[Block, Block]] = []
    unpaired = [one for one in before.blocks if one.type in (*_KEPT, "provider")]
    for beside in (True, False):  # its own file first: of two with one name, each stays where it is
        left: list[Block] = []
        for old in unpaired:
            new = next(
                (one for one in rest if _same(old, one) and (one.file == old.file or not beside)), None
            )
            if new is None:
                left.append(old)
            else:
                pairs.append((old, new))
                rest.remove(new)
        unpaired = left
    gone: list[Block] = []
    for old in unpaired:
        new = _renamed(old, rest)
        if new is not None:
            pairs.append((old, new))
            rest.remove(new)
        elif old.type in _KEPT and not _merged(old, before, after):
            gone.append(old)
    return pairs, gone


def _same(old: Block, new: Block) -> bool:
    return new.address == old.address and new.type == old.type


def _renamed(old: Block, rest: list[Block]) -> Block | None:
    """Return the new block that carries on an old one under another type or name."""
    own = _content(old)
    for new in rest:
        if new.type != old.type or not _alike_labels(old.labels, new.labels):
            continue
        other = _content(new)
        if not own or len(own & other) * 2 >= len(own):
            return new
    return None


def _alike_labels(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    if len(old) != len(new):
        return set(old) <= set(new) or set(new) <= set(old)
    return sum(one != other for one, other in zip(old, new, strict=True)) <= 1 or all(map(alike, old, new))


def _content(block: Block) -> set[str]:
    return {_plain(one.text) for one in block.expressions()}


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _merged(old: Block, before: Configuration, after: Configuration) -> bool:
    """Return whether two blocks that said the same are one now."""
    twins = [one for one in before.blocks if one.address == old.address and one.type == old.type]
    kept = Counter(one.address for one in after.blocks if one.type == old.type)[old.address]
    return kept > 0 and len({tuple(sorted(_content(one))) for one in twins}) == 1


_OUR_PROVIDERS = {"google", "google-beta", "random", "null", "time"}


def _foreign(before: Configuration, after: Configuration) -> Iterator[str]:
    for source in sorted(_sources(after) - _sources(before)):
        if source.removeprefix("registry.terraform.io/").removeprefix("hashicorp/") not in _OUR_PROVIDERS:
            yield f"it adds the provider {source}"
    for kind in ("backend", "cloud"):
        if _nested(after, kind) > _nested(before, kind):
            yield f"it adds a {kind}"


def _sources(configuration: Configuration) -> set[str]:
    found: set[str] = set()
    for top in configuration.of("terraform"):
        for inner in top.blocks:
            if inner.type == "required_providers":
                texts = " ".join(one.expression.text for one in inner.attributes)
                found |= set(re.findall(r"source\s*=\s*\"([^\"]+)\"", texts))
    return found


def _nested(configuration: Configuration, kind: str) -> int:
    return sum(inner.type == kind for top in configuration.of("terraform") for inner in top.blocks)
