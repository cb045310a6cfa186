"""The simulated cloud's memory."""

import threading
from pathlib import Path

from sandbox.cloud import Cloud, Point

VM = "google_compute_instance"
VM_ID = "projects/acme/zones/us-central1-a/instances/vm-1"


def test_what_is_put_is_there_for_another_process(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "cloud.db")
    cloud.put(VM, VM_ID, {"name": "vm-1", "project": "acme", "labels": {"a": "b"}}, "create")
    other = Cloud(tmp_path / "cloud.db")
    assert other.get(VM, VM_ID) == {"name": "vm-1", "project": "acme", "labels": {"a": "b"}}
    assert other.find(VM, name="vm-1")[0].id == VM_ID
    other.remove(VM, VM_ID)
    assert cloud.get(VM, VM_ID) is None
    assert [operation.verb for operation in cloud.operations()] == ["create", "delete"]
    cloud.close()
    other.close()


def test_a_new_project_has_the_default_network_and_service_account(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "cloud.db")
    network = cloud.get("google_compute_network", "projects/acme/global/networks/default")
    assert network is not None
    assert network["auto_create_subnetworks"] is True
    subnetwork = cloud.get(
        "google_compute_subnetwork", "projects/acme/regions/europe-west1/subnetworks/default"
    )
    assert subnetwork is not None
    assert subnetwork["ip_cidr_range"] == "10.132.0.0/20"
    account = cloud.find("google_service_account", project="acme")[0].values
    assert account["email"] == f"{cloud.project_number('acme')}-compute@developer.gserviceaccount.com"
    assert cloud.status() == {}
    assert cloud.list() == []
    assert len(cloud.list("google_compute_firewall", "acme", built_in=True)) == 4
    cloud.close()


def test_two_resources_never_claim_the_same_key(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "cloud.db")
    won: list[int] = []

    def take(number: int) -> None:
        if cloud.claim("subnet", "10.0.0.2", VM, str(number)):
            won.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    cloud.remove(VM, str(won[0]))
    assert cloud.claim("subnet", "10.0.0.2", VM, "another")
    cloud.close()


def test_measurements_and_machines_are_kept_until_reset(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "cloud.db")
    cloud.record(
        [Point("cpu", "gce_instance", {"resource.instance_id": "1"}, at, at / 10) for at in (1, 2, 3)]
    )
    assert [point.value for point in cloud.points("cpu", 1, 3)] == [0.2, 0.3]
    assert cloud.metrics() == ("cpu",)
    cloud.set_machine("1", {"load": 0.5})
    assert cloud.machine("1") == {"load": 0.5}
    cloud.reset()
    assert cloud.metrics() == ()
    assert cloud.machines() == {}
    cloud.close()
