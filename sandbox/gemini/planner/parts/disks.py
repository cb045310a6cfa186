"""Disks beside the boot disk, and snapshots of disks by schedule."""

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.machines import INSTANCE

DISK = "google_compute_disk"
KEEP_DAYS = 14


def plan_disks(blueprint: Blueprint) -> None:
    """Plan the disks the goal asks for and attach them to the first machine."""
    reading = blueprint.reading
    size = reading.size_of("disk", "plain_disk") or (
        reading.amounts.sizes[0].gb if reading.amounts.sizes else 100
    )
    kind = (
        "pd-ssd"
        if reading.says("ssd")
        else "pd-standard"
        if reading.says("hdd", "cheap", "standard")
        else "pd-balanced"
    )
    machines = blueprint.refs(INSTANCE)
    for name in blueprint.named("disk", "plain_disk", default="data"):
        label = name.replace("-", "_")
        disk = blueprint.add(
            DISK,
            label,
            "keeps data apart from the machine",
            name=f"{blueprint.app}-{name}",
            type=kind,
            size=size,
            zone=blueprint.zone,
            labels=blueprint.labels,
        )
        if machines:
            blueprint.add(
                "google_compute_attached_disk",
                label,
                "attaches the disk to the machine",
                disk=disk,
                instance=machines[0],
                zone=blueprint.zone,
            )


def plan_snapshots(blueprint: Blueprint) -> None:
    """Plan a snapshot schedule for every disk of the plan; boot disks where it has no other."""
    reading = blueprint.reading
    keep = reading.amounts.days or KEEP_DAYS
    settings: dict[str, Setting] = {"name": f"{blueprint.app}-snapshots", "region": blueprint.region}
    path = "snapshot_schedule_policy.schedule"
    if reading.says("weekly"):
        days = f"{path}.weekly_schedule.day_of_weeks"
        settings |= {f"{days}.day": "SUNDAY", f"{days}.start_time": "03:00"}
    elif reading.says("hourly"):
        settings |= {
            f"{path}.hourly_schedule.hours_in_cycle": 1,
            f"{path}.hourly_schedule.start_time": "00:00",
        }
    else:
        settings |= {f"{path}.daily_schedule.days_in_cycle": 1, f"{path}.daily_schedule.start_time": "03:00"}
    settings |= {
        "snapshot_schedule_policy.retention_policy.max_retention_days": keep,
        "snapshot_schedule_policy.retention_policy.on_source_disk_delete": "KEEP_AUTO_SNAPSHOTS",
    }
    policy = blueprint.plan(
        "google_compute_resource_policy", "snapshots", f"takes snapshots and keeps them {keep} days", settings
    )
    for disk in blueprint.refs(DISK) or blueprint.refs(INSTANCE):
        blueprint.add(
            "google_compute_disk_resource_policy_attachment",
            disk.rpartition(".")[2],
            "puts the disk under the schedule",
            name=policy,
            disk=disk,
            zone=blueprint.zone,
        )
