"""An instance as Terraform's provider stores it, and as the REST API shows it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

Json = dict[str, Any]
COMPUTE = "https://www.googleapis.com/compute/v1/"
_GB = 10


def to_rest(cloud: "Cloud", values: Mapping[str, Any]) -> Json:
    """Return the REST resource for an instance's Terraform attributes."""
    project, zone = str(values.get("project", "")), name_of(values.get("zone"))
    place = f"{COMPUTE}projects/{project}/zones/{zone}"
    labels = values.get("effective_labels") or values.get("labels") or {}
    shown: Json = {
        "kind": "compute#instance",
        "id": str(values.get("instance_id") or _number(str(values.get("id")))),
        "name": values.get("name"),
        "description": values.get("description") or "",
        "zone": place,
        "machineType": f"{place}/machineTypes/{name_of(values.get('machine_type'))}",
        "status": values.get("current_status") or "RUNNING",
        "cpuPlatform": values.get("cpu_platform") or "Intel Broadwell",
        "creationTimestamp": values.get("creation_timestamp"),
        "lastStartTimestamp": values.get("last_start_timestamp") or values.get("creation_timestamp"),
        "lastStopTimestamp": values.get("last_stop_timestamp"),
        "labels": labels,
        "labelFingerprint": fingerprint(labels),
        "tags": _tags(values),
        "metadata": _metadata(values),
        "networkInterfaces": [
            _interface(project, number, one)
            for number, one in enumerate(_blocks(values, "network_interface"))
        ],
        "disks": _disks(cloud, values, place),
        "serviceAccounts": [
            {"email": one.get("email"), "scopes": list(one.get("scopes") or ())}
            for one in _blocks(values, "service_account")
        ],
        "scheduling": _scheduling(values),
        "canIpForward": bool(values.get("can_ip_forward")),
        "deletionProtection": bool(values.get("deletion_protection")),
        "startRestricted": False,
        "selfLink": f"{place}/instances/{values.get('name')}",
    }
    return {key: value for key, value in shown.items() if value is not None}


def from_rest(body: Mapping[str, Any], *, project: str, zone: str, path: str) -> Json:
    """Return the Terraform attributes for the body of `instances.insert`."""
    items = metadata_items((body.get("metadata") or {}).get("items"))
    labels = dict(body.get("labels") or {})
    disks = list(body.get("disks") or ())
    return {
        "id": path,
        "name": body["name"],
        "project": project,
        "zone": zone,
        "description": body.get("description", ""),
        "machine_type": name_of(body.get("machineType")),
        "labels": labels,
        "effective_labels": labels,
        "terraform_labels": labels,
        "tags": sorted((body.get("tags") or {}).get("items", [])),
        "metadata": items,
        "network_interface": [_from_interface(one) for one in body.get("networkInterfaces") or [{}]],
        "boot_disk": [_from_disk(one) for one in disks if one.get("boot")][:1]
        or [_from_disk(disks[0] if disks else {})],
        "attached_disk": [],
        "scratch_disk": [],
        "guest_accelerator": [],
        "service_account": [
            {"email": one.get("email"), "scopes": list(one.get("scopes", []))}
            for one in body.get("serviceAccounts") or ()
        ],
        "scheduling": [_from_scheduling(body.get("scheduling") or {})],
        "can_ip_forward": bool(body.get("canIpForward")),
        "deletion_protection": bool(body.get("deletionProtection")),
        "current_status": "RUNNING",
        "self_link": f"{COMPUTE}{path}",
    }


def metadata_items(items: Any) -> dict[str, str]:
    """Return metadata by key; an item without a key is left out."""
    return {str(one["key"]): str(one.get("value", "")) for one in items or () if one.get("key")}


def name_of(reference: object) -> str:
    """Return the last segment of a reference."""
    return str(reference or "").rstrip("/").rsplit("/", 1)[-1]


def fingerprint(value: object) -> str:
    """Return the fingerprint that a change of this value must name."""
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _tags(values: Mapping[str, Any]) -> Json:
    items = sorted(map(str, values.get("tags") or ()))
    return {"items": items, "fingerprint": fingerprint(items)}


def _metadata(values: Mapping[str, Any]) -> Json:
    metadata = dict(values.get("metadata") or {})
    if values.get("metadata_startup_script"):
        metadata["startup-script"] = values["metadata_startup_script"]
    items = [{"key": key, "value": str(value)} for key, value in sorted(metadata.items())]
    return {"kind": "compute#metadata", "items": items, "fingerprint": fingerprint(items)}


def _interface(project: str, number: int, one: Mapping[str, Any]) -> Json:
    network = str(one.get("network") or "default")
    if "/" not in network:
        network = f"{COMPUTE}projects/{project}/global/networks/{network}"
    return {
        "kind": "compute#networkInterface",
        "name": one.get("name") or f"nic{number}",
        "network": network,
        **({"subnetwork": one["subnetwork"]} if one.get("subnetwork") else {}),
        **({"networkIP": one["network_ip"]} if one.get("network_ip") else {}),
        "stackType": one.get("stack_type") or "IPV4_ONLY",
        "accessConfigs": [
            {
                "kind": "compute#accessConfig",
                "type": "ONE_TO_ONE_NAT",
                "name": "External NAT",
                "networkTier": access.get("network_tier") or "PREMIUM",
                **({"natIP": access["nat_ip"]} if access.get("nat_ip") else {}),
            }
            for access in _blocks(one, "access_config")
        ],
    }


def _disks(cloud: "Cloud", values: Mapping[str, Any], place: str) -> list[Json]:
    boot = [(one, True) for one in _blocks(values, "boot_disk")]
    attached = [(one, False) for one in _blocks(values, "attached_disk")]
    return [
        {
            "kind": "compute#attachedDisk",
            "type": "PERSISTENT",
            "mode": one.get("mode") or "READ_WRITE",
            "boot": is_boot,
            "autoDelete": bool(one.get("auto_delete", is_boot)),
            "index": index,
            "deviceName": one.get("device_name") or f"persistent-disk-{index}",
            "source": one.get("source") or f"{place}/disks/{values.get('name')}",
            "diskSizeGb": _size_gb(cloud, one),
        }
        for index, (one, is_boot) in enumerate([*boot, *attached])
    ]


def _size_gb(cloud: "Cloud", one: Mapping[str, Any]) -> str:
    """Return the size of an attached disk: the disk's own, or the one it was made with."""
    source = str(one.get("source") or "")
    path = source[source.find("projects/") :] if "projects/" in source else ""
    disk = cloud.get("google_compute_disk", path) or cloud.get("google_compute_region_disk", path) or {}
    return str(disk.get("size") or next(iter(_blocks(one, "initialize_params")), {}).get("size") or _GB)


def _scheduling(values: Mapping[str, Any]) -> Json:
    one = next(iter(_blocks(values, "scheduling")), {})
    return {
        "automaticRestart": one.get("automatic_restart", True) is not False,
        "preemptible": bool(one.get("preemptible")),
        "onHostMaintenance": one.get("on_host_maintenance") or "MIGRATE",
        "provisioningModel": one.get("provisioning_model") or "STANDARD",
    }


def _from_interface(one: Mapping[str, Any]) -> Json:
    return {
        "network": one.get("network", "" if one.get("subnetwork") else "default"),
        "subnetwork": one.get("subnetwork", ""),
        "network_ip": one.get("networkIP", ""),
        "stack_type": one.get("stackType", "IPV4_ONLY"),
        "access_config": [
            {"nat_ip": access.get("natIP", ""), "network_tier": access.get("networkTier", "PREMIUM")}
            for access in one.get("accessConfigs") or ()
        ],
    }


def _from_disk(one: Mapping[str, Any]) -> Json:
    wanted = one.get("initializeParams") or {}
    return {
        "auto_delete": bool(one.get("autoDelete", True)),
        "device_name": one.get("deviceName", ""),
        "mode": one.get("mode", "READ_WRITE"),
        "source": one.get("source", ""),
        "initialize_params": [
            {
                "image": wanted.get("sourceImage", ""),
                "size": int(wanted.get("diskSizeGb") or one.get("diskSizeGb") or _GB),
                "type": name_of(wanted.get("diskType")) or "pd-standard",
            }
        ],
    }


def _from_scheduling(one: Mapping[str, Any]) -> Json:
    return {
        "automatic_restart": one.get("automaticRestart", True),
        "preemptible": bool(one.get("preemptible")),
        "on_host_maintenance": one.get("onHostMaintenance", "MIGRATE"),
        "provisioning_model": one.get("provisioningModel", "STANDARD"),
    }


def _blocks(values: Mapping[str, Any], name: str) -> list[Json]:
    found = values.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _number(text: str) -> str:
    return str(int(hashlib.sha256(text.encode()).hexdigest(), 16) % (8 * 10**18) + 10**18)
