"""The machines of managed instance groups: they have no row of their own, and are made from the template.

What goes on inside one is kept under its own path (`projects/P/zones/Z/instances/NAME`), as for any machine.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.network.groups import MANAGERS, size_of
from sandbox.network.machines import TEMPLATES
from sandbox.network.view import Listing, View, blocks, name_of
from sandbox.projects import COMPUTE

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

Json = dict[str, Any]
_LETTERS = "bcdfghjklmnpqrstvwxz0123456789"
STATUS = "current_status"
_MADE = "made"  # in the inner state of the group: how often each member was made anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One machine of a managed group; `number` is its numeric id, which changes when it is made anew."""

    name: str
    project: str
    zone: str
    number: str
    template: str
    manager: Mapping[str, Any]
    values: Mapping[str, Any]

    @property
    def status(self) -> str:
        """Return RUNNING, TERMINATED …."""
        return str(self.values["current_status"])

    @property
    def path(self) -> str:
        """Return `projects/P/zones/Z/instances/NAME`: also the key of its inner state."""
        return f"projects/{self.project}/zones/{self.zone}/instances/{self.name}"

    @property
    def manager_type(self) -> str:
        """Return the manager's Terraform type."""
        return MANAGERS[0] if self.manager.get("zone") else MANAGERS[1]

    @property
    def labels(self) -> Mapping[str, Any]:
        """Return the labels that the template gives it."""
        found: Mapping[str, Any] = self.values.get("effective_labels") or self.values.get("labels") or {}
        return found


def members(cloud: Listing, project: str | None = None) -> Iterator[Member]:
    """Yield the machines of every managed group, in the group's order."""
    view = View(cloud)
    for manager in view.all(*MANAGERS):
        if project is None or manager.get("project") == project:
            yield from members_of(cloud, view, manager)


def members_of(cloud: Listing, view: View, manager: Mapping[str, Any]) -> Iterator[Member]:
    """Yield the machines of one managed group."""
    made: Mapping[str, Any] = cloud.machine(str(manager["id"])).get(_MADE, {})
    reference = template_of(manager)
    template = view.one(reference.partition("?")[0], *TEMPLATES) or {}
    project = str(manager.get("project") or "")
    for place, name in enumerate(member_names(manager, size_of(view, dict(manager)))):
        zone = _zone(manager, place)
        path = f"projects/{project}/zones/{zone}/instances/{name}"
        status = str(cloud.machine(path).get(STATUS) or "RUNNING")
        number = _number(f"{manager['id']}/{name}/{made.get(name, 0)}")
        yield Member(
            name=name,
            project=project,
            zone=zone,
            number=number,
            template=reference,
            manager=manager,
            values={**_values(template, manager, path, name, zone), "instance_id": number, STATUS: status},
        )


def made_anew(cloud: "Cloud", manager_id: str, made: Iterable[Member]) -> None:
    """Count members as made anew: the same names, new numbers, and nothing left of what went on inside."""
    inner = cloud.machine(manager_id)
    counts = dict(inner.get(_MADE, {}))
    for one in made:
        counts[one.name] = int(counts.get(one.name, 0)) + 1
        cloud.set_machine(one.path, {})
    cloud.set_machine(manager_id, {**inner, _MADE: counts})


def member_names(manager: Mapping[str, Any], size: int) -> list[str]:
    """Return the names of a group's machines: the base name and four letters, the same for ever."""
    base = str(manager.get("base_instance_name") or manager.get("name"))
    group = manager["id"]
    return [f"{base}-{_suffix(f'{group}/{number}')}" for number in range(size)]


def template_of(manager: Mapping[str, Any]) -> str:
    """Return the reference to the group's first template; "" where it has none."""
    versions = [one for one in blocks(manager, "version") if one.get("instance_template")]
    return str(versions[0]["instance_template"]) if versions else ""


def _values(template: Mapping[str, Any], manager: Mapping[str, Any], path: str, name: str, zone: str) -> Json:
    """Return the attributes of an instance made from the template, as Terraform would name them."""
    disks = blocks(template, "disk")
    boot = next((one for one in disks if one.get("boot")), disks[0] if disks else {})
    params = {
        "image": boot.get("source_image") or "",
        "size": int(boot.get("disk_size_gb") or 10),
        "type": boot.get("disk_type") or "pd-standard",
    }
    source = f"{COMPUTE}projects/{manager.get('project')}/zones/{zone}/disks/{name}"
    return {
        **template,
        "id": path,
        "name": name,
        "project": manager.get("project"),
        "zone": zone,
        "creation_timestamp": manager.get("creation_timestamp"),
        "boot_disk": [{"auto_delete": True, "source": source, "initialize_params": [params]}],
        "attached_disk": [],
    }


def _suffix(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:4])


def _zone(manager: Mapping[str, Any], place: int) -> str:
    """Return a member's zone: a regional group goes round the zones it spreads over."""
    if manager.get("zone"):
        return name_of(str(manager["zone"]))
    region = name_of(str(manager.get("region") or ""))
    zones = list(manager.get("distribution_policy_zones") or ()) or [f"{region}-{letter}" for letter in "abc"]
    return name_of(str(zones[place % len(zones)]))


def _number(text: str) -> str:
    return str(int(hashlib.sha256(text.encode()).hexdigest(), 16) % (8 * 10**18) + 10**18)
