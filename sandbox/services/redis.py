"""Memorystore: Redis and Memcached."""

import re
import uuid
from typing import ClassVar

from sandbox.catalog.places import is_region, region_of, zones
from sandbox.services.certificates import make_certificate
from sandbox.services.compute_address import service_address
from sandbox.services.compute_network import NETWORK
from sandbox.services.product import Product
from sandbox.services.references import Reference, look_up
from sandbox.services.service import ApiError, Context, Service, Values
from sandbox.services.service_networking import connected

REDIS = "google_redis_instance"
MEMCACHE = "google_memcache_instance"
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?")
_VERSION = re.compile(r"REDIS_(3_2|4_0|5_0|6_X|7_0|7_2)")
_PORT, _TLS_PORT, _MEMCACHE_PORT = 6379, 6378, 11211
_LARGEST_GB, _REPLICA_MIN_GB = 300, 5
_PRIVATE = "PRIVATE_SERVICE_ACCESS"


class _Memorystore(Product):
    """What both have in common."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("authorized_network", (NETWORK,), checked=False),
    )

    def check_place(self, context: Context, values: Values) -> None:
        """Check the region."""
        del context
        place = str(values.get("region") or "")
        if place and not is_region(place):
            raise ApiError(
                403, f"Permission denied on 'locations/{place}' (or it may not exist).", "forbidden"
            )

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        name = str(values.get("name") or "")
        if not _NAME.fullmatch(name):
            raise ApiError(
                400,
                f"Invalid instance ID '{name}': it must start with a lowercase letter, have only lowercase"
                " letters,"
                " numbers and hyphens, and have at most 40 characters.",
                "badRequest",
            )

    def network_of(self, context: Context, values: Values) -> str:
        """Return the id of the instance's network; raise where it does not exist."""
        named = context.given(values, "authorized_network") or "default"
        found = look_up(context, str(named), (NETWORK,), values)
        if found.missing:
            raise ApiError(
                400, f"The authorized network '{found.id}' does not exist or cannot be used.", "badRequest"
            )
        return found.id


class Redis(_Memorystore):
    """A Redis instance."""

    def admit(self, context: Context, values: Values) -> None:
        """Check size, version, replicas, zone and network."""
        network = self.network_of(context, values)
        self._check_size(context, values)
        version = context.given(values, "redis_version")
        if version and not _VERSION.fullmatch(str(version)):
            raise ApiError(400, f"Invalid redis_version '{version}'.", "badRequest")
        for attribute in ("location_id", "alternative_location_id"):
            zone = context.given(values, attribute)
            if zone and region_of(str(zone)) != values.get("region"):
                raise ApiError(
                    400,
                    f"The zone '{zone}' in {attribute} is not in region '{values.get('region')}'.",
                    "badRequest",
                )
        private = values.get("connect_mode") == _PRIVATE and network.split("/")[1] == context.project
        if private and not connected(context, network):
            raise ApiError(
                400,
                "Google private service access is not enabled. Enable private service access and try again.",
                "failedPrecondition",
            )

    def _check_size(self, context: Context, values: Values) -> None:
        size, tier = float(values.get("memory_size_gb") or 0), values.get("tier") or "BASIC"
        if not 1 <= size <= _LARGEST_GB:
            raise ApiError(
                400,
                f"memory_size_gb must be between 1 and {_LARGEST_GB} for tier {tier}; got {size:g}.",
                "badRequest",
            )
        replicas = context.given(values, "replica_count")
        if context.given(values, "read_replicas_mode") == "READ_REPLICAS_ENABLED":
            if tier != "STANDARD_HA" or size < _REPLICA_MIN_GB:
                raise ApiError(
                    400,
                    f"Read replicas need tier STANDARD_HA and at least {_REPLICA_MIN_GB} GB of memory.",
                    "badRequest",
                )
        elif tier == "BASIC" and replicas:
            raise ApiError(400, "replica_count must be 0 for tier BASIC.", "badRequest")

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check the size again."""
        del prior
        self._check_size(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Give it an address, nodes and, where asked, a password and a certificate."""
        region = str(values.get("region") or "")
        key = str(values["id"])
        network = self.network_of(context, values)
        secured = values.get("transit_encryption_mode") == "SERVER_AUTHENTICATION"
        values["host"] = service_address(context, network, REDIS, key)
        values["port"] = _TLS_PORT if secured else _PORT
        values["create_time"] = f"{context.now:%Y-%m-%dT%H:%M:%S.%f}Z"
        context.fill(values, "authorized_network", network)
        context.fill(values, "redis_version", "REDIS_7_2")
        context.fill(values, "location_id", next(iter(zones(region)), ""))
        values["current_location_id"] = values["location_id"]
        replicated = values.get("tier") == "STANDARD_HA"
        context.fill(
            values, "alternative_location_id", zones(region)[1] if replicated and zones(region) else ""
        )
        context.fill(values, "replica_count", 1 if replicated else 0)
        context.fill(values, "read_replicas_mode", "READ_REPLICAS_DISABLED")
        reading = values["read_replicas_mode"] == "READ_REPLICAS_ENABLED"
        values["read_endpoint"] = service_address(context, network, REDIS, key) if reading else ""
        values["read_endpoint_port"] = values["port"] if reading else 0
        values["nodes"] = [{"id": "node-0", "zone": values["location_id"]}]
        number = context.cloud.project_number(str(values.get("project") or context.project))
        values["persistence_iam_identity"] = (
            f"serviceAccount:service-{number}@cloud-redis.iam.gserviceaccount.com"
        )
        values["auth_string"] = str(uuid.uuid4()) if values.get("auth_enabled") else ""
        values["server_ca_certs"] = []
        if secured:
            made = make_certificate(f"{values.get('name')}.redis", context.now)
            values["server_ca_certs"] = [
                {
                    "cert": made.pem,
                    "create_time": made.not_before,
                    "expire_time": made.not_after,
                    "serial_number": made.serial,
                    "sha1_fingerprint": made.sha1,
                }
            ]
        context.fill(values, "reserved_ip_range", f"{values['host'].rpartition('.')[0]}.0/29")
        values["effective_reserved_ip_range"] = values["reserved_ip_range"]
        context.fill(values, "secondary_ip_range", "")
        values["maintenance_schedule"] = []


class Memcache(_Memorystore):
    """A Memcached instance."""

    def admit(self, context: Context, values: Values) -> None:
        """Check the network."""
        self.network_of(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Give it nodes."""
        network = self.network_of(context, values)
        region, key = str(values.get("region") or ""), str(values["id"])
        count = int(values.get("node_count") or 1)
        hosts = [service_address(context, network, MEMCACHE, key) for _ in range(count + 1)]
        values["discovery_endpoint"] = f"{hosts[0]}:{_MEMCACHE_PORT}"
        places = zones(region) or ("",)
        values["memcache_nodes"] = [
            {
                "host": host,
                "node_id": f"node-{chr(97 + position)}-1",
                "port": _MEMCACHE_PORT,
                "state": "READY",
                "zone": places[position % len(places)],
            }
            for position, host in enumerate(hosts[1:])
        ]
        context.fill(values, "authorized_network", network)
        context.fill(values, "zones", list(places))
        context.fill(values, "display_name", values.get("name"))
        values["memcache_full_version"] = "memcached-1.6.15"
        values["maintenance_schedule"] = []


SERVICES: dict[str, Service] = {REDIS: Redis(), MEMCACHE: Memcache()}
