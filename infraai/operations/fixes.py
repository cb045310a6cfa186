"""What an alert is a sign of, and what is known to help."""

import re

from infraai.operations.shapes import ActionType, Alert, Cause

# The path of one of Google's metrics → what it is a sign of; the first that matches counts.
# Paths: https://cloud.google.com/monitoring/api/metrics_gcp
_SIGNS: tuple[tuple[str, Cause], ...] = (
    (r"uptime_check/check_passed", "unavailable"),
    (r"time_until_|oldest_unacked|replica_?lag|replication/", "unknown"),
    (r"restart_count|uptime_total$|container/uptime$", "restarts"),
    (r"instance/uptime$", "stopped"),
    (r"database/(up|state|instance_state)$|status_condition$|instance_group/size$", "unavailable"),
    (r"firewall", "firewall"),
    (
        r"num_backends|connections|clients/connected|port_usage|allocated_ports|allocation_failed",
        "connections",
    ),
    (r"memory|swap/|ram_used|evicted_keys", "memory"),
    (r"latenc|_times$|rtt|duration|response_time", "latency"),
    (r"(request|execution|response)_count$", "traffic"),
    (r"disk/(percent_used|utilization|bytes_used|used_bytes|quota)", "disk_full"),
    (r"volume/utilization|ephemeral_storage|filesystem|storage/utilization", "disk_full"),
    (r"disk/|iops|/io_", "disk_io"),
    (r"cpu|/load_|autoscaler[^/]*/current_utilization", "cpu"),
    (r"instance_count$|network/|interface/|/nat/|bytes_count$|packets_count$", "traffic"),
)
# Words of a name, each between blanks (`HighCPU` is "high cpu") → what they are a sign of.
_WORDS: tuple[tuple[str, Cause], ...] = (
    (r"oom|\w*memory|mem|ram|swap|heap", "memory"),
    (r"crash\w*|restart\w*|reboot\w*|back ?off", "restarts"),
    (r"firewall", "firewall"),
    (r"5xx|500s|(http|status|code) 50\d|error budget", "errors"),
    (r"cert\w* (.* )?expir\w*|clock (skew|drift|not)|(backup|job) fail\w*", "unknown"),
    (
        r"(disk|storage|volume|block device) (.* )?(io|iops|reads?|writes?|latency|throughput|ops|queue|await)",
        "disk_io",
    ),
    (
        r"filesystem|disk|inodes?|no space|(volume|storage|pvc?|tablespace) (.* )?(\w*full|us\w+|fill\w*|space)",
        "disk_full",
    ),
    (r"connections? (refused|failed|failures?|timed out|timeouts?|lost)", "unavailable"),
    (r"connections?|conns?|backends|too many clients", "connections"),
    (
        r"latenc\w*|slow\w*|(response|load|request) times?|(request|response) duration|timeouts?|p 9\d",
        "latency",
    ),
    (r"cpu|processor|load(?! balanc)", "cpu"),
    (r"stopped|terminated|shut ?down|halted|preempted|powered off|not running", "stopped"),
    (r"health\w*|unhealthy|uptime|unavailable|unreachable|outage|offline", "unavailable"),
    (r"heartbeat|status check|not (ready|responding)", "unavailable"),
    (r"(?<!scale )(?<!slow )(?<!cool )down|probe (.* )?fail\w*|replicas mismatch", "unavailable"),
    (r"traffic|network|bandwidth|packets|egress|rps|qps|requests? (rate|count|volume|total|per)", "traffic"),
    (r"err|errs|errors?|exceptions?|failure rate|failed requests?|requests? fail\w*", "errors"),
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]*")
_OWN_NAMES = ("custom.", "external.", "workload.", "prometheus.", "logging.googleapis.com/user/")
_TOO_MUCH: frozenset[Cause] = frozenset(
    {"cpu", "memory", "disk_full", "disk_io", "connections", "latency", "errors"}
)
_WHAT_IS_LEFT = re.compile(r"\b(idle|free|avail|available|remaining|left)\b")
_CAN_STOP = ("compute.", "agent.", "cloudsql.", "kubernetes.")
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
    """Return what the alert is a sign of: by the metric's path, else by the words of its names.

    Too little of what is bad in excess (a cpu *below* its threshold) is "unknown": the known fixes would harm.
    """
    if alert.absent:
        return "stopped" if _could_stop(alert.metric_path) else "unavailable"
    cause = _by_path(alert) or _by_names(alert)
    if cause == "traffic" and _counts_failures(alert):
        return "errors"
    if cause in _TOO_MUCH and alert.comparison:
        return cause if (alert.comparison == "COMPARISON_LT") == _measures_what_is_left(alert) else "unknown"
    return "unknown" if _is_large_group(alert) else cause


def _by_path(alert: Alert) -> Cause | None:
    path = alert.metric_path.lower()
    if not path:
        return None
    if path.startswith(_OWN_NAMES) and (said := _by_words(alert.metric_path.partition("/")[2])):
        return said
    return next((cause for sign, cause in _SIGNS if re.search(sign, path)), None)


def _by_names(alert: Alert) -> Cause:
    """Return what the most exact of its names says: the metric's, the condition's, the policy's."""
    for name in (alert.metric, alert.condition, alert.policy_name):
        if said := _by_words(name):
            return said
    return "unavailable" if alert.resource_type == "uptime_url" else "unknown"


def _by_words(name: str) -> Cause | None:
    said = _words(name)
    if said in {"up", "up gauge"}:
        return "unavailable"
    return next((cause for sign, cause in _WORDS if re.search(rf"\b(?:{sign})(?!\S)", said)), None)


def _words(name: str) -> str:
    return " ".join(_PARTS.findall(name)).lower()


def _could_stop(path: str) -> bool:
    return not path or path.startswith(_CAN_STOP)


def _counts_failures(alert: Alert) -> bool:
    said = _words(f"{alert.metric_path} . {alert.metric} . {alert.condition} . {alert.policy_name}")
    if not re.search(r"request|execution|response", said):
        return False
    codes = (value for name, value in alert.labels.items() if "response_code" in name or "status" in name)
    failed = any(re.fullmatch(r"5(xx|\d\d)", code) for code in codes)
    return failed or bool(re.search(r"\b(5xx|500s|(http|status|code) 50\d|errors?|fail\w*)\b", said))


def _measures_what_is_left(alert: Alert) -> bool:
    said = _words(f"{alert.metric_path} . {alert.metric}")
    return bool(_WHAT_IS_LEFT.search(said)) or alert.labels.get("metric.labels.state") in {"free", "idle"}


def _is_large_group(alert: Alert) -> bool:
    return alert.metric_path.endswith("instance_group/size") and alert.comparison == "COMPARISON_GT"
