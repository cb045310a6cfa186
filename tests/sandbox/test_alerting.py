"""Alert policies, evaluated: when an incident opens, for which series, and when it closes."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.cloud import Point
from tests.sandbox.alerting_world import CPU, AlertWorld, absent, reduced, threshold

READ = "compute.googleapis.com/instance/disk/read_bytes_count"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AlertWorld]:
    made = AlertWorld(tmp_path)
    yield made
    made.close()


def test_an_incident_opens_only_after_the_whole_duration(world: AlertWorld) -> None:
    world.policy(threshold(duration="300s"))
    world.after(600, vm_1=0.3)
    for _ in range(5):
        world.after(60, vm_1=0.95)
        assert world.states == []
    world.after(60, vm_1=0.95)
    assert world.states == ["open"]
    world.after(600, vm_1=0.95)
    assert world.states == ["open"]


def test_a_short_dip_begins_the_duration_anew(world: AlertWorld) -> None:
    world.policy(threshold(duration="300s"))
    world.after(240, vm_1=0.95)
    world.after(60, vm_1=0.2)
    world.after(240, vm_1=0.95)
    assert world.states == []
    world.after(120, vm_1=0.95)
    assert world.states == ["open"]


def test_an_incident_closes_when_the_condition_no_longer_holds(world: AlertWorld) -> None:
    world.policy(threshold())
    world.after(120, vm_1=0.95)
    world.after(60, vm_1=0.3)
    world.after(60, vm_1=0.3)
    assert world.states == ["open", "closed"]
    assert len({incident for incident, _ in world.receiver.told}) == 1
    closed = world.receiver.bodies[1]["incident"]
    assert (closed["observed_value"], closed["ended_at"]) == ("0.300", int(world.clock.seconds()) - 60)
    assert closed["summary"].endswith("returned to normal with a value of 0.300.")
    world.after(60, vm_1=0.95)
    assert len({incident for incident, _ in world.receiver.told}) == 2  # each occurrence has its own id


def test_a_gap_in_the_data_does_not_close_what_still_violates(world: AlertWorld) -> None:
    world.policy(threshold(duration="300s"))
    world.after(420, vm_1=0.95)
    world.after(600)
    world.after(60, vm_1=0.95)
    assert world.states == ["open"]
    world.after(60, vm_1=0.2)
    assert world.states == ["open", "closed"]


def test_each_violating_series_has_an_incident_of_its_own(world: AlertWorld) -> None:
    world.policy(threshold())
    world.after(60, vm_1=0.95, vm_2=0.9, vm_3=0.1)
    told = [one["incident"]["resource"]["labels"]["instance_id"] for one in world.receiver.bodies]
    assert sorted(told) == ["1", "2"]
    world.after(60, vm_1=0.2, vm_2=0.9, vm_3=0.1)
    assert [
        one.body["incident"]["resource"]["labels"]["instance_id"] for one in world.alerting.open_incidents()
    ] == ["2"]


def test_the_body_is_googles(world: AlertWorld) -> None:
    world.machine("1", "vm-1")
    more = ' AND metadata.system_labels.name = starts_with("vm")'
    content = "CPU of ${resource.label.instance_id} in ${project}: ${condition.display_name} ${unknown.word}"
    world.policy(
        threshold(more_filter=more), documentation=[{"content": content, "mime_type": "text/markdown"}]
    )
    world.after(60, vm_1=0.95)
    body = world.receiver.bodies[0]
    incident = body["incident"]
    assert body["version"] == "1.2"
    assert incident["incident_id"].startswith("0.")
    assert incident["started_at"] == int(world.clock.seconds())
    assert incident["resource"] == {
        "type": "gce_instance",
        "labels": {"project_id": "acme", "zone": "us-central1-a", "instance_id": "1"},
    }
    assert incident["metric"] == {
        "type": CPU,
        "displayName": "CPU utilization",
        "labels": {"instance_name": "vm-1"},
    }
    assert incident["metadata"] == {"system_labels": {"name": "vm-1"}, "user_labels": {}}
    assert (incident["observed_value"], incident["threshold_value"]) == ("0.950", "0.8")
    shown = incident["condition"]["conditionThreshold"]
    assert (shown["thresholdValue"], shown["trigger"]) == (0.8, {"count": 1})
    assert shown["aggregations"] == [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_MEAN"}]
    assert incident["documentation"]["content"] == "CPU of 1 in acme: cpu_high ${unknown.word}"
    assert incident["summary"] == (
        "CPU utilization for acme vm-1 with system labels {name=vm-1} with metric labels"
        " {instance_name=vm-1} is above the threshold of 0.800 with a value of 0.950."
    )
    expected = {
        "resource_id": "",
        "resource_name": "acme vm-1",
        "resource_type_display_name": "VM Instance",
        "policy_name": "vm: cpu_high",
        "policy_user_labels": {"infraai_deployment": "d1"},
        "severity": "Critical",
        "condition_name": "cpu_high",
        "state": "open",
        "ended_at": None,
        "scoping_project_id": "acme",
    }
    assert {name: incident[name] for name in expected} == expected
    assert isinstance(incident["scoping_project_number"], int)


@pytest.mark.parametrize(
    ("severity", "shown"), [("", "No severity"), ("WARNING", "Warning"), ("ERROR", "Error")]
)
def test_the_severity_is_named_as_google_does(world: AlertWorld, severity: str, shown: str) -> None:
    world.policy(threshold(), severity=severity)
    world.after(60, vm_1=0.95)
    assert world.receiver.bodies[0]["incident"]["severity"] == shown


def test_a_threshold_that_is_absent_is_zero(world: AlertWorld) -> None:
    condition = threshold()
    del condition["condition_threshold"][0]["threshold_value"]
    world.policy(condition)
    world.after(60, vm_1=0.01)
    incident = world.receiver.bodies[0]["incident"]
    assert incident["threshold_value"] == "0"
    assert "thresholdValue" not in incident["condition"]["conditionThreshold"]


def test_a_value_below_its_least_is_an_incident_too(world: AlertWorld) -> None:
    world.policy(threshold(0.1, comparison="COMPARISON_LT"))
    world.after(60, vm_1=0.5)
    world.after(60, vm_1=0.02)
    assert "is below the threshold of 0.100" in world.receiver.bodies[0]["incident"]["summary"]


def test_a_reducer_leaves_one_series_for_each_group(world: AlertWorld) -> None:
    world.policy(threshold(0.5, aggregations=reduced("REDUCE_MEAN", "resource.label.zone")))
    world.after(60, vm_1=0.9, vm_2=0.4)
    assert len(world.receiver.bodies) == 1
    incident = world.receiver.bodies[0]["incident"]
    assert incident["resource"]["labels"] == {"project_id": "acme", "zone": "us-central1-a"}
    assert incident["observed_value"] == "0.650"
    assert incident["resource_name"].startswith("acme VM Instance labels {")


def test_a_counter_is_compared_as_a_rate(world: AlertWorld) -> None:
    rate = reduced("REDUCE_NONE", aligner="ALIGN_RATE")
    world.policy(threshold(500, metric=READ, aggregations=rate))
    world.measure(60, READ, vm_1=4000)
    world.alerting.step()
    assert world.states == []
    world.measure(60, READ, vm_1=6000)
    world.alerting.step()
    assert world.receiver.bodies[0]["incident"]["observed_value"] == "600.000"


def test_a_long_alignment_period_slides_through_a_short_duration(world: AlertWorld) -> None:
    mean = [{**reduced("")[0], "alignment_period": "600s"}]
    world.policy(threshold(0.5, duration="120s", aggregations=mean))
    world.after(1200, vm_1=0.2)
    world.after(300, vm_1=0.9)  # the mean of ten minutes is 0.55 now, and was below two minutes ago
    assert world.states == []
    world.after(120, vm_1=0.9)
    assert world.states == ["open"]


def test_of_two_aggregations_the_second_takes_what_the_first_gives(world: AlertWorld) -> None:
    largest = {**reduced("REDUCE_NONE", aligner="ALIGN_MAX")[0], "alignment_period": "300s"}
    world.policy(threshold(0.85, aggregations=[largest, *reduced("REDUCE_MEAN")]))
    world.after(60, vm_1=0.9, vm_2=0.9)
    world.after(180, vm_1=0.1, vm_2=0.1)
    assert world.states == ["open"]
    assert world.receiver.bodies[0]["incident"]["resource"]["labels"] == {"project_id": "acme"}
    world.after(180, vm_1=0.1, vm_2=0.1)
    assert world.states == ["open", "closed"]


def test_an_uptime_check_fails_where_more_than_one_checker_says_so(world: AlertWorld) -> None:
    passed = "monitoring.googleapis.com/uptime_check/check_passed"
    counted = reduced("REDUCE_COUNT_FALSE", "resource.label.host", aligner="ALIGN_NEXT_OLDER")
    wanted = f'resource.type = "uptime_url" AND metric.type = "{passed}" AND metric.labels.check_id = "c"'
    world.policy(threshold(1, duration="60s", aggregations=counted, filter=wanted))
    for failing in (1, 1, 3, 3, 3, 0):
        world.clock.advance(60)
        at = world.clock.seconds()
        world.cloud.record(
            Point(
                passed,
                "uptime_url",
                {
                    "resource.host": "shop.example",
                    "resource.project_id": "acme",
                    "metric.check_id": "c",
                    "metric.checker_location": f"place-{number}",
                },
                at,
                float(number >= failing),
            )
            for number in range(4)
        )
        world.alerting.step()
    assert world.states == ["open", "closed"]
    incident = world.receiver.bodies[0]["incident"]
    assert (incident["observed_value"], incident["resource"]["labels"]["host"]) == ("3.000", "shop.example")


@pytest.mark.parametrize(
    ("trigger", "values", "opens"),
    [
        ({"count": 2}, {"vm_1": 0.9, "vm_2": 0.1}, 0),
        ({"count": 2}, {"vm_1": 0.9, "vm_2": 0.9}, 2),
        ({"percent": 60.0}, {"vm_1": 0.9, "vm_2": 0.1}, 0),
        ({"percent": 50.0}, {"vm_1": 0.9, "vm_2": 0.1}, 1),
    ],
)
def test_a_trigger_asks_for_several_series(
    world: AlertWorld, trigger: dict[str, Any], values: dict[str, float], opens: int
) -> None:
    world.policy(threshold(trigger=[trigger]))
    world.after(60, **values)
    assert len(world.states) == opens


def test_a_trigger_that_is_no_longer_met_closes_them_all(world: AlertWorld) -> None:
    world.policy(threshold(trigger=[{"count": 2}]))
    world.after(60, vm_1=0.9, vm_2=0.9)
    world.after(60, vm_1=0.9, vm_2=0.1)
    assert sorted(world.states) == ["closed", "closed", "open", "open"]


@pytest.mark.parametrize(
    ("combiner", "reading", "opens"),
    [
        ("OR", {}, 1),
        ("AND", {}, 0),
        ("AND", {"vm_2": 9.0}, 1),
        ("AND_WITH_MATCHING_RESOURCE", {"vm_2": 9.0}, 0),
        ("AND_WITH_MATCHING_RESOURCE", {"vm_1": 9.0}, 1),
    ],
)
def test_several_conditions_are_combined_as_the_policy_says(
    world: AlertWorld, combiner: str, reading: dict[str, float], opens: int
) -> None:
    world.policy(threshold(0.8), threshold(5, metric=READ), combiner=combiner)
    world.together((CPU, {"vm_1": 0.9}), (READ, reading))
    assert len(world.states) == opens
    world.together((CPU, {"vm_1": 0.9}), (READ, dict.fromkeys(reading, 1.0)))
    assert world.states == ["open"] * opens + (["closed"] if opens and combiner != "OR" else [])


def test_a_ratio_divides_by_its_denominator(world: AlertWorld) -> None:
    errors, every = "custom.googleapis.com/errors", "custom.googleapis.com/requests"
    summed = reduced("REDUCE_SUM", "resource.label.zone", aligner="ALIGN_SUM")
    world.policy(
        threshold(
            0.1,
            metric=errors,
            aggregations=summed,
            denominator_filter=f'resource.type = "gce_instance" AND metric.type = "{every}"',
            denominator_aggregations=summed,
        )
    )
    world.together((errors, {"vm_1": 1, "vm_2": 0}), (every, {"vm_1": 4, "vm_2": 1}))
    assert world.receiver.bodies[0]["incident"]["observed_value"] == "0.200"


@pytest.mark.parametrize(
    ("missing", "states"),
    [
        ("", ["open"]),
        ("EVALUATION_MISSING_DATA_NO_OP", ["open"]),
        ("EVALUATION_MISSING_DATA_INACTIVE", ["open", "closed"]),
        ("EVALUATION_MISSING_DATA_ACTIVE", ["open"]),
    ],
)
def test_missing_data_means_what_the_condition_says(
    world: AlertWorld, missing: str, states: list[str]
) -> None:
    world.policy(threshold(evaluation_missing_data=missing))
    world.after(60, vm_1=0.95)
    world.after(90)
    world.after(600)
    assert world.states == states


def test_missing_data_can_count_as_a_violation(world: AlertWorld) -> None:
    world.policy(threshold(duration="60s", evaluation_missing_data="EVALUATION_MISSING_DATA_ACTIVE"))
    world.after(120, vm_1=0.2)
    assert world.states == []
    world.after(70)
    assert world.states == ["open"]


def test_an_incident_without_data_is_closed_after_a_while(world: AlertWorld) -> None:
    world.policy(threshold())
    world.after(60, vm_1=0.95)
    world.after(1790)
    assert world.states == ["open"]
    world.after(10)
    assert world.states == ["open", "closed"]
    assert "no data" in world.receiver.bodies[1]["incident"]["observed_value"]


def test_a_series_that_falls_silent_is_an_absence(world: AlertWorld) -> None:
    world.policy(absent("300s"))
    world.after(120, vm_1=0.2, vm_2=0.2)
    world.after(290, vm_2=0.2)
    assert world.states == []
    world.after(20, vm_2=0.2)
    assert world.states == ["open"]
    incident = world.receiver.bodies[0]["incident"]
    assert incident["condition"]["conditionAbsent"]["duration"] == "300s"
    assert incident["resource"]["labels"]["instance_id"] == "1"
    assert "observed_value" not in incident
    assert incident["summary"].endswith("has reported no data for 300 s.")
    world.after(60, vm_1=0.2, vm_2=0.2)
    assert world.states == ["open", "closed"]


def test_an_absence_is_seen_even_where_nobody_looked_before(world: AlertWorld) -> None:
    world.measure(120, vm_1=0.2)
    world.policy(absent("300s"))
    world.after(1000)
    assert world.states == ["open"]


def test_an_absence_of_a_machine_that_never_comes_back_ends(world: AlertWorld) -> None:
    world.policy(absent("300s"))
    world.after(60, vm_1=0.2)
    world.after(400)
    world.after(1800)
    world.after(600)
    assert world.states == ["open", "closed"]


def test_a_disabled_policy_says_nothing_and_ends_what_it_began(world: AlertWorld) -> None:
    world.policy(threshold(), enabled=False)
    world.after(60, vm_1=0.95)
    assert world.states == []
    world.policy(threshold())
    world.after(60, vm_1=0.95)
    world.policy(threshold(), enabled=False)
    world.after(60, vm_1=0.95)
    assert world.states == ["open", "closed"]
    assert "disabled" in world.receiver.bodies[1]["incident"]["observed_value"]


@pytest.mark.parametrize("how", ["modified", "deleted"])
def test_an_incident_ends_when_its_condition_is_changed_under_it(world: AlertWorld, how: str) -> None:
    world.policy(threshold(0.8))
    world.after(60, vm_1=0.95)
    if how == "modified":
        world.policy(threshold(0.99))
        world.after(60, vm_1=0.95)
        told = world.receiver.bodies[1]["incident"]
        assert told["observed_value"].startswith("Incident cancelled because the alert policy condition was")
    else:
        world.cloud.remove("google_monitoring_alert_policy", "projects/acme/alertPolicies/1")
        world.after(60, vm_1=0.95)
    assert world.alerting.open_incidents() == ()


def test_what_cannot_be_evaluated_is_listed_with_the_reason(world: AlertWorld) -> None:
    log = {"display_name": "log", "condition_matched_log": [{"filter": "severity>=ERROR"}]}
    promql = {"display_name": "promql", "condition_prometheus_query_language": [{"query": "up"}]}
    bad = threshold(more_filter=" AND (")
    odd = threshold(aggregations=reduced("REDUCE_NONE", aligner="ALIGN_WILDLY"))
    many = threshold()
    many["condition_threshold"][0]["filter"] = 'resource.type = "gce_instance"'
    world.policy(log, promql, bad, odd, many, threshold())
    world.after(60, vm_1=0.95)
    assert world.states == ["open"]  # the one that can be evaluated is
    reasons = [one["reason"] for one in world.alerting.status()["skipped"]]
    assert len(reasons) == 5
    assert "log matches are not simulated" in reasons
    assert any("ALIGN_WILDLY" in one for one in reasons)


def test_points_of_another_project_are_not_its_business(world: AlertWorld) -> None:
    world.policy(threshold(), project="other", name="projects/other/alertPolicies/1")
    world.after(60, vm_1=0.95)
    assert world.states == []


def test_thirty_policies_over_thirty_machines_take_under_a_tenth_of_a_second(world: AlertWorld) -> None:
    names = [f"vm_{number}" for number in range(30)]
    for number in range(30):
        world.machine(str(number), f"vm-{number}")
        only = f' AND resource.labels.instance_id = "{number}"'
        world.policy(threshold(duration="300s", more_filter=only), number=number)
    world.measure(600, **dict.fromkeys(names, 0.3))
    took: list[float] = []
    for _ in range(5):
        world.measure(10, **dict.fromkeys(names, 0.3))
        before = time.perf_counter()
        world.alerting.step()
        took.append(time.perf_counter() - before)
    assert min(took) < 0.1
