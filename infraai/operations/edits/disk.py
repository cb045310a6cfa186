"""Disks: a larger one.

A disk of its own grows in place by Terraform. A boot disk's size is ForceNew in the provider, so it grows by the API,
and the files follow; https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_instance.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from infraai.blocks.hcl import Written
from infraai.configuration import Block
from infraai.errors import ActionError
from infraai.images import image_gb
from infraai.operations.edits.costs import Given, cost_delta
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.kind import (
    BY_HAND,
    Kind,
    Parameters,
    managed,
    number_of,
    only,
    refers,
    said_of,
    value_of,
)
from infraai.operations.edits.known import Unknown, known
from infraai.operations.edits.machine import VM
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import Method, Option

DISK = "google_compute_disk"
REGIONAL_DISK = "google_compute_region_disk"
GROWTH = 1.5
MOST_GB = 65_536
_NOTE = "the file system follows at the next boot, or by growing it by hand"


class DiskParameters(Parameters):
    """The disk's new size; `disk` names it, by Terraform address, or by its name where it is the boot disk."""

    size_gb: int = Field(ge=1, le=MOST_GB, description="the new size in GB; a disk only grows")
    disk: str = Field(default="", max_length=200, description="which of its disks, by address or name")
    boot: bool = Field(default=False, description="true for the boot disk")


def grown(size_gb: int) -> int:
    """Return the next size of a disk, half as much again; raise `ActionError` where there is none."""
    if size_gb >= MOST_GB:
        raise ActionError(f"A disk of {size_gb} GB cannot grow.", next_step="Add another disk.")
    return min(math.ceil(size_gb * GROWTH), MOST_GB)


def attached(subject: Subject) -> list[Subject]:
    """Return the disks of their own that a machine has, its boot disk among them if it is one."""
    machine, found = subject.block, list[Subject]()
    for block in subject.siblings:
        if block.labels[0] in {DISK, REGIONAL_DISK} and _attaches(subject, machine, block):
            found.append(subject.beside(block))
    return found


def _attaches(subject: Subject, machine: Block, disk: Block) -> bool:
    sources = [one.attribute("source") for kind in ("attached_disk", "boot_disk") for one in machine.of(kind)]
    if any(refers(one.expression if one else None, disk.address) for one in sources):
        return True
    for one in subject.siblings:
        if one.labels[0] == "google_compute_attached_disk":
            to, what = one.attribute("instance"), one.attribute("disk")
            if refers(to.expression if to else None, machine.address) and refers(
                what.expression if what else None, disk.address
            ):
                return True
    return False


def _disk_option(disk: Subject, *, named: bool) -> Option:
    managed(disk, "size")
    size = _size(disk)
    after = grown(size)
    return Option(
        action="resize_disk",
        parameters={"size_gb": after} | ({"disk": disk.address} if named else {}),
        summary=f"disk {disk.address} {size} GB → {after} GB, in place; {_NOTE}; it cannot be made smaller again",
        reversible=False,
        cost_delta_usd_month=cost_delta(disk, Given(disk, ("size",), after)),
    )


def _size(disk: Subject) -> int:
    size = number_of(disk, disk.block, "size")
    if not size:
        raise ActionError(f"The size of {disk.address} is not written in the files.", next_step=BY_HAND)
    return size


def _disk(subject: Subject) -> Iterator[Option]:
    yield _disk_option(subject, named=False)


def _machine_disks(subject: Subject) -> Iterator[Option]:
    for disk in attached(subject):
        yield _disk_option(disk, named=True)


def _boot(subject: Subject) -> Iterator[Option]:
    size, name = _boot_size(subject), _boot_name(subject)
    after = grown(size)
    yield Option(
        action="resize_disk",
        parameters={"disk": name, "size_gb": after, "boot": True},
        method="api",
        summary=f"boot disk {name} {size} GB → {after} GB, while it runs; {_NOTE}; it cannot be made smaller again",
        reversible=False,
        cost_delta_usd_month=cost_delta(
            subject, Given(subject, ("boot_disk", "initialize_params", "size"), after), alone=True
        ),
    )


def _boot_size(subject: Subject) -> int:
    """Return the boot disk's size in GB, by the files or as the public image has it."""
    boot = only(subject.block, "boot_disk")
    if boot is None or boot.attribute("source"):
        raise ActionError(f"The boot disk of {subject.address} is a disk of its own.", next_step=BY_HAND)
    managed(subject, "boot_disk.initialize_params.size")
    _check_alone(subject)
    params = only(boot, "initialize_params")
    size = number_of(subject, params, "size") if params else None
    if size:
        return size
    found = image_gb(said_of(subject, params, "image", "")) if params else None
    if found:
        return found
    raise ActionError(f"The size of the boot disk of {subject.address} is not known.", next_step=BY_HAND)


def _check_alone(subject: Subject) -> None:
    """Raise `ActionError` where the size in the files is that of other machines too, which would be made anew."""
    boot = only(subject.block, "boot_disk", "initialize_params")
    size = boot.attribute("size") if boot else None
    if size is None or boot is None or not subject.shared:
        return
    what = known(size.expression, boot.file, subject.scope)
    if isinstance(what, Unknown) or not what.each:
        raise ActionError(
            f"The boot disk of {subject.address} has the size of its copies' disks, which are made anew if it changes.",
            next_step=BY_HAND,
        )


def _boot_name(subject: Subject) -> str:
    if subject.copied and subject.scope.key is None:
        raise ActionError(
            f"{subject.address} is several machines.", next_step="Name one of them, by its index."
        )
    return (
        subject.target.resource.name if subject.target else str(value_of(subject, subject.block, "name", ""))
    )


def _chosen(subject: Subject, given: DiskParameters) -> Subject:
    """Return the machine's own disk that is meant; raise `ActionError` where that is not certain."""
    found = attached(subject)
    named = [one for one in found if given.disk in {one.address, one.block.literal("name")}]
    if len(named) == 1 or (len(found) == 1 and not given.disk):
        return (named or found)[0]
    known = ", ".join(one.address for one in found) or "none but its boot disk"
    raise ActionError(
        f"{subject.address} has no disk {given.disk or '(none was named)'} that Terraform could grow.",
        next_step=f"Its disks are: {known}; boot=true is the boot disk.",
    )


def _check_larger(now: int, given: DiskParameters, what: str) -> None:
    if given.size_gb <= now:
        raise ActionError(
            f"{what} has {now} GB: it cannot become {given.size_gb} GB, disks only grow.",
            next_step=f"Name a size above {now}.",
        )


def _check_machine(subject: Subject, given: DiskParameters) -> None:
    if given.boot:
        _check_larger(_boot_size(subject), given, f"The boot disk of {subject.address}")
        if given.disk not in {"", _boot_name(subject)}:
            raise ActionError(
                f"The boot disk of {subject.address} is {_boot_name(subject)}, not {given.disk}."
            )
        return
    disk = _chosen(subject, given)
    managed(disk, "size")
    _check_larger(_size(disk), given, disk.address)


def _check_disk(subject: Subject, given: DiskParameters) -> None:
    if given.boot or given.disk not in {"", subject.address}:
        raise ActionError(
            f"The action is about {subject.address} and no other disk.", next_step="Leave `disk` out."
        )
    managed(subject, "size")
    _check_larger(_size(subject), given, subject.address)


def _edit_machine(subject: Subject, given: DiskParameters, draft: Draft) -> None:
    if not given.boot:
        disk = _chosen(subject, given)
        draft.give(disk, disk.block, "size", given.size_gb)
        return
    boot = only(subject.block, "boot_disk")
    params = only(boot, "initialize_params") if boot else None
    if subject.shared and (params is None or params.attribute("size") is None):
        return  # what stands in the files for all of them says nothing of the size
    if params:
        draft.give(subject, params, "size", given.size_gb)
    elif boot:
        draft.insert(subject, boot, Written("initialize_params", attributes={"size": given.size_gb}))


def _edit_disk(subject: Subject, given: DiskParameters, draft: Draft) -> None:
    draft.give(subject, subject.block, "size", given.size_gb)


def _both(subject: Subject) -> Iterator[Option]:
    """Return the options of the machine's own disks, and of its boot disk."""
    refused: list[ActionError] = []
    found: list[Option] = []
    for options in (_machine_disks, _boot):
        try:
            found += options(subject)
        except ActionError as error:
            refused.append(error)
    if not found and refused:
        raise refused[0]
    yield from found


def _complete(subject: Subject, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters with the disk that is meant, and the next size where none is said."""
    offered = [one.parameters for one in _both(subject)]
    wanted = [one for one in offered if _meant(subject, one, given)]
    if len(wanted) != 1:
        known = ", ".join(f"disk={one['disk']}" for one in offered)
        raise ActionError(
            f"Which disk of {subject.address} is meant is not certain.", next_step=f"Say: {known}."
        )
    return {**wanted[0], **given, "disk": wanted[0]["disk"]}


def _meant(subject: Subject, offered: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    boot = offered.get("boot", False)
    if str(given.get("boot", boot)).lower() != str(boot).lower():
        return False
    names = {offered["disk"]}
    if not boot:
        names |= {
            str(one.block.literal("name")) for one in attached(subject) if one.address == offered["disk"]
        }
    named = given.get("disk")
    return not named or (isinstance(named, str) and named in names)


def _method(given: DiskParameters) -> Method:
    return "api" if given.boot else "terraform"


KINDS = (
    Kind(
        action="resize_disk",
        types=(DISK, REGIONAL_DISK),
        parameters=DiskParameters,
        options=_disk,
        check=_check_disk,
        edit=_edit_disk,
    ),
    Kind(
        action="resize_disk",
        types=(VM,),
        parameters=DiskParameters,
        options=_both,
        complete=_complete,
        check=_check_machine,
        edit=_edit_machine,
        method=_method,
    ),
)
