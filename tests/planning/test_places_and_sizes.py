"""Regions, machine types and budgets: what is known, and what somebody may have meant."""

import pytest

from infraai.budgets import budget_of
from infraai.machines import find_machine_type, find_sql_tier, known_machine_types, near_machine_types
from infraai.offers import priced_machine_types, priced_sql_tiers
from infraai.prices import price_table
from infraai.regions import default_zone, find_region, near_regions, nearest_region, region_of, regions


def test_every_region_has_zones_and_a_place() -> None:
    assert len(regions()) >= 40
    for region in regions().values():
        assert region.zones[0] == default_zone(region.name)
        assert region.place
        assert all(region_of(zone) == region.name for zone in region.zones)


def test_zones_are_those_that_exist() -> None:
    assert regions()["us-central1"].zones == tuple(f"us-central1-{one}" for one in "abcf")
    assert default_zone("us-east1") == "us-east1-b"
    assert default_zone("europe-west1") == "europe-west1-b"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("us-cental1", "us-central1"),
        ("us central 1", "us-central1"),
        ("eu-west-1", "europe-west1"),
        ("ap-south-1", "asia-south1"),
        ("us-west-1", "us-west1"),
        ("Mumbai", "asia-south1"),
        ("frankfurt", "europe-west3"),
        ("us-east1-c", "us-east1"),
        ("https://www.googleapis.com/compute/v1/projects/p/regions/us-east1", "us-east1"),
    ],
)
def test_a_region_that_is_misspelt_or_named_by_its_place_is_found(typed: str, meant: str) -> None:
    assert near_regions(typed)[0] == meant


def test_a_place_that_is_nowhere_is_the_default() -> None:
    assert nearest_region("atlantis", "us-central1") == "us-central1"
    assert find_region("atlantis") is None


@pytest.mark.parametrize(
    ("name", "vcpus", "memory"),
    [
        ("e2-medium", 2, 4),
        ("n1-standard-4", 4, 15),
        ("c3-highcpu-22", 22, 44),
        ("e2-custom-4-8192", 4, 8),
        ("n2-highmem-2", 2, 16),
    ],
)
def test_a_machine_types_size_is_in_its_name(name: str, vcpus: int, memory: float) -> None:
    machine = find_machine_type(name)
    assert machine is not None
    assert (machine.vcpus, machine.memory_gb) == (vcpus, memory)


@pytest.mark.parametrize("name", ["e2-standard-3", "e9-standard-2", "t2d-highmem-2", "large", "", "m5.large"])
def test_no_family_has_such_a_one(name: str) -> None:
    assert find_machine_type(name) is None


def test_near_machine_types_keep_family_and_shape() -> None:
    assert near_machine_types("e2-standard-3")[0] == "e2-standard-2"
    assert near_machine_types("N2_Standard_4") == ("n2-standard-4",)
    assert near_machine_types("e2-medum")[0] == "e2-medium"


def test_every_priced_machine_type_is_known_and_the_cheapest_is_first() -> None:
    assert set(price_table().items("vm")) <= {*known_machine_types()}
    for offers in (priced_machine_types("us-central1"), priced_sql_tiers("asia-south1")):
        prices = [usd for _, usd in offers]
        assert prices == sorted(prices)
        assert all(machine.vcpus for machine, _ in offers)


def test_a_sql_tier_tells_its_size() -> None:
    tier = find_sql_tier("db-custom-4-15360")
    assert tier is not None
    assert (tier.vcpus, tier.memory_gb) == (4, 15)
    assert find_sql_tier("db-perf-optimized-N-2") is None


@pytest.mark.parametrize(
    ("goal", "usd"),
    [
        ("Deploy a backend API for 10k users under $100/month", 100),
        ("a shop, at most 1,200 USD per year", 100),
        ("spend max $2k a month", 2000),
        ("no more than 30 dollars monthly", 30),
        ("a VM for less than $0.10 per hour", 73),
        ("budget is $50, in Mumbai", 50),
        ("two VMs, budget: 80 USD", 80),
        ("under $200/month, better $150/month", 150),
        ("an API that takes $5 payments from 10000 users", None),
        ("an API for 10k users", None),
        ("", None),
    ],
)
def test_the_budget_is_what_the_goal_names_a_month(goal: str, usd: float | None) -> None:
    assert budget_of(goal) == usd
