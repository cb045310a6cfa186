"""Compute Engine in the simulated cloud."""

import re
import threading

import pytest

from sandbox.services import ApiError, service_of
from tests.sandbox.console import Console

NAME_RULE = "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)', invalid"


def test_a_machine_gets_addresses_a_disk_and_a_status(console: Console) -> None:
    machine = console.machine()
    nic = machine["network_interface"][0]
    assert nic["network_ip"] == "10.128.0.2"
    assert nic["subnetwork"].endswith("/projects/acme/regions/us-central1/subnetworks/default")
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", nic["access_config"][0]["nat_ip"])
    assert machine["current_status"] == "RUNNING"
    assert machine["cpu_platform"] == "Intel Broadwell"
    assert machine["instance_id"].isdigit()
    assert machine["boot_disk"][0]["source"].endswith("/zones/us-central1-a/disks/vm-1")
    second = console.machine("vm-2")
    assert second["network_interface"][0]["network_ip"] == "10.128.0.3"
    console.delete("compute_instance", machine)
    assert console.machine()["network_interface"][0]["network_ip"] == "10.128.0.2"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"machine_type": "e2-huge"},
            (
                "googleapi: Error 400: Invalid value for field 'resource.machineType':"
                " 'zones/us-central1-a/machineTypes/e2-huge'. Machine type with name 'e2-huge' does not exist in zone"
                " 'us-central1-a'., invalid"
            ),
        ),
        (
            {"zone": "us-central9-a"},
            "Error 400: Invalid value for field 'zone': 'us-central9-a'. Unknown zone., invalid",
        ),
        ({"name": "VM_1"}, f"Invalid value for field 'resource.name': 'VM_1'. {NAME_RULE}"),
        (
            {"boot_disk": [{"initialize_params": [{"image": "debian-cloud/debian-99"}]}]},
            "Error resolving image name 'debian-cloud/debian-99': Could not find image or family debian-cloud/debian-99",
        ),
        (
            {"boot_disk": [{"initialize_params": [{"image": "windows-cloud/windows-2022", "size": 20}]}]},
            "'20'. Requested disk size cannot be smaller than the image size (50 GB), invalid",
        ),
        (
            {"network_interface": [{"network": "nowhere"}]},
            (
                "Invalid value for field 'resource.networkInterfaces[0].network':"
                " 'projects/acme/global/networks/nowhere'. The referenced network resource cannot be found., invalid"
            ),
        ),
        (
            {"network_interface": [{}]},
            "exactly one of network, subnetwork, or network_attachment must be provided",
        ),
        (
            {"network_interface": [{"network": "default", "access_config": [{"nat_ip": "9.9.9.9"}]}]},
            "The specified external IP address '9.9.9.9' was not found in region 'us-central1'., invalid",
        ),
        (
            {"service_account": [{"email": "ghost@acme.iam.gserviceaccount.com", "scopes": []}]},
            "ghost@acme.iam.gserviceaccount.com' of type 'serviceAccount' was not found., notFound",
        ),
        (
            {"scheduling": [{"preemptible": True, "automatic_restart": True}]},
            "Scheduling must have automaticRestart be false when preemptible is true., badRequest",
        ),
        (
            {"guest_accelerator": [{"type": "nvidia-tesla-t4", "count": 1}]},
            "Instances with guest accelerators do not support live migration., badRequest",
        ),
        (
            {"machine_type": "n4-standard-2", "boot_disk": [{"initialize_params": [{"type": "pd-ssd"}]}]},
            "[pd-ssd] features and [machine type: n4-standard-2] features are not compatible",
        ),
        ({"tags": ["Web_Server"]}, NAME_RULE),
        ({"labels": {"Env": "x"}}, "Label key 'Env' violates format constraints."),
        (
            {"metadata_startup_script": "a", "metadata": {"startup-script": "b"}},
            "Cannot provide both metadata_startup_script and metadata.startup-script.",
        ),
    ],
)
def test_a_machine_that_cannot_be_is_refused(
    console: Console, changes: dict[str, object], words: str
) -> None:
    assert words in console.refusal("compute_instance", **{**console.machine_values(), **changes})


@pytest.mark.parametrize(
    "name",
    [
        "e2-micro",
        "n1-standard-4",
        "n2d-highcpu-32",
        "c3-standard-4-lssd",
        "custom-2-4096",
        "n2-custom-4-8192",
        "a2-highgpu-1g",
    ],
)
def test_every_family_of_machine_is_known(console: Console, name: str) -> None:
    console.machine(machine_type=name, scheduling=[{"on_host_maintenance": "TERMINATE"}])


@pytest.mark.parametrize(
    "image",
    [
        "debian-cloud/debian-11",
        "projects/ubuntu-os-cloud/global/images/family/ubuntu-2404-lts-amd64",
        "https://www.googleapis.com/compute/v1/projects/cos-cloud/global/images/cos-stable-117-18613-0-79",
        "windows-cloud/windows-2022-core",
        "rocky-linux-9",
        "other-project/their-image",
        "projects/someone/global/images/family/theirs",
    ],
)
def test_an_image_may_be_named_in_every_way(console: Console, image: str) -> None:
    console.create("compute_instance", **console.machine_values(image=image))


def test_a_new_machine_type_needs_a_stop_that_somebody_allowed(console: Console) -> None:
    machine = console.machine()
    words = console.refused_update("compute_instance", machine, machine_type="e2-standard-2")
    assert words.startswith("Changing the machine_type, min_cpu_platform, service_account, enable_display,")
    assert "please set allow_stopping_for_update = true in your config" in words
    changed = console.update(
        "compute_instance", machine, machine_type="e2-standard-2", allow_stopping_for_update=True
    )
    assert changed["machine_type"] == "e2-standard-2"


def test_a_custom_network_asks_for_a_subnetwork_of_the_machines_region(console: Console) -> None:
    console.network()
    console.subnetwork()
    console.subnetwork("far", "10.1.0.0/24", region="europe-west1")
    machine = console.machine(network_interface=[{"subnetwork": "sub"}])
    assert machine["network_interface"][0]["network_ip"] == "10.0.0.2"
    words = console.refusal(
        "compute_instance", **{**console.machine_values("b"), "network_interface": [{"network": "vpc"}]}
    )
    assert "Subnetwork should be specified for custom subnetmode network, invalid" in words
    link = "projects/acme/regions/europe-west1/subnetworks/far"
    words = console.refusal(
        "compute_instance", **{**console.machine_values("b"), "network_interface": [{"subnetwork": link}]}
    )
    assert "Subnetwork must be in the region of the instance's zone: 'us-central1'." in words


def test_subnetworks_do_not_overlap(console: Console) -> None:
    console.network()
    console.subnetwork(secondary_ip_range=[{"range_name": "pods", "ip_cidr_range": "10.8.0.0/16"}])
    for cidr in ("10.0.0.128/25", "10.8.4.0/24"):
        assert console.refusal("compute_subnetwork", name="b", ip_cidr_range=cidr, network="vpc") == (
            f"googleapi: Error 400: Invalid IPCidrRange: {cidr} conflicts with existing subnetwork 'sub' in region"
            " 'us-central1'., invalidIPCidrRange"
        )
    console.network("other")
    console.create("compute_subnetwork", name="b", ip_cidr_range="10.0.0.0/24", network="other")
    words = console.refusal("compute_subnetwork", name="c", ip_cidr_range="10.130.0.0/20", network="default")
    assert "Extended subnetworks in auto subnet mode networks cannot overlap with 10.128.0.0/9." in words
    words = console.refusal("compute_subnetwork", name="c", ip_cidr_range="10.9.0.0/24", network="gone")
    assert (
        words
        == "googleapi: Error 404: The resource 'projects/acme/global/networks/gone' was not found, notFound"
    )


def test_what_is_in_use_is_not_deleted(console: Console) -> None:
    network = console.network()
    subnetwork = console.subnetwork()
    assert console.refused_delete("compute_network", network) == (
        "googleapi: Error 400: The network resource 'projects/acme/global/networks/vpc' is already being used by"
        " 'projects/acme/regions/us-central1/subnetworks/sub', resourceInUseByAnotherResource"
    )
    disk = console.create("compute_disk", name="data", type="pd-ssd", size=50)
    address = console.create("compute_address", name="ip")
    interface = {"subnetwork": "sub", "access_config": [{"nat_ip": address["address"]}]}
    machine = console.machine(network_interface=[interface], attached_disk=[{"source": disk["id"]}])
    for kind, values in (
        ("compute_subnetwork", subnetwork),
        ("compute_disk", disk),
        ("compute_address", address),
    ):
        assert f"is already being used by '{machine['id']}'" in console.refused_delete(kind, values)
    console.delete("compute_instance", machine)
    for kind, values in (
        ("compute_disk", disk),
        ("compute_address", address),
        ("compute_subnetwork", subnetwork),
    ):
        console.delete(kind, values)
    console.delete("compute_network", network)
    assert console.cloud.status() == {}


def test_another_projects_things_are_taken_on_trust(console: Console) -> None:
    console.create(
        "compute_firewall", name="fw", network="projects/host/global/networks/shared", direction="EGRESS"
    )
    link = "projects/host/regions/us-central1/subnetworks/shared"
    assert console.machine(network_interface=[{"subnetwork": link}])["network_interface"][0]["network_ip"]
    console.machine("b", service_account=[{"email": "x@host.iam.gserviceaccount.com", "scopes": []}])


def test_a_firewall_rule_has_ports_only_with_protocols_that_do(console: Console) -> None:
    rule = {"name": "fw", "network": "default", "source_ranges": ["0.0.0.0/0"]}
    console.create("compute_firewall", **rule, allow=[{"protocol": "tcp", "ports": ["22", "8000-9000"]}])
    words = console.refusal("compute_firewall", **rule, allow=[{"protocol": "icmp", "ports": ["22"]}])
    assert words == (
        "googleapi: Error 400: Invalid value for field 'resource.allowed[0].ports[0]': '22'. Ports may only be"
        " specified on rules whose protocol is one of [TCP, UDP, SCTP]., invalid"
    )
    assert "'http'" in console.refusal(
        "compute_firewall", **rule, allow=[{"protocol": "tcp", "ports": ["http"]}]
    )
    context = console.context("google_compute_firewall")
    with pytest.raises(
        ApiError, match="one of source_tags, source_ranges, or source_service_accounts must be"
    ):
        service_of("google_compute_firewall").customise(context, None, {}, {"name": "fw"})


def test_a_disk_does_not_shrink(console: Console) -> None:
    disk = console.create("compute_disk", name="d", size=100)
    assert console.update("compute_disk", disk, size=200)["size"] == 200
    assert "must be larger than existing size '100' GB" in console.refused_update(
        "compute_disk", disk, size=50
    )
    assert "cannot be smaller than the image size" in console.refusal(
        "compute_disk", name="e", size=5, image="debian-cloud/debian-12"
    )


def test_a_group_of_machines_needs_its_template_and_lends_its_group(console: Console) -> None:
    words = console.refusal(
        "compute_instance_group_manager", name="g", version=[{"instance_template": "gone"}]
    )
    assert words == (
        "googleapi: Error 404: The resource 'projects/acme/global/instanceTemplates/gone' was not found, notFound"
    )
    template = console.template()
    group = console.create(
        "compute_instance_group_manager",
        name="g",
        target_size=2,
        version=[{"instance_template": template["self_link_unique"]}],
    )
    assert group["instance_group"].endswith("/zones/us-central1-a/instanceGroups/g")
    assert "is already being used by" in console.refused_delete("compute_instance_template", template)
    check = console.create("compute_health_check", name="hc", http_health_check=[{"port": 80}])
    backend = console.create(
        "compute_backend_service",
        name="bs",
        health_checks=[check["id"]],
        backend=[{"group": group["instance_group"]}],
    )
    assert "backendServices/bs'" in console.refused_delete("compute_instance_group_manager", group)
    assert "health_check resource" in console.refused_delete("compute_health_check", check)
    console.delete("compute_backend_service", backend)
    console.delete("compute_instance_group_manager", group)


def test_a_regional_group_replaces_a_zones_worth_at_once(console: Console) -> None:
    template = console.template()
    words = console.refusal(
        "compute_region_instance_group_manager",
        name="g",
        version=[{"instance_template": template["id"]}],
        update_policy=[{"type": "PROACTIVE", "minimal_action": "REPLACE", "max_surge_fixed": 1}],
    )
    assert (
        "Fixed updatePolicy.maxSurge for regional managed instance group has to be either 0 or at least equal to the"
        " number of zones., invalid" in words
    )


def test_an_autoscaler_needs_its_group_and_has_it_alone(console: Console) -> None:
    assert "instanceGroupManagers/g' was not found, notFound" in console.refusal(
        "compute_autoscaler",
        name="a",
        target="g",
        autoscaling_policy=[{"min_replicas": 1, "max_replicas": 2}],
    )
    console.template()
    console.create("compute_instance_group_manager", name="g", version=[{"instance_template": "web"}])
    policy = [{"min_replicas": 1, "max_replicas": 2}]
    console.create("compute_autoscaler", name="a", target="g", autoscaling_policy=policy)
    assert "already being autoscaled" in console.refusal(
        "compute_autoscaler", name="b", target="g", autoscaling_policy=policy
    )


def test_a_load_balancer_is_global_or_regional_all_through(console: Console) -> None:
    check = console.create("compute_health_check", name="hc", tcp_health_check=[{"port": 80}])
    assert check["type"] == "TCP"
    backend = console.create("compute_backend_service", name="bs", health_checks=[check["id"]])
    regional = console.create("compute_region_backend_service", name="rbs", health_checks=[check["id"]])
    url_map = console.create("compute_url_map", name="um", default_service=backend["id"])
    assert "The URL is malformed., invalid" in console.refusal(
        "compute_url_map", name="um2", default_service=regional["id"]
    )
    proxy = console.create("compute_target_http_proxy", name="p", url_map=url_map["self_link"])
    assert "'projects/acme/global/urlMaps/gone' was not found" in console.refusal(
        "compute_target_http_proxy", name="p2", url_map="gone"
    )
    rule = console.create("compute_global_forwarding_rule", name="fr", target=proxy["id"], port_range="80")
    assert rule["ip_address"]
    assert "Exactly one of 'target' and 'backendService'" in console.refusal(
        "compute_forwarding_rule", name="x"
    )
    inner = console.create(
        "compute_forwarding_rule", name="in", backend_service=regional["id"], load_balancing_scheme="INTERNAL"
    )
    assert inner["ip_address"].startswith("10.128.")
    assert "Load balancing scheme must match" in console.refusal(
        "compute_forwarding_rule", name="y", backend_service=regional["id"], load_balancing_scheme="EXTERNAL"
    )
    assert "is already being used by" in console.refused_delete("compute_url_map", url_map)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Exactly one kind of health check must be specified., invalid"),
        ({"http_health_check": [{}], "tcp_health_check": [{}]}, "Exactly one kind of health check"),
        (
            {"http_health_check": [{}], "timeout_sec": 10, "check_interval_sec": 5},
            "TimeoutSec should be less than",
        ),
    ],
)
def test_a_health_check_is_of_one_kind(console: Console, values: dict[str, object], words: str) -> None:
    assert words in console.refusal("compute_health_check", name="hc", **values)


def test_a_nat_has_options_that_go_together(console: Console) -> None:
    nat = {"name": "nat", "source_subnetwork_ip_ranges_to_nat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}
    assert "routers/r' was not found, notFound" in console.refusal(
        "compute_router_nat", **nat, router="r", nat_ip_allocate_option="AUTO_ONLY"
    )
    console.create("compute_router", name="r", network="default")
    assert "NAT IPs must be specified when natIpAllocateOption is MANUAL_ONLY." in console.refusal(
        "compute_router_nat", **nat, router="r", nat_ip_allocate_option="MANUAL_ONLY"
    )
    assert "Subnetworks must be specified" in console.refusal(
        "compute_router_nat",
        **{**nat, "source_subnetwork_ip_ranges_to_nat": "LIST_OF_SUBNETWORKS"},
        router="r",
        nat_ip_allocate_option="AUTO_ONLY",
    )
    console.create("compute_router_nat", **nat, router="r", nat_ip_allocate_option="AUTO_ONLY")


def test_a_vpn_gateway_has_two_addresses_and_a_tunnel_needs_a_router(console: Console) -> None:
    gateway = console.create("compute_ha_vpn_gateway", name="g", network="default")
    assert len({one["ip_address"] for one in gateway["vpn_interfaces"]}) == 2
    words = console.refusal(
        "compute_vpn_tunnel", name="t", vpn_gateway=gateway["id"], peer_gcp_gateway=gateway["id"]
    )
    assert "A router must be specified" in words


def test_peered_networks_become_active_and_do_not_overlap(console: Console) -> None:
    for name, cidr in (("a", "10.0.0.0/24"), ("b", "10.1.0.0/24"), ("c", "10.1.0.0/25")):
        console.network(name)
        console.create("compute_subnetwork", name=name, ip_cidr_range=cidr, network=name)
    link = "projects/acme/global/networks/{}".format
    first = console.create("compute_network_peering", name="ab", network=link("a"), peer_network=link("b"))
    assert first["state"] == "INACTIVE"
    console.create("compute_network_peering", name="ba", network=link("b"), peer_network=link("a"))
    service_of("google_compute_network_peering").read(
        console.context("google_compute_network_peering"), first
    )
    assert first["state"] == "ACTIVE"
    assert "overlaps with an IP range in the local network" in console.refusal(
        "compute_network_peering", name="bc", network=link("b"), peer_network=link("c")
    )


def test_of_two_made_at_once_one_is_refused(console: Console) -> None:
    console.network()
    said: list[str] = []

    def make(name: str, cidr: str) -> None:
        try:
            console.subnetwork(name, cidr)
        except ApiError as error:
            said.append(str(error))

    overlapping = (("a", "10.4.0.0/16"), ("b", "10.4.8.0/24"))
    same_name = (("c", "10.6.0.0/24"), ("c", "10.7.0.0/24"))
    for pairs in (overlapping, same_name):
        threads = [threading.Thread(target=make, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(said) == 2
    assert "conflicts with existing subnetwork" in said[0]
    assert said[1].endswith("subnetworks/c' already exists, alreadyExists")
    assert console.cloud.status()["google_compute_subnetwork"] == 2
