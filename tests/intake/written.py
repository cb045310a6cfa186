"""Webhook bodies as their senders document them, written by hand."""

import json
from typing import Any

CPU = "compute.googleapis.com/instance/cpu/utilization"


def sent(body: Any) -> bytes:
    return json.dumps(body).encode()


def google(**fields: Any) -> dict[str, Any]:
    """Return a 1.2 notification of a machine whose cpu is high; `fields` replace those of the incident."""
    incident: dict[str, Any] = {
        "incident_id": "0.abc123",
        "scoping_project_id": "watching-project",
        "scoping_project_number": 1,
        "url": "https://console.cloud.google.com/monitoring/alerting/incidents/0.abc123",
        "started_at": 1_790_000_000,
        "ended_at": None,
        "state": "open",
        "severity": "CRITICAL",
        "summary": "CPU utilization for shop-prod api-1 is above the threshold of 0.800 with a value of 0.930.",
        "observed_value": "0.930",
        "threshold_value": "0.8",
        "resource": {
            "type": "gce_instance",
            "labels": {
                "instance_id": "7012345678901234567",
                "project_id": "shop-prod",
                "zone": "europe-west1-b",
            },
        },
        "resource_id": "",
        "resource_name": "shop-prod api-1",
        "metric": {"type": CPU, "displayName": "CPU utilization", "labels": {"instance_name": "api-1"}},
        "metadata": {"system_labels": {"name": "api-1"}, "user_labels": {"team": "shop"}},
        "policy_name": "api-1: cpu_high",
        "policy_user_labels": {"infraai_deployment": "d1", "infraai_resource": "google_compute_instance-api"},
        "documentation": {"content": "Look at the workers.", "mime_type": "text/markdown", "subject": "s"},
        "condition": {
            "name": "projects/shop-prod/alertPolicies/1/conditions/2",
            "displayName": "cpu_high",
            "conditionThreshold": {
                "filter": f'metric.type="{CPU}" resource.type="gce_instance"',
                "comparison": "COMPARISON_GT",
                "thresholdValue": 0.8,
                "duration": "60s",
            },
        },
        "condition_name": "cpu_high",
    }
    incident.update(fields)
    return {"version": "1.2", "incident": incident}


def google_resource(kind: str, **labels: str) -> dict[str, Any]:
    """Return a 1.2 notification about another monitored resource, with these labels and no others."""
    return google(
        resource={"type": kind, "labels": labels}, metric={"type": "x/y", "labels": {}}, metadata={}
    )


def google_old(**fields: Any) -> dict[str, Any]:
    incident: dict[str, Any] = {
        "incident_id": "f00",
        "resource_id": "",
        "resource_name": "web-7",
        "state": "open",
        "started_at": 1_385_085_727,
        "ended_at": None,
        "policy_name": "Web health",
        "condition_name": "CPU usage",
        "summary": "CPU for web-7 is above the threshold of 1% with a value of 28.5%",
    }
    incident.update(fields)
    return {"version": "1.1", "incident": incident}


def google_test() -> dict[str, Any]:
    body = google(
        state="OPEN", started_at=0, ended_at=0, documentation="Test documentation", incident_id="12345"
    )
    return {**body, "version": "test"}


def alertmanager(*labels: dict[str, str], status: str = "firing", **fields: Any) -> dict[str, Any]:
    ended = "2026-08-01T10:05:00Z" if status == "resolved" else "0001-01-01T00:00:00Z"
    alerts = [
        {
            "status": status,
            "labels": one,
            "annotations": {"summary": "It is bad.", "description": "Very."},
            "startsAt": "2026-08-01T10:00:00.5Z",
            "endsAt": ended,
            "generatorURL": "",
            "fingerprint": f"{number:016x}",
        }
        for number, one in enumerate(labels)
    ]
    return {
        "version": "4",
        "groupKey": "{}",
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "ops",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": alerts,
        **fields,
    }


def grafana(labels: dict[str, str], values: Any = None, **fields: Any) -> dict[str, Any]:
    body = alertmanager(
        labels, version="1", orgId=1, title="[FIRING:1]", state="alerting", message="m", **fields
    )
    body["alerts"][0]["values"] = values
    return body


def grafana_legacy(*matches: dict[str, Any], state: str = "alerting") -> dict[str, Any]:
    return {
        "evalMatches": list(matches),
        "message": "look",
        "ruleId": 12,
        "ruleName": "Disk usage",
        "ruleUrl": "https://grafana.example.com/d/1",
        "state": state,
        "title": f"[{state}] Disk usage",
    }


def flat(**fields: Any) -> dict[str, Any]:
    return {"resource_id": "vm-1", "metric": "cpu_usage", "value": 85, "threshold": 80, **fields}


def nested(**fields: Any) -> dict[str, Any]:
    condition = {"metricType": CPU, "currentValue": 0.93, "thresholdValue": 0.8}
    return {
        "incident": {
            "resource_name": "vm-1",
            "policy_name": "cpu",
            "state": "open",
            "condition": condition,
            **fields,
        }
    }


ALL: tuple[dict[str, Any], ...] = (
    google(),
    google(state="closed", ended_at=1_790_000_300),
    google_old(),
    google_test(),
    google_resource("cloudsql_database", database_id="p:db-1", project_id="p"),
    alertmanager(
        {"alertname": "HighCPU", "instance": "vm-1:9100"}, {"alertname": "InstanceDown", "node": "vm-2"}
    ),
    grafana({"alertname": "HighCPU", "instance": "vm-1"}, {"B": 91.5, "C": 1}),
    grafana_legacy({"metric": "used", "value": 93, "tags": {"instance": "vm-1"}}),
    flat(),
    nested(),
)
