"""A node pool of a Kubernetes cluster: more or fewer nodes. What runs inside the cluster is not touched from here."""

from collections.abc import Iterator

from pydantic import Field

from infraai.configuration import Block
from infraai.errors import ActionError
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.group import more
from infraai.operations.edits.kind import (
    BY_HAND,
    Kind,
    Parameters,
    difference,
    managed,
    number_of,
    only,
    usd_month,
    value_of,
)
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Option
from infraai.regions import find_region

POOL = "google_container_node_pool"
MOST_NODES = 1000
_MOST = ("max_node_count", "total_max_node_count")


class NodeParameters(Parameters):
    """How many nodes the pool has, in each of its zones."""

    node_count: int = Field(ge=1, le=MOST_NODES)


class MostNodesParameters(Parameters):
    """To how many nodes the pool may grow, in each of its zones."""

    max_node_count: int = Field(ge=1, le=MOST_NODES)


def _own_count(subject: Subject) -> int:
    if only(subject.block, "autoscaling"):
        raise ActionError(f"{subject.address} scales by itself.", next_step="Change max_node_count.")
    managed(subject, "node_count")
    count = number_of(subject, subject.block, "node_count")
    if not count:
        raise ActionError(
            f"The node count of {subject.address} is not written in the files.", next_step=BY_HAND
        )
    return count


def _most(subject: Subject) -> tuple[Block, str, int, int]:
    """Return the autoscaling block, the name of its limit, the least and the most nodes."""
    block = only(subject.block, "autoscaling")
    if block is None:
        raise ActionError(f"{subject.address} does not scale by itself.", next_step="Change node_count.")
    managed(subject, "autoscaling")
    for name in _MOST:
        most = number_of(subject, block, name)
        if most is not None:
            least = number_of(subject, block, name.replace("max", "min"), 0)
            return block, name, least or 0, most
    raise ActionError(f"The most nodes of {subject.address} are not written in the files.", next_step=BY_HAND)


def _price(subject: Subject, *, each_zone: bool = True) -> float | None:
    """Return what one more of the count costs: a regional pool has it in each of its zones."""
    config = only(subject.block, "node_config")
    try:
        machine = value_of(subject, config, "machine_type", "e2-medium") if config else "e2-medium"
    except ActionError:
        return None
    if config and (config.literal("spot") is True or config.literal("preemptible") is True):
        return None
    price, zones = usd_month("vm", str(machine), subject.region), _zones(subject) if each_zone else 1
    return None if price is None or zones is None else price * zones


def _zones(subject: Subject) -> int | None:
    """Return in how many zones the pool stands, None where that is not known."""
    own = subject.block.attribute("node_locations")
    if own is not None:
        return len(own.expression.items) or None
    location = str(subject.target.resource.metadata.get("location") or "") if subject.target else ""
    if not location:
        return None
    return 3 if find_region(location) is not None else 1


def _counted(subject: Subject, action: ActionType) -> Iterator[Option]:
    now = _own_count(subject)
    wanted = more(now) if action == "scale_up" else now - 1
    if wanted < 1:
        raise ActionError(f"{subject.address} has {now} already.")
    price = _price(subject)
    yield Option(
        action=action,
        parameters={"node_count": wanted},
        summary=f"nodes in each zone {now} → {wanted}",
        stops=wanted < now,
        cost_delta_usd_month=difference(price and price * now, price and price * wanted),
    )


def _ranged(subject: Subject, action: ActionType) -> Iterator[Option]:
    _, name, least, now = _most(subject)
    wanted = more(now) if action == "scale_up" else now - 1
    if wanted < max(least, 1):
        raise ActionError(f"{subject.address} may have {now} nodes and has at least {least}.")
    price = _price(subject, each_zone=name == "max_node_count")
    yield Option(
        action=action,
        parameters={"max_node_count": wanted},
        summary=f"most nodes of the pool {now} → {wanted} (the cost is that of using them all)",
        stops=wanted < now,
        cost_delta_usd_month=difference(price and price * now, price and price * wanted),
    )


def _check_direction(subject: Subject, now: int, wanted: int, action: ActionType) -> None:
    if not (wanted > now if action == "scale_up" else wanted < now):
        word = "more" if action == "scale_up" else "fewer"
        raise ActionError(
            f"{subject.address} has {now}: {wanted} is not {word}.", next_step=f"Name {word} than {now}."
        )


def _check_count(subject: Subject, given: NodeParameters, action: ActionType) -> None:
    _check_direction(subject, _own_count(subject), given.node_count, action)


def _check_most(subject: Subject, given: MostNodesParameters, action: ActionType) -> None:
    _, _, least, now = _most(subject)
    _check_direction(subject, now, given.max_node_count, action)
    if given.max_node_count < least:
        raise ActionError(
            f"{subject.address} keeps at least {least} nodes.", next_step=f"Name {least} or more."
        )


def _edit_count(subject: Subject, given: NodeParameters, draft: Draft) -> None:
    draft.give(subject, subject.block, "node_count", given.node_count)


def _edit_most(subject: Subject, given: MostNodesParameters, draft: Draft) -> None:
    block, name, _, _ = _most(subject)
    draft.give(subject, block, name, given.max_node_count)


def _kinds(action: ActionType) -> tuple[Kind, Kind]:
    return (
        Kind(
            action=action,
            types=(POOL,),
            parameters=NodeParameters,
            options=lambda subject: _counted(subject, action),
            check=lambda subject, given: _check_count(subject, given, action),
            edit=_edit_count,
        ),
        Kind(
            action=action,
            types=(POOL,),
            parameters=MostNodesParameters,
            options=lambda subject: _ranged(subject, action),
            check=lambda subject, given: _check_most(subject, given, action),
            edit=_edit_most,
        ),
    )


KINDS = (*_kinds("scale_up"), *_kinds("scale_down"))
