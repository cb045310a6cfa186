"""Disks: get, list, insert, delete and resize, those that came with an instance included."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.cloud import number_of
from sandbox.compute_api.listing import filtered, paged
from sandbox.compute_api.operations import changed, not_found, place_of
from sandbox.compute_api.representation import fingerprint, name_of
from sandbox.network.machines import MANAGED
from sandbox.network.view import block, blocks, refers
from sandbox.projects import COMPUTE
from sandbox.services import Context, service_of
from sandbox.services.service import ApiError

if TYPE_CHECKING:
    from sandbox.compute_api.server import Call

Json = dict[str, Any]
DISK, REGION_DISK = "google_compute_disk", "google_compute_region_disk"
_LARGEST_GB = 65536
_FIELDS = {
    "description": "description",
    "sourceImage": "image",
    "sourceSnapshot": "snapshot",
    "sourceDisk": "source_disk",
}


def get(call: "Call") -> Json:
    """Answer `disks.get`."""
    return _shown(call, _required(call))


def listed(call: "Call") -> Json:
    """Answer `disks.list`, filtered and in pages."""
    page, token = paged(call, filtered(call, [_shown(call, one) for one in _all(call)]))
    path = f"projects/{call['project']}/{place_of(call)}/disks"
    return {"kind": "compute#diskList", "id": path, "items": page, **token}


def insert(call: "Call") -> Json:
    """Answer `disks.insert`."""
    name = str(call.body.get("name") or "")
    if not name:
        raise ApiError(400, "Invalid value for field 'resource.name': ''.", "invalid")
    path = f"projects/{call['project']}/{place_of(call)}/disks/{name}"

    def create() -> None:
        if call.cloud.get(_kind(call), path) is not None:
            raise ApiError(409, f"The resource '{path}' already exists", "alreadyExists")
        values = _from_rest(call, name, path)
        service_of(_kind(call)).create(_context(call), values)
        values["creation_timestamp"] = values.get("creation_timestamp") or call.now()
        call.cloud.put(_kind(call), path, values, "create")

    return changed(call, "insert", path, create)


def delete(call: "Call") -> Json:
    """Answer `disks.delete`."""

    def remove() -> None:
        values = _required(call)
        service_of(_kind(call)).delete(_context(call), values)
        call.cloud.remove(_kind(call), str(values["id"]))

    return changed(call, "delete", _path(call), remove)


def resize(call: "Call") -> Json:
    """Answer `disks.resize`: a disk only grows, and the machine that it boots shows its new size."""

    def change() -> None:
        values = _required(call)
        size, before = _asked_size(call), int(values.get("size") or 0)
        if size <= before:
            message = (
                f"Invalid value for field 'sizeGb': '{size}'. New disk size '{size}' GB must be larger than"
                f" existing size '{before}' GB."
            )
            raise ApiError(400, message, "invalid")
        values["size"] = size
        built_in = values.pop("_built_in")
        call.cloud.put(_kind(call), str(values["id"]), values, "resize", built_in=built_in)
        _show_on_machine(call, values, size)

    return changed(call, "resize", _path(call), change)


def _asked_size(call: "Call") -> int:
    text = str(call.body.get("sizeGb") or "")
    if not text.isdigit() or not 1 <= int(text) <= _LARGEST_GB:
        message = f"Invalid value for field 'sizeGb': '{text}'. Must be between 1 and {_LARGEST_GB}."
        raise ApiError(400, message, "invalid")
    return int(text)


def _show_on_machine(call: "Call", disk: Json, size: int) -> None:
    """Set the size on the machine that boots from the disk, as the provider reads it from the disk."""
    for kind in MANAGED:
        for row in call.cloud.list(kind, call["project"]):
            boot = block(row.values, "boot_disk")
            if not refers(str(boot.get("source") or "-"), disk):
                continue
            for params in blocks(boot, "initialize_params"):
                params["size"] = size
            call.cloud.put(kind, row.id, row.values, "resizeDisk")


def _shown(call: "Call", values: Mapping[str, Any]) -> Json:
    place = f"{COMPUTE}projects/{call['project']}/{place_of(call)}"
    labels = values.get("effective_labels") or values.get("labels") or {}
    shown: Json = {
        "kind": "compute#disk",
        "id": str(values.get("disk_id") or number_of(str(values["id"]))),
        "name": values.get("name"),
        "sizeGb": str(values.get("size") or 0),
        "type": f"{place}/diskTypes/{name_of(values.get('type')) or 'pd-standard'}",
        "status": "READY",
        "sourceImage": values.get("image") or None,
        "users": _users(call, values),
        "labels": labels,
        "labelFingerprint": fingerprint(labels),
        "creationTimestamp": values.get("creation_timestamp"),
        "selfLink": f"{place}/disks/{values.get('name')}",
        **({"zone": place} if call["zone"] else {"region": place}),
    }
    return {key: value for key, value in shown.items() if value not in (None, [], {})}


def _users(call: "Call", disk: Mapping[str, Any]) -> list[str]:
    return [
        f"{COMPUTE}{row.values.get('id') or row.id}"
        for kind in MANAGED
        for row in call.cloud.list(kind, call["project"])
        for one in (*blocks(row.values, "boot_disk"), *blocks(row.values, "attached_disk"))
        if refers(str(one.get("source") or "-"), disk)
    ]


def _from_rest(call: "Call", name: str, path: str) -> Json:
    labels = dict(call.body.get("labels") or {})
    where = {"zone": call["zone"]} if call["zone"] else {"region": call["region"]}
    given = {ours: str(call.body[theirs]) for theirs, ours in _FIELDS.items() if call.body.get(theirs)}
    return {
        "id": path,
        "name": name,
        "project": call["project"],
        **where,
        **given,
        "type": name_of(call.body.get("type")) or "pd-standard",
        "size": int(call.body.get("sizeGb") or 0),
        "replica_zones": list(call.body.get("replicaZones") or ()),
        "labels": labels,
        "effective_labels": labels,
        "terraform_labels": labels,
    }


def _all(call: "Call") -> list[Json]:
    """Return the disks of the call's place, boot disks too, each with whether Google made it itself."""
    where = call["zone"] or call["region"]
    ours = {row.id for row in call.cloud.list(_kind(call), call["project"])}
    rows = call.cloud.list(_kind(call), call["project"], built_in=True)
    return [
        {**row.values, "id": row.values.get("id") or row.id, "_built_in": row.id not in ours}
        for row in rows
        if name_of(row.values.get("zone") or row.values.get("region")) == where
    ]


def _required(call: "Call") -> Json:
    for values in _all(call):
        if values.get("name") == call["disk"]:
            return values
    raise not_found(_path(call))


def _kind(call: "Call") -> str:
    return DISK if call["zone"] else REGION_DISK


def _path(call: "Call") -> str:
    return f"projects/{call['project']}/{place_of(call)}/disks/{call['disk']}"


def _context(call: "Call") -> Context:
    return Context(
        cloud=call.cloud,
        project=call["project"],
        region=call["region"] or call["zone"].rpartition("-")[0],
        zone=call["zone"],
        now=datetime.fromtimestamp(call.service.now(), UTC),
        resource_type=_kind(call),
    )
