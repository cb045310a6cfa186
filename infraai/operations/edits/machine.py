"""A machine: another machine type, a restart, made anew."""

from collections.abc import Iterator

from pydantic import Field

from infraai.configuration import Block
from infraai.errors import ActionError
from infraai.machines import find_machine_type, near_machine_types
from infraai.operations.edits import sizes
from infraai.operations.edits.costs import Given, cost_delta
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.kind import (
    BY_HAND,
    Kind,
    Nothing,
    Parameters,
    by_api,
    managed,
    only,
    value_of,
)
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Option

VM = "google_compute_instance"
FROM_TEMPLATE = "google_compute_instance_from_template"


class MachineParameters(Parameters):
    """The machine type to change to."""

    machine_type: str = Field(min_length=1, max_length=63, description="such as e2-standard-2")


class ReplaceParameters(Parameters):
    """The addresses that Terraform is told to replace."""

    replace: tuple[str, ...] = Field(default=(), description="its own address; filled in")


def machine_type_of(subject: Subject, block: Block) -> str:
    """Return the machine type by the files; raise `ActionError` where it is not known."""
    found = value_of(subject, block, "machine_type")
    if not isinstance(found, str) or not found:
        raise ActionError(f"The machine type of {subject.address} is not known.", next_step=BY_HAND)
    return found.rsplit("/", 1)[-1]


def described(name: str) -> str:
    """Return a machine type with what it gives: e2-medium (2 vCPU, 4 GB)."""
    found = sizes.machine(name)
    return f"{name} ({found.vcpus} vCPU, {found.memory_gb:g} GB)" if found else name


def check_machine_type(wanted: str, now: str, address: str, action: ActionType) -> None:
    """Raise `ActionError` where there is no such machine type, or going there is not what the action says."""
    new, old = find_machine_type(wanted), find_machine_type(now)
    if new is None:
        near = ", ".join(near_machine_types(wanted)) or "e2-small, e2-medium, e2-standard-2"
        raise ActionError(f"There is no machine type {wanted!r}.", next_step=f"Near it are: {near}.")
    if misfit := sizes.misfit(now, wanted):
        raise ActionError(
            f"{address} cannot become {wanted}: {misfit}.", next_step="Choose one of its family."
        )
    if wanted == now:
        raise ActionError(f"{address} is {now} already.", next_step="Choose another machine type.")
    if not (old and old.vcpus and new.vcpus):
        return
    larger = new.vcpus >= old.vcpus and new.memory_gb >= old.memory_gb
    smaller = new.vcpus <= old.vcpus and new.memory_gb <= old.memory_gb
    if (action == "scale_up" and not larger) or (action == "scale_down" and not smaller):
        word = "larger" if action == "scale_up" else "smaller"
        raise ActionError(
            f"{described(wanted)} is not {word} than {described(now)}, which {address} is.",
            next_step=f"Name a {word} machine type.",
        )


def _resizable(subject: Subject) -> str:
    managed(subject, "machine_type")
    return machine_type_of(subject, subject.block)


def _scaled(subject: Subject, action: ActionType) -> Iterator[Option]:
    now = _resizable(subject)
    if action == "scale_up":
        candidates = [sizes.next_machine(now), sizes.more_memory(now)]
    else:
        candidates = [sizes.previous_machine(now)]
    found = [one for one in candidates if one]
    if not found:
        edge = "largest" if action == "scale_up" else "smallest"
        raise ActionError(
            f"{subject.address} is {now}, the {edge} of its family that is known.", next_step=BY_HAND
        )
    for wanted in dict.fromkeys(found):
        yield Option(
            action=action,
            parameters={"machine_type": wanted},
            summary=f"machine type {described(now)} → {described(wanted)}{_caveats(subject)}",
            stops=True,
            reversible=not subject.block.of("scratch_disk"),
            cost_delta_usd_month=cost_delta(
                subject, Given(subject, ("machine_type",), wanted), aside=("boot_disk",)
            ),
        )


def _caveats(subject: Subject) -> str:
    said = "; it stops for a minute or two"
    configs = [one for card in subject.block.of("network_interface") for one in card.of("access_config")]
    if any(one.attribute("nat_ip") is None for one in configs):
        said += " and may come back with another external address"
    if subject.block.of("scratch_disk"):
        said += "; what is on its local SSD is lost"
    return said


def _check_up(subject: Subject, given: MachineParameters) -> None:
    check_machine_type(given.machine_type, _resizable(subject), subject.address, "scale_up")


def _check_down(subject: Subject, given: MachineParameters) -> None:
    check_machine_type(given.machine_type, _resizable(subject), subject.address, "scale_down")


def _edit(subject: Subject, given: MachineParameters, draft: Draft) -> None:
    _resizable(subject)
    draft.give(subject, subject.block, "machine_type", given.machine_type)
    allowed = subject.block.attribute("allow_stopping_for_update")
    if allowed is None or allowed.expression.literal is False:
        draft.give(subject, subject.block, "allow_stopping_for_update", True)  # noqa: FBT003
        draft.notes.append(
            f"{subject.address} may be stopped for an update now: a machine type is changed no other way."
        )


def _restart(subject: Subject) -> Iterator[Option]:
    wanted = subject.block.literal("desired_status")
    if wanted in {"TERMINATED", "SUSPENDED"}:
        raise ActionError(f"{subject.address} is meant to be {str(wanted).lower()}.", next_step=BY_HAND)
    summary = "reset the machine (or start it, if it is stopped); what it is doing is cut off"
    yield Option(action="restart", method="api", summary=summary, stops=True, cost_delta_usd_month=0)


def _check_restart(subject: Subject, _: Nothing) -> None:
    list(_restart(subject))


def _recreate(subject: Subject) -> Iterator[Option]:
    block = subject.block
    if block.literal("deletion_protection") is True:
        raise ActionError(f"{subject.address} is protected from deletion.", next_step=BY_HAND)
    boot = only(block, "boot_disk")
    if boot and boot.literal("auto_delete") is False:
        raise ActionError(
            f"{subject.address} keeps its boot disk (auto_delete = false), whose name would be taken.",
            next_step=BY_HAND,
        )
    yield Option(
        action="recreate",
        parameters={"replace": [subject.address]},
        summary="destroy the machine and make it anew; its boot disk is lost, attached disks stay",
        reversible=False,
        stops=True,
        cost_delta_usd_month=0,
    )


def _check_recreate(subject: Subject, given: ReplaceParameters) -> None:
    list(_recreate(subject))
    if given.replace != (subject.address,):
        raise ActionError(
            f"Only {subject.address} can be replaced by this action.", next_step="Leave `replace` out."
        )


def _replace(subject: Subject, _: ReplaceParameters, draft: Draft) -> None:
    draft.replace.append(subject.address)


KINDS = (
    Kind(
        action="scale_up",
        types=(VM,),
        parameters=MachineParameters,
        options=lambda subject: _scaled(subject, "scale_up"),
        check=_check_up,
        edit=_edit,
    ),
    Kind(
        action="scale_down",
        types=(VM,),
        parameters=MachineParameters,
        options=lambda subject: _scaled(subject, "scale_down"),
        check=_check_down,
        edit=_edit,
    ),
    Kind(action="restart", types=(VM, FROM_TEMPLATE), options=_restart, check=_check_restart, method=by_api),
    Kind(
        action="recreate",
        types=(VM, FROM_TEMPLATE),
        parameters=ReplaceParameters,
        options=_recreate,
        complete=lambda subject, given: {"replace": [subject.address], **given},
        check=_check_recreate,
        edit=_replace,
    ),
)
