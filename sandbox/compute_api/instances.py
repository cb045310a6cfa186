"""Instances: get, list, insert, delete, start, stop, reset and what may be set on them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.compute_api.listing import filtered, paged
from sandbox.compute_api.machines import Found, every_machine, own_row, path_of, required
from sandbox.compute_api.operations import changed
from sandbox.compute_api.representation import from_rest, metadata_items, name_of, to_rest
from sandbox.services import Context, service_of
from sandbox.services.service import ApiError

if TYPE_CHECKING:
    from sandbox.compute_api.server import Call

Json = dict[str, Any]
INSTANCE = "google_compute_instance"


def get(call: "Call") -> Json:
    """Answer `instances.get`."""
    return to_rest(call.cloud, required(call).values)


def listed(call: "Call") -> Json:
    """Answer `instances.list`, filtered and in pages."""
    zone = call["zone"]
    every = [one for one in _all(call) if name_of(one.get("zone")) == zone]
    page, token = paged(call, filtered(call, every))
    path = f"projects/{call['project']}/zones/{zone}/instances"
    return {"kind": "compute#instanceList", "id": path, "items": page, **token}


def aggregated(call: "Call") -> Json:
    """Answer `instances.aggregatedList`: by zone."""
    page, token = paged(call, filtered(call, _all(call)))
    zones: dict[str, Json] = {}
    for one in page:
        zones.setdefault(f"zones/{name_of(one['zone'])}", {"instances": []})["instances"].append(one)
    path = f"projects/{call['project']}/aggregated/instances"
    return {"kind": "compute#instanceAggregatedList", "id": path, "items": zones, **token}


def insert(call: "Call") -> Json:
    """Answer `instances.insert`."""
    name = str(call.body.get("name") or "")
    if not name:
        raise ApiError(400, "Invalid value for field 'resource.name': ''.", "invalid")
    path = f"projects/{call['project']}/zones/{call['zone']}/instances/{name}"

    def create() -> None:
        if call.cloud.get(INSTANCE, path) is not None:
            raise ApiError(409, f"The resource '{path}' already exists", "alreadyExists")
        values = from_rest(call.body, project=call["project"], zone=call["zone"], path=path)
        service_of(INSTANCE).create(_context(call), values)
        values["current_status"] = values.get("current_status") or "RUNNING"
        values["instance_id"] = values.get("instance_id") or call.cloud.new_number()
        values["creation_timestamp"] = values.get("creation_timestamp") or call.now()
        call.cloud.put(INSTANCE, path, values, "create")

    return changed(call, "insert", path, create)


def delete(call: "Call") -> Json:
    """Answer `instances.delete`; a managed group makes its member anew."""
    path = path_of(call)

    def remove() -> None:
        found = required(call)
        if found.values.get("deletion_protection"):
            raise ApiError(
                400,
                f"Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion. "
                f"'{path}''.",
                "invalidResourceUsage",
            )
        if found.member is not None:
            found.replace(call.cloud)
            return
        service_of(found.kind).delete(_context(call), found.values)
        call.cloud.remove(found.kind, found.path)

    return changed(call, "delete", path, remove)


def _verb(
    verb: str, alter: Callable[["Call", Found], None], *, own: bool = False
) -> Callable[["Call"], Json]:
    """Return what answers a verb; `own` is for what a group's member cannot have changed."""

    def handle(call: "Call") -> Json:
        def change() -> None:
            found = required(call)
            if own:
                own_row(found, verb)
            alter(call, found)
            found.save(call.cloud, verb)

        return changed(call, verb, path_of(call), change)

    return handle


def _reset(call: "Call", found: Found) -> None:
    if found.values.get("current_status") != "RUNNING":
        raise ApiError(400, f"The resource '{path_of(call)}' is not ready", "resourceNotReady")
    found.reboot(call.cloud)


def _start(call: "Call", found: Found) -> None:
    values = found.values
    if values.get("current_status") == "SUSPENDED":
        raise ApiError(400, "Instance cannot be started: it is suspended and must be resumed", "invalid")
    if values.get("current_status") != "RUNNING":
        values["last_start_timestamp"] = call.now()
        found.reboot(call.cloud)
    _set_status(values, "RUNNING")


def _stop(call: "Call", found: Found) -> None:
    values = found.values
    if values.get("current_status") != "TERMINATED":
        values["last_stop_timestamp"] = call.now()
    _set_status(values, "TERMINATED")


def _suspend(call: "Call", found: Found) -> None:
    values = found.values
    if values.get("current_status") != "RUNNING":
        raise ApiError(400, f"The resource '{path_of(call)}' is not ready", "resourceNotReady")
    _set_status(values, "SUSPENDED")


def _resume(call: "Call", found: Found) -> None:
    values = found.values
    if values.get("current_status") != "SUSPENDED":
        raise ApiError(400, f"The resource '{path_of(call)}' is not ready", "resourceNotReady")
    _set_status(values, "RUNNING")


def _set_machine_type(call: "Call", found: Found) -> None:
    values = found.values
    if values.get("current_status") != "TERMINATED":
        message = "Invalid resource usage: 'Instance should be in the STOPPED state.'."
        raise ApiError(400, message, "invalidResourceUsage")
    wanted = name_of(call.body.get("machineType"))
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+", wanted):
        raise ApiError(400, f"Invalid value for field 'resource.machineType': '{wanted}'.", "invalid")
    prior = dict(values)
    values["machine_type"] = wanted
    service_of(found.kind).update(_context(call), prior, values)


def _set_metadata(call: "Call", found: Found) -> None:
    values = found.values
    _check_fingerprint(call, values, "metadata", call.body.get("fingerprint"))
    items = metadata_items(call.body.get("items"))
    if values.get("metadata_startup_script") is not None:
        values["metadata_startup_script"] = items.pop("startup-script", "")
    values["metadata"] = items


def _set_labels(call: "Call", found: Found) -> None:
    values = found.values
    _check_fingerprint(call, values, "labels", call.body.get("labelFingerprint"))
    labels = {str(key): str(value) for key, value in (call.body.get("labels") or {}).items()}
    managed = values.get("labels") or {}
    values["labels"] = {key: value for key, value in labels.items() if key in managed}
    values["effective_labels"] = labels


def _set_tags(call: "Call", found: Found) -> None:
    values = found.values
    _check_fingerprint(call, values, "tags", call.body.get("fingerprint"))
    values["tags"] = sorted(map(str, call.body.get("items", [])))


VERBS: dict[str, Callable[["Call"], Json]] = {
    "reset": _verb("reset", _reset),
    "start": _verb("start", _start),
    "stop": _verb("stop", _stop),
    "suspend": _verb("suspend", _suspend),
    "resume": _verb("resume", _resume),
    "setMachineType": _verb("setMachineType", _set_machine_type, own=True),
    "setMetadata": _verb("setMetadata", _set_metadata, own=True),
    "setLabels": _verb("setLabels", _set_labels, own=True),
    "setTags": _verb("setTags", _set_tags, own=True),
}


def _set_status(values: Json, status: str) -> None:
    values["current_status"] = status


def _check_fingerprint(call: "Call", values: Json, field: str, given: object) -> None:
    """Raise Google's answer to a change made from an older reading."""
    current = to_rest(call.cloud, values)
    known = current["labelFingerprint"] if field == "labels" else current[field]["fingerprint"]
    if given and given != known:
        whose = "Labels" if field == "labels" else "Supplied"
        message = f"{whose} fingerprint does not match current {field} fingerprint."
        raise ApiError(412, message, "conditionNotMet")


def _all(call: "Call") -> list[Json]:
    return [to_rest(call.cloud, one.values) for one in every_machine(call.cloud, call["project"])]


def _context(call: "Call") -> Context:
    zone = call["zone"]
    return Context(
        cloud=call.cloud,
        project=call["project"],
        region=zone.rpartition("-")[0],
        zone=zone,
        now=datetime.fromtimestamp(call.service.now(), UTC),
        resource_type=INSTANCE,
    )
