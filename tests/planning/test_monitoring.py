"""What is watched, and which proposals the catalog confirms."""

from typing import Any

import pytest

from infraai.metrics import confirm, metrics
from infraai.models import MonitoringPolicy
from infraai.monitoring import bind_profiles, bind_proposals, watchable
from tests.planning.world import resource

CPU = "compute.googleapis.com/instance/cpu/utilization"
VM = resource("compute_instance")


def policy(
    metric: str = CPU, threshold: float = 0.9, ref: str = "google_compute_instance.web", **fields: Any
) -> MonitoringPolicy:
    return MonitoringPolicy(
        resource_ref=ref, metric_name="mine", metric_path=metric, threshold=threshold, **fields
    )


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        (
            "compute_instance",
            {},
            [
                ("cpu_high", CPU, 0.8, "60s", "critical", "ALIGN_MEAN"),
                (
                    "disk_read_high",
                    "compute.googleapis.com/instance/disk/read_bytes_count",
                    1e8,
                    "120s",
                    "warning",
                    "ALIGN_RATE",
                ),
            ],
        ),
        (
            "sql_database_instance",
            {"database_version": "POSTGRES_16"},
            [
                (
                    "sql_cpu_high",
                    "cloudsql.googleapis.com/database/cpu/utilization",
                    0.75,
                    "60s",
                    "critical",
                    "ALIGN_MEAN",
                ),
                (
                    "sql_connections_high",
                    "cloudsql.googleapis.com/database/postgresql/num_backends",
                    100,
                    "60s",
                    "warning",
                    "ALIGN_MEAN",
                ),
            ],
        ),
        (
            "compute_instance_group_manager",
            {},
            [("asg_cpu_high", CPU, 0.7, "120s", "critical", "ALIGN_MEAN")],
        ),
    ],
)
def test_the_baseline_is_the_contracts(
    kind: str, settings: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    bound = bind_profiles([resource(kind, **settings)])
    assert [
        (one.metric_name, one.metric_path, one.threshold, one.duration, one.severity, one.aligner)
        for one in bound
    ] == expected


@pytest.mark.parametrize("version", ["MYSQL_8_0", "SQLSERVER_2022_STANDARD"])
def test_connections_of_other_engines_are_another_metric(version: str) -> None:
    bound = bind_profiles([resource("sql_database_instance", database_version=version)])
    assert bound[1].metric_path == "cloudsql.googleapis.com/database/network/connections"


@pytest.mark.parametrize(
    "kind",
    [
        "compute_instance", "compute_instance_group_manager", "compute_region_instance_group_manager",
        "sql_database_instance", "cloud_run_v2_service", "container_cluster", "compute_url_map",
        "compute_global_forwarding_rule", "compute_backend_service",
    ],
)  # fmt: skip
def test_every_profile_can_work(kind: str) -> None:
    one = resource(kind)
    bound = bind_profiles([one])
    assert bound
    assert [watchable(each, one) for each in bound] == [None] * len(bound)


def test_of_a_load_balancer_only_one_part_is_watched() -> None:
    parts = [
        resource("compute_url_map"),
        resource("compute_backend_service"),
        resource("compute_global_forwarding_rule"),
    ]
    assert {one.resource_ref for one in bind_profiles(parts)} == {"google_compute_global_forwarding_rule.web"}


@pytest.mark.parametrize(
    ("proposed", "word"),
    [
        (policy(aligner="ALIGN_RATE"), "GAUGE"),
        (policy("compute.googleapis.com/instance/memory/utilization"), "known"),
        (policy(threshold=90), "never"),
        (policy(duration="90s"), "minutes"),
        (policy(duration="1m"), "seconds"),
        (policy(resource_type="cloudsql_database"), "gce_instance"),
        (policy(aligner="ALIGN_PERCENTILE_99"), "ALIGN_PERCENTILE_99"),
        (policy("run.googleapis.com/request_latencies", 100, aligner="ALIGN_MEAN"), "DISTRIBUTION"),
        (policy("run.googleapis.com/request_latencies", 100, aligner="ALIGN_DELTA"), "REDUCE_PERCENTILE"),
        (policy("kubernetes.io/container/restart_count", 3, aligner="ALIGN_MEAN"), "CUMULATIVE"),
        (policy("monitoring.googleapis.com/uptime_check/check_passed", 1, aligner="ALIGN_MEAN"), "BOOL"),
        (
            policy("monitoring.googleapis.com/uptime_check/check_passed", 1, aligner="ALIGN_NEXT_OLDER"),
            "reducer",
        ),
        (policy("cloudsql.googleapis.com/database/up", 0, comparison="COMPARISON_LT"), "never"),
    ],
)
def test_a_policy_that_could_not_work_is_told_why(proposed: MonitoringPolicy, word: str) -> None:
    reason = confirm(proposed)
    assert reason is not None
    assert word in reason


@pytest.mark.parametrize(
    "proposed",
    [
        policy(),
        policy("agent.googleapis.com/memory/percent_used", 90),
        policy("compute.googleapis.com/instance/uptime", 0.5, aligner="ALIGN_RATE", comparison="COMPARISON_LT"),
        policy("run.googleapis.com/request_latencies", 100, aligner="ALIGN_DELTA", reducer="REDUCE_PERCENTILE_95"),
        policy("kubernetes.io/container/restart_count", 3, aligner="ALIGN_DELTA"),
        policy("loadbalancing.googleapis.com/https/backend_latencies", 500, aligner="ALIGN_PERCENTILE_95"),
        policy(
            "monitoring.googleapis.com/uptime_check/check_passed", 1,
            aligner="ALIGN_NEXT_OLDER", reducer="REDUCE_COUNT_FALSE",
        ),
        policy("cloudsql.googleapis.com/database/up", 1, comparison="COMPARISON_LT"),
    ],
)  # fmt: skip
def test_a_policy_that_works_is_confirmed(proposed: MonitoringPolicy) -> None:
    assert confirm(proposed) is None


def test_brace_forms_are_spelt_out() -> None:
    assert "compute.googleapis.com/instance/disk/write_ops_count" in metrics()
    assert not any("{" in path for path in metrics())
    assert all(metric.aligners and metric.resource_types for metric in metrics().values())


def test_what_is_measured_elsewhere_cannot_be_watched_here() -> None:
    assert watchable(policy("cloudsql.googleapis.com/database/cpu/utilization", 0.9), VM) is not None
    postgres = resource("sql_database_instance", database_version="POSTGRES_16")
    assert watchable(policy("cloudsql.googleapis.com/database/network/connections", 80), postgres) is not None


def test_proposals_are_kept_dropped_with_a_note_or_already_there() -> None:
    baseline = bind_profiles([VM])
    proposals = [
        policy("agent.googleapis.com/memory/percent_used", 90),
        policy(aligner="ALIGN_DELTA"),
        policy(ref="google_compute_instance.other"),
        baseline[0].model_copy(update={"metric_name": "again"}),
        policy(threshold=0.6).model_copy(update={"metric_name": "cpu_high"}),
    ]
    kept, notes = bind_proposals(proposals, baseline, [VM])
    assert [(one.metric_name, one.resource_type) for one in kept] == [
        ("mine", "gce_instance"),
        ("cpu_high_2", "gce_instance"),
    ]
    assert len(notes) == 2
