"""What things cost: figures of the list, and a word for each part that has none."""

from typing import Any

import pytest

from infraai.pricing import Priced, price_plan, price_resource, price_shown, price_values
from tests.planning.world import resource

US = "us-central1"


def cost(kind: str, region: str = US, **settings: Any) -> Priced:
    return price_resource(f"google_{kind}", settings, region)


@pytest.mark.parametrize(
    ("machine", "usd"),
    [("e2-micro", 6.11), ("e2-medium", 24.46), ("e2-standard-2", 48.92), ("e2-standard-16", 391.35)],
)
def test_a_machine_costs_its_list_price_for_730_hours_and_its_disk(machine: str, usd: float) -> None:
    priced = cost("compute_instance", machine_type=machine, disk_size_gb=100, disk_type="pd-balanced")
    assert priced.usd_month == pytest.approx(usd + 10, abs=0.01)
    assert not priced.unpriced


def test_every_line_says_how_it_was_reckoned() -> None:
    for line in cost("compute_instance", machine_type="n2-standard-4", external_ip=True).lines:
        assert "2026-07-30" in line.basis
        assert "sustained-use" in line.basis
        assert US in line.basis


def test_a_dearer_region_costs_more() -> None:
    assert cost("compute_instance", "asia-south1", machine_type="e2-medium", disk_size_gb=1).lines[
        0
    ].usd_month == (pytest.approx(29.38, abs=0.01))


def test_a_region_that_is_not_listed_is_a_lower_bound_and_says_so() -> None:
    priced = cost("compute_instance", "southamerica-east1", machine_type="e2-medium")
    assert priced.usd_month >= 24.45
    assert priced.lower_bound
    assert "southamerica-east1 is not in the price table" in priced.unpriced[0]


def test_a_resource_is_priced_where_it_stands() -> None:
    priced = cost("compute_instance", US, machine_type="e2-medium", zone="europe-west1-b", disk_size_gb=1)
    assert priced.lines[0].usd_month == pytest.approx(26.91, abs=0.01)


@pytest.mark.parametrize(
    "settings",
    [
        {"machine_type": "e2-gigantic"},
        {"machine_type": "m3-ultramem-32"},
        {"machine_type": "e2-medium", "scheduling": [{"provisioning_model": "SPOT"}]},
        {"machine_type": "e2-medium", "preemptible": True},
        {},
    ],
)
def test_a_machine_without_a_list_price_is_said_and_not_guessed(settings: dict[str, Any]) -> None:
    priced = cost("compute_instance", **settings)
    assert all("boot disk" in line.item for line in priced.lines)
    assert priced.unpriced


def test_licences_and_accelerators_are_said() -> None:
    priced = cost(
        "compute_instance", machine_type="n1-standard-4", image="windows-cloud/windows-2022",
        guest_accelerator=[{"type": "nvidia-tesla-t4", "count": 1}],
    )  # fmt: skip
    assert {"licence", "accelerators"} <= {word for one in priced.unpriced for word in one.split()}


def test_nested_values_cost_what_flat_ones_do() -> None:
    nested: dict[str, Any] = {
        "machine_type": "e2-medium",
        "zone": "us-central1-a",
        "boot_disk": [{"initialize_params": [{"size": 20, "type": "pd-ssd"}]}],
        "network_interface": [{"access_config": [{}]}],
    }
    flat: dict[str, Any] = {
        "machine_type": "e2-medium",
        "disk_size_gb": 20,
        "disk_type": "pd-ssd",
        "external_ip": True,
    }
    assert cost("compute_instance", **nested).usd_month == cost("compute_instance", **flat).usd_month


def test_a_stopped_machine_pays_for_its_disk_only() -> None:
    assert (
        cost(
            "compute_instance", machine_type="e2-medium", disk_size_gb=100, desired_status="TERMINATED"
        ).usd_month
        == 4
    )


@pytest.mark.parametrize(
    ("settings", "usd"),
    [
        ({"tier": "db-f1-micro"}, 7.67 + 1.7),
        ({"tier": "db-custom-2-7680"}, 98.62 + 1.7),
        ({"tier": "db-custom-2-7680", "availability_type": "REGIONAL"}, 2 * (98.62 + 1.7)),
        ({"tier": "db-n1-standard-8", "disk_size": 100}, 394.49 + 17),
        ({"settings": [{"tier": "db-custom-2-7680", "disk_size": 20}]}, 98.62 + 3.4),
        ({"tier": "db-f1-micro", "activation_policy": "NEVER"}, 1.7),
    ],
)
def test_a_database_costs_its_tier_and_its_disk_and_twice_for_two_zones(
    settings: dict[str, Any], usd: float
) -> None:
    assert cost("sql_database_instance", **settings).usd_month == pytest.approx(usd, abs=0.02)


@pytest.mark.parametrize(
    "settings",
    [
        {"tier": "db-perf-optimized-N-2", "edition": "ENTERPRISE_PLUS"},
        {"tier": "db-custom-2-8192", "database_version": "SQLSERVER_2022_STANDARD"},
        {"tier": "db-f1-micro", "disk_type": "PD_HDD"},
        {"tier": "db-f1-micro", "backup_configuration.enabled": True},
    ],
)
def test_what_a_database_has_beyond_the_table_is_said(settings: dict[str, Any]) -> None:
    assert cost("sql_database_instance", **settings).unpriced


def test_a_group_costs_its_template_times_its_least_size() -> None:
    template = resource("compute_instance_template", "web", machine_type="e2-medium", disk_size_gb=10)
    group = resource(
        "compute_instance_group_manager", "web", instance_template="google_compute_instance_template.web"
    )
    scaler = resource("compute_autoscaler", "web", target="web", min_replicas=2, max_replicas=6)
    priced = price_plan((template, group, scaler), US)
    assert priced.usd_month == pytest.approx(2 * (24.46 + 0.4), abs=0.01)
    assert any("may grow to 6" in one for one in priced.unpriced)


def test_each_group_finds_its_own_template() -> None:
    resources = [
        resource("compute_instance_template", "small", machine_type="e2-micro"),
        resource("compute_instance_template", "large", machine_type="e2-standard-16"),
        resource("compute_instance_group_manager", "a", target_size=1, instance_template="small"),
        resource("compute_instance_group_manager", "b", target_size=1, instance_template="large"),
    ]
    lines = price_plan(resources, US).lines
    assert [line.item for line in lines if "e2-micro" in line.item] == [
        "google_compute_instance_group_manager.a: 1 x e2-micro"
    ]
    assert any("manager.b: 1 x e2-standard-16" in line.item for line in lines)


def test_a_regional_pool_has_its_count_in_each_zone_and_the_fee_is_said() -> None:
    cluster = resource("container_cluster", "main", location="us-central1", remove_default_node_pool=True)
    pool = resource("container_node_pool", "main", cluster="main", node_count=1, machine_type="e2-medium")
    priced = price_plan((cluster, pool), US)
    assert priced.usd_month == pytest.approx(3 * (24.46 + 10), abs=0.02)
    assert any("fee" in one for one in priced.unpriced)


def test_a_reserved_address_is_paid_once_and_an_idle_one_is_dearer() -> None:
    machine = resource(
        "compute_instance", "web", machine_type="e2-micro", nat_ip="google_compute_address.web"
    )
    address = resource("compute_address", "web")
    assert [
        line.usd_month for line in price_plan((machine, address), US).lines if "address" in line.item
    ] == [3.65]
    assert [line.usd_month for line in price_plan((address,), US).lines] == [7.3]


def test_a_bucket_says_what_it_is_assumed_to_hold() -> None:
    priced = cost("storage_bucket", location="US")
    assert "10 GB assumed" in priced.lines[0].item
    assert priced.unpriced
    assert (
        cost("storage_bucket", location="us-central1", size_gb=100, storage_class="NEARLINE").usd_month == 1
    )


@pytest.mark.parametrize(
    "kind",
    [
        "redis_instance",
        "cloud_run_v2_service",
        "spanner_instance",
        "compute_global_forwarding_rule",
        "filestore_instance",
    ],
)
def test_what_the_table_does_not_have_is_said(kind: str) -> None:
    assert cost(kind).unpriced
    assert cost(kind).usd_month == 0


@pytest.mark.parametrize(
    "kind",
    [
        "compute_network", "compute_subnetwork", "compute_firewall", "service_account", "project_iam_member",
        "storage_bucket_iam_member", "compute_health_check", "compute_url_map", "project_service",
        "compute_instance_template", "sql_database", "sql_user",
    ],
)  # fmt: skip
def test_what_is_free_is_listed_nowhere(kind: str) -> None:
    assert cost(kind) == Priced()


def test_a_count_in_the_plan_is_paid_that_often() -> None:
    one = price_plan((resource("compute_instance", machine_type="e2-medium"),), US).usd_month
    three = price_plan((resource("compute_instance", machine_type="e2-medium", count=3),), US).usd_month
    assert three == pytest.approx(3 * one, abs=0.02)


def test_shown_values_are_priced_through_modules_and_references() -> None:
    template = {
        "address": "module.web.google_compute_instance_template.t", "mode": "managed",
        "type": "google_compute_instance_template", "name": "t",
        "values": {"machine_type": "e2-medium", "disk": [{"disk_size_gb": 10, "disk_type": "pd-balanced"}]},
    }  # fmt: skip
    other = {
        **template,
        "address": "module.web.google_compute_instance_template.u",
        "name": "u",
        "values": {"machine_type": "e2-micro"},
    }
    group = {
        "address": "module.web.google_compute_instance_group_manager.g", "mode": "managed",
        "type": "google_compute_instance_group_manager", "name": "g",
        "values": {"target_size": 3, "version": [{}], "zone": "us-central1-a"},
    }  # fmt: skip
    data = {
        "address": "data.google_compute_instance.x",
        "mode": "data",
        "type": "google_compute_instance",
        "values": {},
    }
    values = {
        "root_module": {
            "resources": [data],
            "child_modules": [{"address": "module.web", "resources": [template, other, group]}],
        }
    }
    reference = {
        "instance_template": {
            "references": ["google_compute_instance_template.t.id", "google_compute_instance_template.t"]
        }
    }
    inner = {
        "resources": [
            {"address": "google_compute_instance_group_manager.g", "expressions": {"version": [reference]}}
        ]
    }
    configuration = {"root_module": {"module_calls": {"web": {"module": inner}}}}
    assert price_values(values, US, configuration).usd_month == pytest.approx(3 * (24.46 + 1), abs=0.02)
    assert price_values(values, US).usd_month == 0


@pytest.mark.parametrize("values", [{}, {"root_module": {}}, {"root_module": {"resources": []}}])
def test_nothing_costs_nothing(values: dict[str, Any]) -> None:
    assert price_values(values) == Priced()


def test_a_shown_plan_is_priced_before_and_after_in_the_providers_region() -> None:
    machine = {
        "address": "google_compute_instance.web", "mode": "managed", "type": "google_compute_instance", "name": "web",
        "values": {"machine_type": "e2-medium", "boot_disk": [{"initialize_params": [{"size": 10}]}]},
    }  # fmt: skip
    smaller = {**machine, "values": {**machine["values"], "machine_type": "e2-micro"}}  # type: ignore[dict-item]
    shown = {
        "prior_state": {"values": {"root_module": {"resources": [smaller]}}},
        "planned_values": {"root_module": {"resources": [machine]}},
        "variables": {"region": {"value": "asia-south1"}},
        "configuration": {
            "provider_config": {
                "google": {"name": "google", "expressions": {"region": {"references": ["var.region"]}}}
            }
        },
    }
    assert price_shown(shown, "before").usd_month == pytest.approx(7.34 + 0.48, abs=0.01)
    assert price_shown(shown, "after").usd_month == pytest.approx(29.38 + 0.48, abs=0.01)
    assert price_shown({}, "after") == Priced()


def test_a_disk_without_a_size_has_that_of_its_image() -> None:
    (disk,) = [
        one
        for one in cost(
            "compute_instance", machine_type="e2-medium", image="windows-cloud/windows-2022"
        ).lines
        if "boot disk" in one.item
    ]
    assert disk.usd_month == pytest.approx(50 * 0.04, abs=0.01)


def test_a_boot_disk_that_google_named_is_still_the_machines_own() -> None:
    state: dict[str, Any] = {
        "machine_type": "e2-medium",
        "zone": "us-central1-a",
        "boot_disk": [
            {
                "source": "projects/p/zones/us-central1-a/disks/web",
                "initialize_params": [{"image": "debian-12", "size": 50, "type": "pd-standard"}],
            }
        ],
    }
    named: dict[str, Any] = {
        "machine_type": "e2-medium",
        "boot_disk": [{"source": "golden", "initialize_params": []}],
    }
    assert cost("compute_instance", **state).usd_month == pytest.approx(24.46 + 2, abs=0.01)
    assert cost("compute_instance", **named).usd_month == pytest.approx(24.46, abs=0.01)


def test_the_lines_add_up_to_the_cent() -> None:
    priced = cost("compute_instance", machine_type="n2-standard-4", external_ip=True)
    assert priced.usd_month == round(sum(round(one.usd_month, 2) for one in priced.lines), 2)


@pytest.mark.parametrize(
    ("autoscaling", "nodes"),
    [
        ({"min_node_count": 1, "max_node_count": 4, "total_min_node_count": 0, "total_max_node_count": 0}, 3),
        ({"min_node_count": 0, "max_node_count": 0, "total_min_node_count": 2, "total_max_node_count": 5}, 2),
        ({"min_node_count": None, "max_node_count": 4}, 0),
    ],
)
def test_limits_of_nodes_that_nobody_gave_are_zeros_in_a_state(
    autoscaling: dict[str, Any], nodes: int
) -> None:
    priced = cost("container_node_pool", location=US, node_count=7, autoscaling=[autoscaling])
    machines = [one.usd_month for one in priced.lines if "e2-medium" in one.item]
    assert machines == ([pytest.approx(nodes * 24.46, abs=0.05)] if nodes else [])
