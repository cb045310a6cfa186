"""What an alert is a sign of, and what is known to help."""

from infraai.operations.shapes import ActionType, Alert, Cause

# The metric's path (or a word of its name) → what it is a sign of; the first that matches counts.
_SIGNS: tuple[tuple[str, Cause], ...] = (
    ("restart_count", "restarts"),
    ("uptime_check/", "unavailable"),
    ("check_passed", "unavailable"),
    ("database/up", "unavailable"),
    ("instance/uptime", "stopped"),
    ("num_backends", "connections"),
    ("connections", "connections"),
    ("memory", "memory"),
    ("disk/percent_used", "disk_full"),
    ("disk/utilization", "disk_full"),
    ("disk/bytes_used", "disk_full"),
    ("volume/utilization", "disk_full"),
    ("disk/", "disk_io"),
    ("cpu", "cpu"),
    ("load_", "cpu"),
    ("current_utilization", "cpu"),
    ("latenc", "latency"),
    ("firewall", "firewall"),
    ("network/", "traffic"),
    ("log_entry_count", "unknown"),
)
_WORDS: tuple[tuple[str, Cause], ...] = (
    ("crash", "restarts"),
    ("restart", "restarts"),
    ("oom", "memory"),
    ("memory", "memory"),
    ("mem_", "memory"),
    ("disk_full", "disk_full"),
    ("disk_usage", "disk_full"),
    ("disk_used", "disk_full"),
    ("disk_space", "disk_full"),
    ("disk space", "disk_full"),
    ("filesystem", "disk_full"),
    ("volume", "disk_full"),
    ("disk", "disk_io"),
    ("cpu", "cpu"),
    ("load", "cpu"),
    ("connection", "connections"),
    ("latency", "latency"),
    ("slow", "latency"),
    ("5xx", "errors"),
    ("error", "errors"),
    ("firewall", "firewall"),
    ("health", "unavailable"),
    ("uptime", "unavailable"),
    ("unavailable", "unavailable"),
    ("unreachable", "unavailable"),
    ("down", "unavailable"),
    ("stopped", "stopped"),
    ("terminated", "stopped"),
)
KNOWN_FIXES: dict[Cause, tuple[ActionType, ...]] = {
    "cpu": ("scale_up",),
    "memory": ("scale_up", "restart"),
    "disk_full": ("resize_disk",),
    "connections": ("modify_config",),
    "restarts": ("restart", "redeploy"),
    "unavailable": ("restart", "redeploy", "modify_firewall"),
    "stopped": ("restart",),
    "firewall": ("modify_firewall",),
    "latency": ("scale_up",),
    "errors": ("redeploy", "restart", "rollback"),
    "disk_io": (),
    "traffic": (),
    "unknown": (),
}


def cause_of(alert: Alert) -> Cause:
    """Return what the alert is a sign of: by the metric's path, else by the words of its names."""
    path = alert.metric_path.lower()
    if alert.absent:
        return "stopped"
    if path.endswith("/request_count"):
        return "errors" if _counts_failures(alert) else "traffic"
    for sign, cause in _SIGNS:
        if path and sign in path:
            return cause
    named = f"{alert.metric} {alert.condition} {alert.policy_name}".lower()
    return next((cause for word, cause in _WORDS if word in named), "unknown")


def _counts_failures(alert: Alert) -> bool:
    said = f"{alert.metric} {alert.condition} {alert.policy_name}".lower()
    code = " ".join(value for name, value in alert.labels.items() if "response_code" in name)
    return "5" in code or any(word in said for word in ("5xx", "error", "500", "fail"))
