"""Disks, firewalls and the machines of groups in the Compute REST API, as Terraform made them."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import compute_v1

from sandbox.compute_api.server import ComputeServer
from sandbox.provider.codec import Values
from sandbox.provider.google import GoogleProvider
from sandbox.provider.identity import Places
from tests.sandbox.console import PROJECT, REGION, ZONE, Console

AT = {"project": PROJECT, "zone": ZONE}
LARGER = "larger than existing size"


class Api:
    """A console, and Google's clients for the API over its cloud; `asked` counts what was measured first."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.advanced = 0
        self.server = ComputeServer(console.cloud, advance=self.advance)
        self.url = self.server.start()

    def advance(self) -> None:
        self.advanced += 1

    def client(self, kind: Any) -> Any:
        nobody: Any = AnonymousCredentials
        return kind(credentials=nobody(), client_options=ClientOptions(api_endpoint=self.url))

    def refreshed(self, kind: str, values: Values) -> Values:
        """Return what a Terraform refresh reads."""
        places = Places(project=PROJECT, region=REGION, zone=ZONE)
        provider = GoogleProvider(cloud=self.console.cloud, places=places)
        found = provider.configure({}).read(f"google_{kind}", values)
        assert found is not None
        return found


@pytest.fixture
def api(console: Console) -> Iterator[Api]:
    made = Api(console)
    yield made
    made.server.stop()


def machine(console: Console, name: str = "vm-1", **more: Any) -> Values:
    return console.create(
        "compute_instance",
        name=name,
        zone=ZONE,
        machine_type="e2-small",
        boot_disk=[{"initialize_params": [{"image": "debian-cloud/debian-12", "size": 20}]}],
        network_interface=[{"network": "default"}],
        **more,
    )


def resize(api: Api, disk: str, size_gb: int) -> None:
    body = compute_v1.DisksResizeRequest(size_gb=size_gb)
    api.client(compute_v1.DisksClient).resize(**AT, disk=disk, disks_resize_request_resource=body).result(10)


def test_a_boot_disk_is_found_by_name_and_grows_for_terraform_too(api: Api) -> None:
    vm = machine(api.console)
    disks = api.client(compute_v1.DisksClient)
    shown = disks.get(**AT, disk="vm-1")
    assert (shown.size_gb, shown.status, len(shown.users)) == (20, "READY", 1)
    resize(api, "vm-1", 50)
    assert api.refreshed("compute_instance", vm)["boot_disk"][0]["initialize_params"][0]["size"] == 50
    assert disks.get(**AT, disk="vm-1").size_gb == 50
    assert api.client(compute_v1.InstancesClient).get(**AT, instance="vm-1").disks[0].disk_size_gb == 50
    for smaller in (50, 30):
        with pytest.raises(BadRequest, match=LARGER):
            resize(api, "vm-1", smaller)
    assert api.console.cloud.status()["google_compute_instance"] == 1
    assert "google_compute_disk" not in api.console.cloud.status()  # it still is the machine's own


def test_a_disk_of_its_own_grows_for_terraform_too(api: Api) -> None:
    disk = api.console.create("compute_disk", name="data", zone=ZONE, size=100, type="pd-ssd")
    vm = machine(api.console, attached_disk=[{"source": disk["self_link"]}])
    resize(api, "data", 200)
    assert api.refreshed("compute_disk", disk)["size"] == 200
    shown = api.client(compute_v1.InstancesClient).get(**AT, instance=vm["name"])
    assert [one.disk_size_gb for one in shown.disks] == [20, 200]
    assert [one.name for one in api.client(compute_v1.DisksClient).list(**AT)] == ["data", "vm-1"]
    with pytest.raises(NotFound):
        resize(api, "none", 10)
    with pytest.raises(BadRequest, match="sizeGb"):
        resize(api, "data", 90_000)


def test_a_disk_is_inserted_and_deleted(api: Api) -> None:
    disks = api.client(compute_v1.DisksClient)
    disks.insert(**AT, disk_resource=compute_v1.Disk(name="more", size_gb=30)).result(10)
    stored = api.console.cloud.get("google_compute_disk", f"projects/{PROJECT}/zones/{ZONE}/disks/more")
    assert stored is not None
    assert stored["size"] == 30
    disks.delete(**AT, disk="more").result(10)
    with pytest.raises(NotFound):
        disks.get(**AT, disk="more")


def test_a_machine_type_that_does_not_exist_is_googles_error(api: Api) -> None:
    machine(api.console)
    client = api.client(compute_v1.InstancesClient)
    client.stop(**AT, instance="vm-1").result(10)
    for wanted, words in (
        ("e2-enormous", "Machine type with name 'e2-enormous' does not exist in zone"),
        ("n2-standard-7", "does not exist"),
        ("huge", "Invalid value for field 'resource.machineType'"),
    ):
        body = {"machine_type": f"zones/{ZONE}/machineTypes/{wanted}"}
        request = {**AT, "instance": "vm-1", "instances_set_machine_type_request_resource": body}
        with pytest.raises(BadRequest, match=words):
            client.set_machine_type(request=request)
    assert client.get(**AT, instance="vm-1").machine_type.endswith("/e2-small")


def test_the_cloud_is_measured_before_it_is_changed(api: Api) -> None:
    machine(api.console)
    client = api.client(compute_v1.InstancesClient)
    client.get(**AT, instance="vm-1")
    assert api.advanced == 0
    client.reset(**AT, instance="vm-1").result(10)
    assert api.advanced == 1


def test_firewalls_are_shown_with_what_they_let_in(api: Api) -> None:
    api.console.create(
        "compute_firewall",
        name="web",
        network="default",
        allow=[{"protocol": "tcp", "ports": ["80", "443"]}],
        source_ranges=["0.0.0.0/0"],
        target_tags=["web"],
        disabled=True,
    )
    client = api.client(compute_v1.FirewallsClient)
    shown = client.get(project=PROJECT, firewall="web")
    assert (shown.direction, shown.priority, shown.disabled) == ("INGRESS", 1000, True)
    assert [(one.I_p_protocol, list(one.ports)) for one in shown.allowed] == [("tcp", ["80", "443"])]
    assert (list(shown.source_ranges), list(shown.target_tags)) == (["0.0.0.0/0"], ["web"])
    assert shown.network.endswith("/global/networks/default")
    names = {one.name for one in client.list(project=PROJECT)}
    assert {"web", "default-allow-ssh"} <= names
    with pytest.raises(NotFound):
        client.get(project=PROJECT, firewall="none")


def grouped(console: Console) -> Values:
    template = console.create(
        "compute_instance_template",
        name="web",
        machine_type="e2-medium",
        disk=[{"source_image": "debian-cloud/debian-12", "boot": True, "disk_size_gb": 25}],
        network_interface=[{"network": "default"}],
        labels={"app": "shop"},
        tags=["web"],
    )
    return console.create(
        "compute_region_instance_group_manager",
        name="web",
        region=REGION,
        base_instance_name="web",
        target_size=2,
        version=[{"instance_template": template["self_link"]}],
    )


def test_a_groups_members_are_machines_of_their_template(api: Api) -> None:
    manager = grouped(api.console)
    groups = api.client(compute_v1.RegionInstanceGroupManagersClient)
    at = {"project": PROJECT, "region": REGION, "instance_group_manager": "web"}
    members = list(groups.list_managed_instances(**at))
    machines = api.client(compute_v1.InstancesClient)
    for member in members:
        zone, name = member.instance.split("/")[-3], member.instance.split("/")[-1]
        shown = machines.get(project=PROJECT, zone=zone, instance=name)
        assert (shown.status, shown.machine_type.rsplit("/", 1)[-1]) == ("RUNNING", "e2-medium")
        assert (dict(shown.labels), list(shown.tags.items), shown.disks[0].disk_size_gb) == (
            {"app": "shop"},
            ["web"],
            25,
        )
        assert shown.id == member.id
    listed = {one.name for _, found in machines.aggregated_list(project=PROJECT) for one in found.instances}
    assert listed == {one.instance.rsplit("/", 1)[-1] for one in members}
    first = members[0].instance.split("/")
    call = {"project": PROJECT, "zone": first[-3], "instance": first[-1]}
    machines.stop(**call).result(10)
    assert [one.instance_status for one in groups.list_managed_instances(**at)] == ["TERMINATED", "RUNNING"]
    machines.start(**call).result(10)
    assert machines.get(**call).status == "RUNNING"
    with pytest.raises(BadRequest, match="change the template"):
        machines.set_tags(**call, tags_resource=compute_v1.Tags(items=["x"]))
    machines.delete(**call).result(10)
    assert machines.get(**call).id != members[0].id
    verbs = [one.verb for one in api.console.cloud.operations() if one.id == manager["id"]]
    assert verbs == ["create", "stop", "start", "recreateInstances"]


def test_recreating_every_member_mends_what_had_gone_wrong_in_the_group(api: Api) -> None:
    manager = grouped(api.console)
    groups = api.client(compute_v1.RegionInstanceGroupManagersClient)
    at = {"project": PROJECT, "region": REGION, "instance_group_manager": "web"}
    links = [one.instance for one in groups.list_managed_instances(**at)]
    api.console.cloud.set_machine(manager["id"], {"service_down": True})
    for asked, left in ((links[:1], True), (links, False)):
        body = compute_v1.RegionInstanceGroupManagersRecreateRequest(instances=asked)
        request = {**at, "region_instance_group_managers_recreate_request_resource": body}
        groups.recreate_instances(request=request).result(10)
        assert ("service_down" in api.console.cloud.machine(manager["id"])) is left


def test_a_machine_made_from_a_template_keeps_only_what_is_its_own(api: Api) -> None:
    template = api.console.create(
        "compute_instance_template",
        name="one",
        machine_type="e2-medium",
        disk=[{"source_image": "debian-cloud/debian-12", "boot": True}],
        network_interface=[{"network": "default"}],
    )
    kind = "google_compute_instance_from_template"
    key = f"projects/{PROJECT}/zones/{ZONE}/instances/copy"
    own = {"id": key, "name": "copy", "project": PROJECT, "zone": ZONE, "instance_id": "77"}
    api.console.cloud.put(kind, key, {**own, "source_instance_template": template["self_link"]}, "create")
    client = api.client(compute_v1.InstancesClient)
    assert client.get(**AT, instance="copy").machine_type.endswith("/e2-medium")
    client.stop(**AT, instance="77").result(10)
    stored = api.console.cloud.get(kind, key)
    assert stored is not None
    assert stored["current_status"] == "TERMINATED"
    assert "machine_type" not in stored
