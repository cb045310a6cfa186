"""A Cloud Run service, and a new revision of it.

Source: https://cloud.google.com/run/docs/managing/revisions.
"""

import re
from collections.abc import Iterator

from infraai.blocks.hcl import Written
from infraai.configuration import Block, Expression
from infraai.errors import ActionError
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.kind import BY_HAND, Kind, Nothing, managed, only, value_at, value_of
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Option

V2 = "google_cloud_run_v2_service"
V1 = "google_cloud_run_service"
RUN = (V2, V1)
_MARK = "infraai-redeploy"


def template_block(subject: Subject) -> Block:
    """Return what revisions are made from; raise `ActionError` where it is not written out."""
    template = only(subject.block, "template")
    if template is None:
        raise ActionError(f"The template of {subject.address} is not written out.", next_step=BY_HAND)
    return template


def serving_container(subject: Subject) -> Block:
    """Return the container that takes the requests: the only one, or the one with a port."""
    template = template_block(subject)
    holder = template if subject.type == V2 else only(template, "spec")
    found = holder.of("containers") if holder else ()
    serving = [one for one in found if one.of("ports")] if len(found) > 1 else list(found)
    if len(serving) != 1 or serving[0].generated:
        raise ActionError(f"Which container of {subject.address} serves is not certain.", next_step=BY_HAND)
    return serving[0]


def _annotations(subject: Subject) -> Block:
    """Return the block that has the revision's annotations."""
    template = template_block(subject)
    if subject.type == V2:
        return template
    metadata = only(template, "metadata")
    if metadata is None:
        raise ActionError(f"{subject.address} has no metadata block in its template.", next_step=BY_HAND)
    return metadata


def annotation(subject: Subject, name: str) -> Expression | None:
    """Return the value of a revision's annotation, or None."""
    if subject.type == V1 and not template_block(subject).of("metadata"):
        return None
    found = _annotations(subject).attribute("annotations")
    return found.expression.item(name) if found else None


def annotate(subject: Subject, name: str, value: str, draft: Draft) -> None:
    """Give the next revisions an annotation."""
    if subject.type == V1 and not template_block(subject).of("metadata"):
        made = Written("metadata", attributes={"annotations": {name: value}})
        draft.insert(subject, template_block(subject), made)
    else:
        draft.set_item(subject, _annotations(subject), "annotations", name, value)
    new_name(subject, draft)


def new_name(subject: Subject, draft: Draft) -> None:
    """Give a revision that is named by hand a new name, since a name is used once."""
    block, name = template_block(subject), "revision"
    if subject.type == V1:
        metadata = only(block, "metadata")
        if metadata is None or subject.block.literal("autogenerate_revision_name") is True:
            return
        block, name = metadata, "name"
    old = value_of(subject, block, name)
    if old is None:
        return
    counted = re.search(r"-r(\d+)$", str(old))
    head = str(old)[: counted.start()] if counted else str(old)
    draft.give(subject, block, name, f"{head}-r{int(counted[1]) + 1 if counted else 2}")


def _renewable(subject: Subject) -> None:
    """Raise `ActionError` where a new revision would not come about, or would get no requests."""
    path = "template.annotations" if subject.type == V2 else "template.metadata.annotations"
    managed(subject, path)
    value_of(subject, template_block(subject), "revision")
    for traffic in subject.block.of("traffic"):
        pinned = traffic.attribute("revision") or traffic.attribute("revision_name")
        if pinned is not None and traffic.literal("percent") != 0:
            raise ActionError(
                f"The traffic of {subject.address} is fixed to a revision: a new one would get none.",
                next_step=BY_HAND,
            )


def _redeployed(subject: Subject, action: ActionType) -> Iterator[Option]:
    _renewable(subject)
    word = (
        "its instances are replaced by new ones" if action == "restart" else "of the same image, pulled anew"
    )
    yield Option(
        action=action,
        summary=f"a new revision, {word}; requests move over when it is ready",
        cost_delta_usd_month=0,
    )


def _check_redeploy(subject: Subject, _: Nothing) -> None:
    _renewable(subject)


def _edit_redeploy(subject: Subject, _: Nothing, draft: Draft) -> None:
    item = annotation(subject, _MARK)
    old = str(value_at(subject, subject.block, item, _MARK)) if item else "0"
    annotate(subject, _MARK, str(int(old) + 1 if old.isdecimal() else 1), draft)


def _renewal(action: ActionType) -> Kind:
    return Kind(
        action=action,
        types=RUN,
        options=lambda subject: _redeployed(subject, action),
        check=_check_redeploy,
        edit=_edit_redeploy,
    )


KINDS = (_renewal("restart"), _renewal("redeploy"))
