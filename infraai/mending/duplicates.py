"""What is declared twice: the one that says less, or says it later, goes, where nothing is lost by it."""

import re

from infraai.configuration import Attribute, Block
from infraai.mending.fault import Fault, Mend
from infraai.mending.text import remove_lines

_SUMMARY = re.compile(r"^(?:Duplicate|Attribute redefined)")


def mend_duplicate(fault: Fault) -> Mend | None:
    """Remove a second declaration that says the same as the first, or no more."""
    if not _SUMMARY.match(fault.diagnostic.summary):
        return None
    if fault.diagnostic.summary == "Attribute redefined" or "local value" in fault.diagnostic.summary:
        return _attribute(fault)
    if "required providers" in fault.diagnostic.summary:
        return _required_providers(fault)
    second = fault.block
    if second is None:
        return None
    others = [one for one in fault.siblings(second.type) if one.labels == second.labels and one != second]
    for first in others:
        for gone, kept in ((second, first), (first, second)):
            if _within(gone, kept):
                return _without(fault, gone)
    return None


def _without(fault: Fault, gone: Block) -> Mend:
    source = fault.bundle.files[gone.file].encode()
    return Mend(
        (remove_lines(gone.file, gone.span, source),),
        f"{gone.address} in {gone.file} line {gone.span.line} removed: declared twice",
    )


def _within(less: Block, more: Block) -> bool:
    """Return whether all that one block says, the other says too. Alias counts: it is another provider."""
    told = {one.name: _plain(one.expression.text) for one in more.attributes}
    if any(told.get(one.name) != _plain(one.expression.text) for one in less.attributes):
        return False
    rest = list(more.blocks)
    for block in less.blocks:
        same = next(
            (
                one
                for one in rest
                if one.type == block.type and one.labels == block.labels and _within(block, one)
            ),
            None,
        )
        if same is None:
            return False
        rest.remove(same)
    return less.type != "resource" or (len(less.attributes) == len(more.attributes) and not rest)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _attribute(fault: Fault) -> Mend | None:
    again = fault.attribute_at()
    if again is None or fault.block is None:
        return None
    blocks = fault.siblings("locals") if fault.block.type == "locals" else (fault.block,)
    others: list[Attribute] = [
        one for block in blocks for one in block.attributes if one.name == again.name and one is not again
    ]
    if not any(_plain(one.expression.text) == _plain(again.expression.text) for one in others):
        return None
    return Mend(
        (remove_lines(fault.file, again.span, fault.source),),
        f"second {again.name} removed: it says the same",
    )


def _required_providers(fault: Fault) -> Mend | None:
    chain = fault.chain
    if len(chain) < 2 or chain[1].type != "required_providers":  # noqa: PLR2004
        return None
    others = [
        inner
        for top in fault.siblings("terraform")
        for inner in top.blocks
        if (inner.type == "required_providers" and inner.span != chain[1].span) or top.file != fault.file
    ]
    known = {one.name for other in others for one in other.attributes}
    if not all(one.name in known for one in chain[1].attributes):
        return None
    alone = len(chain[0].blocks) == 1 and not chain[0].attributes
    gone = chain[0] if alone else chain[1]
    return Mend(
        (remove_lines(fault.file, gone.span, fault.source),),
        "second required_providers removed: the first names them all",
    )
