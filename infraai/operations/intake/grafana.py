"""Grafana's webhooks: unified alerting, and the legacy one of before version 11.

Unified: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from infraai.operations.intake import reading
from infraai.operations.intake.alertmanager import (
    alert_of,
    alerts_in,
    is_alertmanager,
    project_of,
    resource_of,
    told_apart,
)
from infraai.operations.shapes import Alert

_UNIFIED_ONLY = ("orgId", "state", "title", "appVersion")
_TRUTHS = (0.0, 1.0)


def is_grafana(body: Mapping[str, Any]) -> bool:
    """Tell whether the body is of Grafana's unified alerting."""
    said = reading.name(body.get("version"))
    return is_alertmanager(body) and (
        said == "1" or (said != "4" and any(one in body for one in _UNIFIED_ONLY))
    )


def is_legacy(body: Mapping[str, Any]) -> bool:
    """Tell whether the body is of Grafana's legacy alerting: a rule and its state."""
    return "state" in body and "ruleName" in body and ("ruleId" in body or "evalMatches" in body)


def parse_grafana(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """Return every alert of the body; raise `AlertError` where it has none, or one is no object."""
    return tuple(
        alert_of(one, body, source="grafana", value=_measured(one), test=_is_test(one))
        for one in alerts_in(body)
    )


def parse_legacy(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """Return the one alert of a rule: a value only where it matched one series, a resource where all agree on it."""
    matches = [reading.mapping(one) for one in reading.listed(body.get("evalMatches"))]
    every = [reading.flat("", match.get("tags")) for match in matches] or [{}]
    only, tags = (matches[0], every[0]) if len(matches) == 1 else ({}, {})
    ruled = reading.mapping(body.get("tags"))
    rule, number = reading.name(body.get("ruleName")), reading.name(body.get("ruleId"))
    return (
        Alert(
            policy_name=rule,
            resource=_agreed([resource_of(one) for one in every]),
            metric=tags.get("__name__") or reading.name(only.get("metric")),
            value=reading.number(only.get("value")),
            severity=reading.severity(ruled.get("severity"), tags.get("severity")),
            state=reading.state(body.get("state")),
            source="grafana",
            source_id=f"rule-{number}" if number else reading.digest(rule),
            project=_agreed([project_of(one) for one in every]),
            labels=told_apart(tags) | reading.flat("tags", ruled),
            condition=rule,
            absent=reading.name(body.get("state")).lower() == "no_data",
            test=rule == "Test notification",
            summary=reading.words(body.get("title"), body.get("message")),
        ),
    )


def _agreed(said: Sequence[str]) -> str:
    return said[0] if len(set(said)) == 1 else ""


def _is_test(one: Mapping[str, Any]) -> bool:
    labels = reading.mapping(one.get("labels"))
    return (labels.get("alertname"), labels.get("instance")) == ("TestAlert", "Grafana")


def _measured(one: Mapping[str, Any]) -> float | None:
    """Return the measured value where it is sure which it is: a condition's own truth, 0 or 1, is none."""
    values = [reading.number(value) for value in reading.mapping(one.get("values")).values()]
    measured = [value for value in values if value is not None and value not in _TRUTHS]
    return measured[0] if len(measured) == 1 else None
