"""Measuring again: the right filter, the right aligner, the right side of the threshold, in the right unit."""

import pytest

from infraai.metrics import metrics
from infraai.models import RecordedResource
from infraai.operations.measuring import path_query, series_query, threshold_of, usual_path, violates
from infraai.operations.shapes import Alert, Target
from sandbox.monitoring_api.filters import parse_filter

CPU = "compute.googleapis.com/instance/cpu/utilization"
LB = "loadbalancing.googleapis.com/https"


def target(kind: str, name: str = "web", member: str = "", **metadata: str) -> Target:
    resource = RecordedResource(
        type=f"google_{kind}", name=name, id="", address=f"google_{kind}.x", metadata=metadata
    )
    return Target(deployment_id="d", resource=resource, matched_by="name", member=member)


VM = target("compute_instance", instance_id="77", zone="us-central1-a", project="p")


@pytest.mark.parametrize(
    ("about", "said", "wanted", "aligner", "reducer"),
    [
        (VM, {"metric_path": CPU}, 'resource.labels.instance_id = "77"', "ALIGN_MEAN", "REDUCE_NONE"),
        (
            target("compute_instance", zone="z/us-central1-b"),
            {"metric_path": CPU},
            'metric.labels.instance_name = "web" AND resource.labels.zone = "us-central1-b"',
            "ALIGN_MEAN",
            "REDUCE_NONE",
        ),
        (
            VM,
            {
                "metric_path": "agent.googleapis.com/disk/percent_used",
                "labels": {"metric.labels.device": "sdb"},
            },
            'metric.labels.device = "sdb" AND metric.labels.state = "used"',
            "ALIGN_MEAN",
            "REDUCE_NONE",
        ),
        (
            target("compute_instance_group_manager", member="api-x1z2", project="p"),
            {"metric_path": CPU},
            'metric.labels.instance_name = starts_with("api-")',
            "ALIGN_MEAN",
            "REDUCE_NONE",
        ),
        (
            target("sql_database_instance", "db", project="p", database_version="POSTGRES_16"),
            {"metric_path": "cloudsql.googleapis.com/database/postgresql/num_backends"},
            'resource.labels.database_id = "p:db"',
            "ALIGN_MEAN",
            "REDUCE_SUM",
        ),
        (
            target("cloud_run_v2_service"),
            {"metric_path": "run.googleapis.com/request_latencies"},
            'resource.labels.service_name = "web"',
            "ALIGN_PERCENTILE_99",
            "REDUCE_NONE",
        ),
        (
            target("compute_url_map"),
            {"metric_path": f"{LB}/request_count", "policy_name": "lb_5xx_high"},
            'resource.labels.url_map_name = "web" AND metric.labels.response_code_class = "500"',
            "ALIGN_RATE",
            "REDUCE_SUM",
        ),
        (
            target("container_cluster", "prod"),
            {
                "metric_path": "kubernetes.io/container/restart_count",
                "labels": {"resource.labels.pod_name": "a-1-2", "resource.labels.namespace_name": "shop"},
            },
            'resource.labels.cluster_name = "prod" AND resource.labels.namespace_name = "shop"',
            "ALIGN_DELTA",
            "REDUCE_NONE",
        ),
    ],
)
def test_each_metric_is_asked_for_with_its_resource_and_its_aligner(
    about: Target, said: dict[str, object], wanted: str, aligner: str, reducer: str
) -> None:
    query = series_query(Alert.model_validate(said), about)
    assert query is not None
    text, alignment = query
    assert wanted in text
    assert text.startswith('resource.type = "')
    assert (alignment.aligner, alignment.reducer) == (aligner, reducer)
    parse_filter(text)


@pytest.mark.parametrize("path", sorted(metrics()))
def test_no_metric_of_the_catalog_is_asked_for_with_an_aligner_it_does_not_take(path: str) -> None:
    alert = Alert(metric_path=path, labels={"resource.labels.host": "example.org"})
    query = path_query(path, target("compute_instance", instance_id="1"), alert=alert)
    assert query is not None
    text, alignment = query
    parse_filter(text)
    assert alignment.aligner in metrics()[path].aligners
    allowed = metrics()[path].reducers(alignment.aligner)
    assert alignment.reducer in allowed or (alignment.reducer == "REDUCE_NONE" and "" in allowed)


def test_a_metric_nobody_knows_cannot_be_measured() -> None:
    assert series_query(Alert(metric_path="custom.googleapis.com/queue"), VM) is None


def test_a_short_name_is_measured_by_what_the_resource_has() -> None:
    alert = Alert(metric="cpu_usage", value=85, threshold=80)
    query = series_query(alert, VM)
    assert query is not None
    assert CPU in query[0]
    assert usual_path("connections", target("sql_database_instance", database_version="MYSQL_8_0")).endswith(
        "network/connections"
    )


def test_a_threshold_in_percent_is_held_against_a_share() -> None:
    alert = Alert(metric="cpu_usage", value=85, threshold=80)
    assert threshold_of(alert, VM) == 0.8
    assert violates(0.85, alert, VM) is True
    assert violates(0.5, alert, VM) is False
    memory = Alert(metric="memory", value=0.9, threshold=0.8)
    assert violates(85.0, memory, VM) is True


def test_the_side_of_the_threshold_is_the_alerts_own() -> None:
    low = Alert(metric_path=CPU, threshold=0.1, comparison="COMPARISON_LT")
    assert violates(0.05, low) is True
    assert violates(0.5, low) is False
    assert violates(0.5, Alert(metric_path=CPU)) is None
    assert violates(None, Alert(metric_path=CPU, threshold=0.8)) is None
    assert violates(None, Alert(metric_path=CPU, absent=True)) is True
    assert violates(0.0, Alert(metric_path=CPU, absent=True)) is False
