"""An incident told in words: what fired, what was seen, decided, allowed and done, and whether it helped."""

from collections.abc import Mapping
from typing import Any

from api.cli.ops_cards import cost_change, measured, number, parameters, weighed
from api.cli.results import changes
from api.cli.spans import clock_time, cloud_time, span
from infraai.operations.shapes import ActionResult, Alert, Evidence, OpsDecision, Recheck

Told = dict[str, list[str]]
ALERT_FIELDS = frozenset(Alert.model_fields)
WORDS = {
    "pending": "It waits to be taken up.",
    "pending_approval": "It waits for a person.",
    "auto_executing": "It is being acted on.",
    "approved": "It was approved and is being acted on.",
    "executed": "What was decided was done.",
    "resolved": "It is resolved.",
    "rejected": "What was recommended was rejected.",
    "escalated": "A person has to take it from here.",
    "ignored": "It was ignored: nothing had to be done.",
    "silenced": "It was silenced.",
}


def story(report: Mapping[str, Any]) -> Told:
    """Return the incident's document as sentences under headings, in the order things happened."""
    chapters = {
        "What fired": _fired(report),
        "What was seen": _seen(report),
        "What was decided, and why": _decided(report),
        "Who allowed it": _allowed(report),
        "What was done": _done(report),
        "Did it help": _helped(report),
        "How it stands": _stands(report),
    }
    return {heading: lines for heading, lines in chapters.items() if lines}


def alert_of(document: Mapping[str, Any]) -> Alert:
    """Return the alert within the document that lists it."""
    return Alert.model_validate({name: value for name, value in document.items() if name in ALERT_FIELDS})


def _fired(report: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for document in report["alerts"]:
        one = alert_of(document)
        when = f"{cloud_time(one.started_at)}: " if one.started_at else ""
        over = f", closed {cloud_time(one.ended_at)}" if one.state == "closed" and one.ended_at else ""
        named = one.policy_name or one.metric or "an alert"
        where = f" on {one.resource}" if one.resource else ", naming no resource"
        lines.append(f"{when}{named}{where} ({one.severity}): {measured(one)}{over}.")
    return lines


def _seen(report: Mapping[str, Any]) -> list[str]:
    pieces = [Evidence.model_validate(one) for one in report["evidence"] or ()]
    return [f"[{piece.id}] {piece.summary}" for piece in pieces]


def _decided(report: Mapping[str, Any]) -> list[str]:
    if not report["decision"]:
        return ["Nothing was decided."]
    one = OpsDecision.model_validate(report["decision"])
    what = f"{one.recommended_action} {parameters(one.parameters)}".strip()
    lines = [f"{what}, {one.severity} severity, {one.confidence:.0%} sure. {one.reasoning}"]
    if one.fallback:
        lines.append(f"There was no decision of the model's: {one.fallback}")
    lines += [
        f"Weighed and not chosen: {other.action}" + (f", because {other.why_not}" if other.why_not else "")
        for other in weighed(one)
    ]
    lines += [f"Expected: {one.predicted_effect}"] if one.predicted_effect else []
    lines += [f"What could go wrong: {one.could_go_wrong}"] if one.could_go_wrong else []
    lines += [f"Before: {one.precedent}"] if one.precedent else []
    if one.recommended_action not in {"ignore", "ask"}:
        lines.append(f"Cost: {cost_change(one.cost_delta_usd_month)}.")
    return lines


def _allowed(report: Mapping[str, Any]) -> list[str]:
    lines = [_answer(one) for one in report["approvals"]]
    by_policy = [one for one in report["actions"] if one["allowed_by"] == "policy"]
    return lines + [f"The policy allowed {one['action']['action_type']} by itself." for one in by_policy]


def _answer(approval: Mapping[str, Any]) -> str:
    subject = {"apply": "the exact change", "action": "the action", "question": "what to do"}[
        approval.get("subject") or "apply"
    ]
    who, why = approval["decided_by"], f": {approval['reason']}" if approval["reason"] else ""
    by = f" by {who}" + (f" ({approval['channel']})" if approval["channel"] else "") if who else ""
    choice = approval.get("choice")
    chosen = (
        f", choosing {choice.get('action')} {parameters(choice.get('parameters') or {})}" if choice else ""
    )
    words = {
        "pending": f"Asked about {subject}; open until {clock_time(approval['expires_at'])}.",
        "approved": f"Asked about {subject}: approved{by}{chosen}{why}.",
        "used": f"Asked about {subject}: approved{by}{chosen}{why}.",
        "rejected": f"Asked about {subject}: rejected{by}{why}.",
        "expired": f"Asked about {subject}; nobody answered in time.",
        "void": f"Asked about {subject}; the question was withdrawn.",
    }
    return words[approval["status"]]


def _done(report: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for one in report["actions"]:
        action, result = one["action"], one["result"]
        named = (
            f"{action['action_type']} of {action['resource_id']} {parameters(action['parameters'])}".strip()
        )
        when = cloud_time(one["started_at"])
        lines.append(f"{when}: {named}, by {action['method']}: {one['status']}{_came(result)}.")
    return lines


def _came(result: Mapping[str, Any] | None) -> str:
    if not result:
        return ""
    one = ActionResult.model_validate(result)
    if not one.success:
        return f" ({one.error})" + (", and the change was undone" if one.rolled_back else "")
    return f" ({changes(one.changes_applied)})" if one.changes_applied else ""


def _helped(report: Mapping[str, Any]) -> list[str]:
    if not report["recheck"]:
        return []
    one = Recheck.model_validate(report["recheck"])
    value = f"{number(one.value)}" if one.value is not None else "no value"
    limit = f" against {number(one.threshold)}" if one.threshold is not None else ""
    words = "Yes" if one.resolved else "No"
    detail = f" {one.detail}" if one.detail else ""
    return [f"{words}: {value}{limit} after {span(one.waited_s)}.{detail}"]


def _stands(report: Mapping[str, Any]) -> list[str]:
    lines = [f"{WORDS.get(report['status'], report['status'])} {report['message']}".strip()]
    if report.get("closed_at"):
        lines.append(f"It took {span(report['closed_at'] - report['opened_at'])}.")
    spent = report.get("model") or {}
    if spent.get("calls"):
        lines.append(
            f"{spent['name']}: {spent['calls']} calls, {spent['input_tokens']}+{spent['output_tokens']} tokens."
        )
    return lines
