"""An incident's whole story, as one JSON object: the reply of every channel."""

from dataclasses import asdict
from typing import Any

from infraai.models import RunId
from infraai.registry.approvals import Approval
from infraai.registry.incidents import StoredAlert
from infraai.registry.registry import Registry


async def incident_report(registry: Registry, incident_id: str) -> dict[str, Any]:
    """Return the incident with its alerts, evidence, decision, approvals, actions, recheck and audit lines."""
    incident = await registry.incidents.get(incident_id)
    alerts = await registry.incidents.alerts_of(incident.incident_id)
    actions = await registry.actions.of_incident(incident.incident_id)
    run_ids: list[RunId] = []
    for run_id in (*(one.run_id for one in actions), incident.run_id):
        if run_id and run_id not in run_ids:
            run_ids.append(run_id)
    approvals = [one for run_id in run_ids for one in await registry.approvals.of_run(run_id)]
    usage = [await registry.model_calls.usage(run_id) for run_id in run_ids]
    lines = [
        line
        for subject in (incident.incident_id, *run_ids)
        for line in await registry.audit.lines(subject=subject)
    ]
    return {
        **asdict(incident),
        "alerts": [alert_document(one) for one in alerts],
        "runs": run_ids,
        "approvals": [approval_document(one) for one in approvals],
        "actions": [
            {
                "action_id": one.action_id,
                "run_id": one.run_id,
                "action": one.request.model_dump(mode="json"),
                "allowed_by": one.allowed_by,
                "status": one.status,
                "resolved": one.resolved,
                "result": one.result,
                "started_at": one.started_at,
                "ended_at": one.ended_at,
            }
            for one in actions
        ],
        "model": {
            "name": next((one.name for one in usage if one.name), ""),
            "calls": sum(one.calls for one in usage),
            "input_tokens": sum(one.input_tokens for one in usage),
            "output_tokens": sum(one.output_tokens for one in usage),
            "cost_usd": round(sum(one.cost_usd for one in usage), 6),
        },
        "audit": [asdict(line) for line in sorted(lines, key=lambda one: one.seq)],
    }


def alert_document(stored: StoredAlert) -> dict[str, Any]:
    """Return one alert as the API lists it."""
    return {
        "id": stored.alert_id,
        "incident_id": stored.incident_id,
        "status": stored.status,
        "received_at": stored.received_at,
        **stored.alert.model_dump(mode="json"),
    }


def approval_document(approval: Approval) -> dict[str, Any]:
    """Return one approval as the API lists it: what it was asked for, and who decided how."""
    return {
        "approval_id": approval.approval_id,
        "run_id": approval.run_id,
        "subject": approval.subject,
        "status": approval.status,
        "hard_floor": list(approval.hard_floor),
        "decided_by": approval.decided_by,
        "channel": approval.channel,
        "reason": approval.reason,
        "choice": dict(approval.choice) if approval.choice else None,
        "card": dict(approval.card),
        "created_at": approval.created_at,
        "expires_at": approval.expires_at,
    }
