"""Google Cloud Monitoring's notifications: 1.2, 1.1 and the connection test.

The schema: https://cloud.google.com/monitoring/support/notification-options#schema-webhook.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from infraai.errors import AlertError
from infraai.labels import DEPLOYMENT_LABEL
from infraai.operations.intake import identity, reading
from infraai.operations.shapes import Alert

_TELLING = ("incident_id", "policy_name", "condition_name", "resource", "resource_name", "scoping_project_id")
_CONDITIONS = re.compile(r"condition[A-Z]\w*")
_METRIC = re.compile(r"""\bmetric\.type\s*=\s*"([^"\s]{1,300})\"""")
_KIND = re.compile(r"""\bresource\.type\s*=\s*"([^"\s]{1,100})\"""")
Comparison = Literal["COMPARISON_GT", "COMPARISON_LT", ""]
_COMPARISONS: dict[str, Comparison] = {
    "COMPARISON_GT": "COMPARISON_GT",
    "COMPARISON_GE": "COMPARISON_GT",
    "COMPARISON_LT": "COMPARISON_LT",
    "COMPARISON_LE": "COMPARISON_LT",
}


def is_google(body: Mapping[str, Any]) -> bool:
    """Tell whether the body is a notification of Google Cloud Monitoring."""
    return any(field in reading.mapping(body.get("incident")) for field in _TELLING)


def parse_google(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """Return the alert of a notification; raise `AlertError` where its version or state is unknown."""
    incident = reading.mapping(body.get("incident"))
    version = _version(body, incident)
    condition = reading.mapping(incident.get("condition"))
    said = _said(condition)
    metric_path = _metric_path(incident, said)
    kind = _resource_type(incident, said)
    labels = _labels(incident)
    named = reading.first_name(condition, "displayName") or reading.first_name(incident, "condition_name")
    ended_at = reading.instant(incident.get("ended_at"))
    documentation = incident.get("documentation")
    documented = (
        documentation if isinstance(documentation, str) else reading.mapping(documentation).get("content")
    )
    return (
        Alert(
            policy_name=reading.name(incident.get("policy_name")),
            resource=_resource(version, kind, labels, incident),
            resource_type=kind,
            metric=_short_name(metric_path, named, labels),
            metric_path=metric_path,
            value=reading.number(incident.get("observed_value")),
            threshold=_threshold(incident, condition),
            severity=reading.severity(incident.get("severity"), labels.get("user_labels.severity")),
            state=reading.state(incident.get("state"), ended=ended_at is not None),
            source=f"gcp-{version}",
            source_id=_source_id(incident, labels, metric_path),
            project=_project(labels),
            labels=labels,
            started_at=reading.instant(incident.get("started_at")),
            ended_at=ended_at,
            condition=named,
            comparison=_COMPARISONS.get(reading.name(said.get("comparison")), ""),
            absent=condition.get("conditionAbsent") is not None,
            test=version == "test",
            summary=reading.words(incident.get("summary"), documented),
        ),
    )


def _version(body: Mapping[str, Any], incident: Mapping[str, Any]) -> str:
    version = reading.name(body.get("version")).lower()
    if version == "test" or re.fullmatch(r"1\.\d{1,3}", version):
        return version
    if version:
        raise AlertError(
            f"Google's notification has the version {version[:40]!r}, and only 1.x and test are understood.",
            next_step="Choose version 1.2 for the notification channel.",
        )
    return "1.2" if isinstance(incident.get("resource"), dict) else "1.1"


def _said(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the condition is: its threshold, its absence, or the one of another kind."""
    others = (one for one in condition if _CONDITIONS.fullmatch(one))
    kinds = (condition.get(one) for one in ("conditionThreshold", "conditionAbsent", *others))
    return next((one for one in kinds if isinstance(one, dict)), {})


def _metric_path(incident: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    path = reading.name(reading.mapping(incident.get("metric")).get("type"))
    return path or _of_filter(_METRIC, said)


def _resource_type(incident: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    kind = reading.name(reading.mapping(incident.get("resource")).get("type"))
    return kind or _of_filter(_KIND, said)


def _short_name(path: str, condition: str, labels: Mapping[str, str]) -> str:
    """Return `cpu_high`, as our own policies name their conditions, or the path's end: `cpu/utilization`."""
    if condition and labels.get(f"user_labels.{DEPLOYMENT_LABEL}"):
        return condition
    return "/".join(path.split("/")[1:][-2:])


def _of_filter(wanted: re.Pattern[str], said: Mapping[str, Any]) -> str:
    """Return what the condition's filter names, if it names one only."""
    text = said.get("filter")
    found = set(wanted.findall(text)) if isinstance(text, str) else set()
    return reading.name(found.pop()) if len(found) == 1 else ""


def _labels(incident: Mapping[str, Any]) -> dict[str, str]:
    metadata = reading.mapping(incident.get("metadata"))
    return {
        **reading.flat("resource.labels", reading.mapping(incident.get("resource")).get("labels")),
        **reading.flat("metric.labels", reading.mapping(incident.get("metric")).get("labels")),
        **reading.flat("user_labels", incident.get("policy_user_labels")),
        **reading.flat("metadata.system_labels", metadata.get("system_labels")),
        **reading.flat("metadata.user_labels", metadata.get("user_labels")),
    }


def _resource(version: str, kind: str, labels: Mapping[str, str], incident: Mapping[str, Any]) -> str:
    """Return the resource's name; a display name such as 1.2's `resource_name` identifies nothing."""
    if version == "test":
        return ""
    if kind in {"gce_instance", ""} and (found := labels.get("metric.labels.instance_name")):
        return found
    if not kind.startswith("k8s_") and (found := labels.get("metadata.system_labels.name")):
        return found
    own = {
        key.removeprefix("resource.labels."): value
        for key, value in labels.items()
        if "resource.l" in key[:10]
    }
    if found := identity.named_by(kind, own):
        return found
    # 1.1 has no resource, and names it in these two
    return "" if "resource" in incident else reading.first_name(incident, "resource_name", "resource_id")


def _threshold(incident: Mapping[str, Any], condition: Mapping[str, Any]) -> float | None:
    said = reading.mapping(condition.get("conditionThreshold"))
    found = reading.number(said.get("thresholdValue"))
    if found is None:
        found = reading.number(incident.get("threshold_value"))
    # a threshold of 0 is left out: https://protobuf.dev/programming-guides/json/#presence
    silent = "thresholdValue" not in said and not reading.name(incident.get("threshold_value"))
    return 0.0 if found is None and silent and reading.name(said.get("comparison")) else found


def _project(labels: Mapping[str, str]) -> str:
    return labels.get("resource.labels.project_id") or identity.project_of_database(
        labels.get("resource.labels.database_id", "")
    )


def _source_id(incident: Mapping[str, Any], labels: Mapping[str, str], metric_path: str) -> str:
    given = reading.name(incident.get("incident_id"))
    told = [reading.name(incident.get(one)) for one in ("policy_name", "condition_name", "resource_name")]
    return given or reading.digest(
        [told, dict(labels), metric_path, reading.instant(incident.get("started_at"))]
    )
