"""What stands behind a load balancer, a cluster or a group: where the configuration's references lead."""

from collections.abc import Iterator

from infraai.configuration import Block
from infraai.operations.edits.subject import Subject

_SERVES = frozenset(
    {
        "google_compute_instance",
        "google_compute_instance_group_manager",
        "google_compute_region_instance_group_manager",
        "google_cloud_run_v2_service",
        "google_cloud_run_service",
        "google_container_node_pool",
    }
)
# What passes requests on, and what hands them over: its references are followed.
_PASSES = frozenset(
    {
        "google_compute_backend_service",
        "google_compute_region_backend_service",
        "google_compute_url_map",
        "google_compute_region_url_map",
        "google_compute_target_http_proxy",
        "google_compute_target_https_proxy",
        "google_compute_target_tcp_proxy",
        "google_compute_target_ssl_proxy",
        "google_compute_target_grpc_proxy",
        "google_compute_region_target_http_proxy",
        "google_compute_region_target_https_proxy",
        "google_compute_region_target_tcp_proxy",
        "google_compute_target_pool",
        "google_compute_target_instance",
        "google_compute_forwarding_rule",
        "google_compute_global_forwarding_rule",
        "google_compute_instance_group",
        "google_compute_region_network_endpoint_group",
        "google_compute_network_endpoint_group",
        "google_compute_network_endpoint",
        "google_compute_network_endpoints",
    }
)
_BELONGS = {
    "google_container_cluster": ("google_container_node_pool", "cluster"),
    "google_compute_network_endpoint_group": ("google_compute_network_endpoint", "network_endpoint_group"),
    "google_compute_target_pool": ("google_compute_instance_group_manager", "target_pools"),
}


def backends(subject: Subject) -> tuple[str, ...]:
    """Return the addresses, without index, of what serves behind a resource; () for what serves itself."""
    if subject.type not in _PASSES and subject.type not in _BELONGS:
        return ()
    found: dict[str, None] = {}
    seen: set[str] = {subject.block.address}
    front = [subject.block]
    while front:
        for one in _next(front.pop(), subject.siblings):
            if one.address in seen:
                continue
            seen.add(one.address)
            if one.labels[0] in _SERVES:
                found[subject.prefix + one.address] = None
            elif one.labels[0] in _PASSES:
                front.append(one)
    return tuple(found)


def _next(block: Block, siblings: tuple[Block, ...]) -> Iterator[Block]:
    names = {".".join(name.split(".")[:2]) for one in block.expressions() for name in one.references}
    yield from (one for one in siblings if one.address in names)
    kind, attribute = _BELONGS.get(block.labels[0], ("", ""))
    for one in siblings:
        owner = one.attribute(attribute) if one.labels[0] == kind else None
        if owner is not None and any(
            name == block.address or name.startswith(f"{block.address}.")
            for name in owner.expression.references
        ):
            yield one
