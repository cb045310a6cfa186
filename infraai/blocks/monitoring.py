"""The notification channel and the alert policies, as Terraform."""

from collections.abc import Iterable
from dataclasses import dataclass

from infraai.blocks.hcl import Expression, Raw, Written, template
from infraai.configuration import Block
from infraai.labels import DEPLOYMENT_LABEL, RESOURCE_LABEL, label_value, resource_label
from infraai.metrics import metrics
from infraai.models import DeploymentId, MonitoringPolicy

CHANNEL = "google_monitoring_notification_channel.infraai"
WEBHOOK_PATH = "/ops/webhook"
_GROUPS = ("google_compute_instance_group_manager", "google_compute_region_instance_group_manager")
_RUN = ("google_cloud_run_v2_service", "google_cloud_run_service")
_GROUP_BY = {
    "cloudsql_database": "resource.label.database_id",
    "cloud_run_revision": "resource.label.service_name",
    "https_lb_rule": "resource.label.url_map_name",
    "gce_instance": "resource.label.instance_id",
    "k8s_container": "resource.label.cluster_name",
    "k8s_node": "resource.label.node_name",
    "k8s_pod": "resource.label.pod_name",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A resource as it was written, and the policy on it."""

    policy: MonitoringPolicy
    block: Block

    @property
    def multiplied(self) -> bool:
        """Return whether the resource has `count` or `for_each`."""
        return bool(self.block.attribute("count") or self.block.attribute("for_each"))


def channel_block() -> Written:
    """Return the webhook channel; the token is in the URL's query, as `webhook_tokenauth` sends it.

    Source: https://cloud.google.com/monitoring/support/notification-options#webhooks.
    """
    url = Raw('var.alert_webhook_token == "" ? var.alert_webhook_url : ')
    with_token = template(Raw("var.alert_webhook_url"), "?token=", Raw("var.alert_webhook_token"))
    return Written(
        "resource",
        tuple(CHANNEL.split(".")),
        {
            "display_name": "INFRAai",
            "type": "webhook_tokenauth",
            "labels": {"url": Raw(f"{url}{with_token}")},
        },
    )


def policy_blocks(
    watched: Iterable[Watched], deployment_id: DeploymentId, *, notify: bool = True
) -> tuple[Written, ...]:
    """Return one alert policy for each watched resource and metric, under names that are unique.

    Without `notify` they name no channel: the alerts open in Cloud Monitoring and tell nobody.
    """
    taken: set[str] = set()
    blocks: list[Written] = []
    for one in watched:
        wanted = f"{one.block.labels[1]}_{one.policy.metric_name}"
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        taken.add(name)
        blocks.append(_policy_block(name, one, deployment_id, notify=notify))
    return tuple(blocks)


def _policy_block(name: str, one: Watched, deployment_id: DeploymentId, *, notify: bool) -> Written:
    policy, address = one.policy, one.block.address
    attributes: dict[str, Expression] = {}
    if one.multiplied:
        attributes["count"] = Raw(f"length({address}) > 0 ? 1 : 0")
    attributes |= {
        "display_name": f"{one.block.labels[1]}: {policy.metric_name}",
        "combiner": "OR",
        "severity": policy.severity.upper(),
        "notification_channels": [Raw(f"{CHANNEL}.id")] if notify else [],
        "user_labels": {
            DEPLOYMENT_LABEL: label_value(deployment_id),
            RESOURCE_LABEL: resource_label(address),
        },
    }
    measured = _absence_block(one) if policy.absent else _threshold_block(one)
    condition = Written("conditions", (), {"display_name": policy.metric_name}, (measured,))
    # Silence goes on while nothing is measured: half an hour without data must not close it as if it were over.
    strategy = Written("alert_strategy", (), {"auto_close": "86400s" if policy.absent else "1800s"})
    return Written(
        "resource",
        ("google_monitoring_alert_policy", name),
        attributes,
        (condition, strategy, _documentation(one)),
    )


def _threshold_block(one: Watched) -> Written:
    policy = one.policy
    aggregation: dict[str, Expression] = {"alignment_period": "60s", "per_series_aligner": policy.aligner}
    if policy.reducer and policy.reducer != "REDUCE_NONE":
        aggregation["cross_series_reducer"] = policy.reducer
        group = _GROUP_BY.get(_monitored(policy))
        if group:
            aggregation["group_by_fields"] = [group]
    return Written(
        "condition_threshold",
        (),
        {
            "filter": _filter(one),
            "comparison": policy.comparison,
            "threshold_value": policy.threshold,
            "duration": policy.duration,
        },
        (Written("aggregations", (), aggregation), Written("trigger", (), {"count": 1})),
    )


def _absence_block(one: Watched) -> Written:
    """Return a condition that fires once nothing is measured any more: a stopped machine sends nothing."""
    policy = one.policy
    aggregation: dict[str, Expression] = {"alignment_period": "60s", "per_series_aligner": policy.aligner}
    return Written(
        "condition_absent",
        (),
        {"filter": _filter(one), "duration": policy.duration},
        (Written("aggregations", (), aggregation), Written("trigger", (), {"count": 1})),
    )


def _documentation(one: Watched) -> Written:
    policy = one.policy
    sign = "above" if policy.comparison == "COMPARISON_GT" else "below"
    level = "is not measured any more" if policy.absent else f"is {sign} {policy.threshold:,g}"
    words = (
        f"`{policy.metric_path}` of `{one.block.address}` {level} for {policy.duration}."
        " INFRAai looks at it and asks before it acts, where its policy says so."
    )
    return Written("documentation", (), {"content": words, "mime_type": "text/markdown"})


def _monitored(policy: MonitoringPolicy) -> str:
    if policy.resource_type:
        return policy.resource_type
    metric = metrics().get(policy.metric_path)
    return metric.resource_types[0] if metric else ""


def _filter(one: Watched) -> Raw:
    policy = one.policy
    said = f'resource.type = "{_monitored(policy)}" AND metric.type = "{policy.metric_path}"'
    label = _metric_label(policy)
    return template(f"{said}{label} AND ", *_identity(one))


def _metric_label(policy: MonitoringPolicy) -> str:
    if policy.metric_path.startswith("agent.googleapis.com/") and policy.metric_path.endswith("percent_used"):
        return ' AND metric.labels.state = "used"'
    if policy.metric_path.endswith("/request_count") and any(
        word in policy.metric_name.lower() for word in ("5xx", "error", "500", "fail")
    ):
        value = "500" if policy.metric_path.startswith("loadbalancing") else "5xx"
        return f' AND metric.labels.response_code_class = "{value}"'
    return ""


def _identity(one: Watched) -> tuple[str, ...]:
    """Return the filter's part that names the resource: literal text, and `Raw` references."""
    kind, monitored = one.block.labels[0], _monitored(one.policy)
    address = one.block.address
    if kind in _GROUPS and monitored == "gce_instance":
        name = "metric.labels.instance_name" if _on_compute(one) else "metadata.system_labels.name"
        return _prefixed(one, name)
    label, attribute = _labels_of(kind, monitored)
    if not one.multiplied:
        return (f'resource.labels.{label} = "', *_value(address, attribute), '"')
    each = template(*_value("one", attribute)) if attribute == "database_id" else f"one.{attribute}"
    listed = Raw(f'join(", ", [for one in {address} : format("%q", {each})])')
    return (f"resource.labels.{label} = one_of(", listed, ")")


def _prefixed(one: Watched, name: str) -> tuple[str, ...]:
    if not one.multiplied:
        base = Raw(f"{one.block.address}.base_instance_name")
        return (f'{name} = starts_with("', base, '-")')
    each = f'"{name} = starts_with(${{format("%q", "${{one.base_instance_name}}-")}})"'
    return ("(", Raw(f'join(" OR ", [for one in {one.block.address} : {each}])'), ")")


def _on_compute(one: Watched) -> bool:
    return one.policy.metric_path.startswith("compute.googleapis.com/")


def _value(address: str, attribute: str) -> tuple[str, ...]:
    if attribute == "database_id":
        return (Raw(f"{address}.project"), ":", Raw(f"{address}.name"))
    return (Raw(f"{address}.{attribute}"),)


def _labels_of(kind: str, monitored: str) -> tuple[str, str]:
    """Return the monitored resource's label that tells the resource, and the attribute whose value it is."""
    if kind == "google_compute_instance":
        return "instance_id", "instance_id"
    if kind == "google_sql_database_instance":
        return "database_id", "database_id"
    if kind in _RUN:
        return "service_name", "name"
    if kind in _GROUPS:
        return (
            "instance_group_name" if monitored == "instance_group" else "instance_group_manager_name"
        ), "name"
    if kind == "google_container_cluster":
        return "cluster_name", "name"
    named = {
        "google_compute_url_map": "url_map_name",
        "google_compute_backend_service": "backend_target_name",
    }
    return named.get(kind, "forwarding_rule_name"), "name"
