"""Alertmanager's webhook, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.

Grafana's unified alerting sends the same, with `version` 1 and a few fields more.
"""

from collections.abc import Mapping
from typing import Any

from infraai.errors import AlertError
from infraai.operations.intake import identity, reading
from infraai.operations.shapes import Alert

MAX_ALERTS = 1000
_PROJECT_LABELS = ("project_id", "gcp_project_id", "gcp_project", "google_project_id", "project")
_EXACT = (
    "instance_name",
    "database_id",
    "service_name",
    "cluster_name",
    "forwarding_rule_name",
    "url_map_name",
)
_IN_CLUSTER = ("cluster", "pod", "pod_name", "deployment", "statefulset", "daemonset", "node")
_HOSTS = ("instance", "nodename", "node", "hostname", "host", "vm", "server", "instance_id")
_SEVERITY_LABELS = ("severity", "priority", "level")


def is_alertmanager(body: Mapping[str, Any]) -> bool:
    """Tell whether the body is a list of alerts as Alertmanager writes it."""
    return isinstance(body.get("alerts"), list)


def parse_alertmanager(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """Return every alert of the body; raise `AlertError` where it has none or too many, or one is no object."""
    return tuple(
        alert_of(one, body, source="alertmanager", value=None, test=False) for one in alerts_in(body)
    )


def alerts_in(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the alerts of a body as it has them."""
    alerts = reading.listed(body.get("alerts"))
    if not alerts:
        raise AlertError("The body's list `alerts` is empty.", next_step="Send at least one alert in it.")
    if len(alerts) > MAX_ALERTS:
        raise AlertError(
            f"The body holds {len(alerts)} alerts, and {MAX_ALERTS} is the most.",
            next_step="Set `max_alerts` at the sender.",
        )
    for position, one in enumerate(alerts, start=1):
        if not reading.mapping(reading.mapping(one).get("labels")):
            raise AlertError(
                f"Alert {position} of the body has no labels.", next_step="Send each as {status, labels, …}."
            )
    return alerts


def alert_of(
    one: Mapping[str, Any], body: Mapping[str, Any], *, source: str, value: float | None, test: bool
) -> Alert:
    """Return one alert of a body. The body's common labels and annotations only repeat what each alert says."""
    labels = reading.flat("", one.get("labels"))
    annotations = reading.mapping(one.get("annotations"))
    title = labels.get("alertname", "")
    state = reading.state(one.get("status") or body.get("status"))
    return Alert(
        policy_name=title,
        resource="" if test else resource_of(labels),
        resource_type=labels.get("resource_type", ""),
        metric=title,
        value=value,
        severity=reading.severity(*(labels.get(label) for label in _SEVERITY_LABELS)),
        state=state,
        source=source,
        source_id=reading.name(one.get("fingerprint")) or reading.digest(labels),
        project=project_of(labels),
        labels=told_apart(labels),
        started_at=reading.instant(one.get("startsAt")),
        ended_at=reading.instant(one.get("endsAt")) if state == "closed" else None,
        condition=title,
        absent=title == "DatasourceNoData",
        test=test,
        summary=reading.words(
            *(annotations.get(key) for key in ("summary", "title", "description", "message"))
        ),
    )


def resource_of(labels: Mapping[str, str]) -> str:
    """Return the name that the labels of a Prometheus series give their thing; empty where they give none."""
    for label in _EXACT:
        if labels.get(label):
            return identity.plain(label, labels[label])
    wanted = _IN_CLUSTER if _of_cluster(labels) else _HOSTS
    return next((identity.host_of(labels[one]) for one in wanted if labels.get(one)), "")


def told_apart(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels as an alert keeps them.

    `instance` becomes `scraped.instance` where it is the address of what watches, such as kube-state-metrics or a
    cloud's exporter: by the plain name it would be taken for the thing that is ill.
    """
    watches = _of_cluster(labels) or any(labels.get(label) for label in _EXACT)
    kept = {f"labels.{key}": said for key, said in labels.items()}
    if watches and "labels.instance" in kept:
        kept["scraped.instance"] = kept.pop("labels.instance")
    return kept


def _of_cluster(labels: Mapping[str, str]) -> bool:
    told = labels.get("alertname", "").startswith(("Kube", "Pod", "Container"))
    return told or "kube-state" in labels.get("job", "")


def project_of(labels: Mapping[str, str]) -> str:
    """Return the project that the labels name, if it has the form of one."""
    database = identity.project_of_database(labels.get("database_id", ""))
    said = (labels[one] for one in _PROJECT_LABELS if one in labels)
    return next((one for one in said if identity.looks_like_project(one)), database)
