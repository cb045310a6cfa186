"""Two blocks of one name that say different things: which one each reference means."""

import re
from collections.abc import Iterator

from infraai.configuration import Block, Configuration
from infraai.mending.fault import Edit, Fault, Mend

_REFERRED = ("resource", "data", "module")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9_]+")


def mend_twins(fault: Fault) -> Mend | None:
    """Give the second of two blocks its own name, where each reference's file tells which one it means."""
    block = fault.top
    if not fault.diagnostic.summary.startswith("Duplicate") or block is None or block.type not in _REFERRED:
        return None
    both = twins(fault.configuration, block)
    if len(both) != 2 or _identity(both[0]) == _identity(both[1]):  # noqa: PLR2004
        return None
    users = referring(fault.configuration, block)
    if any(_owner(both, file) is None for file in users):
        return None
    unused = [one for one in both if one.file not in users]
    second = unused[-1] if len(unused) == 1 else both[1]
    new = _free_name(fault.configuration, second)
    source = fault.bundle.files[second.file].encode()
    old, start = second.labels[-1], second.span.start
    at = start + source[start : second.body.start].rindex(old.encode())
    edits = [Edit(second.file, at, at + len(old.encode()), new)]
    if second.file in users:
        edits += _followed(second, source, new)
    lead = f"{second.address} in {second.file} line {second.span.line}"
    return Mend(tuple(edits), f"{lead} named {new}: two blocks had one name")


def twins(configuration: Configuration, block: Block) -> list[Block]:
    """Return the module's blocks of this address, by file and place."""
    found = [
        one
        for one in configuration.blocks
        if one.type == block.type and one.labels == block.labels and one.module_path == block.module_path
    ]
    return sorted(found, key=lambda one: (one.file, one.span.start))


def referring(configuration: Configuration, block: Block) -> dict[str, int]:
    """Return how often each of the module's files refers to this address."""
    found: dict[str, int] = {}
    for top in configuration.blocks:
        if top.module_path == block.module_path:
            count = sum(_is_to(one, block.address) for it in top.expressions() for one in it.references)
            if count:
                found[top.file] = found.get(top.file, 0) + count
    return found


def repointed(before: Configuration, pairs: list[tuple[Block, Block]], after: Configuration) -> Iterator[str]:
    """Yield the references to a doubled name that may mean the other block after a mend."""
    became = {id(old): new for old, new in pairs}
    seen: set[tuple[str, str]] = set()
    for block in before.blocks:
        key = (block.module_path, block.address)
        both = twins(before, block) if block.type in _REFERRED and key not in seen else []
        seen.add(key)
        if len(both) <= 1 or len({became[id(one)].address for one in both if id(one) in became}) <= 1:
            continue
        for file, count in referring(before, block).items():
            owner = _owner(both, file)
            new = became.get(id(owner)) if owner else None
            if new is None or referring(after, new).get(file, 0) < count:
                yield f"it cannot be told which of the two {block.address} is meant in {file}"


def _owner(both: list[Block], file: str) -> Block | None:
    own = [one for one in both if one.file == file]
    return own[0] if len(own) == 1 else None


def _is_to(reference: str, address: str) -> bool:
    return re.match(rf"{re.escape(address)}(?![\w-])", reference) is not None


def _identity(block: Block) -> set[tuple[str, str]]:
    """Return what Google knows a resource by: two that share it stay one."""
    names = ("name", "account_id", "secret_id", "dataset_id", "cluster_id", "repository_id")
    return {(one.name, one.expression.text) for one in block.attributes if one.name in names}


def _free_name(configuration: Configuration, block: Block) -> str:
    taken = {one.labels for one in configuration.of(block.type)}
    name = block.literal("name")
    plain = _NOT_IN_NAMES.sub("_", name.lower()).strip("_") if isinstance(name, str) else ""
    choices = [plain] if plain[:1].isalpha() else []
    choices += [f"{block.labels[-1]}_{number}" for number in range(2, 99)]
    return next(one for one in choices if (*block.labels[:-1], one) not in taken)


def _followed(block: Block, source: bytes, new: str) -> Iterator[Edit]:
    """Yield the edits of one file's own references."""
    kept, old = block.address.rsplit(".", 1)
    prefix = f"{kept}.".encode()
    for found in re.finditer(
        rb"(?<![\w.-])%s%s(?![\w-])" % (re.escape(prefix), re.escape(old.encode())), source
    ):
        yield Edit(block.file, found.start() + len(prefix), found.end(), new)
