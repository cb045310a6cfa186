"""What the sandbox's rules say of words they did not understand, and do with those that change a plan's shape."""

import re

import pytest

from tests.sandbox.goals import Answered, answer, written

SURE = 0.9
DOUBT = 0.6


def uncovered(planned: Answered) -> str:
    return " ".join(one for one in planned.draft.assumptions if one.startswith("Not covered by this plan: "))


@pytest.mark.parametrize(
    ("goal", "named"),
    [
        ("web app with postgres and 7 wombats", "7 wombats"),
        ("elasticsearch cluster", "elasticsearch"),
        ("hipaa compliant postgres", "hipaa"),
        ("vm in Atlantis", "atlantis"),
        ("a mastodon server", "mastodon"),
        ("2000 vms", "2000 vms"),
        ("gke with -5 nodes", "-5 nodes"),
        ("web app for 900,000,000,000 users", "more people than there are"),
        ("a vm with a dataflow job", "dataflow"),
    ],
)
def test_what_is_not_covered_is_named_and_leaves_doubt(goal: str, named: str) -> None:
    planned = answer(goal)
    assert named in uncovered(planned)
    assert planned.draft.confidence < DOUBT


@pytest.mark.parametrize(
    "goal",
    [
        "web app with postgres",
        "api for 10k users under $100 in Tokyo",
        "bucket, delete after 30 days",
        "three small VMs",
    ],
)
def test_what_is_covered_whole_is_sure(goal: str) -> None:
    planned = answer(goal)
    assert not uncovered(planned)
    assert planned.draft.confidence > SURE


@pytest.mark.parametrize(
    ("goal", "moves", "deleted"),
    [
        ("bucket for logs, move to coldline after 90 days", ["COLDLINE:90"], None),
        ("bucket, kept 3 months then nearline", ["NEARLINE:90"], None),
        (
            "bucket, nearline after 30 days, archive after 1 year, delete after 7 years",
            ["NEARLINE:30", "ARCHIVE:365"],
            2555,
        ),
        ("bucket, keep for two weeks and then delete", None, 14),
        ("bucket, never delete, to archive class after 60 days", ["ARCHIVE:60"], None),
    ],
)
def test_data_is_moved_or_deleted_as_asked(goal: str, moves: list[str] | None, deleted: int | None) -> None:
    planned = answer(goal)
    settings = planned.one("storage_bucket")
    assert (settings.get("moves"), settings.get("delete_after_days")) == (moves, deleted)
    text = written(planned.draft)
    assert text.count('"SetStorageClass"') == len(moves or [])
    assert ('"Delete"' in text) == bool(deleted)


@pytest.mark.parametrize(
    ("goal", "lead"),
    [
        ("postgres database, eu only", "europe-"),
        ("gdpr compliant bucket", "europe-"),
        ("api in tokio", "asia-northeast1"),
        ("database not in the us", "europe-"),
    ],
)
def test_wide_and_misspelt_places_are_places(goal: str, lead: str) -> None:
    assert answer(goal).draft.region.startswith(lead)


def test_a_subnet_stands_in_each_region_named() -> None:
    planned = answer("VPC with 3 subnets in us-east1, us-west1 and europe-west4")
    assert [one.settings["region"] for one in planned.all("subnetwork")] == [
        "us-east1",
        "us-west1",
        "europe-west4",
    ]


def test_a_group_stands_in_each_region_behind_one_balancer() -> None:
    planned = answer("web servers in us-east1 and us-west1 behind a load balancer")
    assert len(planned.all("instance_group_manager")) == 2
    assert written(planned.draft).count("\n  backend {") == 2


def test_a_region_where_nothing_stands_is_said() -> None:
    assert "london" in uncovered(answer("cloud run api in Tokyo and London"))


def test_nodes_and_memory_belong_to_the_cluster_beside_them() -> None:
    planned = answer("memcached cluster 3 nodes 4gb")
    assert planned.one("memcache_instance")["node_count"] == 3
    assert planned.one("memcache_instance")["node_config.memory_size_mb"] == 4096
    assert "instance" not in planned.types


@pytest.mark.parametrize(
    "goal",
    [
        "add a second node to my cluster",
        "resize my db",
        "delete all deployments",
        "update the firewall rules",
        "I want to scale our database to 16 cores",
        "can you make my database bigger",
    ],
)
def test_changes_to_what_stands_are_no_new_plan(goal: str) -> None:
    draft = answer(goal).draft
    assert draft.refusal == "unclear"
    assert "infraai apply DIR --deployment ID" in draft.refusal_message


@pytest.mark.parametrize(
    "goal",
    [
        "Eine API mit Postgres",
        "je veux un serveur web avec une base de données",
        "データベース付きのサーバー postgres",
    ],
)
def test_other_languages_are_not_half_understood(goal: str) -> None:
    draft = answer(goal).draft
    assert draft.refusal == "unclear"
    assert "English" in draft.refusal_message


@pytest.mark.parametrize(
    ("goal", "machine", "card"),
    [
        ("vm with an A100 to train models", "a2-highgpu-1g", None),
        ("two L4 gpus for training", "g2-standard-24", None),
        ("T4 training machine", "n1-", "nvidia-tesla-t4"),
    ],
)
def test_a_training_machine_has_its_cards_and_serves_nobody(
    goal: str, machine: str, card: str | None
) -> None:
    planned = answer(goal)
    settings = planned.one("compute_instance")
    assert str(settings["machine_type"]).startswith(machine)
    assert settings.get("guest_accelerator.type") == card
    assert all(one.settings["source_ranges"] != ["0.0.0.0/0"] for one in planned.all("firewall"))
    assert "nginx" not in written(planned.draft)


def test_private_machines_reach_their_packages_by_nat() -> None:
    planned = answer("internal only grpc service on port 50051, 2 replicas")
    machine = planned.one("compute_instance")
    assert (machine["public_ip"], machine["count"]) == (False, 2)
    assert planned.one("firewall")["ports"] == ["50051"]
    assert "router_nat" in planned.types


@pytest.mark.parametrize(
    ("goal", "stand_in"),
    [("cassandra cluster", "Bigtable"), ("rabbitmq", "Pub/Sub"), ("mongodb", "Firestore")],
)
def test_what_stands_in_for_a_foreign_product_is_said(goal: str, stand_in: str) -> None:
    planned = answer(goal)
    assert planned.says(stand_in, "in its place")
    assert planned.draft.confidence < SURE


def test_a_job_is_told_of_its_queue_and_table() -> None:
    planned = answer("a job that reads from a queue and writes to bigquery nightly")
    assert {"SUBSCRIPTION", "TABLE"} <= set(planned.one("run_v2_job")["env"])
    assert (
        "google_pubsub_subscription" in written(planned.draft).split('resource "google_cloud_run_v2_job"')[1]
    )
    assert "bigquery_config" not in written(planned.draft)
    assert "allUsers" not in written(planned.draft)


def test_the_worlds_addresses_are_no_subnets_range() -> None:
    planned = answer("vpc with a firewall that allows 0.0.0.0/0 on port 80")
    assert planned.one("subnetwork")["ip_cidr_range"].startswith("10.")
    assert answer("firewall allow ssh from 203.0.113.0/24").one("firewall")["source_ranges"] == [
        "203.0.113.0/24"
    ]


@pytest.mark.parametrize(
    "goal", ["spanner with 3 nodes under $100", "composer under $50", "10 large vms under $20"]
)
def test_a_budget_that_is_too_small_is_flagged(goal: str) -> None:
    assert answer(goal).draft.risk_flags == ("cost_over_budget",)


def test_tls_is_opened_only_where_it_answers() -> None:
    assert answer("api on a vm").one("firewall")["ports"] == ["80"]
    secure = answer("https api on a vm")
    assert secure.one("firewall")["ports"] == ["80", "443"]
    assert re.search(r"listen 80 default_server;\s+listen 443 ssl", written(secure.draft))


def test_a_placeholder_is_called_one() -> None:
    assert answer("web app").says("placeholder")
