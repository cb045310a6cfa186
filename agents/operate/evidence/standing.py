"""How the resource stands now, and the machines beside it in its zone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.operate.evidence.case import INSTANCE, Case, region_of, zone_of
from agents.operate.evidence.pieces import piece
from agents.operate.offered import behind
from infraai.operations.measured_labels import GROUPS, equals
from infraai.operations.ports import Alignment, Compute, MeasuredSeries, Metrics, Place
from infraai.operations.shapes import Evidence, Target

_CPU = "compute.googleapis.com/instance/cpu/utilization"
_MOST_PEERS = 40
_MOST_ZONES = 3
_BEFORE = timedelta(minutes=30)
_SILENT_AFTER = timedelta(seconds=150)


async def state_of_resource(compute: Compute, case: Case) -> list[Evidence]:
    """Return the machine's status, the group's size, or what was recorded. Raises `CloudError`."""
    resource = case.target.resource
    if resource.type == INSTANCE and zone_of(resource):
        found = await compute.instance(case.project, zone_of(resource), resource.name)
        data = _machine(found)
        stopped = (
            f"; it was stopped at {data['last_stop']}"
            if data["status"] != "RUNNING" and data["last_stop"]
            else ""
        )
        return [piece("resource", f"The machine {resource.name} is {data['status']}{stopped}.", data)]
    if resource.type in GROUPS:
        return [await _group(compute, case)]
    data = {"recorded": dict(resource.metadata)}
    return [piece("resource", f"{resource.address} is recorded as {resource.id or resource.name}.", data)]


async def neighbours(metrics: Metrics, case: Case) -> list[Evidence]:
    """Return a piece for each zone that the resource, or what is behind it, is in: which machines went silent of late.

    Machines of any deployment count; `own` are the resource's and those behind it. Raises `CloudError`.
    """
    mine = [case.target, *behind(case.target, case.configuration, case.resources)]
    zones = dict.fromkeys(zone for one in mine if (zone := zone_of(one.resource)))
    return [await _zone(metrics, case, zone, mine) for zone in list(zones)[:_MOST_ZONES]]


async def _zone(metrics: Metrics, case: Case, zone: str, mine: Sequence[Target]) -> Evidence:
    wanted = " AND ".join(
        (
            equals("resource.type", "gce_instance"),
            equals("metric.type", _CPU),
            equals("resource.labels.zone", zone),
        )
    )
    end = datetime.fromtimestamp(case.now, UTC)
    found = await metrics.time_series(
        case.project, wanted, start=end - _BEFORE, end=end, alignment=Alignment("ALIGN_MEAN")
    )
    peers = [
        {
            "name": _named(one),
            "silent": end - one.points[-1].at > _SILENT_AFTER,
            "last_at": one.points[-1].at.timestamp(),
            "own": any(_is_of(one, target) for target in mine),
        }
        for one in found
        if one.points
    ]
    peers = sorted(peers, key=lambda one: not one["own"])[:_MOST_PEERS]
    silent = [str(one["name"]) for one in peers if one["silent"]]
    words = (
        f"Of {len(peers)} machines in {zone} that sent data within half an hour, {len(silent)} are silent now"
    )
    named = f": {', '.join(silent[:5])}" if silent else ""
    data = {"zone": zone, "peers": peers, "silent": len(silent)}
    return piece("resource", f"{words}{named}.", data)


def _is_of(series: MeasuredSeries, target: Target) -> bool:
    """Return whether a machine is the target, or one of the target's group."""
    resource, name = target.resource, _named(series)
    if resource.type in GROUPS:
        return name.startswith(f"{resource.metadata.get('base_instance_name') or resource.name}-")
    number = str(resource.metadata.get("instance_id") or "")
    same = number and series.labels.get("resource.labels.instance_id") == number
    return resource.type == INSTANCE and (bool(same) or name == resource.name)


def _named(one: MeasuredSeries) -> str:
    labels = one.labels
    return labels.get("metric.labels.instance_name") or labels.get("resource.labels.instance_id") or "unnamed"


def _machine(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "status": str(found.get("status") or "unknown"),
        "machine_type": str(found.get("machine_type") or "").rpartition("/")[2],
        "last_start": str(found.get("last_start_timestamp") or ""),
        "last_stop": str(found.get("last_stop_timestamp") or ""),
        "disks_gb": [str(one.get("disk_size_gb") or "") for one in found.get("disks") or ()],
        "deletion_protection": bool(found.get("deletion_protection")),
    }


async def _group(compute: Compute, case: Case) -> Evidence:
    resource = case.target.resource
    place = Place(project=case.project, zone=zone_of(resource), region=region_of(resource))
    size = await compute.instance_group_size(place, resource.name)
    links = await compute.group_instances(place, resource.name)
    names = [link.rpartition("/")[2] for link in links]
    data = {"target_size": size, "instances": names, "member": case.target.member}
    words = f"The group {resource.name} has {len(names)} of {size} machines"
    return piece("resource", f"{words}.", data)
