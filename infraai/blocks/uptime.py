"""The uptime check on the way in, and the alert policy on it: does the service answer, asked from outside?

https://cloud.google.com/monitoring/uptime-checks: asked from several places; more than one that fails counts.
"""

from infraai.blocks.hcl import Expression, Raw, Written, template
from infraai.blocks.monitoring import CHANNEL
from infraai.blocks.outputs import Entry
from infraai.labels import DEPLOYMENT_LABEL, RESOURCE_LABEL, label_value, resource_label
from infraai.models import DeploymentId

CHECK = "google_monitoring_uptime_check_config"
METRIC = "monitoring.googleapis.com/uptime_check/check_passed"
HTTP, HTTPS = 80, 443


def uptime_blocks(entry: Entry, deployment_id: DeploymentId, *, notify: bool) -> tuple[Written, ...]:
    """Return a check of the way in and its alert policy; none where nothing answers over HTTP, or maybe nothing."""
    block = entry.block
    if block is None or not entry.host or block.attribute("count") or block.attribute("for_each"):
        return ()
    name = f"{block.labels[1]}_uptime"
    return _check_block(name, entry), _policy_block(
        name, block.labels[1], block.address, deployment_id, notify
    )


def _check_block(name: str, entry: Entry) -> Written:
    http: dict[str, Expression] = {"path": "/", "port": HTTPS if entry.secure else HTTP}
    if entry.secure:
        http |= {"use_ssl": True, "validate_ssl": False}
    watched = Written(
        "monitored_resource",
        (),
        {"type": "uptime_url", "labels": {"project_id": Raw("var.project"), "host": Raw(entry.host)}},
    )
    attributes: dict[str, Expression] = {"display_name": name, "timeout": "10s", "period": "60s"}
    return Written("resource", (CHECK, name), attributes, (Written("http_check", (), http), watched))


def _policy_block(
    name: str,
    resource: str,
    address: str,
    deployment_id: DeploymentId,
    notify: bool,  # noqa: FBT001
) -> Written:
    said = f'resource.type = "uptime_url" AND metric.type = "{METRIC}" AND metric.labels.check_id = "'
    aggregation: dict[str, Expression] = {
        "alignment_period": "60s",
        "per_series_aligner": "ALIGN_NEXT_OLDER",
        "cross_series_reducer": "REDUCE_COUNT_FALSE",
        "group_by_fields": ["resource.label.host"],
    }
    threshold = Written(
        "condition_threshold",
        (),
        {
            "filter": template(said, Raw(f"{CHECK}.{name}.uptime_check_id"), '"'),
            "comparison": "COMPARISON_GT",
            "threshold_value": 1,
            "duration": "60s",
        },
        (Written("aggregations", (), aggregation), Written("trigger", (), {"count": 1})),
    )
    attributes: dict[str, Expression] = {
        "display_name": f"{resource}: uptime_failed",
        "combiner": "OR",
        "severity": "CRITICAL",
        "notification_channels": [Raw(f"{CHANNEL}.id")] if notify else [],
        "user_labels": {
            DEPLOYMENT_LABEL: label_value(deployment_id),
            RESOURCE_LABEL: resource_label(address),
        },
    }
    words = (
        f"`{address}` does not answer over HTTP, asked from several places."
        " INFRAai looks at it and asks before it acts, where its policy says so."
    )
    return Written(
        "resource",
        ("google_monitoring_alert_policy", f"{resource}_uptime_failed"),
        attributes,
        (
            Written("conditions", (), {"display_name": "uptime_failed"}, (threshold,)),
            Written("alert_strategy", (), {"auto_close": "1800s"}),
            Written("documentation", (), {"content": words, "mime_type": "text/markdown"}),
        ),
    )
