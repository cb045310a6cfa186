"""Showing: what a person sees of an incident on every card, whatever it asks."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from infraai.models import Sha256
from infraai.operations.shapes import ActionRequest, ActionVerdict, Alert, Evidence, OpsDecision

_ALERT = {"policy_name", "resource", "metric", "value", "threshold", "severity", "summary", "started_at"}
_ADVICE = {
    "severity",
    "recommended_action",
    "parameters",
    "confidence",
    "reasoning",
    "evidence",
    "alternatives",
    "predicted_effect",
    "could_go_wrong",
    "cost_delta_usd_month",
    "precedent",
    "fallback",
}


def incident_facts(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the alert, the decision and the evidence as plain JSON; {} for a run that is about no incident."""
    advice: OpsDecision | None = state.get("advice")
    if advice is None:
        return {}
    alert: Alert | None = state.get("alert")
    evidence: list[Evidence] = state.get("evidence") or []
    verdict: ActionVerdict | None = state.get("action_verdict")
    return {
        "incident_id": state.get("incident_id", ""),
        "alert": alert.model_dump(mode="json", include=_ALERT) if alert else None,
        "decision": advice.model_dump(mode="json", include=_ADVICE),
        "evidence": [one.model_dump(mode="json", exclude={"data"}) for one in evidence],
        "action": shown_action(state.get("action")),
        "then": [shown_action(one) for one in state.get("queue") or []],
        "action_rules": list(verdict.messages) if verdict else [],
    }


def shown_action(action: ActionRequest | None) -> dict[str, Any] | None:
    """Return the typed request as it is sealed, with its digest."""
    return None if action is None else {**action.model_dump(mode="json"), "digest": action.digest}


def card_of(name: str, arguments: dict[str, Any], description: str, allowed: list[str]) -> dict[str, Any]:
    """Return one question in the shape inbox pages draw."""
    request = {"name": name, "args": arguments, "arguments": arguments, "description": description}
    review = {"action_name": name, "allowed_decisions": allowed}
    return {"action_requests": [request], "review_configs": [review]}


def digest_of(card: Mapping[str, Any]) -> Sha256:
    """Return what seals a question: everything that was shown."""
    return hashlib.sha256(json.dumps(card, sort_keys=True, default=str).encode()).hexdigest()
