"""What the rules find in a plan."""

from typing import Any

import pytest

from infraai.models import PlannedResource, Risk
from infraai.pricing import Priced, price_plan
from infraai.risks import RULES, find_risks, join_flags
from tests.planning.world import resource

SAFE_SQL: dict[str, Any] = {
    "availability_type": "REGIONAL",
    "backup_configuration.enabled": True,
    "ip_configuration.ipv4_enabled": False,
    "ip_configuration.private_network": "google_compute_network.main",
}


def rules(*resources: PlannedResource) -> set[str]:
    return {risk.rule for risk in find_risks(resources, Priced(), None)}


@pytest.mark.parametrize(
    "settings",
    [
        {"source_ranges": ["0.0.0.0/0"], "ports": ["22"]},
        {"source_ranges": ["::/0"], "ports": ["80"]},
        {"source_ranges": "0.0.0.0/0", "ports": "22,80"},
        {"source_ranges": ["10.0.0.0/8", "0.0.0.0/0"]},
    ],
)
def test_a_firewall_open_to_the_world_is_told(settings: dict[str, Any]) -> None:
    assert rules(resource("compute_firewall", **settings)) == {"open_firewall"}


def test_an_open_administration_port_is_named() -> None:
    wide = resource("compute_firewall", source_ranges=["0.0.0.0/0"], ports=["20-25", "5432"])
    (risk,) = find_risks([wide], Priced(), None)
    assert "SSH (22)" in risk.message
    assert "PostgreSQL (5432)" in risk.message


@pytest.mark.parametrize(
    "settings",
    [
        {"source_ranges": ["10.0.0.0/8"], "ports": ["22"]},
        {"source_ranges": ["0.0.0.0/0"], "direction": "EGRESS"},
        {},
    ],
)
def test_a_closed_firewall_is_no_risk(settings: dict[str, Any]) -> None:
    assert rules(resource("compute_firewall", **settings)) == set()


def test_a_safe_database_is_no_risk() -> None:
    assert rules(resource("sql_database_instance", **SAFE_SQL)) == set()


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"ip_configuration.ipv4_enabled": True}, "public_database"),
        ({"authorized_networks": ["0.0.0.0/0"]}, "public_database"),
        ({"backup_configuration.enabled": False}, "no_backup"),
        ({"availability_type": "ZONAL"}, "no_redundancy"),
        ({"deletion_protection": False}, "no_deletion_protection"),
    ],
)
def test_what_makes_a_database_unsafe_is_told(changed: dict[str, Any], rule: str) -> None:
    assert rules(resource("sql_database_instance", **{**SAFE_SQL, **changed})) == {rule}


def test_one_machine_is_no_redundancy_and_two_are() -> None:
    assert "no_redundancy" in rules(resource("compute_instance"))
    assert "no_redundancy" not in rules(resource("compute_instance", count=2))
    assert "no_redundancy" in rules(resource("compute_instance_group_manager", target_size=1))


def test_public_access_and_keys_are_told() -> None:
    assert rules(resource("storage_bucket_iam_member", member="allUsers")) == {"public_bucket"}
    assert rules(resource("project_iam_member", role="roles/owner", member="user:a@b.c")) == {"broad_role"}
    assert rules(resource("service_account_key")) == {"service_account_key"}


def test_the_budget_is_held_against_the_price_table() -> None:
    machine = resource("compute_instance", count=2, machine_type="e2-standard-4")
    priced = price_plan([machine], "us-central1")
    assert "cost_over_budget" in {risk.rule for risk in find_risks([machine], priced, 100)}
    assert "cost_over_budget" not in {risk.rule for risk in find_risks([machine], priced, 300)}
    assert "cost_over_budget" not in {risk.rule for risk in find_risks([machine], priced, None)}


def test_the_models_flags_are_joined_but_do_not_speak_for_the_rules() -> None:
    found = (Risk(rule="no_backup", message=""),)
    assert join_flags(found, ["Cost over budget", "Vendor lock-in!", "no_backup"]) == (
        "no_backup",
        "vendor_lock_in",
    )


def test_every_rule_that_fires_is_listed() -> None:
    all_of_them = [
        resource("compute_firewall", source_ranges=["0.0.0.0/0"]),
        resource("sql_database_instance", deletion_protection=False),
        resource("compute_instance", machine_type="e2-medium"),
        resource("storage_bucket_iam_member", member="allUsers"),
        resource("cloud_run_v2_service_iam_member", member="allUsers", role="roles/editor"),
        resource("service_account_key"),
    ]
    assert {risk.rule for risk in find_risks(all_of_them, price_plan(all_of_them, "us-central1"), 1)} == RULES
