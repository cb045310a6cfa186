"""The two simple shapes: flat `{resource_id, metric, value, threshold}`, and `incident.condition.{metricType, …}`."""

from collections.abc import Mapping
from typing import Any

from infraai.operations.intake import identity, reading
from infraai.operations.shapes import Alert

_RESOURCE = ("resource_id", "resource", "resource_name", "instance_name", "instance")
_METRIC = ("metric", "metric_name", "metric_type", "metricType", "metricName")
_VALUE = ("value", "current_value", "currentValue", "observed_value", "observedValue")
_THRESHOLD = ("threshold", "threshold_value", "thresholdValue")
_POLICY = ("policy_name", "policyName", "alert_name", "policy")
_ID = ("alert_id", "incident_id", "id")
_STARTED = ("started_at", "startedAt", "timestamp", "time")
_ENDED = ("ended_at", "endedAt")
_CONDITION = ("displayName", "display_name", "condition_name", "name")
_WORDS = ("summary", "message", "description", "documentation")


def is_flat(body: Mapping[str, Any]) -> bool:
    """Tell whether the body names a resource and a metric at its top."""
    named = (
        reading.first_name(body, *_RESOURCE) or "resource_id" in body or reading.mapping(body.get("resource"))
    )
    return bool(named and reading.first_name(body, *_METRIC))


def is_nested(body: Mapping[str, Any]) -> bool:
    """Tell whether the body has an `incident.condition` that itself holds the metric or its value."""
    condition = reading.mapping(reading.mapping(body.get("incident")).get("condition"))
    return any(field in condition for field in ("metricType", "currentValue", "metric_type", "current_value"))


def parse_flat(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """Return the alert; raise `AlertError` where its state is a word we do not know."""
    return (_alert(body, {}),)


def parse_nested(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """Return the alert; raise `AlertError` where its state is a word we do not know."""
    incident = reading.mapping(body.get("incident"))
    return (_alert(incident, reading.mapping(incident.get("condition"))),)


def _alert(about: Mapping[str, Any], condition: Mapping[str, Any]) -> Alert:
    """Return the alert of an object; what its condition says of metric, value and threshold counts before its own."""
    said = {**about, **condition}
    resource, labels = reading.mapping(about.get("resource")), _labels(about)
    own = reading.flat("", resource.get("labels"))
    kind = reading.first_name(about, "resource_type", "resourceType") or reading.first_name(resource, "type")
    named = identity.named_by(kind, own) or reading.first_name(about, *_RESOURCE)
    named = named or reading.first_name(resource, "name", "id")
    metric = reading.first_name(said, *_METRIC)
    project = reading.first_name(about, "project_id", "project") or own.get("project_id")
    project = project or identity.project_of_path(named)
    ended_at = reading.first_instant(about, *_ENDED)
    policy = reading.first_name(about, *_POLICY)
    return Alert(
        policy_name=policy,
        resource=named,
        resource_type=kind,
        metric="/".join(metric.split("/")[1:][-2:]) or metric,
        metric_path=metric if "/" in metric else "",
        value=reading.first_number(said, *_VALUE),
        threshold=reading.first_number(said, *_THRESHOLD),
        severity=reading.severity(said.get("severity"), labels.get("labels.severity")),
        state=reading.state(about.get("state", about.get("status")), ended=ended_at is not None),
        source="simple",
        source_id=reading.digest([project, named, metric, reading.first_name(about, *_ID)]),
        project=project,
        labels=labels,
        started_at=reading.first_instant(about, *_STARTED),
        ended_at=ended_at,
        condition=reading.first_name(said, *_CONDITION) or policy,
        test=about.get("test") is True,
        summary=reading.words(*(about.get(field) for field in _WORDS)),
    )


def _labels(about: Mapping[str, Any]) -> dict[str, str]:
    resource = reading.mapping(about.get("resource"))
    return {
        **reading.flat("resource.labels", resource.get("labels")),
        **reading.flat("labels", about.get("labels")),
    }
