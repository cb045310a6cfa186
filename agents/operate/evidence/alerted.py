"""The alert itself: what fired, by how much, and for how long."""

from agents.operate.evidence.case import Case
from agents.operate.evidence.pieces import ago, clock_time, piece
from infraai.operations.measuring import said_value, threshold_of
from infraai.operations.shapes import Alert, Evidence


def from_alert(case: Case) -> list[Evidence]:
    """Return the piece about the alert; none where a person asked for an action."""
    alert = case.alert
    if alert is None:
        return []
    data = {
        "policy": alert.policy_name,
        "metric": alert.metric,
        "metric_path": alert.metric_path,
        "value": said_value(alert, case.target),
        "threshold": threshold_of(alert, case.target),
        "comparison": alert.comparison or "COMPARISON_GT",
        "absent": alert.absent,
        "severity": alert.severity,
        "state": alert.state,
        "source": alert.source,
        "started_at": case.began,
        "open_for_s": round(case.now - case.began),
        "clocks_agree": case.clocks_agree,
        "labels": alert.labels,
        "matched_by": case.target.matched_by,
    }
    since = f"since {clock_time(case.began)} ({ago(case.now - case.began)})"
    if not case.clocks_agree:
        since = (
            f"at a time its sender gives as {alert.started_at:.0f}, which disagrees with the cloud's clock"
        )
    named = alert.metric or alert.metric_path or alert.condition or "an unnamed metric"
    summary = (
        f"{alert.severity} alert {named} on {case.target.resource.address}: {_reading(case, alert)}, {since}."
    )
    return [piece("alert", summary, data)]


def _reading(case: Case, alert: Alert) -> str:
    value, threshold = said_value(alert, case.target), threshold_of(alert, case.target)
    if alert.absent:
        return "no data arrives"
    if value is None or threshold is None:
        return "it names no value" if value is None else f"it says {value:g} and no threshold"
    side = "below" if alert.comparison == "COMPARISON_LT" else "above"
    crossed = value < threshold if side == "below" else value > threshold
    return f"it says {value:g}, {side if crossed else 'not ' + side} its threshold {threshold:g}"
