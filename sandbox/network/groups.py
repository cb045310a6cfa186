"""The machines and endpoints behind a load balancer's backend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sandbox.network.machines import MANAGED, TEMPLATES, Machine, machines
from sandbox.network.view import Values, View, block, blocks, name_of, path_of, refers, texts

MANAGERS = ("google_compute_instance_group_manager", "google_compute_region_instance_group_manager")
_NEGS = ("google_compute_network_endpoint_group", "google_compute_region_network_endpoint_group",
         "google_compute_global_network_endpoint_group")  # fmt: skip
_LEGACY_PORT = 80  # the backend service's own `port`, which holds where a group names no ports


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that could answer: a machine at a port, or something the internet already knows."""

    machine: Machine | None = None
    port: int = _LEGACY_PORT
    service: tuple[str, str] | None = None  # serverless: name, location
    host: str = ""  # an internet endpoint


def endpoints(view: View, group: str, port_name: str) -> list[Endpoint]:
    """Return what stands behind an instance group or network endpoint group."""
    manager = view.one_where(MANAGERS, lambda one: _is_group(group, one))
    if manager is not None:
        port = _named_port(manager, port_name)
        return [Endpoint(one, port) for one in members(view, manager)] if port else []
    unmanaged = view.one(group, "google_compute_instance_group")
    if unmanaged is not None:
        port = _named_port(unmanaged, port_name)
        return [Endpoint(one, port) for one in _listed(view, unmanaged.get("instances"))] if port else []
    network_group = view.one(group, *_NEGS)
    return list(_network_endpoints(view, network_group)) if network_group else []


def members(view: View, manager: Values) -> Iterator[Machine]:
    """Yield the machines of a managed group, as its templates make them."""
    versions = blocks(manager, "version")
    reference = next((str(one["instance_template"]) for one in versions if one.get("instance_template")), "")
    template = view.one(reference.partition("?")[0], *TEMPLATES)
    if template is not None:
        own = {
            "id": manager["id"],
            "name": manager.get("base_instance_name"),
            "creation_timestamp": manager.get("creation_timestamp"),
            "current_status": "RUNNING",
        }
        for _ in range(size_of(view, manager)):
            yield Machine(view, {**template, **own})


def size_of(view: View, manager: Values) -> int:
    """Return how many machines a group has: its target size, and at least its autoscaler's minimum."""
    for scaler in view.all("google_compute_autoscaler", "google_compute_region_autoscaler"):
        if refers(str(scaler.get("target") or ""), manager):
            low = int(block(scaler, "autoscaling_policy").get("min_replicas") or 0)
            return max(low, int(manager.get("target_size") or 0))
    size = manager.get("target_size")
    return int(size) if size is not None else 0


def _is_group(reference: str, manager: Values) -> bool:
    group = path_of(str(manager.get("instance_group") or ""))
    wanted = path_of(reference)
    if group and (wanted == group or group.endswith(f"/{wanted}")):
        return True
    return refers(reference, manager) or refers(
        reference.replace("/instanceGroups/", "/instanceGroupManagers/"), manager
    )


def _named_port(group: Mapping[str, object], name: str) -> int | None:
    named = {str(one.get("name")): int(one.get("port") or 0) for one in blocks(group, "named_port")}
    if name in named:
        return named[name]
    return _LEGACY_PORT if not named and name in {"", "http"} else None


def _listed(view: View, references: object) -> Iterator[Machine]:
    for reference in texts(references):
        values = view.one(reference, *MANAGED)
        if values is not None:
            yield Machine(view, values)


def _network_endpoints(view: View, group: Values) -> Iterator[Endpoint]:
    for run in blocks(group, "cloud_run"):
        yield Endpoint(service=(str(run.get("service") or ""), str(group.get("region") or "")))
    for function in blocks(group, "cloud_function"):
        yield Endpoint(service=(str(function.get("function") or ""), str(group.get("region") or "")))
    default = int(group.get("default_port") or _LEGACY_PORT)
    for one in _endpoint_blocks(view, group):
        port = int(one.get("port") or default)
        if one.get("fqdn"):
            yield Endpoint(host=str(one["fqdn"]), port=port)
        machine = _endpoint_machine(view, one)
        if machine is not None:
            yield Endpoint(machine, port)


def _endpoint_blocks(view: View, group: Values) -> Iterator[Values]:
    single = ("google_compute_network_endpoint", "google_compute_global_network_endpoint",
              "google_compute_region_network_endpoint")  # fmt: skip
    for key, types in (("network_endpoint_group", single), ("global_network_endpoint_group", single),
                       ("region_network_endpoint_group", single)):  # fmt: skip
        yield from (one for one in view.all(*types) if refers(str(one.get(key) or "-"), group))
    for many in view.all("google_compute_network_endpoints"):
        if refers(str(many.get("network_endpoint_group") or "-"), group):
            yield from blocks(many, "network_endpoints")


def _endpoint_machine(view: View, endpoint: Values) -> Machine | None:
    name, address = name_of(str(endpoint.get("instance") or "")), str(endpoint.get("ip_address") or "")
    return next(
        (
            one
            for one in machines(view)
            if (name and one.values.get("name") == name) or (address and address in one.inner_addresses())
        ),
        None,
    )
