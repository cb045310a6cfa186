"""What a simulated machine answers: its addresses, its open ports, its firewall."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sandbox.network.containers import declared_containers
from sandbox.network.firewall import Target, lets_in, verdict
from sandbox.network.listeners import script_sockets
from sandbox.network.policy_rules import policy_rules
from sandbox.network.proxy import Answer, Visit
from sandbox.network.replies import page
from sandbox.network.script import Script, read_script
from sandbox.network.sockets import Socket, answer_status
from sandbox.network.software import boot_image_ports
from sandbox.network.view import Values, View, block, blocks, name_of, path_of, texts

INSTANCE = "google_compute_instance"
MANAGED = (
    "google_compute_instance",
    "google_compute_instance_from_template",
    "google_compute_instance_from_machine_image",
)
TEMPLATES = ("google_compute_instance_template", "google_compute_region_instance_template")
_SUBNETWORK = "google_compute_subnetwork"
_TLS_PORTS = frozenset({443, 8443, 9443})
# https://cloud.google.com/compute/docs/instances/instance-lifecycle
_AT_REST = frozenset(
    {"PROVISIONING", "STAGING", "STOPPING", "STOPPED", "TERMINATED", "SUSPENDING", "SUSPENDED", "REPAIRING"}
)


class Machine:
    """One machine, or the machines made from one instance template."""

    def __init__(self, view: View, values: Values) -> None:
        self._view = view
        self.values = values

    @property
    def running(self) -> bool:
        """Return whether the machine runs."""
        return self.values.get("current_status") not in _AT_REST

    def addresses(self) -> set[str]:
        """Return the external addresses."""
        return {
            str(access["nat_ip"])
            for interface in blocks(self.values, "network_interface")
            for access in blocks(interface, "access_config")
            if access.get("nat_ip")
        }

    def inner_addresses(self) -> set[str]:
        """Return the addresses inside the network."""
        return {
            str(one["network_ip"])
            for one in blocks(self.values, "network_interface")
            if one.get("network_ip")
        }

    @property
    def booted(self) -> bool:
        """Return whether the start-up script has had its time since the machine last started."""
        started = self.values.get("last_start_timestamp") or self.values.get("creation_timestamp")
        if not self._view.boot_s or not started:
            return True
        return self._view.now >= datetime.fromisoformat(str(started)) + timedelta(seconds=self._view.boot_s)

    def sockets(self) -> tuple[Socket, ...]:
        """Return what listens on the machine, by its start-up script, containers and boot image."""
        if not self.booted or self._view.inner(str(self.values["id"])).get("service_down"):
            return ()
        metadata = self._metadata()
        found: dict[int, Socket] = {}
        scripted = _opened_by(self._scripts(metadata), tuple(sorted(metadata.items())))
        contained = [
            one
            for container in declared_containers(metadata.get("gce-container-declaration", "{}"))
            for one in container.sockets()
        ]
        imaged = [Socket(port=port) for port in boot_image_ports(self._boot_image())]
        for one in (*scripted, *contained, *imaged):
            found.setdefault(one.port, one)
        return tuple(found.values())

    def lets_in(self, source: str, port: int) -> bool:
        """Return whether the firewall of the machine's first network lets this source reach the port."""
        network = self._network()
        target = Target(network, frozenset(self._tags()), frozenset(self._service_accounts()))
        rules = [
            {
                **rule,
                "network": self._network_path(str(rule.get("network", "")), str(rule.get("project", ""))),
            }
            for rule in self._view.all("google_compute_firewall")
        ]
        said = verdict(rules, target, source, port)
        return lets_in(policy_rules(self._view, network), target, source, port) if said is None else said

    def status(self, port: int, path: str) -> int | None:
        """Return the status of a GET that has reached the machine; None where the port is not open."""
        status = answer_status(self.sockets(), port, path)
        failing = self._view.inner(str(self.values["id"])).get("answers")
        return int(failing) if failing and status is not None else status

    def answer(self, visit: Visit) -> Answer | None:
        """Return what a visit gets that reached the machine; None where nothing there speaks its scheme."""
        status = self.status(visit.port, visit.path)
        if status is None or (visit.scheme == "https") != self._speaks_tls(visit.port):
            return None
        return page(status, str(self.values.get("name")))

    def _speaks_tls(self, port: int) -> bool:
        if port in _TLS_PORTS:
            return True
        text = next((one.text for one in self.sockets() if one.port == port), None) or ""
        return re.search(rf"\blisten\s+(?:\S*:)?{port}\s+(?:\w+\s+)*ssl\b", text) is not None

    def _metadata(self) -> dict[str, str]:
        own = {str(key): str(value) for key, value in (self.values.get("metadata") or {}).items()}
        script = self.values.get("metadata_startup_script")
        if script:
            own["startup-script"] = str(script)
        shared = {
            str(key): str(value)
            for kind in self._view.all("google_compute_project_metadata")
            if kind.get("project") == self.values.get("project")
            for key, value in (kind.get("metadata") or {}).items()
        }
        items = {
            str(one.get("key")): str(one.get("value"))
            for one in self._view.all("google_compute_project_metadata_item")
            if one.get("project") == self.values.get("project")
        }
        return {**shared, **items, **own}

    def _scripts(self, metadata: Mapping[str, str]) -> tuple[str, ...]:
        keys = ("startup-script", "user-data", "windows-startup-script-ps1", "windows-startup-script-cmd")
        scripts = [metadata[key] for key in keys if metadata.get(key)]
        fetched = self._object(metadata.get("startup-script-url", ""))
        return (*scripts, *([fetched] if fetched else []))

    def _object(self, url: str) -> str:
        """Return the text of a storage object that the configuration itself uploaded."""
        for prefix in ("gs://", "https://storage.googleapis.com/"):
            bucket, _, name = url.removeprefix(prefix).partition("/")
            for one in self._view.all("google_storage_bucket_object") if url.startswith(prefix) else ():
                if (one.get("bucket"), one.get("name")) == (bucket, name):
                    return str(one.get("content") or "")
        return ""

    def _boot_image(self) -> str:
        disk = block(self.values, "boot_disk") or block(self.values, "disk")
        image = block(disk, "initialize_params").get("image") or disk.get("source_image")
        if image:
            return str(image)
        source = self._view.one(
            str(disk.get("source") or ""), "google_compute_disk", "google_compute_region_disk"
        )
        return str((source or {}).get("image") or "")

    def _network(self) -> str:
        interface = block(self.values, "network_interface")
        project = str(self.values.get("project") or "")
        network = str(interface.get("network") or "")
        if not network and interface.get("subnetwork"):
            subnetwork = self._view.one(str(interface["subnetwork"]), _SUBNETWORK)
            network = str((subnetwork or {}).get("network") or "")
        return self._network_path(network or "default", project)

    def _network_path(self, reference: str, project: str) -> str:
        path = path_of(reference)
        if path.startswith("projects/"):
            return path
        return f"projects/{project}/global/networks/{name_of(reference)}"

    def _tags(self) -> set[str]:
        """Return the network tags, and the secure tags that firewall policies go by."""
        secure = block(self.values, "params").get("resource_manager_tags") or {}
        return {*texts(self.values.get("tags")), *map(str, secure.values())}

    def _service_accounts(self) -> set[str]:
        return {str(one.get("email")) for one in blocks(self.values, "service_account") if one.get("email")}


@lru_cache(maxsize=256)
def _opened_by(scripts: tuple[str, ...], metadata: tuple[tuple[str, str], ...]) -> tuple[Socket, ...]:
    whole = Script()
    for text in scripts:
        whole = whole.joined(read_script(text, dict(metadata)))
    return script_sockets(whole)


def machines(view: View) -> list[Machine]:
    """Return every machine there is."""
    return [Machine(view, _from_template(view, values)) for values in view.all(*MANAGED)]


def _from_template(view: View, values: Values) -> Values:
    """Return the attributes with those of the template the machine was made from, where it has one."""
    reference = str(values.get("source_instance_template") or "").partition("?")[0]
    template = view.one(reference, *TEMPLATES)
    if template is None:
        return values
    given = {key: value for key, value in values.items() if value not in (None, "", [], {})}
    return {**template, **given}


def by_address(view: View, address: str) -> Machine | None:
    """Return the machine that has this external address."""
    return next((one for one in machines(view) if address in one.addresses()), None)


def summary(machine: Machine) -> dict[str, Any]:
    """Return what listens on a machine, for a person who wonders why nothing answers."""
    return {
        "name": machine.values.get("name"),
        "running": machine.running,
        "addresses": sorted(machine.addresses()),
        "ports": sorted(one.port for one in machine.sockets() if one.public),
    }
