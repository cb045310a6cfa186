"""Images and snapshots, and what an image's name comes to."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.catalog.images import bare_image, is_image_project, public_image
from sandbox.projects import COMPUTE
from sandbox.services.product import ComputeProduct
from sandbox.services.references import Reference, invalid_value, look_up, name_of, relative
from sandbox.services.service import ApiError, Context, Service, Values

IMAGE = "google_compute_image"
DISK = "google_compute_disk"
SNAPSHOT = "google_compute_snapshot"
_DEFAULT_SIZE_GB = 10


@dataclass(frozen=True, slots=True)
class Found:
    """What an image's name came to."""

    link: str
    size_gb: int


def resolve_image(context: Context, values: Values, reference: str, field: str) -> Found:
    """Return the image that a reference names, in any form the provider takes.

    Raises the provider's words for a short name that nothing has, the API's for a full link.
    """
    path = relative(reference).strip("/")
    project = str(values.get("project") or context.project)
    parts = path.split("/")
    owner, name = project, parts[-1]
    if parts[0] == "projects" and len(parts) > 2:  # noqa: PLR2004 - projects, its name, what it has
        owner = parts[1]
    elif len(parts) == 2 and parts[0] not in {"family", "images", "global"}:  # noqa: PLR2004 - project/name
        owner = parts[0]
    found = _in_project(context, owner, name)
    if found is None and parts == [name]:
        public = bare_image(name)
        found = Found(_link(public.project, name, family=public.family), public.size_gb) if public else None
    if found is not None:
        return found
    if parts[0] == "projects":
        raise invalid_value(field, reference, "The referenced image resource cannot be found.")
    raise ApiError(
        404, f"Error resolving image name '{reference}': Could not find image or family {reference}", raw=True
    )


def _in_project(context: Context, project: str, name: str) -> Found | None:
    if is_image_project(project):
        public = public_image(project, name)
        return Found(_link(project, name, family=public.family), public.size_gb) if public else None
    for row in context.cloud.list(IMAGE, project):
        if name in (row.values.get("name"), row.values.get("family")):
            return Found(COMPUTE + row.id, int(row.values.get("disk_size_gb") or _DEFAULT_SIZE_GB))
    if project != context.project:
        return Found(_link(project, name, family=False), _DEFAULT_SIZE_GB)
    return None


def _link(project: str, name: str, *, family: bool) -> str:
    return f"{COMPUTE}projects/{project}/global/images/{'family/' if family else ''}{name}"


class Image(ComputeProduct):
    """A custom image."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("source_disk", (DISK, "google_compute_region_disk"), holds=False),
        Reference("source_snapshot", (SNAPSHOT,), holds=False),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check that there is a source, and that a source image is there."""
        sources = ("source_disk", "source_image", "source_snapshot", "raw_disk")
        if not any(values.get(one) for one in sources):
            raise invalid_value(
                "resource.rawDisk", "", "An image needs a source disk, image, snapshot or raw disk."
            )
        if values.get("source_image"):
            resolve_image(context, values, str(values["source_image"]), "resource.sourceImage")

    def settle(self, context: Context, values: Values) -> None:
        """Set link and size."""
        values["self_link"] = COMPUTE + str(values["id"])
        values["archive_size_bytes"] = 1_073_741_824
        context.fill(values, "disk_size_gb", self._size(context, values))
        context.fill(values, "storage_locations", ["us"])

    def _size(self, context: Context, values: Values) -> int:
        if values.get("source_image"):
            return resolve_image(context, values, str(values["source_image"]), "resource.sourceImage").size_gb
        if values.get("source_disk"):
            disk = look_up(context, str(values["source_disk"]), (DISK,), values).values or {}
            return int(disk.get("size") or _DEFAULT_SIZE_GB)
        return _DEFAULT_SIZE_GB


class Snapshot(ComputeProduct):
    """A snapshot of a disk."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("source_disk", (DISK, "google_compute_region_disk"), holds=False),
    )

    def settle(self, context: Context, values: Values) -> None:
        """Set link, number and size."""
        values["self_link"] = COMPUTE + str(values["id"])
        values["snapshot_id"] = int(context.cloud.new_number())
        source = str(values.get("source_disk") or "")
        disk = look_up(context, source, (DISK,), values).values if source else None
        values["disk_size_gb"] = int((disk or {}).get("size") or _DEFAULT_SIZE_GB)
        values["storage_bytes"] = 0
        context.fill(values, "storage_locations", [name_of(context.region or "us-central1")])
        if not values.get("zone") and disk:
            values["zone"] = disk.get("zone")


SERVICES: dict[str, Service] = {IMAGE: Image(), SNAPSHOT: Snapshot()}
