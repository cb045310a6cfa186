"""Which function answers which path of the Compute API."""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.compute_api.server import Call

Handle = Callable[["Call"], dict[str, Any]]


@cache
def _routes() -> tuple[tuple[str, re.Pattern[str], Handle], ...]:
    from sandbox.compute_api import disks, firewalls, groups, instances, operations

    zone = "projects/{project}/zones/{zone}"
    machine = f"{zone}/instances/{{instance}}"
    table: list[tuple[str, str, Handle]] = [
        ("GET", "projects/{project}/aggregated/instances", instances.aggregated),
        ("GET", f"{zone}/instances", instances.listed),
        ("POST", f"{zone}/instances", instances.insert),
        ("GET", machine, instances.get),
        ("DELETE", machine, instances.delete),
        *(("POST", f"{machine}/{verb}", handle) for verb, handle in instances.VERBS.items()),
    ]
    table += [
        ("GET", "projects/{project}/global/firewalls", firewalls.listed),
        ("GET", "projects/{project}/global/firewalls/{firewall}", firewalls.get),
    ]
    for place in ("zones/{zone}", "regions/{region}"):
        disk = f"projects/{{project}}/{place}/disks"
        table += [
            ("GET", disk, disks.listed),
            ("POST", disk, disks.insert),
            ("GET", f"{disk}/{{disk}}", disks.get),
            ("DELETE", f"{disk}/{{disk}}", disks.delete),
            ("POST", f"{disk}/{{disk}}/resize", disks.resize),
        ]
        manager = f"projects/{{project}}/{place}/instanceGroupManagers"
        one = f"{manager}/{{manager}}"
        table += [
            ("GET", manager, groups.listed),
            ("GET", one, groups.get),
            ("POST", f"{one}/listManagedInstances", groups.managed_instances),
            ("POST", f"{one}/recreateInstances", groups.recreate),
            ("POST", f"{one}/resize", groups.resize),
        ]
    for place in ("zones/{zone}", "regions/{region}", "global"):
        operation = f"projects/{{project}}/{place}/operations/{{operation}}"
        table += [("GET", operation, operations.get), ("POST", f"{operation}/wait", operations.get)]
    return tuple((method, _pattern(path), handle) for method, path, handle in table)


def find_route(method: str, path: str) -> tuple[Handle, dict[str, str]] | None:
    """Return the function for a method and a path below the API's root, and the path's parts by name."""
    for wanted, pattern, handle in _routes():
        found = pattern.fullmatch(path)
        if found and wanted == method:
            return handle, found.groupdict()
    return None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
