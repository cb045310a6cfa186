"""Instance templates, global and regional."""

import re
from typing import ClassVar

from sandbox.projects import COMPUTE
from sandbox.services.compute_disk import check_disk_type
from sandbox.services.compute_image import resolve_image
from sandbox.services.compute_machine import (
    check_account,
    check_disk_fits,
    check_labels,
    check_machine_type,
    check_scheduling,
    check_tags,
    fingerprint,
)
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.compute_nic import check_interfaces
from sandbox.services.product import ComputeProduct
from sandbox.services.references import Reference, name_of
from sandbox.services.service import ApiError, Context, Service, Values

_SUBNETWORK_REGION = re.compile(r"(?:^|/)regions/([^/]+)/subnetworks/")
TEMPLATE = "google_compute_instance_template"
REGION_TEMPLATE = "google_compute_region_instance_template"


class Template(ComputeProduct):
    """An instance template: it names a machine, and nothing of it is running."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network_interface.network", (NETWORK,), checked=False),
        Reference("network_interface.subnetwork", (SUBNETWORK,), checked=False),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check what an instance made of it would be refused for."""
        region = _region_of(context, values)
        found = check_machine_type(values.get("machine_type"), region, "resource.properties.machineType")
        for position, disk in enumerate(values.get("disk") or []):
            field = f"resource.properties.disks[{position}].initializeParams"
            check_disk_type(disk.get("disk_type"), region, f"{field}.diskType")
            check_disk_fits(found, context.given(values, "disk", position, "disk_type"))
            image = context.given(values, "disk", position, "source_image")
            size = context.given(values, "disk", position, "disk_size_gb")
            if not image:
                continue
            size_gb = resolve_image(context, values, str(image), f"{field}.sourceImage").size_gb
            if size and disk.get("type") != "SCRATCH" and int(size) < size_gb:
                raise ApiError(
                    400,
                    f"Invalid value for field '{field}.diskSizeGb': '{size}'. Requested disk size cannot"
                    " be smaller"
                    f" than the image size ({size_gb} GB)",
                    "invalid",
                )
        if values.get("network_interface"):
            check_interfaces(context, values, region, template=True)
        check_scheduling(values, found, template=True)
        check_account(context, values)
        check_labels(values.get("labels"), "resource.properties.labels")
        check_tags(values.get("tags"), "resource.properties.tags")

    def settle(self, context: Context, values: Values) -> None:
        """Name and number it."""
        number = context.cloud.new_number()
        values["self_link"] = COMPUTE + str(values["id"])
        if context.resource_type == TEMPLATE:
            values["self_link_unique"] = f"{values['self_link']}?uniqueId={number}"
        values["numeric_id"] = number
        values["metadata_fingerprint"] = fingerprint(values.get("metadata"))
        values["tags_fingerprint"] = fingerprint(values.get("tags"))
        for position, nic in enumerate(values.get("network_interface") or []):
            nic["name"] = f"nic{position}"
            if context.given(values, "network_interface", position, "subnetwork") is None:
                nic["subnetwork"] = ""
            for at, access in enumerate(nic.get("access_config") or []):
                if (
                    context.given(values, "network_interface", position, "access_config", at, "nat_ip")
                    is None
                ):
                    access["nat_ip"] = ""


def _region_of(context: Context, values: Values) -> str:
    """Return where a template's machines will be: its subnetwork's region, where it is not said."""
    if values.get("region") and context.resource_type == REGION_TEMPLATE:
        return name_of(str(values["region"]))
    links = (str(nic.get("subnetwork") or "") for nic in values.get("network_interface") or [])
    found = (_SUBNETWORK_REGION.search(link) for link in links)
    return next((one[1] for one in found if one), name_of(str(values.get("region") or context.region)))


SERVICES: dict[str, Service] = {TEMPLATE: Template(), REGION_TEMPLATE: Template()}
