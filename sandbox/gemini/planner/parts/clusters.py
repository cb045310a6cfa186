"""GKE: clusters and node pools."""

import math

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.accelerators import accelerator_of
from sandbox.gemini.planner.parts.networks import plan_nat
from sandbox.gemini.planner.sizing import DISK_USD_GB, machine_type, price

NODE_DISK_GB = 50
FEE_USD = 73.0
ZONES = 3


def plan_cluster(blueprint: Blueprint) -> str:
    """Plan a cluster, and a node pool unless Autopilot runs the nodes; return the cluster's reference."""
    reading = blueprint.reading
    network, subnetwork = blueprint.network()
    regional = reading.wants("ha", "regional", "production") and not reading.says("zonal")
    autopilot = reading.wants("autopilot")
    location = blueprint.region if regional or autopilot else blueprint.zone
    settings: dict[str, Setting] = {
        "name": f"{blueprint.app}-gke" if blueprint.app != "cluster" else "cluster",
        "location": location,
        "network": network,
        "subnetwork": subnetwork,
        "deletion_protection": False,
        "release_channel.channel": "REGULAR",
        "resource_labels": blueprint.labels,
    }
    if autopilot:
        settings["enable_autopilot"] = True
    else:
        settings |= {"remove_default_node_pool": True, "initial_node_count": 1}
        settings["workload_identity_config.workload_pool"] = "${var.project}.svc.id.goog"
    if reading.wants("private_nodes") or reading.attached("private", ("gke",)):
        settings |= {
            "private_cluster_config.enable_private_nodes": True,
            "private_cluster_config.master_ipv4_cidr_block": "172.16.0.0/28",
        }
        plan_nat(blueprint)
    kind = "Autopilot" if autopilot else "regional" if regional else "zonal"
    cluster = blueprint.plan("google_container_cluster", "main", f"a {kind} Kubernetes cluster", settings)
    blueprint.spent_usd += FEE_USD
    blueprint.note(
        "Deletion protection of the cluster is off, so that it can be destroyed after an approval."
    )
    if (reading.count("gke", "cluster") or 1) > 1:
        blueprint.note("One cluster is planned; plan further ones by goals of their own.")
    if not autopilot:
        _pool(blueprint, cluster, location, regional=regional)
    return cluster


def _pool(blueprint: Blueprint, cluster: str, location: str, *, regional: bool) -> None:
    """Plan the nodes; a regional pool has its count in each of its zones."""
    reading = blueprint.reading
    zones = ZONES if regional else 1
    usual = ZONES if regional else (1 if reading.wants("dev", "cheap") else 2)
    low = _per_zone(reading.amounts.low or reading.amounts.nodes or usual, zones)
    high = _per_zone(reading.amounts.high, zones) if reading.amounts.high else None
    fixed = low * zones * NODE_DISK_GB * DISK_USD_GB
    kind = machine_type(blueprint, low * zones, fixed + blueprint.spent_usd)
    blueprint.spent_usd += fixed + low * zones * price(blueprint.table("machine_types"), kind)
    settings: dict[str, Setting] = {"name": "main", "cluster": cluster, "location": location}
    if reading.wants("autoscale") or high:
        settings |= {
            "autoscaling.min_node_count": low,
            "autoscaling.max_node_count": high or low * 3,
            "initial_node_count": low,
        }
    else:
        settings["node_count"] = low
    settings |= {
        "machine_type": kind,
        "disk_size_gb": reading.size_of("gke", "cluster") or NODE_DISK_GB,
        "disk_type": "pd-balanced",
        "node_config.oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],
        "node_config.labels": blueprint.labels,
        "management.auto_repair": True,
        "management.auto_upgrade": True,
    }
    if reading.wants("spot"):
        settings["node_config.spot"] = True
    cards = accelerator_of(reading)
    if cards:
        blueprint.spent_usd += cards.usd_month * low * zones
        settings |= {name: one for name, one in cards.settings.items() if name.startswith("guest_")}
    blueprint.plan("google_container_node_pool", "main", "the nodes that run the containers", settings)
    if regional:
        blueprint.note(
            f"The pool's number of nodes is for each of {ZONES} zones, as Google counts them in regional clusters."
        )


def _per_zone(nodes: int, zones: int) -> int:
    return max(1, math.ceil(nodes / zones))
