"""Google's notification, version 1.2, for an incident that opens or closes.

https://cloud.google.com/monitoring/support/notification-options#schema-webhook
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.alerting.conditions import Reading
from sandbox.alerting.names import braced, display_name, metric_name, resource_kind, resource_name
from sandbox.alerting.policies import Condition, Policy
from sandbox.cloud import number_of
from sandbox.monitoring_api.alignment import Series

Json = dict[str, Any]
CANCELLED = (
    "Incident cancelled because the alert policy condition was deleted or modified while incident was active."
)
DISABLED = "Incident cancelled because the alert policy was disabled while incident was active."
EXPIRED = "Incident closed because no data has been received for the auto-close duration."
_SEVERITIES = {"CRITICAL": "Critical", "ERROR": "Error", "WARNING": "Warning"}
_VARIABLE = re.compile(r"\$\{([\w.]+)\}|\$\(([\w.]+)\)")


def opened(incident_id: str, policy: Policy, condition: Condition, reading: Reading, *, at: float) -> Json:
    """Return the whole body for an incident that opens at a time (epoch seconds)."""
    series, value = reading.series, reading.value
    named = display_name(series)
    threshold = condition.kind == "conditionThreshold"
    incident: Json = {
        "incident_id": incident_id,
        "scoping_project_id": policy.project,
        "scoping_project_number": int(number_of(policy.project)),
        "url": (
            f"https://console.cloud.google.com/monitoring/alerting/alerts/{incident_id}"
            f"?channelType=webhook&project={policy.project}"
        ),
        "started_at": int(at),
        "ended_at": None,
        "state": "open",
        "summary": _summary(condition, series, policy.project, named, _opening(condition, value)),
        **({"observed_value": number(value), "threshold_value": f"{condition.threshold:.15g}"}
           if threshold and value is not None else {}),
        "resource": {"type": series.resource_type, "labels": _resource_labels(series, policy)},
        "resource_type_display_name": resource_kind(series.resource_type),
        "resource_id": "",
        "resource_name": resource_name(series, policy.project, named),
        **({"resource_display_name": named} if named else {}),
        "metric": {
            "type": series.metric,
            "displayName": metric_name(series.metric),
            "labels": dict(series.metric_labels),
        },
        "metadata": _metadata(condition, series),
        "policy_name": policy.display_name,
        "policy_user_labels": dict(policy.user_labels),
        "severity": _SEVERITIES.get(policy.severity, "No severity"),
        "condition": {
            "name": condition.name,
            "displayName": condition.display_name,
            condition.kind: condition.shown,
        },
        "condition_name": condition.display_name,
    }  # fmt: skip
    if policy.documentation:
        incident["documentation"] = _documentation(policy, incident)
    return {"version": "1.2", "incident": incident}


def closed(body: Json, at: float, value: float | None, sentence: str = "") -> Json:
    """Return the body for the same incident's end; `sentence` is why, where it is not by its value."""
    incident: Json = {**body["incident"], "state": "closed", "ended_at": int(at)}
    said = sentence or (number(value) if value is not None else "")
    if said and ("threshold_value" in incident or sentence):
        incident["observed_value"] = said
    subject = re.split(r" (?:is above|is below|has reported) ", incident["summary"])[0]
    ending = f" with a value of {said}" if said else ""
    incident["summary"] = f"{subject} returned to normal{ending}."
    if "documentation" in incident:
        shown = incident["documentation"]
        incident["documentation"] = {**shown, "subject": shown["subject"].replace("[ALERT", "[RESOLVED", 1)}
    return {**body, "incident": incident}


def number(value: float | None) -> str:
    """Return a value as notifications print it: three decimals."""
    return "" if value is None else f"{value:.3f}"


def _opening(condition: Condition, value: float | None) -> str:
    if condition.kind == "conditionAbsent":
        return f"has reported no data for {condition.duration_s:.0f} s"
    side = "above" if condition.above else "below"
    return f"is {side} the threshold of {number(condition.threshold)} with a value of {number(value)}"


def _summary(condition: Condition, series: Series, project: str, named: str, said: str) -> str:
    parts = [f"{metric_name(series.metric)} for {resource_name(series, project, named)}"]
    system = _metadata(condition, series)["system_labels"]
    if system:
        parts.append(f"with system labels {braced(system)}")
    if series.metric_labels:
        parts.append(f"with metric labels {braced(series.metric_labels)}")
    return f"{' '.join(parts)} {said}."


def _resource_labels(series: Series, policy: Policy) -> Json:
    return {"project_id": policy.project, **series.resource_labels}


def _metadata(condition: Condition, series: Series) -> Json:
    """Return the metadata labels that the condition itself names: Google leaves out the others."""
    query = condition.query
    named = " ".join([query.text, *(field for one in query.aggregations for field in one.group_by)])
    shown: Json = {"system_labels": {}, "user_labels": {}}
    for field, value in series.metadata.items():
        _, owner, key = field.split(".", 2)
        if field in named:
            shown[owner][key] = value
    return shown


def _documentation(policy: Policy, incident: Mapping[str, Any]) -> Json:
    written = policy.documentation
    fill = _filler(policy, incident)
    subject = str(written.get("subject") or "") or (
        f"[ALERT - {incident['severity']}] {incident['condition_name']} on {incident['resource_name']}"
    )
    shown: Json = {
        "content": fill(str(written.get("content") or "")),
        "mime_type": written.get("mime_type") or "text/markdown",
        "subject": fill(subject),
    }
    links = [
        {"displayName": str(one.get("display_name") or ""), "url": str(one.get("url") or "")}
        for one in written.get("links") or ()
    ]
    return {**shown, "links": links} if links else shown


def _filler(policy: Policy, incident: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what puts values for `${…}` in a documentation's text.

    https://cloud.google.com/monitoring/alerts/doc-variables
    """
    known = {
        "condition.display_name": incident["condition_name"],
        "condition.name": incident["condition"]["name"],
        "metric.display_name": incident["metric"]["displayName"],
        "metric.type": incident["metric"]["type"],
        "policy.display_name": policy.display_name,
        "policy.name": policy.name,
        "project": policy.project,
        "resource.project": incident["resource"]["labels"]["project_id"],
        "resource.type": incident["resource"]["type"],
        **{f"metric.label.{key}": value for key, value in incident["metric"]["labels"].items()},
        **{f"resource.label.{key}": value for key, value in incident["resource"]["labels"].items()},
        **{f"policy.user_label.{key}": value for key, value in policy.user_labels.items()},
    }

    def said(found: re.Match[str]) -> str:
        return str(known.get(found[1] or found[2], found[0]))

    return lambda text: _VARIABLE.sub(said, text)
