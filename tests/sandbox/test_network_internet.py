"""What answers at which address of the simulated cloud."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.cloud import Cloud
from sandbox.network.firewall import Target, lets_in
from sandbox.network.internet import Internet
from sandbox.network.proxy import Visit

P = "projects/acme"
LINK = f"https://www.googleapis.com/compute/v1/{P}"
NGINX = "#!/bin/bash\napt-get update && apt-get install -y nginx\n"


class World:
    """A cloud, and visits to it."""

    def __init__(self, path: Path) -> None:
        self.cloud = Cloud(path / "cloud.db")
        self.internet = Internet(self.cloud)

    def put(self, kind: str, name: str, /, place: str = "global", **values: Any) -> str:
        collection = kind.removeprefix("google_compute_")
        key = f"{P}/{place}/{collection}/{name}"
        link = f"https://www.googleapis.com/compute/v1/{key}"
        own = {"id": key, "name": name, "project": "acme", "self_link": link}
        self.cloud.put(kind, key, {**own, **values}, "create")
        return link

    def machine(self, name: str = "vm", ip: str = "34.1.2.3", **values: Any) -> str:
        interface = {"network": f"{LINK}/global/networks/default", "access_config": [{"nat_ip": ip}]}
        usual = {
            "current_status": "RUNNING",
            "metadata_startup_script": NGINX,
            "network_interface": [interface],
        }
        return self.put(
            "google_compute_instance", name, "zones/us-central1-a", zone="us-central1-a", **usual | values
        )

    def allow(self, *ports: str, name: str = "web", **values: Any) -> None:
        usual: dict[str, Any] = {
            "network": f"{LINK}/global/networks/default",
            "direction": "INGRESS",
            "priority": 1000,
            "allow": [{"protocol": "tcp", "ports": list(ports)}],
            "source_ranges": ["0.0.0.0/0"],
        }
        self.put("google_compute_firewall", name, **usual | values)

    def get(self, url: str) -> int | None:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        answer = self.internet(Visit(scheme=parts.scheme, host=parts.hostname or "", port=port, path=path))
        return answer.status if answer else None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.cloud.close()


# --- machines ---------------------------------------------------------------------------------------------


def test_a_machine_answers_only_through_its_firewall(world: World) -> None:
    world.machine()
    assert world.get("http://34.1.2.3/") is None
    world.allow("80")
    assert world.get("http://34.1.2.3/") == 200
    assert world.get("http://34.1.2.3/nowhere") == 404
    assert world.get("http://34.1.2.3:8080/") is None
    assert world.get("https://34.1.2.3:80/") is None
    assert world.get("http://34.9.9.9/") is None


def test_a_stopped_machine_does_not_answer(world: World) -> None:
    world.allow("80")
    world.machine(current_status="TERMINATED")
    assert world.get("http://34.1.2.3/") is None


def test_a_machine_without_a_startup_script_serves_nothing(world: World) -> None:
    world.allow("1-65535")
    world.machine(metadata_startup_script="")
    assert world.get("http://34.1.2.3/") is None
    world.machine(metadata_startup_script="", metadata={"startup-script": NGINX})
    assert world.get("http://34.1.2.3/") == 200
    image = [{"initialize_params": [{"image": "projects/acme/global/images/nginx-golden-v3"}]}]
    world.machine(metadata_startup_script=None, boot_disk=image)
    assert world.get("http://34.1.2.3/") == 200


def test_a_machine_whose_service_is_down_does_not_answer_until_a_restart(world: World) -> None:
    world.allow("80")
    world.machine()
    world.cloud.set_machine(f"{P}/zones/us-central1-a/instance/vm", {"service_down": True})
    assert world.get("http://34.1.2.3/") is None


def test_a_script_in_a_bucket_is_run(world: World) -> None:
    world.allow("80")
    world.put("google_storage_bucket_object", "boot.sh", bucket="acme-boot", content=NGINX)
    world.machine(metadata_startup_script=None, metadata={"startup-script-url": "gs://acme-boot/boot.sh"})
    assert world.get("http://34.1.2.3/") == 200


def test_a_script_takes_its_time(world: World) -> None:
    world.allow("80")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    world.machine(creation_timestamp=now.isoformat())
    later = {"at": now + timedelta(seconds=59)}
    internet = Internet(world.cloud, boot_s=60, now=lambda: later["at"])
    visit = Visit(scheme="http", host="34.1.2.3", port=80)
    assert internet(visit) is None
    later["at"] += timedelta(seconds=1)
    answer = internet(visit)
    assert answer is not None
    assert answer.status == 200


def test_another_networks_rules_do_not_count(world: World) -> None:
    world.machine()
    world.allow("80", network=f"{LINK}/global/networks/other")
    assert world.get("http://34.1.2.3/") is None
    world.allow("80", network="default")
    assert world.get("http://34.1.2.3/") == 200


# --- the firewall -----------------------------------------------------------------------------------------


def rule(**values: Any) -> dict[str, Any]:
    usual = {"network": "n", "allow": [{"protocol": "tcp", "ports": ["80"]}], "source_ranges": ["0.0.0.0/0"]}
    return {**usual, **values}


DENY = {"allow": [], "deny": [{"protocol": "all"}]}


@pytest.mark.parametrize(
    ("rules", "let_in"),
    [
        ([], False),
        ([rule()], True),
        ([rule(allow=[{"protocol": "tcp"}])], True),
        ([rule(allow=[{"protocol": "all"}])], True),
        ([rule(allow=[{"protocol": "6", "ports": ["70-90"]}])], True),
        ([rule(allow=[{"protocol": "udp", "ports": ["80"]}])], False),
        ([rule(allow=[{"protocol": "tcp", "ports": ["8080", "443"]}])], False),
        ([rule(disabled=True)], False),
        ([rule(direction="EGRESS")], False),
        ([rule(source_ranges=["10.0.0.0/8", "::/0"])], False),
        ([rule(source_ranges=[], source_tags=["web"])], False),
        ([rule(source_ranges=[])], True),
        ([rule(target_tags=["web", "x"])], True),
        ([rule(target_tags=["db"])], False),
        ([rule(target_service_accounts=["a@acme"])], True),
        ([rule(target_service_accounts=["b@acme"])], False),
        ([rule(), rule(**DENY)], False),
        ([rule(priority=999), rule(**DENY)], True),
        ([rule(), rule(priority=0, **DENY)], False),
        ([rule(), rule(priority=5, **DENY, target_tags=["db"])], True),
    ],
)
def test_the_firewall_decides_as_google_says(rules: list[dict[str, Any]], let_in: bool) -> None:
    target = Target("n", frozenset({"web"}), frozenset({"a@acme"}))
    assert lets_in(rules, target, "192.0.2.1", 80) is let_in


def test_a_network_firewall_policy_decides_where_no_rule_does(world: World) -> None:
    world.machine()
    policy = world.put("google_compute_network_firewall_policy", "edge")
    network = f"{LINK}/global/networks/default"
    world.put(
        "google_compute_network_firewall_policy_association",
        "a",
        firewall_policy="edge",
        attachment_target=network,
    )
    match = [{"src_ip_ranges": ["0.0.0.0/0"], "layer4_configs": [{"ip_protocol": "tcp", "ports": ["80"]}]}]
    rule = {"firewall_policy": policy, "direction": "INGRESS", "match": match}
    world.put("google_compute_network_firewall_policy_rule", "1", **rule, priority=10, action="goto_next")
    assert world.get("http://34.1.2.3/") is None
    world.put("google_compute_network_firewall_policy_rule", "2", **rule, priority=20, action="allow")
    assert world.get("http://34.1.2.3/") == 200
    world.allow("80", allow=[], deny=[{"protocol": "tcp"}])
    assert world.get("http://34.1.2.3/") is None


def test_a_machine_from_a_template_runs_the_templates_script(world: World) -> None:
    world.allow("80", target_tags=["web"])
    template = world.put("google_compute_instance_template", "t", metadata_startup_script=NGINX, tags=["web"])
    nic = [{"network": "default", "access_config": [{"nat_ip": "34.1.2.9"}]}]
    world.put(
        "google_compute_instance_from_template", "x", source_instance_template=template, network_interface=nic
    )
    assert world.get("http://34.1.2.9/") == 200


# --- load balancers ---------------------------------------------------------------------------------------


def balance(world: World, *, script: str = NGINX, check_path: str = "/", **backend: Any) -> None:
    network = [{"network": f"{LINK}/global/networks/default"}]
    template = world.put(
        "google_compute_instance_template",
        "t",
        metadata_startup_script=script,
        network_interface=network,
        tags=["web"],
    )
    world.put(
        "google_compute_instance_group_manager",
        "g",
        "zones/us-central1-a",
        zone="us-central1-a",
        instance_group=f"{LINK}/zones/us-central1-a/instanceGroups/g",
        base_instance_name="web",
        target_size=2,
        version=[{"instance_template": template}],
        named_port=[{"name": "http", "port": 80}],
    )
    check = world.put(
        "google_compute_health_check", "c", http_health_check=[{"port": 80, "request_path": check_path}]
    )
    usual = {
        "backend": [{"group": f"{LINK}/zones/us-central1-a/instanceGroups/g"}],
        "health_checks": [check],
        "port_name": "http",
    }
    service = world.put("google_compute_backend_service", "b", **usual | backend)
    url_map = world.put("google_compute_url_map", "m", default_service=service)
    proxy = world.put("google_compute_target_http_proxy", "p", url_map=url_map)
    address = world.put("google_compute_global_address", "a", address="34.120.0.1")
    world.put(
        "google_compute_global_forwarding_rule", "r", target=proxy, ip_address=address, port_range="80-80"
    )


CHECKERS = ["130.211.0.0/22", "35.191.0.0/16"]


def test_a_load_balancer_needs_the_health_checks_to_pass_the_firewall(world: World) -> None:
    balance(world)
    assert world.get("http://34.120.0.1/") == 502
    world.allow("80", source_ranges=CHECKERS[:1])
    assert world.get("http://34.120.0.1/") == 502
    world.allow("80", source_ranges=CHECKERS, target_tags=["web"])
    assert world.get("http://34.120.0.1/") == 200
    assert world.get("http://34.120.0.1:8080/") is None
    assert world.get("http://34.120.0.2/") is None


@pytest.mark.parametrize(
    "fault", [{"script": "echo nothing"}, {"check_path": "/healthz"}, {"port_name": "api"}, {"backend": []}]
)
def test_a_load_balancer_without_a_healthy_backend_answers_502(world: World, fault: dict[str, Any]) -> None:
    world.allow("80", source_ranges=CHECKERS)
    balance(world, **fault)
    assert world.get("http://34.120.0.1/") == 502


def test_a_url_map_redirects_and_routes(world: World) -> None:
    world.allow("80", source_ranges=CHECKERS)
    balance(world)
    bucket = world.put("google_compute_backend_bucket", "files", bucket_name="acme-files")
    world.put("google_storage_bucket", "acme-files")
    url_map = world.put(
        "google_compute_url_map",
        "m",
        default_url_redirect=[{"https_redirect": True, "strip_query": False}],
        host_rule=[{"hosts": ["shop.example.com"], "path_matcher": "shop"}],
        path_matcher=[
            {
                "name": "shop",
                "default_service": f"{LINK}/global/backend_service/b",
                "path_rule": [{"paths": ["/files/*"], "service": bucket}],
            }
        ],
    )
    assert url_map.endswith("/m")
    answer = world.internet(Visit(scheme="http", host="34.120.0.1", port=80, path="/a?b=1"))
    assert answer is not None
    assert (answer.status, answer.headers["Location"]) == (301, "https://34.120.0.1/a?b=1")
    world.put("google_dns_record_set", "shop", type="A", rrdatas=["34.120.0.1"])
    world.cloud.put(
        "google_dns_record_set",
        "dns",
        {"name": "shop.example.com.", "type": "A", "rrdatas": ["34.120.0.1"]},
        "create",
    )
    assert world.get("http://shop.example.com/") == 200
    assert world.get("http://shop.example.com/files/a.txt") == 403


def test_a_network_load_balancer_passes_packets_through(world: World) -> None:
    machine = world.machine()
    pool = world.put("google_compute_target_pool", "pool", "regions/us-central1", instances=[machine])
    world.put("google_compute_forwarding_rule", "r", ip_address="35.5.5.5", target=pool, port_range="80")
    assert world.get("http://35.5.5.5/") is None
    world.allow("80")
    assert world.get("http://35.5.5.5/") == 200


def test_an_internal_load_balancer_is_not_reached_from_outside(world: World) -> None:
    world.allow("80", source_ranges=CHECKERS)
    balance(world)
    world.put(
        "google_compute_forwarding_rule", "i", ip_address="10.0.0.9", load_balancing_scheme="INTERNAL_MANAGED"
    )
    assert world.get("http://10.0.0.9/") is None


# --- serverless -------------------------------------------------------------------------------------------

RUN = "google_cloud_run_v2_service"


def run(world: World, **values: Any) -> None:
    usual = {
        "location": "us-central1",
        "uri": "https://api-abc-uc.a.run.app",
        "template": [{"containers": [{"image": "gcr.io/acme/api", "ports": [{"container_port": 8080}]}]}],
    }
    world.cloud.put(
        RUN,
        f"{P}/locations/us-central1/services/api",
        {"name": "api", "project": "acme", **usual, **values},
        "create",
    )


def open_to_all(world: World, **values: Any) -> None:
    usual = {
        "project": "acme",
        "location": "us-central1",
        "name": "api",
        "role": "roles/run.invoker",
        "member": "allUsers",
    }
    world.cloud.put(f"{RUN}_iam_member", "x", {**usual, **values}, "create")


def test_cloud_run_asks_who_you_are_unless_all_users_may_invoke(world: World) -> None:
    run(world)
    assert world.get("https://api-abc-uc.a.run.app/") == 403
    open_to_all(world, name=f"{P}/locations/us-central1/services/other")
    assert world.get("https://api-abc-uc.a.run.app/") == 403
    open_to_all(world, name=f"{P}/locations/us-central1/services/api")
    assert world.get("https://api-abc-uc.a.run.app/") == 200
    assert world.get("https://other-abc-uc.a.run.app/") is None


def test_cloud_run_with_internal_ingress_is_not_found(world: World) -> None:
    open_to_all(world)
    run(world, ingress="INGRESS_TRAFFIC_INTERNAL_ONLY")
    assert world.get("https://api-abc-uc.a.run.app/") == 404
    run(world, ingress="INGRESS_TRAFFIC_ALL")
    assert world.get("https://api-abc-uc.a.run.app/") == 200


def test_cloud_run_of_the_first_version_is_read_too(world: World) -> None:
    values = {
        "name": "old",
        "project": "acme",
        "location": "us-central1",
        "status": [{"url": "https://old-1.a.run.app"}],
    }
    world.cloud.put("google_cloud_run_service", "old", values, "create")
    policy = '{"bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}]}'
    world.cloud.put(
        "google_cloud_run_service_iam_policy",
        "x",
        {"service": "old", "project": "acme", "policy_data": policy},
        "create",
    )
    assert world.get("https://old-1.a.run.app/") == 200


def test_cloud_run_stands_behind_a_load_balancer(world: World) -> None:
    run(world, ingress="INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER")
    open_to_all(world)
    group = world.put(
        "google_compute_region_network_endpoint_group",
        "neg",
        "regions/us-central1",
        region="us-central1",
        cloud_run=[{"service": "api"}],
    )
    balance(world, backend=[{"group": group}], health_checks=[])
    assert world.get("http://34.120.0.1/") == 200
    assert world.get("https://api-abc-uc.a.run.app/") == 404


# --- buckets ----------------------------------------------------------------------------------------------


def test_a_bucket_shows_only_what_all_users_may_read(world: World) -> None:
    world.put(
        "google_storage_bucket",
        "acme-site",
        website=[{"main_page_suffix": "index.html"}],
        uniform_bucket_level_access=True,
    )
    world.put("google_storage_bucket_object", "index.html", bucket="acme-site", content="hi")
    page = "https://storage.googleapis.com/acme-site/index.html"
    assert world.get(page) == 403
    member = {"bucket": "b/acme-site", "role": "roles/storage.objectViewer", "member": "allUsers"}
    world.cloud.put("google_storage_bucket_iam_member", "x", member, "create")
    assert world.get(page) == 200
    assert world.get("https://acme-site.storage.googleapis.com/index.html") == 200
    assert world.get("https://storage.googleapis.com/acme-site/nothing") == 404
    assert world.get("https://storage.googleapis.com/none/x") == 404
    bucket = world.put("google_compute_backend_bucket", "b", bucket_name="acme-site")
    proxy = world.put(
        "google_compute_target_http_proxy",
        "p",
        url_map=world.put("google_compute_url_map", "m", default_service=bucket),
    )
    world.put(
        "google_compute_global_forwarding_rule", "r", target=proxy, ip_address="34.120.0.9", port_range="80"
    )
    assert world.get("http://34.120.0.9/") == 200
    assert world.get("http://34.120.0.9/none") == 404
