"""Alertmanager, Grafana, Pub/Sub and the simple shapes."""

import base64
import json

import pytest

from infraai.errors import AlertError
from infraai.operations.intake import parse_body
from infraai.operations.shapes import Alert
from tests.intake.written import CPU, alertmanager, flat, google, grafana, grafana_legacy, nested, sent


def alert_of(body: object) -> Alert:
    (alert,) = parse_body(sent(body))
    return alert


def test_every_alert_of_an_alertmanager_body_is_one() -> None:
    body = alertmanager(
        {"alertname": "HighCPU", "instance": "vm-1:9100", "severity": "page"},
        {"alertname": "HighCPU", "instance": "vm-2:9100", "severity": "info"},
    )
    first, second = parse_body(sent(body))
    assert (first.resource, first.severity, first.source, first.source_id) == (
        "vm-1",
        "critical",
        "alertmanager",
        "0" * 16,
    )
    assert (second.resource, second.severity) == ("vm-2", "warning")
    assert first.labels["labels.instance"] == "vm-1:9100"
    assert (first.started_at, first.ended_at, first.summary) == (1_785_578_400.5, None, "It is bad.\nVery.")


def test_a_resolved_alert_is_closed_and_ended() -> None:
    alert = alert_of(alertmanager({"alertname": "HighCPU"}, status="resolved"))
    assert (alert.state, alert.ended_at) == ("closed", 1_785_578_700)


def test_one_body_may_hold_firing_and_resolved_alerts() -> None:
    body = alertmanager({"alertname": "A"}, {"alertname": "B"})
    body["alerts"][1]["status"] = "resolved"
    assert [one.state for one in parse_body(sent(body))] == ["open", "closed"]


def test_without_a_fingerprint_the_labels_are_the_id() -> None:
    def source_id(**labels: str) -> str:
        body = alertmanager({"alertname": "A", **labels})
        del body["alerts"][0]["fingerprint"]
        return alert_of(body).source_id

    assert source_id(a="1", b="2") == source_id(b="2", a="1") != source_id(a="1", b="3")


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({"instance": "10.0.0.5:9100"}, "10.0.0.5"),
        ({"instance": "[2001:db8::1]:9100"}, "2001:db8::1"),
        ({"instance": "https://shop.example.com/health"}, "shop.example.com"),
        ({"instance": "localhost:9090"}, "localhost:9090"),
        ({"instance": "exporter:9255", "database_id": "p:orders"}, "orders"),
        ({"instance": "exporter:9255", "instance_name": "vm-9"}, "vm-9"),
        ({"nodename": "vm-3"}, "vm-3"),
        ({"job": "batch"}, ""),
    ],
)
def test_prometheus_labels_name_a_thing_or_nothing(labels: dict[str, str], name: str) -> None:
    assert alert_of(alertmanager({"alertname": "X", **labels})).resource == name


def test_what_watches_a_cluster_is_not_taken_for_what_is_ill() -> None:
    labels = {
        "alertname": "KubePodCrashLooping",
        "instance": "vm-1:8080",
        "pod": "api-7",
        "namespace": "shop",
    }
    assert alert_of(alertmanager(labels)).resource == "api-7"
    assert alert_of(alertmanager({**labels, "cluster": "main"})).resource == "main"


def test_the_address_of_what_watches_is_kept_apart() -> None:
    watched = alert_of(
        alertmanager({"alertname": "DbSlow", "instance": "exporter:9255", "database_id": "p:orders"})
    )
    assert watched.labels["scraped.instance"] == "exporter:9255"
    assert "labels.instance" not in watched.labels
    pods = {"alertname": "Crashes", "job": "kube-state-metrics", "instance": "vm-1:8080", "node": "n-1"}
    assert (
        alert_of(alertmanager(pods)).resource,
        "labels.instance" in alert_of(alertmanager(pods)).labels,
    ) == ("n-1", False)


def test_a_prometheus_project_label_is_the_project() -> None:
    assert alert_of(alertmanager({"alertname": "A", "project_id": "shop-prod"})).project == "shop-prod"
    assert alert_of(alertmanager({"alertname": "A", "project": "My Shop"})).project == ""


@pytest.mark.parametrize("alerts", [[], [1], [{}], [{"labels": {}}], [{"labels": "x"}]])
def test_a_body_without_usable_alerts_is_refused(alerts: list[object]) -> None:
    with pytest.raises(AlertError, match=r"empty|no labels"):
        parse_body(sent({"version": "4", "alerts": alerts}))


@pytest.mark.parametrize(
    ("values", "value"),
    [
        ({"B": 91.5, "C": 1}, 91.5),
        ({"A": "91.5"}, 91.5),
        ({"C": 1}, None),
        ({"A": 5, "B": 6}, None),
        (None, None),
        ({}, None),
    ],
)
def test_grafanas_value_counts_where_it_is_sure_which_it_is(values: object, value: float | None) -> None:
    alert = alert_of(grafana({"alertname": "HighCPU", "instance": "vm-1"}, values))
    assert (alert.source, alert.value, alert.test) == ("grafana", value, False)


def test_grafanas_own_test_is_a_test() -> None:
    alert = alert_of(grafana({"alertname": "TestAlert", "instance": "Grafana"}))
    assert (alert.test, alert.resource) == (True, "")


def test_grafana_without_data_is_an_absence() -> None:
    assert alert_of(grafana({"alertname": "DatasourceNoData", "rulename": "cpu"})).absent


def test_a_legacy_rule_names_the_one_series_it_matched() -> None:
    alert = alert_of(grafana_legacy({"metric": "used", "value": 93, "tags": {"instance": "vm-1:9100"}}))
    assert (alert.resource, alert.value, alert.metric, alert.source_id) == ("vm-1", 93, "used", "rule-12")


def test_a_legacy_rule_on_many_series_names_none() -> None:
    matches = [{"metric": "used", "value": 93, "tags": {"instance": one}} for one in ("vm-1", "vm-2")]
    alert = alert_of(grafana_legacy(*matches))
    assert (alert.resource, alert.value) == ("", None)


def test_a_legacy_rule_that_is_ok_closes_what_it_opened() -> None:
    opened, closed = alert_of(grafana_legacy()), alert_of(grafana_legacy(state="ok"))
    assert (opened.state, closed.state) == ("open", "closed")
    assert opened.source_id == closed.source_id
    assert alert_of(grafana_legacy(state="no_data")).absent


def envelope(data: object) -> bytes:
    return sent(
        {
            "message": {"data": data, "messageId": "1", "attributes": {}},
            "subscription": "projects/p/subscriptions/s",
        }
    )


def encoded(body: object) -> str:
    return base64.b64encode(json.dumps(body).encode()).decode()


def test_a_pubsub_push_is_what_it_carries() -> None:
    assert parse_body(envelope(encoded(google()))) == parse_body(sent(google()))
    unpadded = encoded(google()).rstrip("=").replace("+", "-").replace("/", "_")
    assert parse_body(envelope(unpadded)) == parse_body(sent(google()))


@pytest.mark.parametrize("data", [None, "", 7, "%%%", "e30", encoded([google()]), encoded("text")])
def test_a_pubsub_push_of_something_else_is_refused(data: object) -> None:
    with pytest.raises(AlertError, match="Pub/Sub"):
        parse_body(envelope(data))


def test_a_pubsub_push_in_a_pubsub_push_is_refused() -> None:
    with pytest.raises(AlertError, match="no shape we know"):
        parse_body(envelope(base64.b64encode(envelope(encoded(google()))).decode()))


def test_the_flat_shape() -> None:
    alert = alert_of(flat())
    assert (alert.resource, alert.metric, alert.metric_path, alert.value, alert.threshold) == (
        "vm-1",
        "cpu_usage",
        "",
        85,
        80,
    )
    assert (alert.source, alert.state, alert.severity, alert.project) == ("simple", "open", "warning", "")


def test_numbers_as_text_are_numbers_and_prose_is_none() -> None:
    alert = alert_of(flat(value="0.93", threshold="about 80 percent"))
    assert (alert.value, alert.threshold) == (0.93, None)


def test_a_flat_alert_may_say_more() -> None:
    alert = alert_of(
        flat(
            metric=CPU,
            state="resolved",
            severity="high",
            project_id="shop-prod",
            started_at="2026-08-01T10:00:00Z",
        )
    )
    assert (alert.metric, alert.metric_path, alert.state, alert.severity) == (
        "cpu/utilization",
        CPU,
        "closed",
        "critical",
    )
    assert (alert.project, alert.started_at) == ("shop-prod", 1_785_578_400)


def test_a_path_as_resource_tells_the_project() -> None:
    alert = alert_of(flat(resource_id="projects/other-1/zones/z/instances/vm-1"))
    assert (alert.project, alert.resource) == ("other-1", "projects/other-1/zones/z/instances/vm-1")


def test_a_simple_alert_is_known_again_by_resource_metric_and_given_id() -> None:
    same, later = alert_of(flat()), alert_of(flat(value=99, state="resolved"))
    assert same.source_id == later.source_id
    others = {
        alert_of(one).source_id
        for one in (flat(id=1), flat(resource_id="vm-2"), flat(metric="m"), flat(project_id="p"))
    }
    assert len({*others, same.source_id}) == 5


def test_the_nested_shape() -> None:
    alert = alert_of(nested())
    assert (alert.resource, alert.metric_path, alert.value, alert.threshold) == ("vm-1", CPU, 0.93, 0.8)
    assert (alert.source, alert.metric, alert.policy_name) == ("simple", "cpu/utilization", "cpu")


def test_the_nested_shape_may_name_its_resource_by_labels() -> None:
    labels = {"instance_id": "701", "project_id": "shop-prod"}
    alert = alert_of(nested(resource={"type": "gce_instance", "labels": labels}, resource_name=None))
    assert (alert.resource, alert.project, alert.labels["resource.labels.instance_id"]) == (
        "701",
        "shop-prod",
        "701",
    )


@pytest.mark.parametrize("resource", [{"name": "vm-1"}, "vm-1", {"labels": {"instance_name": "vm-1"}}])
def test_a_simple_alert_may_tell_its_resource_as_text_or_as_an_object(resource: object) -> None:
    assert alert_of({"resource": resource, "metric": "cpu_usage", "value": 85}).resource == "vm-1"
    assert alert_of(nested(resource=resource, resource_name=None)).resource == "vm-1"


def test_the_nested_shape_may_keep_its_threshold_beside_the_condition() -> None:
    alert = alert_of(nested(condition={"metricType": CPU, "currentValue": "about 93"}, threshold_value="0.8"))
    assert (alert.value, alert.threshold) == (None, 0.8)


def test_a_simple_alert_may_say_that_it_is_a_test() -> None:
    assert alert_of(flat(test=True)).test
    assert not alert_of(flat(test="no")).test
