"""Reserved addresses, regional and global."""

from typing import ClassVar

from sandbox.projects import COMPUTE
from sandbox.services.addresses import (
    free_range,
    inner_address,
    parse_range,
    public_address,
    take_address,
    within,
)
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.product import ComputeProduct, in_use
from sandbox.services.references import Reference, invalid_value, look_up, name_of, values_at
from sandbox.services.service import ApiError, Context, Service, Values

_PEERING_RANGE = "10.0.0.0/8"
_USERS = (
    ("google_compute_instance", "network_interface.access_config.nat_ip"),
    ("google_compute_instance", "network_interface.network_ip"),
    ("google_compute_forwarding_rule", "ip_address"),
    ("google_compute_global_forwarding_rule", "ip_address"),
    ("google_compute_router_nat", "nat_ips"),
)


class Address(ComputeProduct):
    """A regional address, public or inside a subnetwork."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("subnetwork", (SUBNETWORK,)),
        Reference("network", (NETWORK,)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check that an address inside is of the subnetwork's range and region."""
        if values.get("address_type") == "INTERNAL" and values.get("network_tier") == "STANDARD":
            raise invalid_value(
                "resource.networkTier",
                "STANDARD",
                "An address with type INTERNAL cannot have a network tier.",
            )
        outside = values.get("address_type") != "INTERNAL" and values.get("ip_version") != "IPV6"
        if outside and values.get("subnetwork"):
            raise invalid_value(
                "resource.subnetwork",
                values["subnetwork"],
                "Subnetwork field may only be specified for internal addresses.",
            )
        address = context.given(values, "address")
        subnetwork = _subnetwork(context, values)
        if address and subnetwork and not within(str(address), str(subnetwork.get("ip_cidr_range"))):
            raise invalid_value(
                "resource.address",
                address,
                f"Requested internal IP address is outside the network/subnetwork range."
                f" The subnetwork's range is {subnetwork.get('ip_cidr_range')}.",
            )

    def settle(self, context: Context, values: Values) -> None:
        """Take an address."""
        key = str(values["id"])
        values["self_link"] = COMPUTE + key
        values["address_id"] = context.cloud.new_number()
        values["users"] = []
        inside = values.get("address_type") == "INTERNAL"
        context.fill(values, "network_tier", "" if inside else "PREMIUM")
        context.fill(values, "purpose", "GCE_ENDPOINT" if inside else "")
        context.fill(values, "prefix_length", 0)
        if inside:
            context.fill(values, "subnetwork", "")
            self._settle_inside(context, values)
        elif context.given(values, "address") is None:
            values["address"] = public_address(context, context.resource_type, key)

    def _settle_inside(self, context: Context, values: Values) -> None:
        key, kind = str(values["id"]), context.resource_type
        subnetwork = _subnetwork(context, values)
        address = context.given(values, "address")
        if subnetwork is None:
            if address is None:
                values["address"] = "10.128.0.50"
            return
        values["subnetwork"] = context.given(values, "subnetwork") or subnetwork.get("self_link")
        if address is not None:
            take_address(context, str(subnetwork["id"]), str(address), kind, key)
        else:
            cidr = str(subnetwork["ip_cidr_range"])
            values["address"] = inner_address(context, str(subnetwork["id"]), cidr, kind, key)

    def dismiss(self, context: Context, values: Values) -> None:
        """Refuse while something has the address."""
        for kind, path in _USERS:
            for row in context.cloud.list(kind):
                if values.get("address") in set(values_at(row.values, path)) and _meet(values, row.values):
                    raise in_use(context.resource_type, str(values["id"]), row.id)


def _meet(values: Values, user: Values) -> bool:
    """Return whether a thing with the same address as this one is in the same network, as far as is said."""
    own = name_of(str(values.get("subnetwork") or ""))
    paths = ("subnetwork", "network_interface.subnetwork")
    theirs = {name_of(one) for path in paths for one in values_at(user, path)}
    return values.get("address_type") != "INTERNAL" or not own or not theirs or own in theirs


def _subnetwork(context: Context, values: Values) -> Values | None:
    """Return the subnetwork an inner address is in: that named, or the default network's of the region."""
    if values.get("address_type") != "INTERNAL":
        return None
    named = context.given(values, "subnetwork")
    if named is None and values.get("network"):
        return None
    return look_up(context, str(named or "default"), (SUBNETWORK,), values).values


class GlobalAddress(Address):
    """A global address: public, or a range set aside for services or Private Service Connect."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("network", (NETWORK,)),)

    def admit(self, context: Context, values: Values) -> None:
        """Check what a range inside needs."""
        purpose = context.given(values, "purpose")
        if values.get("address_type") != "INTERNAL":
            if purpose:
                raise invalid_value(
                    "resource.purpose", purpose, "Purpose may only be specified for internal addresses."
                )
            return
        if not purpose:
            raise invalid_value(
                "resource.purpose", "", "Purpose must be specified for global internal addresses."
            )
        if not values.get("network"):
            raise invalid_value(
                "resource.network", "", "Network must be specified for global internal addresses."
            )
        prefix = values.get("prefix_length")
        if purpose == "VPC_PEERING":
            address = context.given(values, "address")
            if not prefix:
                raise invalid_value(
                    "resource.prefixLength", prefix or 0, "Prefix length must be specified for VPC_PEERING."
                )
            if address and parse_range(f"{address}/{prefix}") is None:
                raise invalid_value("resource.address", address, f"Invalid IPCidrRange: {address}/{prefix}.")

    def settle(self, context: Context, values: Values) -> None:
        """Take an address or a range."""
        values["self_link"] = COMPUTE + str(values["id"])
        context.fill(values, "prefix_length", 0)
        if context.given(values, "address") is not None:
            return
        if values.get("address_type") != "INTERNAL":
            values["address"] = public_address(context, context.resource_type, str(values["id"]))
            return
        prefix = int(values.get("prefix_length") or 32)
        cidr = free_range(_PEERING_RANGE, prefix, _taken(context, values)) or f"10.64.0.0/{prefix}"
        values["address"] = cidr.partition("/")[0]


def _taken(context: Context, values: Values) -> list[str]:
    """Return the ranges in use in the address's network."""
    network = look_up(context, str(values["network"]), (NETWORK,), values).id
    taken = ["10.0.0.0/12", "10.128.0.0/9"]
    for kind in (SUBNETWORK, "google_compute_global_address"):
        for row in context.cloud.list(kind):
            named = row.values.get("network")
            if not named or look_up(context, str(named), (NETWORK,), row.values).id != network:
                continue
            cidr = (
                row.values.get("ip_cidr_range")
                or f"{row.values.get('address')}/{row.values.get('prefix_length')}"
            )
            taken.append(str(cidr))
    return taken


def reserved_ranges(context: Context, network: str) -> list[Values]:
    """Return the ranges set aside for services in a network, by the network's id."""
    return [
        row.values
        for row in context.cloud.list("google_compute_global_address")
        if row.values.get("purpose") == "VPC_PEERING"
        and look_up(context, str(row.values.get("network")), (NETWORK,), row.values).id == network
    ]


def service_address(context: Context, network: str, resource_type: str, resource_id: str) -> str:
    """Return an address in the ranges set aside for services in a network, taken for a resource."""
    ranges = reserved_ranges(context, network)
    cidr = f"{ranges[0]['address']}/{ranges[0]['prefix_length']}" if ranges else "10.64.0.0/16"
    try:
        return inner_address(context, f"{network}/services", cidr, resource_type, resource_id)
    except ApiError:
        return inner_address(context, f"{network}/services", "10.96.0.0/12", resource_type, resource_id)


SERVICES: dict[str, Service] = {
    "google_compute_address": Address(),
    "google_compute_global_address": GlobalAddress(),
}
