"""Arguments that exclude each other, and references that go round in a circle."""

import re

from sandbox.gemini.mends.case import Case, Edit, Mend, cut, put
from sandbox.gemini.mends.tree import Argument, Block

_CONFLICT = re.compile(r'"([\w.]+)": conflicts with ([\w., ]+)')
_ONLY_ONE = re.compile(r"only one of `([\w.,\s]+)` can be specified, but `([\w.,\s]+)` were specified")
_CYCLE = re.compile(r"Cycle: ([^\n]+)")
_GUARDS = re.compile(
    r"kms|encrypt|private|secure|protection|ssl|subnetwork|source_tags|service_account|custom"
)
_SOFT = ("depends_on", "description", "labels", "tags", "metadata")


def conflicting(case: Case) -> Mend | None:
    """Of arguments that exclude each other the one goes that says nothing, where there is one."""
    top = case.top
    found = _CONFLICT.search(case.words)
    only = _ONLY_ONE.search(case.words)
    if top is None or not (found or only):
        return None
    names = (
        [found[1], *re.split(r"[,\s]+", found[2])] if found else re.split(r"[,\s]+", only[2]) if only else []
    )
    placed = [one for name in names if (one := _placed(top, name))]
    if len(placed) <= 1:
        return None
    order = sorted(placed, key=_weight)
    gone = order[:1] if found else order[:-1]
    if any(_weight(one) for one in gone):
        return None  # each says something: which is meant nobody has said
    edits = tuple(cut(case, top.file, one.start, one.end) for one in gone)
    said = ", ".join(one.name if isinstance(one, Argument) else one.type for one in gone)
    return Mend(edits, f"took out {said} of {top.address}: it excludes what is kept")


def _placed(top: Block, name: str) -> Argument | Block | None:
    home = top
    *above, leaf = [one for one in name.split(".") if not one.isdigit()]
    for part in above:
        inner = next((one for one in home.blocks if one.type == part), None)
        if inner is None:
            return None
        home = inner
    return home.get(leaf) or next((one for one in home.blocks if one.type == leaf), None)


def _weight(one: Argument | Block) -> int:
    """Return how much would be lost: nothing said, little, much, a guard."""
    name = one.name if isinstance(one, Argument) else one.type
    if _GUARDS.search(name):
        return 3
    if isinstance(one, Argument):
        return 0 if one.value in {"false", "null", '""', "[]", "{}", "0"} else 1
    return 2


def cycle(case: Case) -> Mend | None:
    """Break a circle where it matters least: `depends_on`, a description, a label, a local value."""
    found = _CYCLE.search(case.words)
    if not found:
        return None
    names = [re.sub(r" \(.*?\)", "", one).strip() for one in found[1].split(",")]
    blocks = [one for tree in case.trees.values() for one in tree[1:]]
    edges = [edge for name in names for edge in _edges(blocks, name, names)]
    for soft in _SOFT:
        for block, argument, target in edges:
            if argument.name == soft:
                return Mend(
                    (_without(case, block, argument, target),),
                    f"took {target} out of {argument.name} of {block.address}: a cycle",
                )
    for block, argument, target in edges:
        if block.type == "locals":
            return Mend(
                (put(block, argument, '""'),),
                f"local.{argument.name} is empty now: it referred to {target} in a circle",
            )
    return None


def _edges(blocks: list[Block], name: str, names: list[str]) -> list[tuple[Block, Argument, str]]:
    found: list[tuple[Block, Argument, str]] = []
    for top in blocks:
        local = name.startswith("local.") and top.type == "locals"
        if not local and top.address != name:
            continue
        for block in top.walk():
            for one in block.arguments:
                if local and one.name != name.removeprefix("local."):
                    continue
                found += [
                    (block, one, other)
                    for other in names
                    if re.search(rf"(?<![\w.-]){re.escape(other)}(?![\w-])", one.value)
                ]
    return found


def _without(case: Case, block: Block, argument: Argument, target: str) -> Edit:
    if argument.name != "depends_on":
        return cut(case, block.file, argument.start, argument.end)
    items = [one.strip() for one in argument.value.strip("[] \n").split(",") if one.strip()]
    kept = [one for one in items if one != target and not one.startswith(target + ".")]
    return (
        put(block, argument, f"[{', '.join(kept)}]")
        if kept
        else cut(case, block.file, argument.start, argument.end)
    )


def self_reference(case: Case) -> Mend | None:
    """An argument that refers to its own resource takes what it refers to, where that is written there."""
    if "Self-referential" not in case.summary and "may not refer to itself" not in case.words:
        return None
    placed, top = case.argument(), case.top
    if not placed or top is None:
        return None
    block, argument = placed
    pattern = re.compile(rf"(?<![\w.-]){re.escape(top.address)}(?:\[[^\]]*\])?\.([\w-]+)")
    found = pattern.search(argument.value)
    own = top.get(found[1]) if found else None
    if not found or own is None or own.name == argument.name:
        return Mend(
            (cut(case, block.file, argument.start, argument.end),),
            f"took out {argument.name}: it referred to itself",
        )
    whole = argument.value == found[0]
    inside = own.literal if own.literal is not None else f"${{{own.value}}}"
    text = (
        own.value
        if whole
        else re.sub(rf"\$\{{\s*{re.escape(found[0])}\s*\}}", lambda _: inside, argument.value)
    )
    return Mend((put(block, argument, text),), f"{argument.name} says {own.name} itself")
