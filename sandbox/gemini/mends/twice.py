"""What stands there twice and says different things: both are kept under two names, or made one."""

import re

from sandbox.gemini.mends.case import Case, Edit, Mend, cut
from sandbox.gemini.mends.choices import slug
from sandbox.gemini.mends.tree import Block

_MANY = re.compile(r'No more than (\d+) "([\w-]+)" blocks? (?:is|are) allowed')


def declared_twice(case: Case) -> Mend | None:
    """Rename the second output; alias the second provider. Which of two resources is meant it cannot know."""
    if not case.summary.startswith(("Duplicate", "Attribute redefined")):
        return None
    if case.summary == "Attribute redefined" or "local value" in case.summary:
        return _argument(case)
    if "required providers" in case.summary:
        return _required_providers(case)
    return _block(case, case.block) if case.block else None


def _block(case: Case, block: Block) -> Mend | None:
    if block.type == "provider":
        return _provider(block)
    return _renamed(case, block) if block.type == "output" else None


def _renamed(case: Case, block: Block) -> Mend | None:
    taken = {one.labels for one in case.module(block.type)}
    name = block.get("name")
    old = block.labels[-1]
    choices = [slug(name.literal).replace("-", "_")] if name and name.literal else []
    choices += [f"{old}_{number}" for number in range(2, 99)]
    new = next(one for one in choices if (*block.labels[:-1], one) not in taken)
    source = case.source(block.file)
    header = source[block.start : block.inner]
    at = block.start + header.rindex(old.encode())
    return Mend(
        (Edit(block.file, at, at + len(old.encode()), new),), f"the second {block.address} is named {new}"
    )


def _provider(block: Block) -> Mend:
    region = block.get("region")
    alias = slug(region.literal).replace("-", "_") if region and region.literal else "second"
    edit = Edit(block.file, block.inner, block.inner, f'\n  alias = "{alias}"')
    return Mend((edit,), f"the second provider {block.labels[0]} has the alias {alias}")


def _argument(case: Case) -> Mend | None:
    placed = case.argument()
    if not placed:
        return None
    block, argument = placed
    homes = case.module("locals") if block.type == "locals" else [block]
    same = [one.value for home in homes for one in home.arguments if one.name == argument.name]
    if len(set(same)) > 1:
        return None  # which of the two is meant nobody has said
    return Mend((cut(case, block.file, argument.start, argument.end),), f"kept the first {argument.name}")


def _required_providers(case: Case) -> Mend | None:
    """Move what only the second names into the first."""
    chain = case.chain
    if len(chain) <= 1:
        return None
    second = chain[1]
    others = [
        inner
        for top in case.module("terraform")
        for inner in top.blocks
        if inner.type == "required_providers" and (inner.file, inner.start) != (second.file, second.start)
    ]
    if not others:
        return None
    first = others[0]
    source = case.source(second.file)
    own = [one for one in second.arguments if not first.get(one.name)]
    text = "".join("\n    " + source[one.start : one.end].decode() for one in own)
    edits = [cut(case, second.file, second.start, second.end)]
    if text:
        edits.append(Edit(first.file, first.inner, first.inner, text))
    return Mend(tuple(edits), "made one required_providers of two")


def too_many(case: Case) -> Mend | None:
    """Make one block of two; where both set an argument, the first one's stands."""
    found = _MANY.search(case.words)
    top = case.top
    if not found or top is None:
        return None
    for home in top.walk():
        same = [one for one in home.blocks if one.type == found[2]]
        if len(same) <= int(found[1]) or not any(one.line <= case.line <= one.end_line for one in same):
            continue
        first, *rest = same
        edits = [cut(case, one.file, one.start, one.end) for one in rest]
        lines = [_new(case, first, one) for one in rest]
        text = "".join(lines)
        if text:
            body = case.source(first.file)[first.inner : first.inner_end]
            at = first.inner + len(body.rstrip())
            edits.append(Edit(first.file, at, at, text))
        return Mend(tuple(edits), f"made one {found[2]} of {len(same)} in {top.address}")
    return None


def _new(case: Case, first: Block, other: Block) -> str:
    """Return what another block says beyond the first."""
    source = case.source(other.file)
    parts: list[tuple[int, int]] = [
        (one.start, one.end) for one in other.arguments if not first.get(one.name)
    ]
    parts += [
        (one.start, one.end) for one in other.blocks if not any(own.type == one.type for own in first.blocks)
    ]
    line = source.rfind(b"\n", 0, other.start) + 1
    indent = source[line : other.start].decode()
    indent = indent if not indent.strip() else "  "
    return "".join(f"\n{indent}  {source[start:end].decode()}" for start, end in sorted(parts))
