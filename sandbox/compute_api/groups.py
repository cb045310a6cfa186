"""Managed instance groups: get, list, their machines, recreate, resize."""

import hashlib
from typing import TYPE_CHECKING, Any

from sandbox.compute_api.operations import COMPUTE, changed, not_found, place_of
from sandbox.compute_api.representation import name_of
from sandbox.network.groups import size_of
from sandbox.network.view import View
from sandbox.services.service import ApiError

if TYPE_CHECKING:
    from sandbox.compute_api.server import Call

Json = dict[str, Any]
_ZONAL = "google_compute_instance_group_manager"
_REGIONAL = "google_compute_region_instance_group_manager"
_LETTERS = "bcdfghjklmnpqrstvwxz0123456789"


def get(call: "Call") -> Json:
    """Answer `instanceGroupManagers.get`."""
    return _shown(call, _required(call))


def listed(call: "Call") -> Json:
    """Answer `instanceGroupManagers.list`."""
    path = f"projects/{call['project']}/{place_of(call)}/instanceGroupManagers"
    items = [_shown(call, one) for one in _all(call)]
    return {"kind": "compute#instanceGroupManagerList", "id": path, "items": items}


def managed_instances(call: "Call") -> Json:
    """Answer `instanceGroupManagers.listManagedInstances`."""
    manager = _required(call)
    made = call.cloud.machine(str(manager["id"])).get("made", {})
    zones = f"{COMPUTE}projects/{call['project']}/zones"
    return {
        "managedInstances": [
            {
                "instance": f"{zones}/{_zone(manager, place)}/instances/{name}",
                "id": _number(f"{manager['id']}/{name}/{made.get(name, 0)}"),
                "instanceStatus": "RUNNING",
                "currentAction": "NONE",
                "version": {"instanceTemplate": _template(manager)},
            }
            for place, name in enumerate(member_names(manager, size_of(View(call.cloud), manager)))
        ]
    }


def recreate(call: "Call") -> Json:
    """Answer `instanceGroupManagers.recreateInstances`: the same names, new machines."""
    manager = _required(call)

    def change() -> None:
        names = member_names(manager, size_of(View(call.cloud), manager))
        asked = [name_of(one) for one in call.body.get("instances", [])]
        unknown = [one for one in asked if one not in names]
        if unknown:
            raise ApiError(400, f"Instance '{unknown[0]}' is not a member of '{manager['name']}'", "invalid")
        inner = call.cloud.machine(str(manager["id"]))
        made = dict(inner.get("made", {}))
        for name in asked:
            made[name] = int(made.get(name, 0)) + 1
        call.cloud.set_machine(str(manager["id"]), {**inner, "made": made})
        call.cloud.put(_kind(call), str(manager["id"]), manager, "recreateInstances")

    return changed(call, "recreateInstancesInstanceGroupManager", _path(call), change)


def resize(call: "Call") -> Json:
    """Answer `instanceGroupManagers.resize`."""
    manager = _required(call)
    size = call.query.get("size", "")
    if not size.isdigit():
        raise ApiError(400, f"Invalid value for field 'size': '{size}'.", "invalid")

    def change() -> None:
        call.cloud.put(_kind(call), str(manager["id"]), {**manager, "target_size": int(size)}, "resize")

    return changed(call, "resize", _path(call), change)


def member_names(manager: Json, size: int) -> list[str]:
    """Return the names of a group's machines: the base name and four letters, the same for ever."""
    base = str(manager.get("base_instance_name") or manager.get("name"))
    group = manager["id"]
    return [f"{base}-{_suffix(f'{group}/{number}')}" for number in range(size)]


def _suffix(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:4])


def _shown(call: "Call", manager: Json) -> Json:
    path = f"{COMPUTE}{_place(call)}/"
    size = size_of(View(call.cloud), manager)
    idle = (
        "abandoning",
        "creating",
        "creatingWithoutRetries",
        "deleting",
        "recreating",
        "refreshing",
        "restarting",
    )
    return {
        "kind": "compute#instanceGroupManager",
        "id": _number(str(manager["id"])),
        "name": manager.get("name"),
        "baseInstanceName": manager.get("base_instance_name"),
        "instanceTemplate": _template(manager),
        "instanceGroup": manager.get("instance_group") or f"{path}instanceGroups/{manager.get('name')}",
        "targetSize": size,
        "currentActions": {**dict.fromkeys(idle, 0), "none": size},
        "namedPorts": [
            {"name": one.get("name"), "port": int(one.get("port") or 0)}
            for one in manager.get("named_port") or ()
        ],
        "status": {"isStable": True, "versionTarget": {"isReached": True}},
        "selfLink": f"{path}instanceGroupManagers/{manager.get('name')}",
        **({"zone": path.rstrip("/")} if call["zone"] else {"region": path.rstrip("/")}),
    }


def _template(manager: Json) -> str:
    versions = manager.get("version") or []
    return str(versions[0].get("instance_template") or "") if versions else ""


def _zone(manager: Json, place: int) -> str:
    """Return a member's zone: a regional group goes round the zones it spreads over."""
    if manager.get("zone"):
        return name_of(manager["zone"])
    region = name_of(manager.get("region"))
    zones = list(manager.get("distribution_policy_zones") or ()) or [f"{region}-{letter}" for letter in "abc"]
    return name_of(zones[place % len(zones)])


def _kind(call: "Call") -> str:
    return _ZONAL if call["zone"] else _REGIONAL


def _place(call: "Call") -> str:
    return f"projects/{call['project']}/{place_of(call)}"


def _path(call: "Call") -> str:
    return f"{_place(call)}/instanceGroupManagers/{call['manager']}"


def _all(call: "Call") -> list[Json]:
    where = call["zone"] or call["region"]
    return [
        {**row.values, "id": row.values.get("id") or row.id}
        for row in call.cloud.list(_kind(call), call["project"])
        if name_of(row.values.get("zone") or row.values.get("region")) == where
    ]


def _required(call: "Call") -> Json:
    for manager in _all(call):
        if manager.get("name") == call["manager"]:
            return manager
    raise not_found(_path(call))


def _number(text: str) -> str:
    return str(int(hashlib.sha256(text.encode()).hexdigest(), 16) % (8 * 10**18) + 10**18)
