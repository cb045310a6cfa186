"""The Monitoring gRPC API, asked by Google's own client."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core.exceptions import InvalidArgument, NotFound
from google.cloud import monitoring_v3
from google.cloud.monitoring_v3.services.alert_policy_service.transports import (
    AlertPolicyServiceGrpcTransport,
)
from google.cloud.monitoring_v3.services.metric_service.transports import MetricServiceGrpcTransport
from google.cloud.monitoring_v3.services.notification_channel_service.transports import (
    NotificationChannelServiceGrpcTransport,
)

from sandbox.cloud import Cloud, Point
from sandbox.monitoring_api.alignment import Aggregation, Series, align, percentile
from sandbox.monitoring_api.descriptors import Descriptors
from sandbox.monitoring_api.filters import FilterError, parse_filter
from sandbox.monitoring_api.metric_service import MetricService
from sandbox.monitoring_api.server import MonitoringServer

CPU = "compute.googleapis.com/instance/cpu/utilization"
READ = "compute.googleapis.com/instance/disk/read_bytes_count"
NOW = int(time.time())


class Wire:
    """A cloud, and a connection to its Monitoring API."""

    def __init__(self, path: Path) -> None:
        self.cloud = Cloud(path / "cloud.db")
        self.server = MonitoringServer(self.cloud)
        self.channel = grpc.insecure_channel(self.server.start())
        self.metrics = monitoring_v3.MetricServiceClient(
            transport=MetricServiceGrpcTransport(channel=self.channel)
        )

    def close(self) -> None:
        self.channel.close()
        self.server.stop()
        self.cloud.close()

    def series(self, wanted: str, **aggregation: Any) -> list[tuple[dict[str, str], list[float]]]:
        interval = {"start_time": {"seconds": NOW - 600}, "end_time": {"seconds": NOW}}
        request: dict[str, Any] = {"name": "projects/acme", "filter": wanted, "interval": interval}
        if aggregation:
            request["aggregation"] = {"alignment_period": {"seconds": 300}, **aggregation}
        return [
            (dict(one.resource.labels), [point.value.double_value for point in one.points])
            for one in self.metrics.list_time_series(request=request)
        ]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    made = Wire(tmp_path_factory.mktemp("monitoring"))
    yield made
    made.close()


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.cloud.reset()
    for instance, load in (("1", 0.2), ("2", 0.6)):
        labels = {
            "resource.instance_id": instance,
            "resource.zone": "us-central1-a",
            "resource.project_id": "acme",
        }
        shared.cloud.record(
            Point(CPU, "gce_instance", labels, NOW - 540 + 60 * n, load + n / 100) for n in range(10)
        )
        shared.cloud.record(Point(READ, "gce_instance", labels, NOW - 540 + 60 * n, 6000) for n in range(10))
    return shared


def test_raw_points_come_newest_first(wire: Wire) -> None:
    found = wire.series(f'metric.type = "{CPU}" AND resource.labels.instance_id = "1"')
    assert len(found) == 1
    assert found[0][1][:2] == [pytest.approx(0.29), pytest.approx(0.28)]


def test_points_are_aligned_and_reduced(wire: Wire) -> None:
    wanted = f'metric.type = "{CPU}" AND resource.type = "gce_instance"'
    assert wire.series(f'{wanted} AND resource.label.instance_id = "2"', per_series_aligner="ALIGN_MEAN")[0][
        1
    ] == [
        pytest.approx(0.67),
        pytest.approx(0.62),
    ]
    reduced = wire.series(wanted, per_series_aligner="ALIGN_MAX", cross_series_reducer="REDUCE_MEAN")
    assert reduced == [({"project_id": "acme"}, [pytest.approx(0.49), pytest.approx(0.44)])]
    grouped = wire.series(
        wanted,
        per_series_aligner="ALIGN_MAX",
        cross_series_reducer="REDUCE_MEAN",
        group_by_fields=["resource.label.instance_id"],
    )
    assert [labels["instance_id"] for labels, _ in grouped] == ["1", "2"]
    rate = wire.series(
        f'metric.type = "{READ}" resource.labels.instance_id = "1"', per_series_aligner="ALIGN_RATE"
    )
    assert rate[0][1] == [pytest.approx(100.0), pytest.approx(100.0)]


def test_a_percentile_reducer_sees_every_observation_of_a_distribution(wire: Wire) -> None:
    latency = "loadbalancing.googleapis.com/https/total_latencies"
    labels = {"resource.url_map_name": "web", "resource.project_id": "acme"}
    wire.cloud.record(
        Point(latency, "https_lb_rule", labels, NOW - 290 + n, 1000.0 if n % 10 == 0 else 100.0)
        for n in range(280)
    )
    wanted = f'metric.type = "{latency}" AND resource.type = "https_lb_rule"'
    how = {"per_series_aligner": "ALIGN_DELTA", "group_by_fields": ["resource.label.url_map_name"]}
    slow = wire.series(wanted, **how, cross_series_reducer="REDUCE_PERCENTILE_95")
    assert slow == [({"url_map_name": "web", "project_id": "acme"}, [pytest.approx(1000.0)])]
    usual = wire.series(wanted, **how, cross_series_reducer="REDUCE_PERCENTILE_50")
    assert usual[0][1] == [pytest.approx(100.0)]
    assert wire.series(wanted, per_series_aligner="ALIGN_PERCENTILE_99")[0][1] == [pytest.approx(1000.0)]


def test_a_second_aggregation_takes_what_the_first_gives(wire: Wire) -> None:
    request = {
        "name": "projects/acme",
        "filter": f'metric.type = "{CPU}" AND resource.type = "gce_instance"',
        "interval": {"start_time": {"seconds": NOW - 600}, "end_time": {"seconds": NOW}},
        "aggregation": {"alignment_period": {"seconds": 300}, "per_series_aligner": "ALIGN_MAX"},
        "secondary_aggregation": {
            "alignment_period": {"seconds": 600},
            "per_series_aligner": "ALIGN_MEAN",
            "cross_series_reducer": "REDUCE_MAX",
        },
    }
    found = list(wire.metrics.list_time_series(request=request))
    assert [[point.value.double_value for point in one.points] for one in found] == [[pytest.approx(0.665)]]


def test_series_are_grouped_by_what_the_machine_is_called(wire: Wire) -> None:
    for number, app in (("1", "shop"), ("2", "mail")):
        values = {"name": f"vm-{number}", "instance_id": number, "labels": {"app": app}}
        wire.cloud.put("google_compute_instance", number, values, "create")
    found = wire.series(
        f'metric.type = "{CPU}" AND resource.type = "gce_instance"',
        per_series_aligner="ALIGN_MEAN",
        cross_series_reducer="REDUCE_MEAN",
        group_by_fields=["metadata.user_labels.app"],
    )
    assert len(found) == 2


def test_a_log_based_metric_is_there_as_soon_as_terraform_made_it(wire: Wire) -> None:
    wanted = 'metric.type = "logging.googleapis.com/user/errors" AND resource.type = "global"'
    with pytest.raises(NotFound):
        wire.series(wanted)
    wire.cloud.put("google_logging_metric", "errors", {"name": "errors", "project": "acme"}, "create")
    assert wire.series(wanted, per_series_aligner="ALIGN_RATE") == []


def test_the_cloud_is_measured_before_series_are_read(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "cloud.db")
    labels = {"resource.project_id": "acme", "resource.instance_id": "1"}
    service = MetricService(
        cloud, Descriptors(cloud), lambda: cloud.record([Point(CPU, "gce_instance", labels, NOW, 0.5)])
    )
    request = monitoring_v3.ListTimeSeriesRequest(
        name="projects/acme",
        filter=f'metric.type = "{CPU}" AND resource.type = "gce_instance"',
        interval={"start_time": {"seconds": NOW - 60}, "end_time": {"seconds": NOW}},
    )
    found = service.list_time_series(request)
    assert [point.value.double_value for point in found.time_series[0].points] == [0.5]
    cloud.close()


def test_metadata_finds_a_machine_by_name(wire: Wire) -> None:
    wire.cloud.put(
        "google_compute_instance",
        "x",
        {"name": "web", "instance_id": "2", "labels": {"app": "shop"}},
        "create",
    )
    for wanted in ('metadata.system_labels.name = "web"', 'metadata.user_labels.app = starts_with("sh")'):
        found = wire.series(f'metric.type = "{CPU}" AND {wanted}')
        assert [labels["instance_id"] for labels, _ in found] == ["2"]


def test_what_google_refuses_is_refused(wire: Wire) -> None:
    with pytest.raises(InvalidArgument, match="kind GAUGE and value type DOUBLE"):
        wire.series(f'metric.type = "{CPU}"', per_series_aligner="ALIGN_RATE")
    with pytest.raises(NotFound, match="up to 10 minutes"):
        wire.series('metric.type = "compute.googleapis.com/instance/memory/utilization"')
    with pytest.raises(InvalidArgument, match="filter"):
        wire.series('resource.type = "gce_instance"')
    with pytest.raises(InvalidArgument, match="filter"):
        wire.series(f'metric.type = "{CPU}" AND (')


def test_a_custom_metric_is_written_and_read_back(wire: Wire) -> None:
    def write(metric: str) -> None:
        series = monitoring_v3.TimeSeries(
            metric={"type": metric, "labels": {"queue": "mail"}},
            resource={"type": "global"},
            points=[{"interval": {"end_time": {"seconds": NOW - 10}}, "value": {"double_value": 7.5}}],
        )
        wire.metrics.create_time_series(name="projects/acme", time_series=[series])

    write("custom.googleapis.com/queue/depth")
    wanted = 'metric.type = "custom.googleapis.com/queue/depth" AND metric.labels.queue = "mail"'
    assert wire.series(wanted) == [({"project_id": "acme"}, [7.5])]
    descriptor = wire.metrics.get_metric_descriptor(
        name="projects/acme/metricDescriptors/custom.googleapis.com/queue/depth"
    )
    assert (descriptor.metric_kind, descriptor.value_type) == (1, 3)
    with pytest.raises(InvalidArgument):
        write(CPU)


def test_the_catalog_is_listed(wire: Wire) -> None:
    wanted = 'metric.type = starts_with("cloudsql.googleapis.com/")'
    found = list(wire.metrics.list_metric_descriptors(request={"name": "projects/acme", "filter": wanted}))
    assert "cloudsql.googleapis.com/database/cpu/utilization" in {one.type for one in found}
    assert all(one.type.startswith("cloudsql") for one in found)


def test_policies_and_channels_are_those_terraform_made(wire: Wire) -> None:
    threshold = {
        "filter": f'metric.type = "{CPU}" AND resource.type = "gce_instance"',
        "comparison": "COMPARISON_GT",
        "threshold_value": 0.8,
        "duration": "60s",
        "aggregations": [
            {"alignment_period": "60s", "per_series_aligner": "ALIGN_MEAN", "group_by_fields": []}
        ],
        "trigger": [{"count": 1, "percent": 0}],
    }
    name = "projects/acme/alertPolicies/7"
    policy = {
        "name": name,
        "project": "acme",
        "display_name": "cpu",
        "combiner": "OR",
        "enabled": True,
        "severity": "CRITICAL",
        "user_labels": {"deployment": "d1"},
        "conditions": [{"display_name": "c", "condition_threshold": [threshold], "condition_absent": []}],
        "documentation": [{"content": "look", "mime_type": "text/markdown"}],
    }
    wire.cloud.put("google_monitoring_alert_policy", name, policy, "create")
    policies = monitoring_v3.AlertPolicyServiceClient(
        transport=AlertPolicyServiceGrpcTransport(channel=wire.channel)
    )
    found = policies.get_alert_policy(name=name)
    assert found.conditions[0].condition_threshold.threshold_value == 0.8
    assert found.conditions[0].condition_threshold.duration.total_seconds() == 60
    assert found.conditions[0].condition_threshold.trigger.count == 1
    assert found.documentation.content == "look"
    listed = policies.list_alert_policies(
        request={"name": "projects/acme", "filter": 'user_labels.deployment="d1"'}
    )
    assert [one.name for one in listed] == [name]
    with pytest.raises(NotFound):
        policies.get_alert_policy(name="projects/acme/alertPolicies/8")

    key = "projects/acme/notificationChannels/1"
    channel = {
        "name": key,
        "project": "acme",
        "type": "webhook_tokenauth",
        "labels": {"url": "https://x"},
        "enabled": True,
    }
    wire.cloud.put("google_monitoring_notification_channel", key, channel, "create")
    channels = monitoring_v3.NotificationChannelServiceClient(
        transport=NotificationChannelServiceGrpcTransport(channel=wire.channel)
    )
    assert dict(channels.get_notification_channel(name=key).labels) == {"url": "https://x"}
    assert [one.name for one in channels.list_notification_channels(name="projects/acme")] == [key]


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ('a.b = "1"', True),
        ('a.b != "1"', False),
        ('NOT a.b = "2"', True),
        ('a.b = "2" OR a.b = "1"', True),
        ('a.b = "1" OR a.b = "2" AND c = "x"', False),
        ('a.b = "1" OR (a.b = "2" AND c = "x")', True),
        ('a.b = one_of("3", "1")', True),
        ('a.b != one_of("3", "1")', False),
        ('c = monitoring.regex.full_match("y+")', True),
        ("a.b > 0.5", True),
        ('c : "Y"', True),
        ("", True),
    ],
)
def test_a_filter_means_what_google_says(text: str, passes: bool) -> None:
    assert parse_filter(text).matches({"a.b": "1", "c": "yy"}.get) is passes


@pytest.mark.parametrize(
    "text",
    ["a =", "a", "(a = 1", 'a = "1" )', "a = f(1)", 'a = "1" ^', 'a = monitoring.regex.full_match("(")'],
)
def test_a_bad_filter_is_an_error(text: str) -> None:
    with pytest.raises(FilterError):
        parse_filter(text)


def test_a_counter_that_restarts_grows_from_zero() -> None:
    series = Series(metric="m", resource_type="r", samples=((10, 5.0), (20, 8.0), (30, 2.0), (40, 6.0)))
    how = Aggregation(period_s=20, aligner="ALIGN_DELTA")
    assert align(series, how, "CUMULATIVE", 0, 40).samples == ((20, 3.0), (40, 6.0))
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
