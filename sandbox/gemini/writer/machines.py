"""Machines in HCL: boot disk, network, and a startup script that serves something."""

import re
from typing import Any

from sandbox.gemini.writer.hcl import Blocks, Body, Expr, Heredoc, escape
from sandbox.gemini.writer.project import Planned, Project
from sandbox.gemini.writer.scripts import HTTPS, startup_script
from sandbox.gemini.writer.values import settled

DEBIAN = "debian-cloud/debian-12"
HTTP = 80
_LOGINS = {22, 3389}
_PORTS = 65536
_IIS = "Install-WindowsFeature -Name Web-Server -IncludeManagementTools"
SPOT = {"preemptible": True, "automatic_restart": False, "provisioning_model": "SPOT"}
_PUBLIC_KEYS = ("external_ip", "public_ip", "public", "assign_external_ip", "nat_ip")
_CONSUMED = (
    "metadata_startup_script",
    "startup_script",
    "disk_size_gb",
    "disk_type",
    "network",
    "subnetwork",
    "preemptible",
    "ports",
    "port",
    "stack",
    *_PUBLIC_KEYS,
)


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
    body["zone"] = Expr("var.zone")
    disk: Body = {"image": settings.get("image", DEBIAN)}
    for setting, argument in (("disk_size_gb", "size"), ("disk_type", "type")):
        if setting in settings:
            disk[argument] = settings[setting]
    body["boot_disk"] = Blocks([{"initialize_params": Blocks([disk])}])
    body["network_interface"] = Blocks([_interface(project, planned)])
    _start(project, planned, body, str(disk["image"]))
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


def write_template(project: Project, planned: Planned, body: Body) -> set[str]:
    """Write the disk, network interface and startup script of what a group's machines are made from."""
    settings = planned.settings
    image = settings.get("source_image") or settings.get("image") or DEBIAN
    disk: Body = {"source_image": image, "auto_delete": True, "boot": True}
    disk |= {key: settings[key] for key in ("disk_size_gb", "disk_type") if key in settings}
    body["machine_type"] = settings.get("machine_type", "e2-medium")
    body["disk"] = Blocks([disk])
    body["network_interface"] = Blocks([_interface(project, planned)])
    _start(project, planned, body, str(image))
    if settings.get("preemptible"):
        body["scheduling"] = Blocks([SPOT])
    body["lifecycle"] = Blocks([{"create_before_destroy": True}])
    prefix = settings.get("name_prefix") or f"{str(settings.get('name') or planned.name).replace('_', '-')}-"
    body["name_prefix"] = prefix
    return {"name", "name_prefix", "source_image", "image", *_CONSUMED}


def _start(project: Project, planned: Planned, body: Body, image: str) -> None:
    """Give the machine something to do at its start, unless the plan does or it only takes logins."""
    own = planned.settings.get("metadata_startup_script") or planned.settings.get("startup_script")
    if own:
        body["metadata_startup_script"] = Heredoc(escape(str(own)))
        return
    if "windows" in image:
        body["metadata"] = {"windows-startup-script-ps1": _IIS}
    elif script := script_of(project, planned):
        body["metadata_startup_script"] = Heredoc(script)


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
    """Return the startup script for the plan's language and port, "" where the machine serves nothing."""
    port = port_of(project, planned)
    if not port:
        return ""
    labels = planned.settings.get("labels")
    stack = str(
        planned.settings.get("stack") or (labels.get("stack", "") if isinstance(labels, dict) else "")
    )
    watched = any(
        str(one.get("resource_ref")) == planned.address
        and str(one.get("metric_path", "")).startswith("agent.")
        for one in project.monitoring
    )
    title = re.sub(r"[^A-Za-z0-9 _-]", "", str(planned.settings.get("name") or planned.name))
    return startup_script(
        stack,
        port,
        title=title,
        agent=watched,
        environment=environment_of(project),
        tls=HTTPS in ports_of(project, planned),
    )


def environment_of(project: Project) -> dict[str, str]:
    """Return what programs of the plan are told of its databases and caches, as Terraform templates."""
    found: dict[str, str] = {}
    database = project.first("google_sql_database_instance")
    if database:
        private = any(key.endswith("private_network") for key in database.settings)
        attribute = "private_ip_address" if private else "public_ip_address"
        found["DB_HOST"] = f"${{{project.refer(database, attribute).text}}}"
        named = project.first("google_sql_database")
        if named:
            found["DB_NAME"] = f"${{{project.refer(named, 'name').text}}}"
    cache = project.first("google_redis_instance")
    if cache:
        found["REDIS_HOST"] = f"${{{project.refer(cache, 'host').text}}}"
    return found


def port_of(project: Project, planned: Planned) -> int:
    """Return the port to serve on: the first opened to the machine's tags; 0 where only logins are."""
    numbers = ports_of(project, planned)
    served = [port for port in numbers if 0 < port < _PORTS and port not in _LOGINS]
    if numbers and not served:
        return 0
    return next((port for port in served if port != HTTPS), HTTPS if HTTPS in served else HTTP)


def ports_of(project: Project, planned: Planned) -> list[int]:
    """Return the ports that the plan opens to the machine, those of its own settings first."""
    own = planned.settings.get("ports") or planned.settings.get("port")
    tags = set(planned.settings.get("tags") or [])
    offered: list[Any] = list(own) if isinstance(own, list) else [own] if own else []
    for rule in project.of("google_compute_firewall"):
        targets = set(rule.settings.get("target_tags") or [])
        if not targets or targets & tags:
            found = rule.settings.get("ports") or []
            offered += found if isinstance(found, list) else [found]
    return [int(str(one)) for one in offered if re.fullmatch(r"\d+", str(one).strip())]
