"""Machines, their disks, and groups and pools of them.

Defaults are the API's: https://cloud.google.com/compute/docs/reference/rest/v1/instances and
https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/NodeConfig.
"""

import re
from collections.abc import Mapping
from typing import Any

from infraai.images import image_gb
from infraai.machines import find_machine_type
from infraai.pricing.estate import Estate, Item, as_number, is_regional
from infraai.pricing.tally import Part, Tally

_BOOT_GB = 10  # the smallest public image, where nothing says which it is
_EMPTY_GB, _EMPTY_OTHER_GB = {"pd-standard": 500, "pd-extreme": 1000}, 100  # of a disk made of nothing
_LOCAL_SSD_GB = 375
_NODE_DISK_GB = 100
_ZONES_OF_A_REGIONAL_CLUSTER = 3
_LICENSED = re.compile(r"windows|rhel|sles|sql-(std|ent|web)", re.IGNORECASE)
MANAGERS = ("google_compute_instance_group_manager", "google_compute_region_instance_group_manager")
TEMPLATES = ("google_compute_instance_template", "google_compute_region_instance_template")
AUTOSCALERS = ("google_compute_autoscaler", "google_compute_region_autoscaler")


def price_instance(estate: Estate, item: Item, tally: Tally) -> None:
    """Price one machine, its disks and its local SSDs."""
    region = item.region(estate.region)
    source = item
    if item.type == "google_compute_instance_from_template":
        source = estate.linked(item, "source_instance_template", TEMPLATES) or item
    if item.text("desired_status").upper() not in {"TERMINATED", "SUSPENDED"}:
        known = _price_machine(item.address, source, region, tally, 1)
    else:
        known = True
    if known:
        _price_own_disks(estate, Part(item.address, "", region, 1), source, tally)


def price_manager(estate: Estate, item: Item, tally: Tally) -> None:
    """Price a managed group: its template times its least size."""
    region = item.region(estate.region)
    template = estate.linked(item, "version.instance_template", TEMPLATES)
    source = template or item
    if not source.text("machine_type"):
        tally.skip(item.address, "its instance template is not known")
        return
    size = group_size(estate, item)
    if size is None:
        tally.skip(item.address, "its size is not known")
        return
    least, most = size
    if most > least:
        tally.skip(item.address, f"reckoned at its least size, {least:g}; it may grow to {most:g}")
    if _price_machine(item.address, source, region, tally, least):
        _price_own_disks(estate, Part(item.address, "", region, least), source, tally)


def group_size(estate: Estate, item: Item) -> tuple[float, float] | None:
    """Return the least and the greatest size of a managed group, or None where nothing says it."""
    scaler = next(
        (one for one in estate.of(*AUTOSCALERS) if estate.linked(one, "target", MANAGERS) == item), item
    )
    least = scaler.number("autoscaling_policy.min_replicas", "min_replicas")
    most = scaler.number("autoscaling_policy.max_replicas", "max_replicas")
    if least is None:
        least = item.number("target_size", "size", "instance_count", "replicas")
    return None if least is None else (least, max(least, most or least))


def price_node_pool(estate: Estate, item: Item, tally: Tally) -> None:
    """Price a pool's nodes; a regional pool has its count in each of its zones."""
    cluster = estate.linked(item, "cluster", ("google_container_cluster",))
    _price_nodes(estate, item, cluster or item, tally)


def price_cluster(estate: Estate, item: Item, tally: Tally) -> None:
    """Price a cluster's default pool; its fee is not in the table, and Autopilot is paid by the pod."""
    tally.skip(item.address, "the cluster management fee is not in the price table")
    if item.flag("enable_autopilot"):
        tally.skip(item.address, "Autopilot is paid by what its pods request")
        return
    pools = estate.of("google_container_node_pool")
    own = not item.flag("remove_default_node_pool") and not any(
        estate.linked(pool, "cluster", (item.type,)) == item for pool in pools
    )
    if own:
        _price_nodes(estate, item, item, tally)


def _price_nodes(estate: Estate, item: Item, cluster: Item, tally: Tally) -> None:
    config = _node_config(item)
    location = item.text("location") or cluster.text("location", "zone", "region")
    region = Item("", "", {"location": location}).region(estate.region)
    zones = _zone_count(item, cluster, location)
    count, most = _node_counts(item, zones)
    if most > count:
        tally.skip(item.address, f"reckoned at {count:g} nodes; it may grow to {most:g}")
    if not _price_machine(item.address, config, region, tally, count):
        return
    kind = config.text("disk_type") or "pd-balanced"
    size = config.number("disk_size_gb") or _NODE_DISK_GB
    tally.add(Part(item.address, f"{kind} of {size:g} GB a node", region, count * size, "GB"), "disk", kind)


def _node_config(item: Item) -> Item:
    blocks = item.blocks("node_config")
    values: Mapping[str, Any] = {"machine_type": "e2-medium", **item.values, **(blocks[0] if blocks else {})}
    filled = {name: value for name, value in values.items() if value not in (None, "")}
    return Item(item.address, item.type, {"machine_type": "e2-medium", **filled})


def _zone_count(item: Item, cluster: Item, location: str) -> int:
    """Return in how many zones a pool's count stands; a zonal cluster's own zone is not in its list."""
    own, shared = item.pick("node_locations"), cluster.pick("node_locations")
    if item is not cluster and isinstance(own, list) and own:
        return len(own)
    if isinstance(shared, list) and shared:
        return len(shared) + (0 if is_regional(location) else 1)
    return _ZONES_OF_A_REGIONAL_CLUSTER if is_regional(location) else 1


def _node_counts(item: Item, zones: int) -> tuple[float, float]:
    """Return the least and the most nodes of a pool; a state has zeros for the limits that nobody gave."""
    most = item.number("autoscaling.total_max_node_count", "total_max_node_count")
    if most:
        return item.number("autoscaling.total_min_node_count", "total_min_node_count") or 0, most
    if most := item.number("autoscaling.max_node_count"):
        return (item.number("autoscaling.min_node_count") or 0) * zones, most * zones
    names = ("min_node_count", "node_count", "initial_node_count", "min_replicas")  # of a plan, which is flat
    found = (item.number(name) for name in names)
    least = next((one for one in found if one is not None), 1)
    return least * zones, (item.number("max_node_count") or 0) * zones


def _price_machine(address: str, source: Item, region: str, tally: Tally, count: float) -> bool:
    """Price machines; return False where their type has no price: the little they have beside is no cost of them."""
    machine = source.text("machine_type").rsplit("/", 1)[-1]
    if not machine:
        tally.skip(address, "its machine type is not known")
    elif _is_spot(source):
        tally.skip(address, "Spot prices change and are not in the price table")
    elif find_machine_type(machine) is None:
        tally.skip(address, f"there is no machine type {machine} that is known")
    else:
        tally.add(Part(address, f"{count:g} x {machine}", region, count), "vm", machine)
    accelerators = source.blocks("guest_accelerator")
    if any((as_number(one.get("count")) or 0) > 0 for one in accelerators):
        tally.skip(address, "its accelerators are not in the price table")
    if _LICENSED.search(source.text("boot_disk.initialize_params.image", "disk.source_image", "image")):
        tally.skip(address, "the licence of its operating system is not in the price table")
    return not machine or bool(tally.table.find("vm", machine, region)) or _is_spot(source)


def _is_spot(source: Item) -> bool:
    model = source.text("scheduling.provisioning_model", "provisioning_model").upper()
    return model in {"SPOT", "FLEX_START"} or source.flag("scheduling.preemptible", "preemptible", "spot")


def _price_own_disks(estate: Estate, machines: Part, source: Item, tally: Tally) -> None:
    """Price the disks that come and go with `machines.quantity` machines."""
    address, region, count = machines.address, machines.region, machines.quantity
    if source.type in TEMPLATES and source.blocks("disk"):
        told = (source.written or {}).get("disk")
        for position, disk in enumerate(source.blocks("disk")):
            said = (
                told[position] if isinstance(told, list) and len(told) == len(source.blocks("disk")) else None
            )
            _price_template_disk(address, Item("", "", disk, written=said), region, tally, count)
        return
    if _has_own_boot_disk(estate, source):
        kind = source.text("boot_disk.initialize_params.type", "boot_disk_type", "disk_type") or "pd-standard"
        size = source.number(
            "boot_disk.initialize_params.size", "boot_disk_size_gb", "disk_size_gb", "boot_disk_size"
        )
        size = size or image_gb(source.text("boot_disk.initialize_params.image", "boot_disk_image", "image"))
        _price_disk(tally, kind, size, Part(address, "boot disk", region, count))
    scratch = len(source.blocks("scratch_disk"))
    if scratch:
        quantity = count * scratch * _LOCAL_SSD_GB
        tally.add(Part(address, f"{scratch} local SSD", region, quantity, "GB"), "disk", "local-ssd")


def _has_own_boot_disk(estate: Estate, source: Item) -> bool:
    """Return whether the boot disk is the machine's own; a disk beside it is priced by itself, or stands elsewhere.

    A state names the boot disk whichever it is, so what the configuration says counts first.
    """
    said = source.says("boot_disk", "source")
    if said is not None:
        return not said
    named = source.text("boot_disk.source")
    if not named:
        return True
    tail = "/".join(named.split("/")[-4:])  # zones/ZONE/disks/NAME
    for disk in estate.of("google_compute_disk", "google_compute_region_disk"):
        if named == disk.text("name") or any(disk.text(key).endswith(tail) for key in ("id", "self_link")):
            return False
    return bool(source.text("boot_disk.initialize_params.image", "boot_disk.initialize_params.size"))


def _copied(item: Item) -> bool:
    copies = ("image", "snapshot", "source_disk", "source_instant_snapshot", "source_storage_object")
    return any(item.text(name) or item.says(name) for name in copies)


def _price_template_disk(address: str, disk: Item, region: str, tally: Tally, count: float) -> None:
    if disk.text("source"):
        return
    if disk.text("type").upper() == "SCRATCH" or disk.text("disk_type") == "local-ssd":
        held = disk.number("disk_size_gb") or _LOCAL_SSD_GB
        tally.add(Part(address, "local SSD", region, count * held, "GB"), "disk", "local-ssd")
        return
    kind, size = disk.text("disk_type") or "pd-standard", disk.number("disk_size_gb")
    image = image_gb(disk.text("source_image"))
    if image and disk.written is not None and "disk_size_gb" not in disk.written:
        size = image
    _price_disk(tally, kind, size or image, Part(address, "disk", region, count))


def _price_disk(tally: Tally, kind: str, size: float | None, disks: Part) -> None:
    """Price `disks.quantity` disks of this kind and size."""
    held, assumed = size or _BOOT_GB, "" if size else " assumed"
    what = f"{disks.what}, {kind}, {held:g} GB{assumed}"
    part = Part(disks.address, what, disks.region, disks.quantity * held, "GB")
    tally.add(part, "disk", kind.rsplit("/", 1)[-1])


def price_disk(estate: Estate, item: Item, tally: Tally) -> None:
    """Price a disk of its own; a regional one is kept twice and listed so."""
    kind = (item.text("type", "disk_type") or "pd-standard").rsplit("/", 1)[-1]
    if item.type == "google_compute_region_disk":
        kind = f"{kind} regional"
    size = item.number("size", "size_gb", "disk_size_gb") or image_gb(item.text("image"))
    if not size and item.type == "google_compute_disk" and item.written is not None and not _copied(item):
        size = _EMPTY_GB.get(kind, _EMPTY_OTHER_GB)
    _price_disk(tally, kind, size, Part(item.address, "disk", item.region(estate.region), 1))
