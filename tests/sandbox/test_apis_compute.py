"""The Compute REST API, asked by Google's own client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, Conflict, NotFound, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import compute_v1

from sandbox.sandbox import Sandbox

AT = {"project": "acme", "zone": "us-central1-a"}
VM = "google_compute_instance"
VM_ID = "projects/acme/zones/us-central1-a/instances/vm-1"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = Sandbox(tmp_path, project="acme")
    yield made
    made.close()


def connected(sandbox: Sandbox) -> dict[str, Any]:
    options = ClientOptions(api_endpoint=sandbox.endpoints().compute_url)
    return {"credentials": AnonymousCredentials(), "client_options": options}


@pytest.fixture
def client(sandbox: Sandbox) -> compute_v1.InstancesClient:
    return compute_v1.InstancesClient(**connected(sandbox))


def insert(client: compute_v1.InstancesClient, name: str = "vm-1", **more: Any) -> None:
    instance = compute_v1.Instance(
        name=name,
        machine_type="zones/us-central1-a/machineTypes/e2-small",
        disks=[
            compute_v1.AttachedDisk(
                boot=True,
                initialize_params=compute_v1.AttachedDiskInitializeParams(
                    source_image="projects/debian-cloud/global/images/family/debian-12"
                ),
            )
        ],
        network_interfaces=[
            compute_v1.NetworkInterface(
                network="global/networks/default", access_configs=[compute_v1.AccessConfig()]
            )
        ],
        **more,
    )
    client.insert(**AT, instance_resource=instance).result(timeout=10)


def test_an_inserted_machine_is_in_the_cloud_that_terraform_sees(
    sandbox: Sandbox, client: compute_v1.InstancesClient
) -> None:
    insert(client, labels={"env": "dev"})
    shown = client.get(**AT, instance="vm-1")
    assert (shown.status, shown.machine_type.rsplit("/", 1)[-1], dict(shown.labels)) == (
        "RUNNING",
        "e2-small",
        {"env": "dev"},
    )
    stored = sandbox.cloud.get(VM, VM_ID)
    assert stored is not None
    assert stored["machine_type"] == "e2-small"
    assert str(shown.id) == str(stored["instance_id"])
    with pytest.raises(Conflict, match="already exists"):
        insert(client)
    client.delete(**AT, instance="vm-1").result(timeout=10)
    assert sandbox.cloud.get(VM, VM_ID) is None


def test_a_machine_that_is_not_there_is_googles_404(client: compute_v1.InstancesClient) -> None:
    words = "The resource 'projects/acme/zones/us-central1-a/instances/none' was not found"
    with pytest.raises(NotFound, match=words):
        client.get(**AT, instance="none")
    with pytest.raises(NotFound, match=words):
        client.reset(**AT, instance="none")


def test_a_machine_type_changes_only_while_stopped(
    sandbox: Sandbox, client: compute_v1.InstancesClient
) -> None:
    insert(client)
    bigger = compute_v1.InstancesSetMachineTypeRequest(
        machine_type="zones/us-central1-a/machineTypes/e2-standard-4"
    )

    def resize() -> None:
        client.set_machine_type(
            **AT, instance="vm-1", instances_set_machine_type_request_resource=bigger
        ).result(timeout=10)

    with pytest.raises(BadRequest, match="STOPPED"):
        resize()
    client.stop(**AT, instance="vm-1").result(timeout=10)
    assert client.get(**AT, instance="vm-1").status == "TERMINATED"
    with pytest.raises(BadRequest, match="not ready"):
        client.reset(**AT, instance="vm-1")
    resize()
    client.start(**AT, instance="vm-1").result(timeout=10)
    stored = sandbox.cloud.get(VM, VM_ID)
    assert stored is not None
    assert (stored["machine_type"], stored["current_status"]) == ("e2-standard-4", "RUNNING")


def test_a_request_id_acts_once_for_ever(
    sandbox: Sandbox, client: compute_v1.InstancesClient, tmp_path: Path
) -> None:
    insert(client)
    request = {**AT, "instance": "vm-1", "request_id": "5f0c9a52-3f2b-5d0e-9d3e-0c5c7a1f0b11"}
    first = client.reset(request=request)
    again = client.reset(request=request)
    assert first.name == again.name
    restarted = Sandbox(tmp_path, project="acme")
    compute_v1.InstancesClient(**connected(restarted)).reset(request=request).result(timeout=10)
    restarted.close()
    assert [one.verb for one in sandbox.cloud.operations()].count("reset") == 1
    with pytest.raises(BadRequest, match="requestId"):
        client.stop(request=request)


def test_a_restart_brings_back_what_had_crashed(sandbox: Sandbox, client: compute_v1.InstancesClient) -> None:
    insert(client)
    sandbox.cloud.set_machine(VM_ID, {"service_down": True, "load": 0.4})
    client.reset(**AT, instance="vm-1").result(timeout=10)
    assert sandbox.cloud.machine(VM_ID) == {"load": 0.4}


def test_lists_are_filtered_and_paged(client: compute_v1.InstancesClient) -> None:
    for name in ("vm-1", "vm-2", "web-1"):
        insert(client, name)
    client.stop(**AT, instance="vm-2").result(timeout=10)
    assert [one.name for one in client.list(request={**AT, "max_results": 2})] == ["vm-1", "vm-2", "web-1"]
    assert [one.name for one in client.list(request={**AT, "filter": "name = vm-*"})] == ["vm-1", "vm-2"]
    running = client.list(request={**AT, "filter": '(name = "vm-*") (status = RUNNING)'})
    assert [one.name for one in running] == ["vm-1"]
    with pytest.raises(BadRequest, match="filter"):
        client.list(request={**AT, "filter": "what is this"})
    zones = {zone: len(found.instances) for zone, found in client.aggregated_list(project="acme")}
    assert zones == {"zones/us-central1-a": 3}


def test_metadata_is_set_with_the_fingerprint_it_was_read_with(
    sandbox: Sandbox, client: compute_v1.InstancesClient
) -> None:
    insert(client)
    read = client.get(**AT, instance="vm-1").metadata
    wanted = compute_v1.Metadata(
        fingerprint=read.fingerprint, items=[compute_v1.Items(key="startup-script", value="echo 1")]
    )
    client.set_metadata(**AT, instance="vm-1", metadata_resource=wanted).result(timeout=10)
    stored = sandbox.cloud.get(VM, VM_ID)
    assert stored is not None
    assert stored["metadata"] == {"startup-script": "echo 1"}
    with pytest.raises(PreconditionFailed, match="fingerprint"):
        client.set_metadata(**AT, instance="vm-1", metadata_resource=wanted)


def test_a_managed_group_is_listed_recreated_and_resized(sandbox: Sandbox) -> None:
    key = "projects/acme/zones/us-central1-a/instanceGroupManagers/web"
    template = "projects/acme/global/instanceTemplates/t"
    sandbox.cloud.put(
        "google_compute_instance_group_manager",
        key,
        {
            "id": key,
            "name": "web",
            "project": "acme",
            "zone": "us-central1-a",
            "base_instance_name": "web",
            "target_size": 2,
            "version": [{"instance_template": template}],
        },
        "create",
    )
    groups = compute_v1.InstanceGroupManagersClient(**connected(sandbox))
    at = {**AT, "instance_group_manager": "web"}
    assert groups.get(**at).target_size == 2
    before = list(groups.list_managed_instances(**at))
    assert len({one.instance for one in before}) == 2
    body = compute_v1.InstanceGroupManagersRecreateInstancesRequest(instances=[before[0].instance])
    groups.recreate_instances(**at, instance_group_managers_recreate_instances_request_resource=body).result(
        timeout=10
    )
    after = list(groups.list_managed_instances(**at))
    assert [one.instance for one in after] == [one.instance for one in before]
    assert [a.id == b.id for a, b in zip(after, before, strict=True)] == [False, True]
    groups.resize(**at, size=3).result(timeout=10)
    stored = sandbox.cloud.get("google_compute_instance_group_manager", key)
    assert stored is not None
    assert stored["target_size"] == 3
    with pytest.raises(NotFound):
        groups.get(**{**at, "instance_group_manager": "none"})
