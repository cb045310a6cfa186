"""Persistent disks."""

import re
from typing import Any, ClassVar

from sandbox.catalog.places import is_zone, region_of
from sandbox.projects import COMPUTE
from sandbox.services.compute_image import DISK, IMAGE, SNAPSHOT, resolve_image
from sandbox.services.product import ComputeProduct, in_use
from sandbox.services.references import Reference, invalid_value, look_up, name_of, values_at
from sandbox.services.service import ApiError, Context, Service, Values

REGION_DISK = "google_compute_region_disk"
INSTANCE = "google_compute_instance"
_TYPE = re.compile(
    r"pd-(standard|balanced|ssd|extreme)|hyperdisk-(balanced|extreme|throughput|ml|balanced-high-availability)|local-ssd"
)
_SIZE_GB = {"pd-standard": (10, 65536), "pd-extreme": (500, 65536), "hyperdisk-throughput": (2048, 32768)}
_DEFAULT_GB = {"pd-standard": 500, "pd-balanced": 100, "pd-ssd": 100, "pd-extreme": 1000}
_ANY_SIZE = (1, 65536)


def check_disk_type(kind: object, zone: str, field: str) -> None:
    """Raise Compute's answer to a disk type that does not exist."""
    if isinstance(kind, str) and kind and not _TYPE.fullmatch(name_of(kind)):
        link = kind if "/" in kind else f"zones/{zone}/diskTypes/{kind}"
        raise invalid_value(field, link, "The referenced diskType resource cannot be found.")


class Disk(ComputeProduct):
    """A zonal disk."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("snapshot", (SNAPSHOT,), holds=False),
        Reference("source_disk", (DISK, REGION_DISK), holds=False),
        Reference("resource_policies", ("google_compute_resource_policy",), holds=False),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check type, image and size."""
        kind = name_of(str(values.get("type") or "pd-standard"))
        check_disk_type(kind, str(values.get("zone")), "resource.type")
        size = context.given(values, "size")
        if values.get("image"):
            image = resolve_image(context, values, str(values["image"]), "resource.sourceImage")
            if size and int(size) < image.size_gb:
                raise _too_small("resource.sizeGb", size, image.size_gb)
        low, high = _SIZE_GB.get(kind, _ANY_SIZE)
        if size and not values.get("image") and not low <= int(size) <= high:
            raise invalid_value("resource.sizeGb", size, f"Disk size must be between {low} GB and {high} GB.")

    def settle(self, context: Context, values: Values) -> None:
        """Set link, number and size."""
        values["self_link"] = COMPUTE + str(values["id"])
        values["disk_id"] = context.cloud.new_number()
        values["users"] = []
        if context.given(values, "size") is None:
            values["size"] = self._default_size(context, values)
        context.fill(values, "physical_block_size_bytes", 4096)
        context.fill(values, "provisioned_iops", 0)
        context.fill(values, "provisioned_throughput", 0)
        for attribute in ("last_attach_timestamp", "last_detach_timestamp"):
            values[attribute] = ""

    def _default_size(self, context: Context, values: Values) -> int:
        for attribute, types in (("snapshot", (SNAPSHOT,)), ("source_disk", (DISK, REGION_DISK))):
            if values.get(attribute):
                source = look_up(context, str(values[attribute]), types, values).values or {}
                return int(source.get("disk_size_gb") or source.get("size") or 10)
        if values.get("image"):
            return resolve_image(context, values, str(values["image"]), "resource.sourceImage").size_gb
        return _DEFAULT_GB.get(name_of(str(values.get("type") or "pd-standard")), 100)

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Refuse to shrink."""
        del context
        before, after = prior.get("size") or 0, values.get("size") or 0
        if int(after) < int(before):
            raise invalid_value(
                "sizeGb",
                after,
                f"New disk size '{after}' GB must be larger than existing size '{before}' GB.",
            )

    def read(self, context: Context, values: Values) -> None:
        """Refresh who uses the disk."""
        values["users"] = [COMPUTE + user for user in disk_users(context, values)]

    def dismiss(self, context: Context, values: Values) -> None:
        """Refuse while an instance has it, as the provider detaches only what Terraform attached."""
        for user in disk_users(context, values):
            raise in_use(DISK, str(values["id"]), user)


def disk_users(context: Context, values: Values) -> list[str]:
    """Return the ids of the instances that have a disk attached."""
    users: list[str] = []
    for kind, path in (
        (INSTANCE, "attached_disk.source"),
        (INSTANCE, "boot_disk.source"),
        ("google_compute_attached_disk", "disk"),
    ):
        for row in context.cloud.list(kind):
            for link in values_at(row.values, path):
                if look_up(context, link, (DISK, REGION_DISK), row.values).id == values.get("id"):
                    user = row.values.get("instance") if kind != INSTANCE else row.id
                    users.append(look_up(context, str(user), (INSTANCE,), row.values).id)
    return users


def _too_small(field: str, size: Any, image_gb: int) -> ApiError:
    return invalid_value(
        field, size, f"Requested disk size cannot be smaller than the image size ({image_gb} GB)"
    )


class RegionDisk(Disk):
    """A regional disk: two replicas in two zones of its region."""

    def admit(self, context: Context, values: Values) -> None:
        """Check the replicas' zones besides type and size."""
        zones = [name_of(str(zone)) for zone in values.get("replica_zones") or []]
        for zone in zones:
            if not is_zone(zone) or region_of(zone) != name_of(str(values.get("region"))):
                raise invalid_value(
                    "resource.replicaZones",
                    zone,
                    f"Replica zones must be in region '{values.get('region')}'.",
                )
        if len(set(zones)) != 2:  # noqa: PLR2004 - what regional disks have
            raise invalid_value(
                "resource.replicaZones", ", ".join(zones), "Exactly two different zones are needed."
            )
        super().admit(context, values)


class AttachedDisk(ComputeProduct):
    """A disk attached to an instance by a resource of its own."""

    alone: ClassVar[bool] = False

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("instance", (INSTANCE,), holds=False),
        Reference("disk", (DISK, REGION_DISK), holds=False),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a disk of another zone, or one that another instance has."""
        instance = look_up(context, str(values["instance"]), (INSTANCE,), values)
        disk = look_up(context, str(values["disk"]), (DISK, REGION_DISK), values)
        if disk.values is None:
            return
        check_same_zone(disk.values, (instance.values or {}).get("zone"), values["disk"])
        for user in disk_users(context, disk.values):
            if user != instance.id and values.get("mode") != "READ_ONLY":
                raise in_use(DISK, disk.id, user)

    def settle(self, context: Context, values: Values) -> None:
        """Name the device."""
        context.fill(values, "device_name", "persistent-disk-1")


def check_same_zone(disk: Values, zone: object, source: object) -> None:
    """Raise Compute's answer to attaching a disk of another zone."""
    if disk.get("zone") and zone and name_of(str(disk["zone"])) != name_of(str(zone)):
        raise invalid_value(
            "resource.disks[0].source", source, "Disk must be in the same zone as the instance."
        )


SERVICES: dict[str, Service] = {
    DISK: Disk(),
    REGION_DISK: RegionDisk(),
    "google_compute_attached_disk": AttachedDisk(),
}
__all__ = ["DISK", "IMAGE", "REGION_DISK", "SERVICES", "check_disk_type", "check_same_zone", "disk_users"]
