"""Whatever a model or a state holds, the rules answer and do not fall over."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.reckoning import reckon
from infraai.budgets import budget_of
from infraai.machines import near_machine_types
from infraai.models import InfraPlan, PlannedResource
from infraai.pricing import price_resource, price_values
from infraai.regions import near_regions

NAMES = st.sampled_from(
    [
        "machine_type", "zone", "location", "region", "count", "tier", "disk_size_gb", "boot_disk", "network_interface",
        "settings", "node_config", "node_locations", "autoscaling", "target_size", "version", "min_replicas", "ports",
        "source_ranges", "allow", "guest_accelerator", "scheduling", "disk", "members", "availability_type", "nat_ip",
        "access_config", "initialize_params", "size", "type", "database_version", "authorized_networks", "public",
    ]
)  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers(-5, 10**9) | st.floats(allow_nan=False) | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(
    [
        "google_compute_instance", "google_compute_instance_group_manager", "google_compute_instance_template",
        "google_compute_disk", "google_container_cluster", "google_container_node_pool", "google_storage_bucket",
        "google_sql_database_instance", "google_compute_router_nat", "google_compute_address", "google_compute_firewall",
        "google_storage_bucket_iam_member", "google_compute_autoscaler", "aws_instance", "",
    ]
)  # fmt: skip
FLAT = (
    st.booleans() | st.integers(-5, 10**9) | st.text(max_size=8) | st.lists(st.text(max_size=8), max_size=2)
)


@settings(deadline=None, max_examples=150)
@given(KINDS, st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_settings_have_a_price_or_a_word(kind: str, values: dict[str, Any]) -> None:
    priced = price_resource(kind, values, "us-central1")
    assert priced.usd_month >= 0
    one = {"address": f"{kind}.x", "mode": "managed", "type": kind, "name": "x", "values": values}
    assert price_values({"root_module": {"resources": [one, one]}}).usd_month >= 0


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(KINDS, st.dictionaries(NAMES, FLAT, max_size=5)), max_size=4))
def test_any_plan_is_reckoned(listed: list[tuple[str, dict[str, Any]]]) -> None:
    resources = tuple(
        PlannedResource(type=kind, name=f"r{number}", settings=given_settings)
        for number, (kind, given_settings) in enumerate(listed)
    )
    plan = InfraPlan(
        stack_type="x",
        region="us-central1",
        estimated_cost_usd=0,
        confidence=1,
        resources=resources,
        budget_usd=10,
    )
    assert reckon(reckon(plan)) == reckon(plan)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_any_text_is_looked_up(text: str) -> None:
    near_regions(text)
    near_machine_types(text)
    usd = budget_of(text)
    assert usd is None or usd > 0
