"""Managed instance groups: get, list, their machines, recreate, resize."""

from typing import TYPE_CHECKING, Any

from sandbox.cloud import number_of
from sandbox.compute_api.machines import FAULTY
from sandbox.compute_api.members import Member, made_anew, members_of, template_of
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
    return {
        "managedInstances": [
            {
                "instance": f"{COMPUTE}{one.path}",
                "id": one.number,
                "name": one.name,
                "instanceStatus": one.status,
                "currentAction": "NONE",
                "version": {"instanceTemplate": one.template},
            }
            for one in _members(call, _required(call))
        ]
    }


def recreate(call: "Call") -> Json:
    """Answer `instanceGroupManagers.recreateInstances`: the same names, new machines."""
    manager = _required(call)

    def change() -> None:
        known = {one.name: one for one in _members(call, manager)}
        asked = [name_of(one) for one in call.body.get("instances", [])]
        unknown = [one for one in asked if one not in known]
        if unknown:
            raise ApiError(400, f"Instance '{unknown[0]}' is not a member of '{manager['name']}'", "invalid")
        key = str(manager["id"])
        made_anew(call.cloud, key, [known[one] for one in dict.fromkeys(asked)])
        if set(asked) == set(known):
            _mend(call, key)
        call.cloud.put(_kind(call), key, manager, "recreateInstances")

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


def _members(call: "Call", manager: Json) -> list[Member]:
    return list(members_of(call.cloud, View(call.cloud), manager))


def _mend(call: "Call", key: str) -> None:
    """Forget what had gone wrong in all of the group's machines at once."""
    inner = call.cloud.machine(key)
    call.cloud.set_machine(key, {name: one for name, one in inner.items() if name not in FAULTY})


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
        "id": str(manager.get("instance_group_manager_id") or number_of(str(manager["id"]))),
        "name": manager.get("name"),
        "baseInstanceName": manager.get("base_instance_name"),
        "instanceTemplate": template_of(manager),
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
