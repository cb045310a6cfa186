"""Which service stands behind which resource type."""

from functools import cache
from importlib import import_module

from sandbox.services.grants import GRANT, Grant
from sandbox.services.product import Product
from sandbox.services.references import Reference
from sandbox.services.service import Service

_PRODUCTS: tuple[str, ...] = (
    "artifact",
    "bigquery",
    "compute_address",
    "compute_disk",
    "compute_firewall",
    "compute_group",
    "compute_image",
    "compute_instance",
    "compute_network",
    "compute_peering",
    "compute_router",
    "compute_template",
    "container",
    "dns",
    "filestore",
    "forwarding",
    "functions",
    "iam",
    "kms",
    "load_balancing",
    "logging",
    "monitoring",
    "project_service",
    "pubsub",
    "redis",
    "run",
    "scheduler",
    "secret_manager",
    "service_networking",
    "spanner",
    "sql",
    "sql_contents",
    "storage",
    "vpn",
)
_DEFAULT = Service()
_GRANT = Grant()


@cache
def _services() -> dict[str, Service]:
    """Return every service written by hand; each product's module lists its own in `SERVICES`."""
    found: dict[str, Service] = {}
    for product in _PRODUCTS:
        found.update(import_module(f"sandbox.services.{product}").SERVICES)
    return found


def service_of(resource_type: str) -> Service:
    """Return the service of a resource type; one that accepts all for what is not written by hand."""
    if found := _services().get(resource_type):
        return found
    return _GRANT if GRANT.fullmatch(resource_type) else _DEFAULT


def written_types() -> tuple[str, ...]:
    """Return the resource types that have a service written by hand."""
    return tuple(sorted(_services()))


@cache
def holders_of(resource_type: str) -> tuple[tuple[str, Reference], ...]:
    """Return (type, reference) for each attribute of each type that keeps this type from being deleted."""
    return tuple(
        (holder, reference)
        for holder, service in _services().items()
        if isinstance(service, Product)
        for reference in service.references
        if reference.holds and resource_type in reference.to
    )
