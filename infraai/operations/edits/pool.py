"""A node pool of a Kubernetes cluster: more or fewer nodes. What runs inside the cluster is not touched from here."""

from collections.abc import Iterator

from pydantic import Field

from infraai.configuration import Block
from infraai.errors import ActionError
from infraai.operations.edits.costs import Given, cost_delta
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.group import more, when_used
from infraai.operations.edits.kind import (
    BY_HAND,
    Kind,
    Parameters,
    managed,
    number_of,
    only,
)
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Option

POOL = "google_container_node_pool"
MOST_NODES = 1000
_MOST = ("max_node_count", "total_max_node_count")


class NodeParameters(Parameters):
    """How many nodes the pool has, in each of its zones."""

    node_count: int = Field(ge=1, le=MOST_NODES, description="nodes in each zone")


class MostNodesParameters(Parameters):
    """To how many nodes the pool may grow, in each of its zones."""

    max_node_count: int = Field(ge=1, le=MOST_NODES, description="the most nodes it may grow to")


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


def _delta(subject: Subject, path: tuple[str, ...], wanted: int) -> float | None:
    return cost_delta(subject, Given(subject, path, wanted)) if _located(subject) else None


def _located(subject: Subject) -> bool:
    """Return whether it is known where the pool stands, and so in how many zones."""
    if subject.target is not None and subject.target.resource.metadata.get("location"):
        return True
    return any(subject.block.attribute(name) for name in ("node_locations", "location"))


def _counted(subject: Subject, action: ActionType) -> Iterator[Option]:
    now = _own_count(subject)
    wanted = more(now) if action == "scale_up" else now - 1
    if wanted < 1:
        raise ActionError(f"{subject.address} has {now} already.")
    yield Option(
        action=action,
        parameters={"node_count": wanted},
        summary=f"nodes in each zone {now} → {wanted}",
        stops=wanted < now,
        cost_delta_usd_month=_delta(subject, ("node_count",), wanted),
    )


def _ranged(subject: Subject, action: ActionType) -> Iterator[Option]:
    _, name, least, now = _most(subject)
    wanted = more(now) if action == "scale_up" else now - 1
    if wanted < max(least, 1):
        raise ActionError(f"{subject.address} may have {now} nodes and has at least {least}.")
    used = [_delta(subject, ("autoscaling", name.replace("max", "min")), one) for one in (now, wanted)]
    yield Option(
        action=action,
        parameters={"max_node_count": wanted},
        summary=f"most nodes of the pool {now} → {wanted}{when_used(*used)}",
        stops=wanted < now,
        cost_delta_usd_month=_delta(subject, ("autoscaling", name), wanted),
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
