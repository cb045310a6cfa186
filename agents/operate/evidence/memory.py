"""What is remembered: past actions of this kind and whether they helped, and what else is open."""

from collections.abc import Sequence
from typing import Any

from agents.operate.evidence.case import Case, zone_of
from agents.operate.evidence.pieces import piece
from infraai.operations.shapes import OVER, Evidence
from infraai.registry.actions import ActionRecord, Actions
from infraai.registry.incidents import Incident, Incidents

_MOST = 5
_LOOKED_THROUGH = 100
_DAY_S = 86_400.0


async def precedents(actions: Actions, case: Case) -> list[Evidence]:
    """Return one piece for each past action of the same cause, then of the same type; newest first."""
    like = await actions.like(cause=case.cause, resource_type=case.target.resource.type, limit=_MOST)
    if not like:
        return [piece("precedent", "Nothing like this was acted on before.", {"precedents": []})]
    return [_precedent(one, case) for one in like]


async def incidents_around(incidents: Incidents, case: Case) -> list[Evidence]:
    """Return the deployment's other open incidents, those elsewhere, and how this one came and went."""
    known = await incidents.list(status=None, limit=_LOOKED_THROUGH)
    others = [one for one in known if one.incident_id != case.incident_id and one.status not in OVER]
    own = [one for one in others if one.deployment_id == case.deployment.deployment_id]
    elsewhere = [one for one in others if one not in own]
    recent = await incidents.recent(case.deployment.deployment_id, case.cause, case.now - _DAY_S)
    earlier = [one for one in recent if one.incident_id != case.incident_id]
    this = next((one for one in known if one.incident_id == case.incident_id), None)
    data: dict[str, Any] = {
        "open_incidents": [await _open(incidents, one, case) for one in own[:_MOST]],
        "open_elsewhere": [await _open(incidents, one, case) for one in elsewhere[:_MOST]],
        "same_cause_last_day": len(earlier),
        "same_cause": [_incident(one, case) for one in earlier[:_MOST]],
        "reopened": this.reopened if this else 0,
        "tries": this.tries if this else 0,
    }
    return [piece("precedent", _sentence(own, earlier, data["reopened"]), data)]


def _precedent(one: ActionRecord, case: Case) -> Evidence:
    request = one.request
    same = one.deployment_id == case.deployment.deployment_id and one.resource == case.target.resource.address
    data = {
        "action": request.action_type,
        "parameters": request.parameters,
        "cause": one.cause,
        "resource": one.resource,
        "resource_type": one.resource_type,
        "same_resource": same,
        "same_deployment": one.deployment_id == case.deployment.deployment_id,
        "status": one.status,
        "resolved": one.resolved,
        "incident_id": one.incident_id,
        "allowed_by": one.allowed_by,
        "age_s": round(case.now - one.started_at),
    }
    ended = {True: "it helped", False: "it did not help", None: f"it ended as {one.status}"}[one.resolved]
    whose = "on this very resource" if same else f"on {one.resource}"
    return piece("precedent", f"Against {one.cause}, {request.action_type} was done {whose}: {ended}.", data)


async def _open(incidents: Incidents, one: Incident, case: Case) -> dict[str, Any]:
    """Return an open incident with the zone its resource is in, "" where neither record nor alert says it."""
    zone = ""
    if one.deployment_id == case.deployment.deployment_id:
        zone = next((zone_of(each) for each in case.resources if each.address == one.resource), "")
    if not zone:
        alerts = await incidents.alerts_of(one.incident_id)
        zone = next((said for each in alerts if (said := each.alert.labels.get("resource.labels.zone"))), "")
    return {**_incident(one, case), "zone": zone}


def _incident(one: Incident, case: Case) -> dict[str, Any]:
    return {
        "incident_id": one.incident_id,
        "resource": one.resource,
        "cause": one.cause,
        "severity": one.severity,
        "status": one.status,
        "opened_at": one.opened_at,
        "age_s": round(case.now - one.opened_at),
        "reopened": one.reopened,
    }


def _sentence(own: Sequence[Incident], earlier: Sequence[Incident], reopened: int) -> str:
    listed = ", ".join(f"{one.cause} on {one.resource}" for one in own[:3])
    words = f"Open beside it: {listed}." if own else "No other incident of the deployment is open."
    if earlier or reopened:
        words += f" In the last day this cause came {len(earlier)} times before, and was reopened {reopened} times."
    return words
