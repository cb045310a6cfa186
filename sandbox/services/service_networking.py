"""Private services access and Serverless VPC Access."""

import re
from typing import ClassVar

from sandbox.services.addresses import overlap, parse_range
from sandbox.services.compute_address import reserved_ranges
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.product import Product
from sandbox.services.references import Reference, look_up, name_of
from sandbox.services.service import ApiError, Context, Service, Values, at

CONNECTION = "google_service_networking_connection"
_CONNECTOR = re.compile(r"[a-z][-a-z0-9]{0,23}[a-z0-9]")
_CONNECTOR_PREFIX = 28
_TENANTS = (
    ("google_sql_database_instance", ("settings", 0, "ip_configuration", 0, "private_network")),
    ("google_redis_instance", ("authorized_network",)),
    ("google_filestore_instance", ("networks", 0, "network")),
    ("google_memcache_instance", ("authorized_network",)),
)


class Connection(Product):
    """A network's connection to Google's services."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("network", (NETWORK,), holds=False),)

    def admit(self, context: Context, values: Values) -> None:
        """Check that the ranges are set aside in this network."""
        network = look_up(context, str(values["network"]), (NETWORK,), values)
        known = {one.get("name") for one in reserved_ranges(context, network.id)}
        unknown = [name for name in values.get("reserved_peering_ranges") or [] if name_of(name) not in known]
        if network.ours and unknown:
            raise ApiError(
                400,
                f"Cannot find the allocated ranges [{', '.join(unknown)}] in network '{network.id}'."
                " Allocated"
                " ranges are global internal addresses with purpose VPC_PEERING.",
                "badRequest",
            )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set the peering's name."""
        del context
        values["peering"] = str(values.get("service") or "").replace(".", "-")

    def dismiss(self, context: Context, values: Values) -> None:
        """Refuse while a service uses the connection."""
        network = look_up(context, str(values["network"]), (NETWORK,), values).id
        for kind, path in _TENANTS:
            for row in context.cloud.list(kind):
                named = at(row.values, *path)
                private = kind != "google_redis_instance" or row.values.get("connect_mode") == _PRIVATE
                if named and private and look_up(context, str(named), (NETWORK,), row.values).id == network:
                    raise ApiError(
                        400,
                        "Unable to remove Service Networking Connection, err: Error waiting for Delete"
                        " Service"
                        " Networking Connection: Error code 9, message: Failed to delete connection; Producer"
                        " services (e.g. CloudSQL, Cloud Memstore, etc.) are still using this connection.",
                        raw=True,
                    )


_PRIVATE = "PRIVATE_SERVICE_ACCESS"


def connected(context: Context, network: str) -> bool:
    """Return whether a network, by its id, has private services access."""
    return any(
        look_up(context, str(row.values.get("network")), (NETWORK,), row.values).id == network
        for row in context.cloud.list(CONNECTION)
    )


class Connector(Product):
    """A Serverless VPC Access connector."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network", (NETWORK,)),
        Reference("subnet.name", (SUBNETWORK,), checked=False),
    )

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name's pattern and length."""
        del context
        if not _CONNECTOR.fullmatch(str(values.get("name"))):
            raise ApiError(
                400,
                f"The connector ID '{values.get('name')}' must match the regex"
                f" ^[a-z][-a-z0-9]{{0,23}}[a-z0-9]$.",
            )

    def admit(self, context: Context, values: Values) -> None:
        """Check that the connector has a free range of 16 addresses."""
        cidr = values.get("ip_cidr_range")
        if not cidr:
            return
        block = parse_range(cidr)
        if block is None or block.prefixlen != _CONNECTOR_PREFIX:
            raise ApiError(400, f"The IP CIDR range '{cidr}' must be a valid range with a /28 netmask.")
        network = look_up(context, str(values.get("network") or "default"), (NETWORK,), values).id
        for row in context.cloud.list(SUBNETWORK, built_in=True):
            named = look_up(context, str(row.values.get("network")), (NETWORK,), row.values)
            if named.id == network and overlap(cidr, row.values.get("ip_cidr_range")):
                raise ApiError(
                    400,
                    "Error waiting to create Connector: Error waiting for Creating Connector: Error code 3,"
                    " message: Operation failed: Invalid IP CIDR range was provided. It conflicts with an"
                    " existing"
                    " subnetwork. Please delete the connector manually.",
                    raw=True,
                )

    def settle(self, context: Context, values: Values) -> None:
        """Set its state and sizes."""
        values["state"] = "READY"
        values["self_link"] = values["id"]
        values["connected_projects"] = [values.get("project")]
        low = int(context.given(values, "min_instances") or 2)
        high = int(context.given(values, "max_instances") or 10)
        context.fill(values, "min_instances", low)
        context.fill(values, "max_instances", high)
        context.fill(values, "min_throughput", low * 100)
        context.fill(values, "max_throughput", high * 100)


SERVICES: dict[str, Service] = {CONNECTION: Connection(), "google_vpc_access_connector": Connector()}
