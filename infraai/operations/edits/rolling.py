"""A managed group whose machines are all replaced, in turn.

It is what `gcloud compute instance-groups managed rolling-action replace` does: a new name for the version, under a
proactive update policy; https://cloud.google.com/compute/docs/instance-groups/updating-migs.
"""

import re
from collections.abc import Iterator

from infraai.blocks.hcl import Written
from infraai.configuration import Block
from infraai.errors import ActionError
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.group import GROUPS, REGIONAL
from infraai.operations.edits.kind import BY_HAND, Kind, Nothing, managed, only, value_of
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import Option

_ZONES_OF_A_REGION = 3
_MARK = "infraai-redeploy-"
_STATEFUL = ("stateful_disk", "stateful_internal_ip", "stateful_external_ip")


def _redeploy(subject: Subject) -> Iterator[Option]:
    rolling_versions(subject)
    yield Option(
        action="redeploy",
        summary="replace the machines one after the other by new ones from the group's template",
        stops=takes_away(subject),
        cost_delta_usd_month=0,
    )


def rolling_versions(subject: Subject) -> list[Block]:
    """Return the group's versions; raise `ActionError` where a rolling replacement is not safe or not possible."""
    managed(subject, "version.name")
    managed(subject, "update_policy.type")
    if any(subject.block.of(name) for name in _STATEFUL):
        raise ActionError(
            f"{subject.address} keeps state on its machines.", next_step="Restart one machine instead."
        )
    versions = subject.block.of("version")
    if not versions or any(one.generated for one in versions):
        raise ActionError(f"The versions of {subject.address} are not written out.", next_step=BY_HAND)
    for version in versions:
        value_of(subject, version, "name")
    return list(versions)


def takes_away(subject: Subject) -> bool:
    """Return whether the group's own policy takes machines away before there are new ones."""
    policy = only(subject.block, "update_policy")
    if policy is None:
        return False
    surge = [policy.attribute(name) for name in ("max_surge_fixed", "max_surge_percent")]
    return all(one is None or one.expression.literal == 0 for one in surge)


def _check_redeploy(subject: Subject, _: Nothing) -> None:
    list(_redeploy(subject))


def _edit_redeploy(subject: Subject, _: Nothing, draft: Draft) -> None:
    versions = rolling_versions(subject)
    for version in versions:
        draft.give(subject, version, "name", _next_mark(value_of(subject, version, "name"), versions))
    make_rolling(subject, draft, "REPLACE")


def make_rolling(subject: Subject, draft: Draft, action: str = "") -> None:
    """Make the group replace its machines by itself when its version changes, by this minimal action if one is said."""
    policy = only(subject.block, "update_policy")
    if policy is None:
        draft.insert(subject, subject.block, _rolling(subject))
        draft.notes.append(f"{subject.address} replaces its machines by itself now when its version changes.")
        return
    if value_of(subject, policy, "type") != "PROACTIVE":
        draft.give(subject, policy, "type", "PROACTIVE")
        draft.notes.append(f"{subject.address} replaces its machines by itself now when its version changes.")
    if action and value_of(subject, policy, "minimal_action") != action:
        draft.give(subject, policy, "minimal_action", action)


def _next_mark(name: object, versions: list[Block]) -> str:
    """Return a name of a version that it did not have before."""
    old = str(name or "")
    marked = re.search(rf"{_MARK}(\d+)$", old)
    count = int(marked[1]) + 1 if marked else 1
    head = old[: marked.start()] if marked else f"{old}-" if old and len(versions) > 1 else ""
    return f"{head}{_MARK}{count}"


def _rolling(subject: Subject) -> Written:
    surge = _ZONES_OF_A_REGION if subject.type == REGIONAL else 1
    zones = subject.block.attribute("distribution_policy_zones")
    if subject.type == REGIONAL and zones and zones.expression.items:
        surge = len(zones.expression.items)
    return Written(
        "update_policy",
        attributes={
            "type": "PROACTIVE",
            "minimal_action": "REPLACE",
            "max_surge_fixed": surge,
            "max_unavailable_fixed": 0,
        },
    )


KINDS = (
    Kind(action="redeploy", types=GROUPS, options=_redeploy, check=_check_redeploy, edit=_edit_redeploy),
)
