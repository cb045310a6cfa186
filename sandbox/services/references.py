"""References between resources: as name, partial URL, full self link or id."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.catalog.places import is_region, is_zone, region_of
from sandbox.services.service import ApiError, Context, Values

_HOST = re.compile(r"^(?:https?:)?//[^/]+/(?:compute/)?(?:v1/|beta/|v1beta1/|alpha/|v2/)?")
_PROJECT = re.compile(r"(?:^|/)projects/([^/]+)/")
_PLACE = re.compile(r"(?:^|/)(?:global|(?:regions|zones|locations)/([^/]+))/")

GLOBAL, REGION, ZONE = "global", "region", "zone"

# Where the resources that others refer to live: Terraform type -> (place, collection).
HOMES: dict[str, tuple[str, str]] = {
    "google_compute_network": (GLOBAL, "networks"),
    "google_compute_subnetwork": (REGION, "subnetworks"),
    "google_compute_address": (REGION, "addresses"),
    "google_compute_global_address": (GLOBAL, "addresses"),
    "google_compute_disk": (ZONE, "disks"),
    "google_compute_region_disk": (REGION, "disks"),
    "google_compute_snapshot": (GLOBAL, "snapshots"),
    "google_compute_image": (GLOBAL, "images"),
    "google_compute_instance": (ZONE, "instances"),
    "google_compute_instance_template": (GLOBAL, "instanceTemplates"),
    "google_compute_region_instance_template": (REGION, "instanceTemplates"),
    "google_compute_instance_group": (ZONE, "instanceGroups"),
    "google_compute_region_instance_group": (REGION, "instanceGroups"),
    "google_compute_instance_group_manager": (ZONE, "instanceGroupManagers"),
    "google_compute_region_instance_group_manager": (REGION, "instanceGroupManagers"),
    "google_compute_network_endpoint_group": (ZONE, "networkEndpointGroups"),
    "google_compute_region_network_endpoint_group": (REGION, "networkEndpointGroups"),
    "google_compute_global_network_endpoint_group": (GLOBAL, "networkEndpointGroups"),
    "google_compute_health_check": (GLOBAL, "healthChecks"),
    "google_compute_region_health_check": (REGION, "healthChecks"),
    "google_compute_http_health_check": (GLOBAL, "httpHealthChecks"),
    "google_compute_https_health_check": (GLOBAL, "httpsHealthChecks"),
    "google_compute_backend_service": (GLOBAL, "backendServices"),
    "google_compute_region_backend_service": (REGION, "backendServices"),
    "google_compute_backend_bucket": (GLOBAL, "backendBuckets"),
    "google_compute_url_map": (GLOBAL, "urlMaps"),
    "google_compute_region_url_map": (REGION, "urlMaps"),
    "google_compute_ssl_certificate": (GLOBAL, "sslCertificates"),
    "google_compute_managed_ssl_certificate": (GLOBAL, "sslCertificates"),
    "google_compute_region_ssl_certificate": (REGION, "sslCertificates"),
    "google_compute_ssl_policy": (GLOBAL, "sslPolicies"),
    "google_compute_security_policy": (GLOBAL, "securityPolicies"),
    "google_compute_target_http_proxy": (GLOBAL, "targetHttpProxies"),
    "google_compute_target_https_proxy": (GLOBAL, "targetHttpsProxies"),
    "google_compute_region_target_http_proxy": (REGION, "targetHttpProxies"),
    "google_compute_region_target_https_proxy": (REGION, "targetHttpsProxies"),
    "google_compute_target_tcp_proxy": (GLOBAL, "targetTcpProxies"),
    "google_compute_target_ssl_proxy": (GLOBAL, "targetSslProxies"),
    "google_compute_target_grpc_proxy": (GLOBAL, "targetGrpcProxies"),
    "google_compute_target_pool": (REGION, "targetPools"),
    "google_compute_target_instance": (ZONE, "targetInstances"),
    "google_compute_forwarding_rule": (REGION, "forwardingRules"),
    "google_compute_router": (REGION, "routers"),
    "google_compute_vpn_gateway": (REGION, "targetVpnGateways"),
    "google_compute_ha_vpn_gateway": (REGION, "vpnGateways"),
    "google_compute_external_vpn_gateway": (GLOBAL, "externalVpnGateways"),
    "google_compute_vpn_tunnel": (REGION, "vpnTunnels"),
    "google_compute_resource_policy": (REGION, "resourcePolicies"),
    "google_pubsub_topic": ("", "topics"),
    "google_secret_manager_secret": ("", "secrets"),
    "google_dns_managed_zone": ("", "managedZones"),
    "google_sql_database_instance": ("", "instances"),
    "google_bigquery_dataset": ("", "datasets"),
    "google_service_account": ("", "serviceAccounts"),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute that names other resources.

    `path` is dotted and passes through blocks; `to` are the types it may name, the one meant by a bare name
    first. `holds` tells that the one named cannot be deleted meanwhile. `field` is the API's name of it.
    """

    path: str
    to: tuple[str, ...]
    holds: bool = True
    checked: bool = True
    field: str = ""  # where the API answers `Invalid value for field` instead of 404
    strict: bool = False  # a link to anything but `to` is refused


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference came to."""

    type: str
    id: str
    values: Values | None  # None where it is not there
    ours: bool = True  # False where it belongs to a project this configuration does not speak for

    @property
    def missing(self) -> bool:
        """True where it surely does not exist."""
        return self.values is None and self.ours


def name_of(reference: str) -> str:
    """Return the last part of a reference."""
    return reference.partition("?")[0].rstrip("/").rpartition("/")[2]


def relative(reference: str) -> str:
    """Return a self link as the id `projects/…`, anything else as it is."""
    return _HOST.sub("", reference).partition("?")[0]


def values_at(values: Values, path: str) -> Iterator[str]:
    """Yield each non-empty string at a dotted path, through blocks, lists and sets."""
    found: list[Any] = [values]
    for step in path.split("."):
        inner: list[Any] = []
        for one in found:
            value = one.get(step) if isinstance(one, dict) else None
            inner += value if isinstance(value, list) else [value]
        found = inner
    yield from (one for one in found if isinstance(one, str) and one)


def place_of(context: Context, values: Values, kind: str) -> str:
    """Return the region or zone a resource's bare references mean."""
    zone = values.get("zone") or context.zone
    if kind == ZONE:
        return name_of(str(zone or ""))
    region = values.get("region") or (
        region_of(str(values["zone"])) if values.get("zone") else context.region
    )
    return name_of(str(region or (region_of(str(zone)) if zone else "")))


def look_up(context: Context, reference: str, types: tuple[str, ...], values: Values) -> Target:
    """Return what a reference names, in the light of the resource (`values`) that holds it."""
    mine = str(values.get("project") or context.project)
    path = relative(reference)
    found = _PROJECT.search(path)
    project = found[1] if found else mine
    name = name_of(path)
    collection = path.rstrip("/").split("/")[-2] if "/" in path.rstrip("/") else ""
    placed = _PLACE.search(path)
    first: Target | None = None
    for kind in types:
        where, home = HOMES[kind]
        if collection and collection != home:
            continue
        if placed and where and not _fits(where, placed[1]):
            continue
        place = placed[1] if placed and placed[1] else place_of(context, values, where)
        key = _key(kind, project, where, place, name)
        row = context.cloud.get(kind, key)
        target = Target(kind, key, row, ours=project == mine and bool(place or where in {GLOBAL, ""}))
        if row is not None:
            return target
        first = first or target
    return first or Target(types[0], path, None, ours=False)


def _fits(where: str, place: str | None) -> bool:
    if place is None:
        return where == GLOBAL
    if where == ZONE:
        return is_zone(place) or not is_region(place)
    return where == REGION and not is_zone(place)


def _key(kind: str, project: str, where: str, place: str, name: str) -> str:
    home = HOMES[kind][1]
    middle = {GLOBAL: "global/", REGION: f"regions/{place}/", ZONE: f"zones/{place}/", "": ""}[where]
    return f"projects/{project}/{middle}{home}/{name}"


def not_found(resource_id: str) -> ApiError:
    """Return Compute's answer for a resource that is not there."""
    return ApiError(404, f"The resource '{resource_id}' was not found", "notFound")


def invalid_value(field: str, value: object, why: str) -> ApiError:
    """Return Compute's answer for a field it does not take."""
    return ApiError(400, f"Invalid value for field '{field}': '{value}'. {why}", "invalid")


def check(context: Context, values: Values, references: tuple[Reference, ...]) -> None:
    """Raise `ApiError` for the first reference to something that surely does not exist."""
    for reference in references:
        if not reference.checked:
            continue
        for value in values_at(values, reference.path):
            target = look_up(context, value, reference.to, values)
            if target.missing:
                raise _missing(reference, value, target)
            if reference.strict and target.values is None and _elsewhere(value, reference.to):
                raise invalid_value(f"resource.{reference.field}", value, "The URL is malformed.")


def _elsewhere(value: str, types: tuple[str, ...]) -> bool:
    """Return whether a link goes to a place or a collection that none of the types live in."""
    path = relative(value).rstrip("/")
    placed = _PLACE.search(path)
    if placed is None:
        return False
    collection = path.split("/")[-2]
    return not any(HOMES[kind][1] == collection and _fits(HOMES[kind][0], placed[1]) for kind in types)


def _missing(reference: Reference, value: str, target: Target) -> ApiError:
    if not reference.field or reference.strict:
        return not_found(target.id)
    noun = HOMES[target.type][1].rstrip("s")
    return invalid_value(
        f"resource.{reference.field}", value, f"The referenced {noun} resource cannot be found."
    )
