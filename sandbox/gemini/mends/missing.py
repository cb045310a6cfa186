"""What is required and not there: blocks, arguments, labels."""

import re

from sandbox.gemini.mends.case import Case, Edit, Mend, add
from sandbox.gemini.mends.choices import block_text, slug, value_for
from sandbox.gemini.mends.tree import Block
from sandbox.gemini.writer.shape import Argument as Shape
from sandbox.gemini.writer.shape import at

_BLOCKS = re.compile(r'At least (\d+) "([\w-]+)" blocks? (?:is|are) required')
_ARGUMENT = re.compile(r'The argument "([\w.]+)" is required')
_ONE_OF = re.compile(r"one of `([\w.,\s]+)` must be specified")
_SOURCES = ("source_ranges", "source_tags", "source_service_accounts")
_ALL_OF = re.compile(r"all of `([\w.,\s]+)` must be specified")


def missing_block(case: Case) -> Mend | None:
    """Write a required block with what it needs."""
    found = _BLOCKS.search(case.words)
    top = case.top
    if not found or top is None:
        return None
    home = _home(case, found[2])
    path = (*case.path(case.chain[: case.chain.index(home) + 1]), found[2])
    text = block_text(case, top, path, _shape(case, path))
    return Mend((add(case, home, "\n".join([text] * int(found[1]))),), f"added {found[2]} to {top.address}")


def _home(case: Case, name: str) -> Block:
    starting = [one for one in case.chain if one.line == case.line] or case.chain
    return next(
        (one for one in reversed(starting) if not any(inner.type == name for inner in one.blocks)),
        starting[-1],
    )


def _shape(case: Case, path: tuple[str, ...]) -> Shape | None:
    return at(case.root(), path)


def missing_argument(case: Case) -> Mend | None:
    """Write a required argument."""
    found = _ARGUMENT.search(case.words)
    top = case.top
    if not found or top is None:
        return None
    name = found[1]
    starting = [one for one in case.chain if one.line == case.line] or case.chain
    home = next((one for one in reversed(starting) if not one.get(name)), starting[-1])
    if top.type == "output" and name == "value":
        return None
    path = (*case.path(case.chain[: case.chain.index(home) + 1]), name)
    value = value_for(case, top, path, _shape(case, path))
    if not value:
        return None
    return Mend((add(case, home, f"{name} = {value}"),), f"chose {name} = {value} for {top.address}")


def missing_alternative(case: Case) -> Mend | None:
    """Write one of several arguments of which the provider wants one, or all of those it wants together."""
    top = case.top
    if top is None or not top.labels:
        return None
    if top.labels[0] == "google_compute_firewall" and not any(top.get(one) for one in _SOURCES):
        return None  # without sources whatever it allowed would be open to the whole internet
    if found := _ONE_OF.search(case.words):
        for name in _names(found[1]):
            if mended := _written(case, top, name):
                return Mend((mended,), f"of {found[1]} chose {name} for {top.address}")
    if found := _ALL_OF.search(case.words):
        absent = [one for one in _names(found[1]) if not top.get(one)]
        edits = [_written(case, top, one) for one in absent]
        if edits and all(edits):
            return Mend(tuple(one for one in edits if one), f"added {', '.join(absent)} to {top.address}")
    return None


def _names(text: str) -> list[str]:
    order = ("initialize_params", "subnetwork", "network", "text", "scaling", "autoscaling", "auto")
    names = [one.strip() for one in text.split(",")]
    return sorted(names, key=lambda one: next((at for at, key in enumerate(order) if key in one), len(order)))


def _written(case: Case, top: Block, name: str) -> Edit | None:
    """Return the edit for an argument or block at a dotted path (with or without list indices)."""
    parts = [one for one in name.split(".") if not one.isdigit()]
    home = top
    for part in parts[:-1]:
        inner = next((one for one in home.blocks if one.type == part), None)
        if inner is None:
            return None
        home = inner
    shape = _shape(case, tuple(parts))
    if shape is not None and shape.block:
        return add(case, home, block_text(case, top, tuple(parts), shape))
    value = value_for(case, top, tuple(parts), shape)
    return add(case, home, f"{parts[-1]} = {value}") if value else None


def labels(case: Case) -> Mend | None:
    """A header with a label too few gets one from the block's name; with one too many, loses the last."""
    block = case.top
    if block is None:
        return None
    source = case.source(block.file)
    header = source[block.start : block.inner].decode()
    if case.summary.startswith("Missing name for") and len(block.labels) <= 1:
        name = block.get("name")
        label = slug((name.literal if name and name.literal else "") or "main").replace("-", "_")
        new = re.sub(r"\s*\{$", f' "{label}" {{', header)
        return Mend((Edit(block.file, block.start, block.inner, new),), f"named {block.type} {label}")
    if case.summary.startswith("Extraneous label"):
        found = re.search(r"Only (\d+) labels?", case.words)
        keep = int(found[1]) if found else 0
        new = " ".join([block.type, *(f'"{one}"' for one in block.labels[:keep])]) + " {"
        return Mend((Edit(block.file, block.start, block.inner, new),), f"dropped label {block.labels[-1]}")
    return None
