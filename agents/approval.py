"""Approval: the run waits for a person.

The card has the shape that inbox pages draw (`action_requests`, `review_configs`); both of their answer forms
are accepted: `{"decisions": [{"type": "approve"}]}` and the older `[{"type": "accept", "args": …}]`.
"""

from collections.abc import Mapping
from typing import Any

from langgraph.types import interrupt

from agents.operate.showing import card_of, incident_facts
from infraai.errors import InputError
from infraai.models import Answer, Bundle
from infraai.state import Decided, Update

APPROVE = frozenset({"approve", "accept"})
REJECT = frozenset({"reject", "ignore"})


async def ask_approval(state: Decided) -> Update:
    """Reads `preview` and `verdict`; writes `answer`.

    The node runs again from its first line on resume, so nothing may happen before `interrupt`.
    """
    return {"answer": parse_answer(interrupt(approval_card(state)), state["approval_id"])}


def approval_card(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the person decides on: the preview, and in an incident the alert and the decision too."""
    preview, verdict = state["preview"], state["verdict"]
    plan = state.get("plan")
    arguments: dict[str, Any] = {
        "run_id": state["run_id"],
        "approval_id": state.get("approval_id", ""),
        "deployment_id": state["deployment_id"],
        "goal": state["request"].goal,
        "counts": {
            action: preview.count(action) for action in ("create", "update", "replace", "delete", "import")
        },
        "changes": [
            change.model_dump(
                include={"address", "action", "stops", "stateful", "changed", "before", "after"}
                if change.action == "update"
                else {"address", "action", "stops", "stateful"}
            )
            for change in preview.changes
        ],
        "cost_before_usd": preview.cost_before_usd,
        "cost_after_usd": preview.cost_after_usd,
        "rules": list(verdict.messages),
        "risk_flags": list(plan.risk_flags) if plan else [],
        **incident_facts(state),
    }
    description = (
        f"{arguments['counts']['create']} to create, {arguments['counts']['update']} to update, "
        f"{arguments['counts']['replace']} to replace, {arguments['counts']['delete']} to delete; "
        f"{preview.cost_after_usd:.2f} USD a month"
    )
    return card_of("apply", arguments, description, ["approve", "edit", "reject"])


def parse_answer(answer: Any, approval_id: str) -> Answer:
    """Return what a resume value says; raise `InputError` for one that says nothing we know. Never a yes by default."""
    decisions = answer.get("decisions") if isinstance(answer, Mapping) else answer
    if not isinstance(decisions, list) or len(decisions) != 1 or not isinstance(decisions[0], Mapping):
        raise InputError(
            "The answer is not one decision.", next_step='Send {"decisions": [{"type": "approve"}]}.'
        )
    decision = decisions[0]
    kind = str(decision.get("type", ""))
    by, reason = str(decision.get("by", "")), str(decision.get("message", decision.get("reason", "")))
    if kind in APPROVE:
        return Answer(decision="approve", approval_id=approval_id, by=by, reason=reason)
    if kind in REJECT:
        return Answer(decision="reject", approval_id=approval_id, by=by, reason=reason)
    if kind == "expire":
        return Answer(decision="expire", approval_id=approval_id)
    if kind == "edit":
        return Answer(decision="edit", approval_id=approval_id, by=by, edited=_edited(decision))
    raise InputError(f"{kind!r} is no decision.", next_step="Use approve, edit or reject.")


def _edited(decision: Mapping[str, Any]) -> Bundle:
    action = decision.get("edited_action") or {}
    args = decision.get("args") or {}
    files = (action.get("args") or args.get("args") or args).get("files")
    if not isinstance(files, Mapping) or not all(isinstance(text, str) for text in files.values()):
        raise InputError("An edit needs the files it changes.", next_step='Send {"files": {"main.tf": "…"}}.')
    return Bundle(files={str(name): str(text) for name, text in files.items()})
