"""What is offered for a resource, by its configuration as it stands."""

import pytest

from infraai.operations.options import backends_of, options_of, why_not
from infraai.operations.shapes import Option
from tests.operations.edited import REGION, WEB, Files, main, vm

GROUP = "google_compute_instance_group_manager.web"
GROUP_TEXT = """
resource "google_compute_instance_template" "web" {
  machine_type = "e2-medium"
  name_prefix  = "web-"
  tags         = ["web"]
}
resource "google_compute_instance_group_manager" "web" {
  name               = "web-group"
  base_instance_name = "web"
  target_size        = 4
  version {
    instance_template = google_compute_instance_template.web.id
  }
}
"""
SCALER = """
resource "google_compute_autoscaler" "web" {
  target = google_compute_instance_group_manager.web.id
  autoscaling_policy {
    min_replicas = 2
    max_replicas = 4
  }
}
"""


def first(files: Files, action: str) -> Option:
    return next(one for one in files.options() if one.action == action)


def database(settings: str, version: str = "POSTGRES_16", more: str = "") -> Files:
    text = f"""
resource "google_sql_database_instance" "db" {{
  name             = "db"
  database_version = "{version}"
  settings {{
    {settings}
  }}
}}
{more}
"""
    return main(text, "google_sql_database_instance.db", name="db")


def service(template: str) -> Files:
    text = f"""
resource "google_cloud_run_v2_service" "api" {{
  name = "api"
  template {{
    {template}
  }}
}}
"""
    return main(text, "google_cloud_run_v2_service.api", name="api")


@pytest.mark.parametrize(
    ("now", "up", "down"),
    [
        ("e2-micro", ["e2-small"], []),
        ("e2-medium", ["e2-standard-2"], ["e2-small"]),
        ("e2-standard-2", ["e2-standard-4", "e2-highmem-2"], ["e2-medium"]),
        ("e2-highcpu-4", ["e2-highcpu-8", "e2-standard-4"], ["e2-highcpu-2"]),
        ("g1-small", ["n1-standard-1"], ["f1-micro"]),
        ("n2-highmem-8", ["n2-highmem-16"], ["n2-highmem-4"]),
        ("c3-standard-8", ["c3-standard-22", "c3-highmem-8"], ["c3-standard-4"]),
        ("e2-custom-2-4096", ["e2-custom-4-8192"], []),
        ("e2-highmem-32", [], ["e2-highmem-16"]),
        ("m1-ultramem-40", [], []),
    ],
)
def test_a_machine_goes_one_step_up_or_down_in_its_family(now: str, up: list[str], down: list[str]) -> None:
    files = vm(machine_type=f'machine_type = "{now}"')

    assert [one["machine_type"] for one in files.parameters("scale_up")] == up
    assert [one["machine_type"] for one in files.parameters("scale_down")] == down


def test_a_machine_type_has_its_price_and_says_that_it_stops() -> None:
    option = first(vm(), "scale_up")

    assert option.cost_delta_usd_month == pytest.approx(12.23, abs=0.5)
    assert option.stops
    assert option.reversible
    assert "e2-small (2 vCPU, 2 GB) → e2-medium (2 vCPU, 4 GB)" in option.summary


def test_what_is_not_in_the_price_table_has_no_price() -> None:
    assert first(vm(machine_type='machine_type = "n2d-highmem-8"'), "scale_up").cost_delta_usd_month is None


def test_copies_of_a_machine_cost_as_often() -> None:
    three = vm(name='name = "web-${count.index}"\n  count = 3')
    one = first(vm(), "scale_up").cost_delta_usd_month

    assert one is not None
    assert first(three, "scale_up").cost_delta_usd_month == pytest.approx(3 * one, abs=0.05)


def test_an_address_that_goes_with_a_stop_is_told() -> None:
    loose = vm(network='network = "default"\n    access_config {}')

    assert "another external address" in first(loose, "scale_up").summary
    assert "another external address" not in first(vm(), "scale_up").summary


@pytest.mark.parametrize(
    "value",
    ["var.size", "var.sizes[terraform.workspace]", 'var.big ? "e2-medium" : "e2-small"', "data.x.y.z"],
)
def test_what_cannot_be_known_is_not_offered_and_the_reason_is_told(value: str) -> None:
    files = vm(machine_type=f"machine_type = {value}", more='variable "size" {}\n')

    assert not files.parameters("scale_up")
    assert files.parameters("restart") == [{}]
    reasons = why_not(files.target, files.configuration, REGION)
    assert any(one.startswith("scale_up: machine_type") for one in reasons)


def test_what_terraform_is_told_to_ignore_is_not_offered() -> None:
    files = vm(tags='tags = ["web"]\n  lifecycle {\n    ignore_changes = [machine_type]\n  }')

    assert not files.parameters("scale_up")
    assert not vm(tags="tags = []\n  lifecycle {\n    ignore_changes = all\n  }").parameters("scale_up")


def test_a_machine_that_is_meant_to_be_stopped_is_not_started() -> None:
    assert not vm(tags='desired_status = "TERMINATED"').parameters("restart")


def test_a_protected_machine_is_not_made_anew() -> None:
    assert vm().parameters("recreate") == [{"replace": [WEB]}]
    assert not vm(tags="deletion_protection = true").parameters("recreate")


def test_both_disks_of_a_machine_can_grow_each_in_its_way() -> None:
    disk = """
resource "google_compute_disk" "data" {
  name = "data"
  type = "pd-ssd"
  size = 51
}
resource "google_compute_attached_disk" "data" {
  disk     = google_compute_disk.data.id
  instance = google_compute_instance.web.id
}
"""
    own, boot = [one for one in vm(disk).options() if one.action == "resize_disk"]

    assert (own.method, own.parameters) == (
        "terraform",
        {"size_gb": 77, "disk": "google_compute_disk.data"},
    )
    assert (boot.method, boot.parameters) == ("api", {"disk": "web", "size_gb": 30, "boot": True})
    assert not own.reversible
    assert own.cost_delta_usd_month == pytest.approx(26 * 0.17, rel=0.1)


def test_a_boot_disk_without_a_size_has_that_of_its_image() -> None:
    assert vm(size="# the image's").parameters("resize_disk")[0]["size_gb"] == 15
    assert not vm(size="", image='image = "projects/acme/global/images/golden"').parameters("resize_disk")


def test_a_disk_of_a_kind_that_is_not_known_grows_at_a_price_that_is_not_known() -> None:
    text = 'resource "google_compute_disk" "d" {\n  name = "d"\n  type = var.kind\n  size = %s\n}\n'
    known, largest = (main(text % size, "google_compute_disk.d", name="d") for size in ("10", "65536"))

    assert first(known, "resize_disk").cost_delta_usd_month is None
    assert not largest.parameters("resize_disk")


@pytest.mark.parametrize("most", ['"²"', '"many"', "true", "[1]"])
def test_nonsense_in_the_files_is_no_option_and_no_crash(most: str) -> None:
    text = f"""
resource "google_cloud_run_service" "old" {{
  template {{
    metadata {{
      annotations = {{ "autoscaling.knative.dev/maxScale" = {most}, infraai-redeploy = {most} }}
    }}
    spec {{
      containers {{
        resources {{
          limits = {{ cpu = {most}, memory = {most} }}
        }}
      }}
    }}
  }}
}}
"""
    files = main(text, "google_cloud_run_service.old")

    assert not files.parameters("scale_up")
    assert not vm(machine_type=f"machine_type = {most}").parameters("scale_down")
    assert not vm(size=f"size = {most}").parameters("resize_disk")


def test_the_boot_disk_of_one_of_several_copies_does_not_take_the_others_with_it() -> None:
    copies = vm(name='name = "web-${count.index}"\n  count = 3')
    own = vm(
        name="for_each = var.machines\n  name = each.key",
        size="size = each.value",
        more='variable "machines" {\n  default = { a = 20, b = 20 }\n}\n',
    )
    silent = vm(name='name = "web-${count.index}"\n  count = 3', size="")

    assert not main(copies.files["main.tf"], f"{WEB}[1]", name="web-1").parameters("resize_disk")
    alone = main(own.files["main.tf"], f'{WEB}["b"]', name="b")
    assert alone.changes("resize_disk")[1] == "+ default = { a = 20, b = 30 }"
    bare = main(silent.files["main.tf"], f"{WEB}[1]", name="web-1")
    assert bare.parameters("resize_disk") == [{"disk": "web-1", "size_gb": 15, "boot": True}]
    assert bare.changes("resize_disk") == []


def test_a_group_grows_by_its_size_or_by_its_autoscaler() -> None:
    plain, scaled = main(GROUP_TEXT, GROUP), main(GROUP_TEXT + SCALER, GROUP)

    assert plain.parameters("scale_up") == [{"target_size": 5}, {"machine_type": "e2-standard-2"}]
    assert scaled.parameters("scale_up") == [{"max_replicas": 5}, {"machine_type": "e2-standard-2"}]
    assert plain.parameters("scale_down")[0] == {"target_size": 3}


def test_an_autoscaler_of_several_groups_is_one_too() -> None:
    several = SCALER.replace("google_compute_instance_group_manager.web.id", "each.value.id").replace(
        "  target =", "  for_each = google_compute_instance_group_manager.web\n  target ="
    )

    assert main(GROUP_TEXT + several, GROUP).parameters("scale_up")[0] == {"max_replicas": 5}


def test_a_machine_of_a_group_is_made_anew_where_it_was_named() -> None:
    assert not main(GROUP_TEXT, GROUP).parameters("restart")
    assert main(GROUP_TEXT, GROUP, member="web-x1z9").parameters("restart") == [{"member": "web-x1z9"}]
    named = main(
        GROUP_TEXT.replace('"web"\n  target', '"${var.env}-web"\n  target'), GROUP, member="dev-web-x1z9"
    )
    assert named.checked("restart").parameters == {"member": "dev-web-x1z9"}


def test_a_group_that_keeps_state_is_not_redeployed() -> None:
    stateful = GROUP_TEXT.replace("  version {", '  stateful_disk {\n    device_name = "d"\n  }\n  version {')

    assert main(GROUP_TEXT, GROUP).parameters("redeploy") == [{}]
    assert not main(stateful, GROUP).parameters("redeploy")


@pytest.mark.parametrize(
    ("now", "up"),
    [
        ("db-f1-micro", ["db-g1-small"]),
        ("db-g1-small", ["db-custom-1-3840"]),
        ("db-custom-1-3840", ["db-custom-2-7680", "db-custom-1-6656"]),
        ("db-custom-4-15360", ["db-custom-8-30720", "db-custom-4-26624"]),
        ("db-custom-96-638976", []),
    ],
)
def test_a_database_goes_to_the_next_tier(now: str, up: list[str]) -> None:
    files = database(f'tier = "{now}"')

    assert [one["tier"] for one in files.parameters("scale_up")] == up
    assert all(one.stops for one in files.options() if one.action == "scale_up")


def test_high_availability_doubles_what_a_tier_costs_more() -> None:
    single = first(database('tier = "db-custom-1-3840"'), "scale_up").cost_delta_usd_month
    double = first(
        database('tier = "db-custom-1-3840"\n    availability_type = "REGIONAL"'), "scale_up"
    ).cost_delta_usd_month

    assert single is not None
    assert double == pytest.approx(2 * single, abs=0.05)


def test_connections_are_doubled_as_far_as_the_memory_goes() -> None:
    flag = 'database_flags {\n      name = "max_connections"\n      value = "300"\n    }'
    replica = """
resource "google_sql_database_instance" "copy" {
  master_instance_name = google_sql_database_instance.db.name
}
"""

    assert database('tier = "db-custom-1-3840"').parameters("modify_config") == [{"max_connections": 200}]
    assert database(f'tier = "db-custom-1-3840"\n    {flag}').parameters("modify_config") == [
        {"max_connections": 384}
    ]
    assert not database('tier = "db-custom-1-3840"', more=replica).parameters("modify_config")
    assert not database('tier = "db-custom-1-3840"', version="SQLSERVER_2022_WEB").parameters("modify_config")


def test_a_database_s_disk_grows_where_its_size_is_known() -> None:
    assert database('tier = "db-g1-small"\n    disk_size = 25').parameters("resize_disk") == [{"size_gb": 38}]
    assert not database('tier = "db-g1-small"').parameters("resize_disk")


def test_a_database_cannot_be_restarted_by_terraform_and_it_says_so() -> None:
    assert not {"restart", "recreate"} & {one.action for one in database('tier = "db-g1-small"').options()}


def test_a_service_gets_more_and_larger_instances() -> None:
    small = service(
        'containers {\n      image = "x"\n    }\n    scaling {\n      max_instance_count = 3\n    }'
    )
    full = service(
        'containers {\n      image = "x"\n      resources {\n        limits = { cpu = "1", memory = "4Gi" }\n'
        "      }\n    }"
    )

    assert small.parameters("scale_up") == [
        {"max_instance_count": 6},
        {"cpu": "1", "memory": "1Gi"},
        {"cpu": "2", "memory": "512Mi"},
    ]
    assert {"cpu": "2", "memory": "8Gi"} in full.parameters("scale_up")


def test_a_service_with_fixed_traffic_gets_no_new_revision() -> None:
    fixed = service('containers {\n      image = "x"\n    }\n  }\n  traffic {\n    revision = "api-1"')

    assert not fixed.parameters("redeploy")
    assert service('containers {\n      image = "x"\n    }').parameters("redeploy") == [{}]


def test_nodes_are_added_to_a_pool_and_nothing_is_done_in_the_cluster() -> None:
    text = """
resource "google_container_cluster" "main" {
  name = "main"
}
resource "google_container_node_pool" "main" {
  cluster    = google_container_cluster.main.id
  node_count = 2
}
"""
    pool = main(text, "google_container_node_pool.main", metadata={"location": REGION})
    cluster = main(text, "google_container_cluster.main")

    assert pool.parameters("scale_up") == [{"node_count": 3}]
    assert first(pool, "scale_up").cost_delta_usd_month == pytest.approx(3 * (24.46 + 10), abs=0.05)
    assert {one.action for one in cluster.options()} == {"rollback"}
    assert backends_of(cluster.target, cluster.configuration) == ("google_container_node_pool.main",)


RULES = """
resource "google_compute_firewall" "web" {
  network       = google_compute_network.main.id
  source_ranges = ["0.0.0.0/0"]
  target_tags   = ["web"]
  %s
  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}
resource "google_compute_firewall" "block" {
  network  = google_compute_network.main.id
  priority = 900
  deny {
    protocol = "tcp"
    ports    = ["%s"]
  }
}
resource "google_compute_firewall" "other" {
  network     = google_compute_network.main.id
  target_tags = ["db"]
  disabled    = true
  allow {
    protocol = "tcp"
    ports    = ["5000"]
  }
}
"""


def test_only_what_the_files_declare_open_is_opened_again() -> None:
    shut = vm(RULES % ("disabled = true", "8080"))
    barred = vm(RULES % ("", "80"))
    web, block = "google_compute_firewall.web", "google_compute_firewall.block"

    assert shut.parameters("modify_firewall") == [{"rule": web, "disabled": False}]
    assert barred.parameters("modify_firewall") == [{"rule": web}, {"rule": block, "disabled": True}]


@pytest.mark.parametrize("port", ["22", "1-1024", "5432"])
def test_ports_for_administration_and_databases_are_never_opened(port: str) -> None:
    rules = (RULES % ("disabled = true", port)).replace('ports    = ["80"]', f'ports    = ["{port}"]')

    assert not [one for one in vm(rules).parameters("modify_firewall") if "disabled" in one]


def test_what_serves_behind_a_load_balancer_is_found_by_reference() -> None:
    text = (
        GROUP_TEXT
        + """
resource "google_compute_backend_service" "web" {
  backend {
    group = google_compute_instance_group_manager.web.instance_group
  }
}
resource "google_compute_url_map" "web" {
  default_service = google_compute_backend_service.web.id
}
resource "google_compute_target_http_proxy" "web" {
  url_map = google_compute_url_map.web.id
}
resource "google_compute_global_forwarding_rule" "web" {
  target = google_compute_target_http_proxy.web.id
}
"""
    )
    for address in ("google_compute_global_forwarding_rule.web", "google_compute_backend_service.web"):
        files = main(text, address)
        assert backends_of(files.target, files.configuration) == (GROUP,)
    assert backends_of(main(text, GROUP).target, main(text, GROUP).configuration) == ()


def test_a_resource_that_the_files_do_not_declare_has_no_options() -> None:
    files = vm()
    gone = main("", WEB)

    assert options_of(gone.target, gone.configuration, REGION) == ()
    assert "the files do not declare it" in why_not(gone.target, gone.configuration, REGION)[0]
    assert files.options()
