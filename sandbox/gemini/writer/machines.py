"""Machines in HCL: boot disk, network, and a startup script that serves something."""

import re
from typing import Any

from sandbox.gemini.writer.generic import settled
from sandbox.gemini.writer.hcl import Blocks, Body, Expr, Heredoc
from sandbox.gemini.writer.project import Planned, Project
from sandbox.gemini.writer.scripts import startup_script

DEBIAN = "debian-cloud/debian-12"
_NEVER_SERVED = {22, 443, 3389}
_PUBLIC_KEYS = ("external_ip", "public_ip", "public", "assign_external_ip", "nat_ip")


def write_firewall(project: Project, planned: Planned, body: Body) -> set[str]:
    """Ports and protocol go into one allow block; without a network the rule is the default network's."""
    settings = planned.settings
    allow: Body = {"protocol": settings.get("protocol", "tcp")}
    ports = settings.get("ports") or settings.get("allowed_ports")
    if ports:
        allow["ports"] = [str(port) for port in (ports if isinstance(ports, list) else str(ports).split(","))]
    body["allow"] = Blocks([allow])
    body["network"] = network_of(project, planned)
    return {"protocol", "ports", "allowed_ports", "network"}


def network_of(project: Project, planned: Planned) -> Any:
    """Return the network a resource is in: the one it names, the plan's only one, or the default network."""
    named = settled(project, "network", planned.settings.get("network"))
    if named:
        return named
    networks = project.of("google_compute_network")
    return project.refer(networks[0], "id") if networks else "default"


def write_instance(project: Project, planned: Planned, body: Body) -> set[str]:
    """Write boot disk, network interface and startup script of a machine."""
    settings = planned.settings
    body["machine_type"] = settings.get("machine_type", "e2-medium")
    body["zone"] = settings.get("zone") or Expr("var.zone")
    disk: Body = {"image": settings.get("image", DEBIAN)}
    for setting, argument in (("disk_size_gb", "size"), ("disk_type", "type")):
        if setting in settings:
            disk[argument] = settings[setting]
    body["boot_disk"] = Blocks([{"initialize_params": Blocks([disk])}])
    body["network_interface"] = Blocks([_interface(project, planned)])
    if "metadata_startup_script" not in settings and "windows" not in str(disk["image"]):
        body["metadata_startup_script"] = Heredoc(script_of(project, planned))
    body["allow_stopping_for_update"] = True
    if settings.get("preemptible"):
        scheduling = {"preemptible": True, "automatic_restart": False, "provisioning_model": "SPOT"}
        body["scheduling"] = Blocks([scheduling])
    return {
        "disk_size_gb",
        "disk_type",
        "image",
        "network",
        "subnetwork",
        "preemptible",
        "ports",
        "stack",
        *_PUBLIC_KEYS,
    }


def _interface(project: Project, planned: Planned) -> Body:
    settings = planned.settings
    interface: Body = {}
    subnetwork = settled(project, "subnetwork", settings.get("subnetwork"))
    own = project.first("google_compute_subnetwork")
    if subnetwork:
        interface["subnetwork"] = subnetwork
    elif own:
        interface["subnetwork"] = project.refer(own, "id")
    else:
        interface["network"] = network_of(project, planned)
    address = settled(project, "nat_ip", settings.get("nat_ip"))
    wished = [settings[key] for key in _PUBLIC_KEYS if key in settings]
    if address:
        interface["access_config"] = Blocks([{"nat_ip": address}])
    elif any(wished) or not wished:
        interface["access_config"] = Blocks([{}])
    return interface


def script_of(project: Project, planned: Planned) -> str:
    """Return the startup script for the language and port of the plan."""
    labels = planned.settings.get("labels")
    stack = str(
        planned.settings.get("stack") or (labels.get("stack", "") if isinstance(labels, dict) else "")
    )
    watched = any(
        str(one.get("resource_ref")) == planned.address
        and str(one.get("metric_path", "")).startswith("agent.")
        for one in project.monitoring
    )
    return startup_script(stack, port_of(project, planned), title=planned.name, agent=watched)


def port_of(project: Project, planned: Planned) -> int:
    """Return the port to serve on: the first that a firewall rule opens to the machine's tags."""
    own = planned.settings.get("ports") or planned.settings.get("port")
    tags = set(planned.settings.get("tags") or [])
    offered: list[Any] = list(own) if isinstance(own, list) else [own] if own else []
    for rule in project.of("google_compute_firewall"):
        targets = set(rule.settings.get("target_tags") or [])
        if not targets or targets & tags:
            found = rule.settings.get("ports") or []
            offered += found if isinstance(found, list) else [found]
    numbers = [int(found[0]) for one in offered if (found := re.findall(r"\d+", str(one)))]
    return next((port for port in numbers if port not in _NEVER_SERVED), 80)
