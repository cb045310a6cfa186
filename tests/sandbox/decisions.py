"""Blocks of the task "decide", built piece by piece."""

import json
from typing import Any

from sandbox.gemini.responder import respond

NOW = 1_800_000_000.0
SCHEMA: dict[str, dict[str, dict[str, str]]] = {
    "properties": {
        name: {}
        for name in (
            "severity",
            "recommended_action",
            "parameters",
            "requires_approval",
            "confidence",
            "reasoning",
            "evidence",
            "alternatives",
            "predicted_effect",
            "could_go_wrong",
        )
    }
}
BIGGER = {
    "action": "scale_up",
    "parameters": {"machine_type": "e2-medium"},
    "summary": "machine type e2-small (2 vCPU, 2 GB) → e2-medium (2 vCPU, 4 GB); it stops for a minute or two",
    "method": "terraform",
    "reversible": True,
    "stops": True,
    "cost_delta_usd_month": 12.23,
}
BIGGEST = {
    **BIGGER,
    "parameters": {"machine_type": "e2-standard-4"},
    "summary": "machine type e2-small (2 vCPU, 2 GB) → e2-standard-4 (4 vCPU, 16 GB)",
    "cost_delta_usd_month": 85.61,
}


def option(action: str, summary: str = "", **parameters: Any) -> dict[str, Any]:
    return {"action": action, "parameters": parameters, "summary": summary, "cost_delta_usd_month": 0}


def piece(number: int, kind: str, **data: Any) -> dict[str, Any]:
    return {"id": f"E{number}", "kind": kind, "summary": "said", "data": data}


def series(last: float | None, threshold: float | None = 0.8, **data: Any) -> dict[str, Any]:
    """The alert's own metric: its last value, fresh, past the threshold for five minutes or never."""
    if last is None:
        return piece(2, "series", role="alerted", no_data=True)
    over = None if threshold is None else last > threshold
    said = {
        "role": "alerted",
        "no_data": False,
        "last": last,
        "last_at": NOW,
        "threshold": threshold,
        "stale": False,
        "over_now": over,
        "over_for_s": 300 if over else 0,
        "fine_for_s": 0 if over else 3600,
        "over_share": 0.1 if over else 0.0,
        "crossings": 1 if over else 0,
        "trend": "rising",
    }
    return piece(2, "series", **{**said, **data})


def block(
    cause: str,
    *evidence: dict[str, Any],
    options: tuple[dict[str, Any], ...] = (),
    severity: str = "critical",
    kind: str = "google_compute_instance",
    alert: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    said = piece(1, "alert", started_at=NOW - 240, value=0.9)
    return {
        "task": "decide",
        "now": NOW,
        "alert": {"severity": severity, "labels": {}, "summary": "", **(alert or {})},
        "cause": cause,
        "target": {"address": f"{kind}.web", "type": kind, "name": "web-1", "member": ""},
        "evidence": [said, *evidence],
        "options": list(options),
        "known_fixes": [],
        "tried": [],
        "budget_usd": None,
        "cost_usd_month": 20.0,
        **more,
    }


def answered(asked: dict[str, Any]) -> dict[str, Any]:
    """What the sandbox's model replies, over its own wire shapes."""
    text = f"instructions\n\n```json\n{json.dumps(asked)}\n```\n"
    request = {
        "contents": [{"role": "user", "parts": [{"text": text}]}],
        "generationConfig": {"responseJsonSchema": SCHEMA},
    }
    reply: dict[str, Any] = json.loads(respond(request)[1])
    return reply
