"""What a change costs: the rules that price a preview, on the configuration before the change and after it."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from infraai.configuration import Block, Expression
from infraai.operations.edits.known import Known, known
from infraai.operations.edits.subject import Subject
from infraai.pricing import Estate, Item, Priced, leaves_open, price_estate, weighs

_PLACES = ("zone", "region", "location")
_WRITTEN_ALONE = frozenset(
    {"lifecycle", "provisioner", "connection", "timeouts"}
)  # no arguments of the resource
# What a price hangs on: where the files do not tell one of these, the price of the change is not known.
_TELLING = frozenset(
    {
        "type", "disk_type", "size", "disk_size", "disk_size_gb", "machine_type", "tier", "edition",
        "availability_type", "provisioning_model", "preemptible", "spot", "node_locations", "node_count",
        "initial_node_count", "target_size", "min_replicas", "min_node_count", "total_min_node_count",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a change gives a resource; `path` leads through its blocks to the argument."""

    subject: Subject
    path: tuple[str, ...]
    value: object


def cost_delta(
    subject: Subject,
    *changes: Given,
    besides: Sequence[Subject] = (),
    aside: tuple[str, ...] = (),
    alone: bool = False,
) -> float | None:
    """Return by how much a preview's cost after the changes differs from that before, in USD a month.

    None where a price is not known. `besides` are resources that the cost hangs on too, and `aside` blocks and
    arguments that it does not hang on; `alone` says that no copy of the resource changes with it.
    """
    about = {one.address: one for one in (subject, *(given.subject for given in changes), *besides)}
    if any(not _told(one, aside) for one in about.values()):
        return None
    times = 1 if alone or not changes else _times(changes[0])
    before, after = (_priced(subject, given) for given in ((), changes))
    addresses = {one.block.address for one in about.values()}
    if times is None or _open(before, addresses) or _open(after, addresses):
        return None
    return round((after.usd_month - before.usd_month) * times, 2)


def _priced(subject: Subject, changes: Sequence[Given]) -> Priced:
    return price_estate(Estate(tuple(_items(subject, changes)), subject.region))


def _open(priced: Priced, addresses: set[str]) -> bool:
    return any(leaves_open(one) and one.partition(": ")[0] in addresses for one in priced.unpriced)


def _items(subject: Subject, changes: Sequence[Given]) -> Iterator[Item]:
    for block in subject.siblings:
        if not weighs(block.labels[0]):
            continue
        own = block.address == subject.block.address
        one = subject if own else subject.beside(block)
        values = _values(one, block)
        if own:
            values = {**_standing(subject), **values}
        for given in changes:
            if given.subject.block.address == block.address:
                values = _with(values, given.path, given.value)
        yield Item(block.address, block.labels[0], values, dict(_references(block)), _written(block))


def _standing(subject: Subject) -> dict[str, Any]:
    """Return where the resource stands, as it was recorded."""
    metadata = subject.target.resource.metadata if subject.target else {}
    return {name: metadata[name] for name in _PLACES if metadata.get(name)}


def _values(subject: Subject, block: Block) -> dict[str, Any]:
    """Return what the files tell of a block, as Terraform nests it; what they do not tell is left out."""
    found: dict[str, Any] = {}
    for attribute in block.attributes:
        value = _value(subject, block, attribute.expression)
        if value is not None:
            found[attribute.name] = value
    for inner in _blocks(block):
        found.setdefault(inner.type, []).append(_values(subject, inner))
    return found


def _value(subject: Subject, block: Block, expression: Expression) -> Any:
    what = known(expression, block.file, subject.scope)
    if isinstance(what, Known):
        return what.value
    if expression.kind == "list":
        return [one.literal if one.literal is not None else one.text for _, one in expression.items]
    return expression.literal


def _blocks(block: Block) -> Iterator[Block]:
    yield from (inner for inner in block.blocks if inner.type not in _WRITTEN_ALONE)


def _written(block: Block) -> dict[str, Any]:
    """Return which arguments are written, as Terraform's own account of a configuration nests them."""
    found: dict[str, Any] = {one.name: {} for one in block.attributes}
    for inner in _blocks(block):
        if not inner.generated:
            found.setdefault(inner.type, []).append(_written(inner))
    return found


def _references(block: Block) -> Iterator[tuple[str, tuple[str, ...]]]:
    for attribute in block.attributes:
        yield attribute.name, tuple(_addresses(attribute.expression))
    for inner in _blocks(block):
        yield inner.type, tuple(one for said in inner.expressions() for one in _addresses(said))


def _addresses(expression: Expression) -> Iterator[str]:
    yield from (".".join(one.split(".")[:2]) for one in expression.references)


def _with(values: Mapping[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """Return the values with one of them given, the blocks on the way to it made where they are not there."""
    changed = deepcopy(dict(values))
    here: dict[str, Any] = changed
    for name in path[:-1]:
        inner = here.setdefault(name, [{}])
        here = inner[0] if isinstance(inner, list) else inner
    here[path[-1]] = value
    return changed


def _told(subject: Subject, aside: tuple[str, ...]) -> bool:
    """Return whether the files tell all that the price of a resource hangs on."""
    return not any(name in _TELLING for name in _untold(subject, subject.block, aside))


def _untold(subject: Subject, block: Block, aside: tuple[str, ...]) -> Iterator[str]:
    for attribute in block.attributes:
        null = attribute.expression.text == "null"
        if attribute.name not in aside and not null and _value(subject, block, attribute.expression) is None:
            yield attribute.name
    for inner in _blocks(block):
        if inner.type not in aside:
            yield from _untold(subject, inner, aside)


def _times(given: Given) -> int | None:
    """Return how many resources a change of this value changes, None where that is not known."""
    expression = _place(given)
    if expression is not None:
        what = known(expression, given.subject.block.file, given.subject.scope)
        if isinstance(what, Known) and what.each:
            return 1
    times = _copies(given.subject, given.subject.block)
    for position, call in enumerate(given.subject.scope.calls):
        outer = given.subject
        for _ in range(len(given.subject.scope.calls) - position):
            outer = Subject(outer.address, outer.block, outer.scope.outer, outer.region)
        many = _copies(outer, call.block)
        times = None if times is None or many is None else times * many
    return times


def _place(given: Given) -> Expression | None:
    """Return the expression that stands where the value is given, None where there is none."""
    block = given.subject.block
    for name in given.path[:-1]:
        inner = block.of(name)
        if not inner:
            return None
        block = inner[0]
    found = block.attribute(given.path[-1])
    return found.expression if found else None


def _copies(subject: Subject, block: Block) -> int | None:
    """Return how many a block makes, None where that is not known."""
    if count := block.attribute("count"):
        what = known(count.expression, block.file, subject.scope)
        return what.value if isinstance(what, Known) and isinstance(what.value, int) else None
    if each := block.attribute("for_each"):
        return len(each.expression.items) or None
    return 1
