"""Which sender wrote a body, and its alerts."""

from collections.abc import Mapping
from typing import Any

from infraai.errors import AlertError
from infraai.operations.intake import alertmanager, google, grafana, pubsub, reading, simple
from infraai.operations.intake.loading import load
from infraai.operations.shapes import Alert

MAX_BODIES = 100
MAX_ALERTS = alertmanager.MAX_ALERTS
_SHOWN = 8
# The order counts: the nested simple shape has an `incident` as Google's has, Grafana's is Alertmanager's and more.
_SHAPES = (
    (simple.is_nested, simple.parse_nested),
    (google.is_google, google.parse_google),
    (grafana.is_grafana, grafana.parse_grafana),
    (alertmanager.is_alertmanager, alertmanager.parse_alertmanager),
    (grafana.is_legacy, grafana.parse_legacy),
    (simple.is_flat, simple.parse_flat),
)
_UNDERSTOOD = (
    "Send one of: Google Cloud Monitoring 1.2 or 1.1 {version, incident}, its Pub/Sub push {message: {data}}, "
    "Alertmanager v4 or Grafana {alerts: […]}, Grafana legacy {ruleName, ruleId, state}, "
    "{resource_id, metric, value, threshold}, or {incident: {condition: {metricType, currentValue}}}."
)


def parse_body(body: bytes | str) -> tuple[Alert, ...]:
    """Return the alerts of a webhook's body, at least one; a list holds up to `MAX_BODIES` bodies.

    Values that are not surely what they should be are None or empty. Raises `AlertError`, and nothing else, where
    the body cannot be read or is of no shape we know; of a list with one such element nothing is taken.
    """
    found = load(body)
    if not isinstance(found, list):
        return _alerts(found, "The webhook body")
    if not 0 < len(found) <= MAX_BODIES:
        raise AlertError(
            f"The webhook body is a list of {len(found)}, and 1 to {MAX_BODIES} bodies are accepted.",
            next_step="Send fewer bodies at once." if found else _UNDERSTOOD,
        )
    alerts = tuple(
        alert
        for position, one in enumerate(found, start=1)
        for alert in _alerts(one, f"Element {position} of the webhook body")
    )
    if len(alerts) > MAX_ALERTS:
        raise AlertError(
            f"The webhook body holds {len(alerts)} alerts, and {MAX_ALERTS} is the most.",
            next_step="Send fewer bodies at once.",
        )
    return alerts


def _alerts(body: Any, what: str, *, wrapped: bool = False) -> tuple[Alert, ...]:
    if not isinstance(body, dict):
        raise AlertError(f"{what} is no JSON object.", next_step=_UNDERSTOOD)
    if not wrapped and pubsub.is_pubsub(body):
        return _alerts(pubsub.unwrapped(body), "The body in the Pub/Sub message", wrapped=True)
    for is_it, parse in _SHAPES:
        if is_it(body):
            return parse(body)
    raise AlertError(f"{what} is of no shape we know: it has {_fields(body)}.", next_step=_UNDERSTOOD)


def _fields(body: Mapping[str, Any]) -> str:
    named = sorted(filter(None, map(reading.name, body)))
    if not named:
        return "no fields"
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return "the fields " + ", ".join(one[:40] for one in named[:_SHOWN]) + more
