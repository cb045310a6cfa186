"""A managed group: more or fewer machines, one of them made anew."""

import math
import re
from collections.abc import Iterator

from pydantic import Field

from infraai.configuration import Block
from infraai.errors import ActionError
from infraai.operations.edits.costs import Given, cost_delta
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.kind import (
    BY_HAND,
    Kind,
    Parameters,
    by_api,
    difference,
    managed,
    number_of,
    only,
    refers,
    value_of,
)
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Option

GROUP = "google_compute_instance_group_manager"
REGIONAL = "google_compute_region_instance_group_manager"
GROUPS = (GROUP, REGIONAL)
TEMPLATES = ("google_compute_instance_template", "google_compute_region_instance_template")
SCALERS = ("google_compute_autoscaler", "google_compute_region_autoscaler")
MOST_MACHINES = 1000
_STEP = 0.25


class SizeParameters(Parameters):
    """How many machines the group has."""

    target_size: int = Field(ge=1, le=MOST_MACHINES, description="machines in the group")


class MostParameters(Parameters):
    """To how many machines the autoscaler may go."""

    max_replicas: int = Field(
        ge=1, le=MOST_MACHINES, description="the most machines the autoscaler may start"
    )


class MemberParameters(Parameters):
    """The machine of the group that is made anew."""

    member: str = Field(
        pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", description="the name of the machine in the group"
    )


def more(count: int) -> int:
    """Return the next size up: a quarter more, at least one."""
    return min(count + max(1, math.ceil(count * _STEP)), MOST_MACHINES)


def scaler_of(subject: Subject) -> Subject | None:
    """Return the autoscaler that decides the group's size, or None."""
    for block in subject.siblings:
        named = (block.attribute("target"), block.attribute("for_each"))
        if block.labels[0] in SCALERS and any(
            refers(one.expression if one else None, subject.block.address) for one in named
        ):
            policy = only(block, "autoscaling_policy")
            if policy is not None and policy.literal("mode") != "OFF":
                return subject.beside(block)
    return None


def template_of(subject: Subject) -> Subject | None:
    """Return the instance template that the group's newest version has, or None."""
    versions = [*subject.block.of("version"), subject.block]
    for version in versions:
        named = version.attribute("instance_template")
        for block in subject.siblings:
            if block.labels[0] in TEMPLATES and refers(named.expression if named else None, block.address):
                return subject.beside(block)
    return None


def _size_delta(subject: Subject, wanted: int) -> float | None:
    template = template_of(subject)
    if template is None:
        return None
    return cost_delta(subject, Given(subject, ("target_size",), wanted), besides=(template,))


def _most_deltas(subject: Subject, now: int, wanted: int) -> tuple[float | None, str]:
    """Return what another limit costs by itself, nothing, and in words what using all of it does."""
    scaler, template = scaler_of(subject), template_of(subject)
    if scaler is None or template is None:
        return None, ""
    least, most = (("autoscaling_policy", f"{name}_replicas") for name in ("min", "max"))
    delta = cost_delta(subject, Given(scaler, most, wanted), besides=(template,))
    used = [cost_delta(subject, Given(scaler, least, one), besides=(template,)) for one in (now, wanted)]
    return delta, when_used(*used)


def when_used(before: float | None, after: float | None) -> str:
    """Return in words how much more or less a limit costs where all of it is used."""
    change = difference(before, after)
    if change is None:
        return ""
    return f" ({'+' if change >= 0 else '-'}${abs(change):,.2f} a month where all of them run)"


def _own_size(subject: Subject) -> int:
    """Return the group's size; raise `ActionError` where something else decides it."""
    if scaler := scaler_of(subject):
        raise ActionError(
            f"{scaler.address} decides how many machines {subject.address} has.",
            next_step="Change max_replicas.",
        )
    managed(subject, "target_size")
    size = number_of(subject, subject.block, "target_size")
    if not size:
        raise ActionError(f"The size of {subject.address} is not written in the files.", next_step=BY_HAND)
    return size


def _most(subject: Subject) -> tuple[Subject, Block, int, int]:
    """Return the autoscaler, its policy, and the least and the most machines it may have."""
    scaler = scaler_of(subject)
    policy = only(scaler.block, "autoscaling_policy") if scaler else None
    if scaler is None or policy is None:
        raise ActionError(f"{subject.address} has no autoscaler.", next_step="Change target_size.")
    managed(scaler, "autoscaling_policy.max_replicas")
    least, most = (number_of(scaler, policy, name) for name in ("min_replicas", "max_replicas"))
    if most is None:
        raise ActionError(f"max_replicas of {scaler.address} is not written in the files.", next_step=BY_HAND)
    return scaler, policy, least or 0, most


def _sized(subject: Subject, action: ActionType) -> Iterator[Option]:
    now = _own_size(subject)
    wanted = more(now) if action == "scale_up" else now - 1
    if wanted < 1 or wanted == now:
        raise ActionError(f"{subject.address} has {now} already.")
    yield Option(
        action=action,
        parameters={"target_size": wanted},
        summary=f"machines in the group {now} → {wanted}",
        stops=wanted < now,
        cost_delta_usd_month=_size_delta(subject, wanted),
    )


def _ranged(subject: Subject, action: ActionType) -> Iterator[Option]:
    _, _, least, now = _most(subject)
    wanted = more(now) if action == "scale_up" else now - 1
    if wanted < max(least, 1) or wanted == now:
        raise ActionError(f"{subject.address} may have {now} machines and has at least {least}.")
    delta, used = _most_deltas(subject, now, wanted)
    yield Option(
        action=action,
        parameters={"max_replicas": wanted},
        summary=f"most machines the autoscaler may start {now} → {wanted}{used}",
        stops=wanted < now,
        cost_delta_usd_month=delta,
    )


def _check_size(subject: Subject, given: SizeParameters, action: ActionType) -> None:
    _check_direction(_own_size(subject), given.target_size, subject.address, action)


def _check_most(subject: Subject, given: MostParameters, action: ActionType) -> None:
    scaler, _, least, now = _most(subject)
    _check_direction(now, given.max_replicas, scaler.address, action)
    if given.max_replicas < least:
        raise ActionError(
            f"{scaler.address} keeps at least {least} machines: at most {given.max_replicas} is less.",
            next_step=f"Name {least} or more.",
        )


def _check_direction(now: int, wanted: int, address: str, action: ActionType) -> None:
    fits = wanted > now if action == "scale_up" else wanted < now
    if not fits:
        word = "more" if action == "scale_up" else "fewer"
        raise ActionError(
            f"{address} has {now}: {wanted} is not {word}.", next_step=f"Name {word} than {now}."
        )


def _edit_size(subject: Subject, given: SizeParameters, draft: Draft) -> None:
    draft.give(subject, subject.block, "target_size", given.target_size)


def _edit_most(subject: Subject, given: MostParameters, draft: Draft) -> None:
    scaler, policy, _, _ = _most(subject)
    draft.give(scaler, policy, "max_replicas", given.max_replicas)


def _restart(subject: Subject) -> Iterator[Option]:
    member = subject.target.member if subject.target else ""
    if not member:
        raise ActionError(
            f"No machine of {subject.address} was named.",
            next_step="Name it (member=NAME), or redeploy them all.",
        )
    yield Option(
        action="restart",
        parameters={"member": member},
        method="api",
        summary=f"make {member} anew from the group's template; what is on its boot disk is lost",
        stops=True,
        cost_delta_usd_month=0,
    )


def _check_member(subject: Subject, given: MemberParameters) -> None:
    try:
        base = value_of(subject, subject.block, "base_instance_name", "")
    except ActionError:
        return  # its name is reckoned: the group itself knows its machines
    if not re.fullmatch(rf"{re.escape(str(base).rstrip('#'))}-?[a-z0-9]+", given.member):
        raise ActionError(
            f"{given.member} is no machine of {subject.address}, whose machines are named {base}-….",
            next_step="See: infraai deployments show.",
        )


def _scaling(action: ActionType) -> tuple[Kind, Kind]:
    return (
        Kind(
            action=action,
            types=GROUPS,
            parameters=SizeParameters,
            options=lambda subject: _sized(subject, action),
            check=lambda subject, given: _check_size(subject, given, action),
            edit=_edit_size,
        ),
        Kind(
            action=action,
            types=GROUPS,
            parameters=MostParameters,
            options=lambda subject: _ranged(subject, action),
            check=lambda subject, given: _check_most(subject, given, action),
            edit=_edit_most,
        ),
    )


KINDS = (
    *_scaling("scale_up"),
    *_scaling("scale_down"),
    Kind(
        action="restart",
        types=GROUPS,
        parameters=MemberParameters,
        options=_restart,
        check=_check_member,
        method=by_api,
    ),
)
