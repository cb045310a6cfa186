"""Virtual machines."""

from typing import Any, ClassVar

from sandbox.projects import COMPUTE
from sandbox.services.compute_disk import (
    DISK,
    INSTANCE,
    REGION_DISK,
    check_disk_type,
    check_same_zone,
    disk_users,
)
from sandbox.services.compute_image import resolve_image
from sandbox.services.compute_machine import (
    check_account,
    check_disk_fits,
    check_labels,
    check_machine_type,
    check_scheduling,
    check_tags,
    default_account,
    fingerprint,
)
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.compute_nic import (
    check_interfaces,
    check_public_addresses,
    region_of_machine,
    settle_interfaces,
)
from sandbox.services.product import ComputeProduct, in_use
from sandbox.services.references import Reference, look_up, name_of, relative
from sandbox.services.service import ApiError, Context, Service, Values, at

_STOPS = (
    ("machine_type",),
    ("min_cpu_platform",),
    ("service_account",),
    ("enable_display",),
    ("shielded_instance_config",),
    ("scheduling", 0, "node_affinities"),
    ("advanced_machine_features",),
)
_MUST_STOP = (
    "Changing the machine_type, min_cpu_platform, service_account, enable_display, shielded_instance_config,"
    " scheduling.node_affinities or network_interface.[#d].(network/subnetwork/subnetwork_project) or"
    " advanced_machine_features on a started instance requires stopping it. To acknowledge this, please set"
    " allow_stopping_for_update = true in your config. You can also stop it by setting desired_status ="
    ' "TERMINATED", but the instance will not be restarted after the update.'
)


class Instance(ComputeProduct):
    """A virtual machine."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network_interface.network", (NETWORK,), checked=False),
        Reference("network_interface.subnetwork", (SUBNETWORK,), checked=False),
        Reference("resource_policies", ("google_compute_resource_policy",)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check machine type, disks, interfaces, scheduling, account, labels and tags."""
        zone = name_of(str(values.get("zone") or ""))
        found = check_machine_type(values.get("machine_type"), zone)
        self._check_boot_disk(context, values, zone)
        self._check_attached(context, values, zone)
        check_disk_fits(found, context.given(values, "boot_disk", 0, "initialize_params", 0, "type"))
        region = region_of_machine(values)
        check_interfaces(context, values, region)
        check_public_addresses(context, values, region)
        check_scheduling(values, found)
        check_account(context, values)
        check_labels(values.get("labels"))
        check_tags(values.get("tags"))
        if values.get("metadata_startup_script") and "startup-script" in (values.get("metadata") or {}):
            raise ApiError(
                400, "Cannot provide both metadata_startup_script and metadata.startup-script.", raw=True
            )

    def _check_boot_disk(self, context: Context, values: Values, zone: str) -> None:
        boot: Values = next(iter(values.get("boot_disk") or []), {})
        params: Values = next(iter(boot.get("initialize_params") or []), {})
        source = context.given(values, "boot_disk", 0, "source")
        if source:
            disk = look_up(context, str(source), (DISK, REGION_DISK), values)
            if disk.missing:
                raise ApiError(404, f"The resource '{disk.id}' was not found", "notFound")
            self._check_free(context, disk.values, zone, source, values)
            return
        field = "resource.disks[0].initializeParams"
        check_disk_type(params.get("type"), zone, f"{field}.diskType")
        image = context.given(values, "boot_disk", 0, "initialize_params", 0, "image")
        size = context.given(values, "boot_disk", 0, "initialize_params", 0, "size")
        if image:
            found = resolve_image(context, values, str(image), f"{field}.sourceImage")
            if size and int(size) < found.size_gb:
                raise ApiError(
                    400,
                    f"Invalid value for field '{field}.diskSizeGb': '{size}'. Requested disk size cannot"
                    " be smaller"
                    f" than the image size ({found.size_gb} GB)",
                    "invalid",
                )
        own = f"projects/{values.get('project')}/zones/{zone}/disks/{values.get('name')}"
        if context.cloud.get(DISK, own) is not None:
            raise ApiError(409, f"The resource '{own}' already exists", "alreadyExists")

    def _check_attached(self, context: Context, values: Values, zone: str) -> None:
        for block in values.get("attached_disk") or []:
            disk = look_up(context, str(block.get("source")), (DISK, REGION_DISK), values)
            if disk.missing:
                raise ApiError(404, f"The resource '{disk.id}' was not found", "notFound")
            if block.get("mode") != "READ_ONLY":
                self._check_free(context, disk.values, zone, block.get("source"), values)

    @staticmethod
    def _check_free(context: Context, disk: Values | None, zone: str, source: Any, values: Values) -> None:
        if disk is None:
            return
        check_same_zone(disk, zone, source)
        for user in disk_users(context, disk):
            if user != values.get("id"):
                raise in_use(DISK, str(disk.get("id")), user)

    def settle(self, context: Context, values: Values) -> None:
        """Give it numbers, addresses, a boot disk and a status."""
        key, zone = str(values["id"]), name_of(str(values.get("zone") or ""))
        found = check_machine_type(values.get("machine_type"), zone)
        values["self_link"] = COMPUTE + key
        values["instance_id"] = context.cloud.new_number()
        values["cpu_platform"] = context.given(values, "min_cpu_platform") or (
            found.platform if found else ""
        )
        values["current_status"] = values.get("desired_status") or "RUNNING"
        context.fill(values, "min_cpu_platform", "")
        settle_interfaces(context, values, region_of_machine(values))
        self._settle_disks(context, values, zone)
        for position, block in enumerate(values.get("service_account") or []):
            if context.given(values, "service_account", position, "email") is None:
                block["email"] = default_account(context, values)
        self._settle_prints(values)

    @staticmethod
    def _settle_prints(values: Values) -> None:
        for attribute, source in (
            ("metadata_fingerprint", "metadata"),
            ("tags_fingerprint", "tags"),
            ("label_fingerprint", "labels"),
        ):
            values[attribute] = fingerprint(values.get(source))

    @staticmethod
    def _settle_disks(context: Context, values: Values, zone: str) -> None:
        project, name = values.get("project"), values.get("name")
        own = f"projects/{project}/zones/{zone}/disks/{name}"
        for boot in values.get("boot_disk") or []:
            if context.given(values, "boot_disk", 0, "device_name") is None:
                boot["device_name"] = "persistent-disk-0"
            if context.given(values, "boot_disk", 0, "source") is not None:
                continue
            boot["source"] = COMPUTE + own
            boot["kms_key_self_link"] = boot.get("kms_key_self_link") or ""
            size, kind, image = _boot_size(context, values)
            params = next(iter(boot.get("initialize_params") or []), None)
            if params is not None:
                params["size"], params["type"] = size, kind
                if context.given(values, "boot_disk", 0, "initialize_params", 0, "image") is None:
                    params["image"] = image
            link = f"{COMPUTE}{values['id']}"
            disk: Values = {
                "id": own,
                "name": name,
                "project": project,
                "zone": zone,
                "size": size,
                "type": kind,
                "image": image,
                "users": [link],
                "self_link": COMPUTE + own,
            }
            context.cloud.put(DISK, own, disk, "create", built_in=True)
        for position, block in enumerate(values.get("attached_disk") or []):
            if context.given(values, "attached_disk", position, "device_name") is None:
                block["device_name"] = f"persistent-disk-{position + 1}"

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Refuse what needs a stop that nobody allowed; check what changed."""
        zone = name_of(str(values.get("zone") or ""))
        found = check_machine_type(values.get("machine_type"), zone)
        running = prior.get("current_status") not in {"TERMINATED", "SUSPENDED"}
        stops = [path for path in _STOPS if at(prior, *path) != at(values, *path)] or _moved(prior, values)
        allowed = values.get("allow_stopping_for_update") or values.get("desired_status") == "TERMINATED"
        if stops and running and not allowed:
            raise ApiError(400, _MUST_STOP, raw=True)
        check_scheduling(values, found)
        check_account(context, values)
        check_labels(values.get("labels"))
        check_tags(values.get("tags"))
        if values.get("desired_status"):
            values["current_status"] = values["desired_status"]
        self._settle_prints(values)

    def dismiss(self, context: Context, values: Values) -> None:
        """Let the boot disk go with the machine."""
        for boot in values.get("boot_disk") or []:
            own = f"/zones/{name_of(str(values.get('zone')))}/disks/{values.get('name')}"
            if str(boot.get("source", "")).endswith(own) and boot.get("auto_delete") is not False:
                context.cloud.remove(DISK, relative(str(boot["source"])))
        context.cloud.set_machine(str(values.get("id")), {})


def _moved(prior: Values, values: Values) -> list[tuple[Any, ...]]:
    """Return the interfaces whose network changed."""
    return [
        ("network_interface", position)
        for position, nic in enumerate(values.get("network_interface") or [])
        for attribute in ("network", "subnetwork", "subnetwork_project")
        if at(prior, "network_interface", position, attribute) != nic.get(attribute)
    ]


def _boot_size(context: Context, values: Values) -> tuple[int, str, str]:
    """Return the boot disk's size in GB, its type and its image."""
    path = ("boot_disk", 0, "initialize_params", 0)
    image = context.given(values, *path, "image")
    found = resolve_image(context, values, str(image), "image") if image else None
    size = context.given(values, *path, "size") or (found.size_gb if found else 10)
    machine_type = check_machine_type(values.get("machine_type"), "")
    usual = (
        "pd-standard"
        if machine_type and machine_type.family in {"e2", "n1", "n2", "f1", "g1"}
        else "pd-balanced"
    )
    kind = context.given(values, *path, "type") or usual
    return int(size), str(kind), found.link if found else ""


SERVICES: dict[str, Service] = {INSTANCE: Instance()}
