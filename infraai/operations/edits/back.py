"""Going back to older files: what lets Terraform change a machine at all is kept, or it could not go back."""

from infraai.blocks.hcl import Written
from infraai.configuration import Block, Configuration
from infraai.errors import ActionError
from infraai.models import Bundle
from infraai.operations.edits.draft import Draft, Edited
from infraai.operations.edits.group import TEMPLATES
from infraai.operations.edits.kind import only
from infraai.operations.edits.machine import VM
from infraai.operations.edits.subject import Scope, Subject


def going_back(earlier: Bundle, before: Configuration, standing: Configuration) -> Edited:
    """Return the earlier files, in which a machine may still be stopped and a template still be made anew first.

    Terraform reads both permissions from the files it goes to; `before` is what `earlier` says, `standing` what is
    in place now.
    """
    now = {(one.module_path, one.address): one for one in standing.resources}
    draft = Draft(earlier)
    for block in before.resources:
        there = now.get((block.module_path, block.address))
        if there is None or len(block.labels) != 2:  # noqa: PLR2004
            continue
        try:
            _keep(Subject(block.address, block, Scope(before), ""), there, draft)
        except ActionError:
            continue  # a permission that is reckoned is the files' own affair
    return draft.done()


def _keep(subject: Subject, there: Block, draft: Draft) -> None:
    block = subject.block
    if subject.type == VM and _allows(there, "allow_stopping_for_update"):
        if not _allows(block, "allow_stopping_for_update"):
            draft.give(subject, block, "allow_stopping_for_update", value=True)
            draft.notes.append(f"{subject.address} may still be stopped for an update.")
    elif subject.type in TEMPLATES and _allows(only(there, "lifecycle"), "create_before_destroy"):
        lifecycle = only(block, "lifecycle")
        if lifecycle is None:
            draft.insert(subject, block, Written("lifecycle", attributes={"create_before_destroy": True}))
        elif not _allows(lifecycle, "create_before_destroy"):
            draft.give(subject, lifecycle, "create_before_destroy", value=True)
        else:
            return
        draft.notes.append(f"{subject.address} is still made anew before the old one goes.")


def _allows(block: Block | None, name: str) -> bool:
    return block is not None and block.literal(name) is True
