"""The machine type of a managed group, which stands in its instance template.

A template is immutable: Terraform makes a new one before the old one goes, which needs `create_before_destroy` and a
name that is made up; https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_instance_template.
"""

from collections.abc import Iterator

from infraai.blocks.hcl import Written
from infraai.editing import rename_edit
from infraai.errors import ActionError
from infraai.operations.edits import sizes
from infraai.operations.edits.costs import Given, cost_delta
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.group import GROUPS, template_of
from infraai.operations.edits.kind import (
    BY_HAND,
    Kind,
    managed,
    only,
    value_of,
)
from infraai.operations.edits.machine import (
    MachineParameters,
    check_machine_type,
    described,
    machine_type_of,
)
from infraai.operations.edits.rolling import make_rolling, rolling_versions, takes_away
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Option

_LONGEST_PREFIX = 37


def _template(subject: Subject) -> Subject:
    template = template_of(subject)
    if template is None:
        raise ActionError(
            f"The instance template of {subject.address} is not among the files.", next_step=BY_HAND
        )
    managed(template, "machine_type")
    managed(subject, "version.instance_template")
    rolling_versions(subject)
    if template.block.attribute("name"):
        value_of(template, template.block, "name")
        if template.block.file.endswith(".json"):
            raise ActionError(f"{template.address} has a fixed name: a new one cannot stand beside it.")
    return template


def _sized(subject: Subject, action: ActionType) -> Iterator[Option]:
    template = _template(subject)
    now = machine_type_of(template, template.block)
    candidates = (
        [sizes.next_machine(now), sizes.more_memory(now)]
        if action == "scale_up"
        else [sizes.previous_machine(now)]
    )
    for wanted in dict.fromkeys(one for one in candidates if one):
        yield Option(
            action=action,
            parameters={"machine_type": wanted},
            summary=f"machine type {described(now)} → {described(wanted)}; the machines are replaced in turn",
            stops=takes_away(subject),
            cost_delta_usd_month=cost_delta(subject, Given(template, ("machine_type",), wanted)),
        )


def _check(subject: Subject, given: MachineParameters, action: ActionType) -> None:
    template = _template(subject)
    check_machine_type(given.machine_type, machine_type_of(template, template.block), subject.address, action)


def _edit(subject: Subject, given: MachineParameters, draft: Draft) -> None:
    template = _template(subject)
    block = template.block
    draft.give(template, block, "machine_type", given.machine_type)
    make_rolling(subject, draft)
    lifecycle = only(block, "lifecycle")
    if lifecycle is None:
        draft.insert(template, block, Written("lifecycle", attributes={"create_before_destroy": True}))
    elif lifecycle.literal("create_before_destroy") is not True:
        draft.give(template, lifecycle, "create_before_destroy", True)  # noqa: FBT003
    name = block.attribute("name")
    if name is None:
        return
    prefix = f"{str(value_of(template, block, 'name'))[: _LONGEST_PREFIX - 1]}-"
    text = draft.bundle.files[block.file]
    draft.change(block.file, rename_edit(text, name, "name_prefix"))
    draft.give(template, block, "name", prefix)
    draft.notes.append(
        f"{template.address} has a name_prefix now: a new one has to stand beside the old one."
    )


def _kind(action: ActionType) -> Kind:
    return Kind(
        action=action,
        types=GROUPS,
        parameters=MachineParameters,
        options=lambda subject: _sized(subject, action),
        check=lambda subject, given: _check(subject, given, action),
        edit=_edit,
    )


KINDS = (_kind("scale_up"), _kind("scale_down"))
