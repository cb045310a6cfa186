"""Calls: which call of the Compute API an action is, looked up before it is sent, so that it can be sent again."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from infraai.errors import ActionError
from infraai.models import RecordedResource, Value
from infraai.operations.ports import Compute, Place
from infraai.operations.shapes import ActionRequest

MACHINES = frozenset({"google_compute_instance", "google_compute_instance_from_template"})
GROUPS = frozenset({"google_compute_instance_group_manager", "google_compute_region_instance_group_manager"})
DISKS = frozenset({"google_compute_disk"})
RESTING = frozenset({"TERMINATED", "STOPPED"})
Verb = Literal["reset", "start", "recreate_instances", "resize_disk", "nothing"]


class Call(Value):
    """One call, fully said; kept with the effect before it is sent."""

    verb: Verb
    project: str
    zone: str = ""
    region: str = ""
    name: str
    instances: tuple[str, ...] = ()
    size_gb: int = 0
    status_before: str = ""

    @property
    def changes(self) -> dict[str, Any]:
        """Return what the call changes, for people."""
        said = self.model_dump(exclude_defaults=True)
        return {"call": said.pop("verb"), **said}


async def call_for(
    compute: Compute, request: ActionRequest, resource: RecordedResource, *, member: str, only_start: bool
) -> Call:
    """Return the call; raise `ActionError` where there is none, `CloudError` where Google cannot be asked.

    `only_start`: nothing is done to a machine that runs, since standing still is all that was wrong with it.
    """
    place, name = place_of(resource)
    if request.action_type == "restart" and resource.type in MACHINES:
        return await _restart(compute, place, name, only_start=only_start)
    if request.action_type == "restart" and resource.type in GROUPS:
        links = await compute.group_instances(place, name)
        chosen = _members(links, str(request.parameters.get("member") or member), resource)
        return Call(verb="recreate_instances", **_where(place), name=name, instances=chosen)
    if request.action_type == "resize_disk" and resource.type in MACHINES | DISKS:
        return await _resize(compute, place, name, request, resource)
    raise ActionError(
        f"{request.action_type} of a {resource.type} is no call of the Compute API.",
        next_step="It is done by Terraform, or by hand in the console.",
    )


async def send(compute: Compute, call: Call, *, key: str) -> None:
    """Send the call and wait for it; the same key again changes nothing a second time. Raises `CloudError`."""
    if call.verb == "reset":
        await compute.reset(call.project, call.zone, call.name, key=key)
    elif call.verb == "start":
        await compute.start(call.project, call.zone, call.name, key=key)
    elif call.verb == "resize_disk":
        await compute.resize_disk(call.project, call.zone, call.name, call.size_gb, key=key)
    elif call.verb == "recreate_instances":
        place = Place(project=call.project, zone=call.zone, region=call.region)
        await compute.recreate_instances(place, call.name, call.instances, key=key)


def place_of(resource: RecordedResource) -> tuple[Place, str]:
    """Return where a resource is and its name there, by its Google id, else by what is recorded of it."""
    parts = resource.id.split("/")
    said = dict(zip(parts[::2], parts[1::2], strict=False)) if parts[0] == "projects" else {}
    known: Mapping[str, Any] = resource.metadata
    project = said.get("projects") or str(known.get("project") or "")
    zone = said.get("zones") or str(known.get("zone") or "").rpartition("/")[2]
    region = said.get("regions") or ("" if zone else str(known.get("region") or "").rpartition("/")[2])
    if not project or not (zone or region):
        raise ActionError(
            f"Where {resource.address} is was not recorded.", next_step="Apply the deployment once more."
        )
    return Place(project=project, zone=zone, region=region), resource.name


async def _restart(compute: Compute, place: Place, name: str, *, only_start: bool) -> Call:
    found = await compute.instance(place.project, place.zone, name)
    status = str(found.get("status", ""))
    if status in RESTING:
        verb: Verb = "start"
    elif status == "RUNNING":
        verb = "nothing" if only_start else "reset"
    else:
        raise ActionError(
            f"{name} is {status or 'in no state that is known'}: it can be neither started nor reset now.",
            next_step="Look at it again in a minute.",
        )
    return Call(verb=verb, **_where(place), name=name, status_before=status)


def _members(links: Sequence[str], member: str, resource: RecordedResource) -> tuple[str, ...]:
    chosen = tuple(link for link in links if not member or link.rpartition("/")[2] == member)
    if chosen:
        return chosen
    missing = f"has no machine {member}" if member else "has no machines"
    raise ActionError(
        f"{resource.address} {missing}.", next_step="The group makes its machines itself; look at its size."
    )


async def _resize(
    compute: Compute, place: Place, name: str, request: ActionRequest, resource: RecordedResource
) -> Call:
    size = request.parameters.get("size_gb")
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ActionError(
            f"{size!r} is no size of a disk in GB.", next_step="Give size_gb as a whole number."
        )
    disk, status = name, ""
    if resource.type in MACHINES:
        found = await compute.instance(place.project, place.zone, name)
        disk = str(request.parameters.get("disk") or _boot_disk(found) or name)
        status = str(found.get("status", ""))
    return Call(verb="resize_disk", **_where(place), name=disk, size_gb=size, status_before=status)


def _boot_disk(machine: Mapping[str, Any]) -> str:
    disks: Sequence[Mapping[str, Any]] = machine.get("disks") or ()
    boot = next((one for one in disks if one.get("boot")), {})
    return str(boot.get("source") or "").rpartition("/")[2]


def _where(place: Place) -> dict[str, Any]:
    return {"project": place.project, "zone": place.zone, "region": place.region}
