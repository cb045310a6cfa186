"""What the sandbox's model says of its decision is true of the block, cites it, and names its doubt."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.decisions import BIGGER, BIGGEST, NOW, answered, block, option, piece, series

CPU_PATH = "compute.googleapis.com/instance/cpu/utilization"
SQL = "google_sql_database_instance"
BACKENDS = "cloudsql.googleapis.com/database/postgresql/num_backends"
RESTART, REDEPLOY, RECREATE = (option(one) for one in ("restart", "redeploy", "recreate"))
ROLLBACK = option("rollback")
RESIZE = option("resize_disk", "disk data 50 GB → 75 GB", disk="data", size_gb=75)
FIREWALL = option("modify_firewall", rule="google_compute_firewall.http", disabled=False)
DOWN = piece(3, "probe", healthy=False, answers=False)
UP = piece(3, "probe", healthy=True, answers=True, status_code=200)
RUNNING = piece(4, "resource", status="RUNNING")
COOL = piece(5, "series", role="related", no_data=False, metric_path=CPU_PATH, last=0.2, stale=False)
UNCHANGED = piece(6, "changes", last_change_before_alert_s=None, can_go_back=False, changes=[])
CONFIG = piece(9, "config", settings={}, machine_type="e2-small")
TIER = {
    **option("scale_up", "tier db-f1-micro → db-g1-small", tier="db-g1-small"),
    "cost_delta_usd_month": 18.0,
}


def limit(now: int, after: int) -> dict[str, Any]:
    return option("modify_config", f"max_connections {now} → {after}", max_connections=after)


def test_the_reasoning_says_what_is_seen_what_is_proposed_and_why_not_the_next_best() -> None:
    asked = block("cpu", series(0.93, metric_path=CPU_PATH), CONFIG, options=(BIGGER, BIGGEST, RESTART))
    said = answered(asked)["reasoning"]
    assert "the CPU load is 93 %, past its threshold of 80 % for 5 min [E2]" in said
    assert "machine type e2-small (2 vCPU, 2 GB) → e2-medium (2 vCPU, 4 GB), which should bring" in said
    assert "costs $73.38 a month more" in said


def test_a_service_that_does_not_answer_is_explained_in_whole_sentences() -> None:
    asked = block("unavailable", series(None), DOWN, RUNNING, options=(RESTART, REDEPLOY))
    said = answered(asked)["reasoning"]
    assert "The address does not answer [E3], while the machine itself is RUNNING [E4]." in said
    assert "Proposed is a restart" in said
    assert "redeploy, is not taken, because it replaces everything that runs" in said


PIECES = [DOWN, UP, RUNNING, COOL, UNCHANGED, CONFIG, piece(4, "resource", status="TERMINATED")]
OPTIONS = [RESTART, REDEPLOY, RECREATE, ROLLBACK, RESIZE, FIREWALL, BIGGER, BIGGEST, limit(100, 200), TIER]
CAUSES = "cpu memory disk_full disk_io connections errors latency unavailable restarts stopped firewall traffic unknown"


@settings(max_examples=80, deadline=None)
@given(
    cause=st.sampled_from(CAUSES.split()),
    own=st.sampled_from([series(None), series(0.93), series(0.3), series(93.0, 80.0), series(5.0, None)]),
    pieces=st.lists(st.sampled_from(PIECES), max_size=5, unique_by=lambda one: one["id"]),
    options=st.lists(st.sampled_from(OPTIONS), max_size=8, unique_by=str),
    fixes=st.lists(st.sampled_from(["restart", "redeploy", "scale_up"]), max_size=3, unique=True),
)
def test_every_reasoning_is_a_few_cited_sentences_and_every_alternative_has_a_reason(
    cause: str, own: Any, pieces: list[Any], options: list[Any], fixes: list[str]
) -> None:
    asked = block(cause, own, *pieces, options=tuple(options), known_fixes=fixes)
    reply = answered(asked)
    said = reply["reasoning"]
    known = {one["id"] for one in asked["evidence"]}
    assert set(re.findall(r"\[(E\d+)\]", said)) <= known & set(reply["evidence"])
    assert re.search(r"\[E\d+\]", said), said
    assert 2 <= len(re.findall(r"[.`?](?= [A-Z]|$)", said)) <= 6, said
    assert "None" not in said
    assert ".." not in said
    assert "  " not in said
    assert said[0].isupper()
    for other in reply["alternatives"]:
        assert "what is recommended fits" not in other["why_not"]
        assert other["action"] != reply["recommended_action"]
    if reply["recommended_action"] not in {"ask", "ignore"}:
        assert reply["requires_approval"] is ("A person should look first: " in said), said
        assert reply["confidence"] >= 0.7 or reply["requires_approval"]


def test_an_alternative_is_named_with_its_own_reason_or_not_at_all() -> None:
    asked = block("memory", series(None), options=(BIGGER, RESTART), known_fixes=["scale_up", "restart"])
    assert answered(asked)["alternatives"] == []
    asked = block("errors", series(5.0, 1.0), COOL, options=(REDEPLOY, BIGGER), known_fixes=["scale_up"])
    found = {one["action"]: one["why_not"] for one in answered(asked)["alternatives"]}
    assert found["scale_up"] == "The processors are not overloaded: 20 % [E5]."


def precedent(**data: Any) -> float:
    known = {"action": "scale_up", "cause": "cpu", "parameters": {}, "resolved": True, **data}
    asked = block("cpu", series(0.93), CONFIG, piece(7, "precedent", **known), options=(BIGGER,))
    confidence: float = answered(asked)["confidence"]
    return confidence


def test_only_a_precedent_on_the_same_resource_or_type_raises_the_confidence_and_less_from_afar() -> None:
    kind = "google_compute_instance"
    plain = answered(block("cpu", series(0.93), CONFIG, options=(BIGGER,)))["confidence"]
    assert (
        precedent(resource="google_container_node_pool.main", resource_type="google_container_node_pool")
        == plain
    )
    assert precedent(resource_type=kind, same_deployment=True, cause="memory") == plain
    far = precedent(resource_type=kind, same_deployment=False)
    beside = precedent(resource_type=kind, same_deployment=True)
    here = precedent(resource_type=kind, same_deployment=True, same_resource=True)
    assert plain < far < beside < here


@pytest.mark.parametrize(("after", "chosen"), [(200, "modify_config"), (100, "scale_up")])
def test_a_limit_is_raised_only_clearly_above_what_is_used(after: int, chosen: str) -> None:
    own = series(98.0, 80.0, metric_path=BACKENDS)
    reply = answered(block("connections", own, options=(limit(100, after), TIER), kind=SQL))
    assert reply["recommended_action"] == chosen
    if chosen == "modify_config":
        assert "the number of open connections is 98, past its threshold of 80" in reply["reasoning"]
        assert "leaves room for 102 more" in reply["reasoning"]
        assert "db-g1-small: it costs $18.00 a month more" in reply["reasoning"]
        assert [one["action"] for one in reply["alternatives"]] == ["scale_up"]


def test_a_limit_that_hardly_helps_is_taken_only_with_a_person_where_no_tier_is_larger() -> None:
    own = series(98.0, 80.0, metric_path=BACKENDS)
    reply = answered(block("connections", own, options=(limit(100, 110),), kind=SQL))
    assert reply["recommended_action"] == "modify_config"
    assert reply["requires_approval"] is True
    assert "hardly above what is used" in reply["reasoning"]


def test_a_closed_port_is_not_believed_while_the_address_answers() -> None:
    blocked = piece(8, "config", blocked_ports=[80], firewalls=[])
    reply = answered(block("unavailable", series(None), UP, blocked, options=(FIREWALL, RESTART)))
    assert reply["recommended_action"] == "ask"
    assert "80" not in reply["reasoning"]


def test_a_step_over_the_budget_names_that_as_its_doubt() -> None:
    reply = answered(block("cpu", series(0.93), CONFIG, options=(BIGGER,), budget_usd=25.0))
    assert "A person should look first: it would cost $32.23 a month, over the budget" in reply["reasoning"]


def test_the_age_of_the_newest_value_does_not_change_the_units() -> None:
    own = series(93.0, 80.0, metric_path="agent.googleapis.com/memory/percent_used", last_at=NOW)
    assert (
        "the memory in use is 93 %, past" in answered(block("memory", own, options=(RESTART,)))["reasoning"]
    )


def test_more_machines_are_not_tried_again_where_more_machines_did_not_help() -> None:
    more = {
        **option("scale_up", "maximum of machines 10 → 11", max_replicas=11),
        "cost_delta_usd_month": 10.0,
    }
    asked = block(
        "latency",
        series(6000.0, 2000.0),
        CONFIG,
        options=({**more, "parameters": {"max_replicas": 12}}, BIGGEST),
    )
    tried = [{"action": "scale_up", "parameters": {"max_replicas": 11}, "resolved": False}]
    assert "max_replicas" in answered(asked)["parameters"]
    assert answered({**asked, "tried": tried})["parameters"] == BIGGEST["parameters"]
