"""VPC networks: networks, subnetworks, firewall rules, routes and peerings."""

from ipaddress import IPv4Network
from typing import ClassVar

from sandbox.projects import COMPUTE, auto_subnetworks
from sandbox.services.addresses import gateway, overlap, parse_range
from sandbox.services.product import ComputeProduct
from sandbox.services.references import Reference, invalid_value, look_up, name_of
from sandbox.services.service import ApiError, Context, Service, Values

NETWORK = "google_compute_network"
SUBNETWORK = "google_compute_subnetwork"
_AUTO_RANGE = "10.128.0.0/9"
_LONGEST, _SHORTEST = 29, 4


class Network(ComputeProduct):
    """A VPC network; in auto mode with a subnetwork in each region."""

    def settle(self, context: Context, values: Values) -> None:
        """Number it, and make the subnetworks of auto mode."""
        number = context.cloud.new_number()
        values["self_link"] = COMPUTE + str(values["id"])
        values["numeric_id"] = number
        values["network_id"] = number
        values["gateway_ipv4"] = ""
        context.fill(values, "routing_mode", "REGIONAL")
        context.fill(values, "mtu", 1460)
        if values.get("auto_create_subnetworks") is not False:
            for kind, key, made in auto_subnetworks(str(values["project"]), str(values["name"]), number[:12]):
                context.cloud.put(kind, key, made, "create", built_in=True)

    def delete(self, context: Context, values: Values) -> None:
        """Refuse what is in use; the subnetworks of auto mode go with the network."""
        super().delete(context, values)
        if values.get("auto_create_subnetworks") is not False:
            for kind, key, _ in auto_subnetworks(str(values["project"]), str(values["name"]), "1"):
                context.cloud.remove(kind, key)


class Subnetwork(ComputeProduct):
    """A subnetwork: its ranges overlap with no other of its network."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("network", (NETWORK,)),)

    def admit(self, context: Context, values: Values) -> None:
        """Check the ranges."""
        self._check_ranges(context, values)

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check the ranges again where they changed."""
        if ranges_of(prior) != ranges_of(values):
            network = look_up(context, str(values["network"]), (NETWORK,), values).id
            for _, cidr in ranges_of(prior):
                context.cloud.release(f"ranges/{network}", f"{cidr} {values['id']}")
            self._check_ranges(context, values)
            values["gateway_address"] = gateway(str(values.get("ip_cidr_range") or ""))

    def settle(self, context: Context, values: Values) -> None:
        """Set the gateway and what Google defaults."""
        values["self_link"] = COMPUTE + str(values["id"])
        values["gateway_address"] = gateway(str(values.get("ip_cidr_range") or ""))
        values["subnetwork_id"] = int(context.cloud.new_number())
        context.fill(values, "purpose", "PRIVATE")
        context.fill(values, "stack_type", "IPV4_ONLY")
        context.fill(values, "private_ip_google_access", value=False)
        context.fill(values, "private_ipv6_google_access", "DISABLE_GOOGLE_ACCESS")

    def _check_ranges(self, context: Context, values: Values) -> None:
        network = look_up(context, str(values["network"]), (NETWORK,), values)
        ranges = ranges_of(values)
        for position, (field, cidr) in enumerate(ranges):
            block = parse_range(cidr)
            if block is None:
                raise invalid_value(field, cidr, "Must be a valid IPV4 CIDR address range.")
            if not isinstance(block, IPv4Network) or not _SHORTEST <= block.prefixlen <= _LONGEST:
                raise invalid_value(field, cidr, "Range must be between /4 and /29.")
            auto = (network.values or {}).get("auto_create_subnetworks") is True
            if auto and overlap(cidr, _AUTO_RANGE):
                raise invalid_value(
                    field,
                    cidr,
                    f"Extended subnetworks in auto subnet mode networks cannot overlap with {_AUTO_RANGE}.",
                )
            for _, other in ranges[:position]:
                if overlap(cidr, other):
                    raise _conflict(cidr, values)
            self._check_neighbours(context, values, network.id, cidr)

    def _check_neighbours(self, context: Context, values: Values, network: str, cidr: str) -> None:
        for row in context.cloud.list(SUBNETWORK, built_in=True):
            if row.id == values["id"] or not isinstance(row.values.get("network"), str):
                continue
            if look_up(context, row.values["network"], (NETWORK,), row.values).id != network:
                continue
            if any(overlap(cidr, other) for _, other in ranges_of(row.values)):
                raise _conflict(cidr, row.values)
        self._claim(context, values, f"ranges/{network}", cidr)

    @staticmethod
    def _claim(context: Context, values: Values, scope: str, cidr: str) -> None:
        """Take the range: of two subnetworks being made at once, the first to claim it has it."""
        mine = f"{cidr} {values['id']}"
        context.cloud.claim(scope, mine, SUBNETWORK, str(values["id"]))
        for claim in context.cloud.claimed(scope):
            other, _, owner = claim.partition(" ")
            if claim == mine:
                return
            if owner != values["id"] and overlap(cidr, other):
                context.cloud.release(scope, mine)
                region, name = owner.split("/")[-3], name_of(owner)
                raise _conflict(cidr, {"name": name, "region": region})


def ranges_of(values: Values) -> list[tuple[str, str]]:
    """Return (the API's field, CIDR) for each range of a subnetwork."""
    found = [("resource.ipCidrRange", values.get("ip_cidr_range"))]
    for position, block in enumerate(values.get("secondary_ip_range") or []):
        found.append((f"resource.secondaryIpRanges[{position}].ipCidrRange", block.get("ip_cidr_range")))
    return [(field, cidr) for field, cidr in found if isinstance(cidr, str) and cidr]


def _conflict(cidr: str, other: Values) -> ApiError:
    return ApiError(
        400,
        f"Invalid IPCidrRange: {cidr} conflicts with existing subnetwork '{other.get('name')}'"
        f" in region '{name_of(str(other.get('region')))}'.",
        "invalidIPCidrRange",
    )


class Route(ComputeProduct):
    """A static route."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network", (NETWORK,)),
        Reference("next_hop_vpn_tunnel", ("google_compute_vpn_tunnel",)),
        Reference("next_hop_ilb", ("google_compute_forwarding_rule",), checked=False),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check that there is one next hop."""
        del context
        hops = [key for key in values if key in _HOPS and values[key]]
        if len(hops) != 1:
            raise ApiError(400, "Exactly one of the next hop fields must be specified.", "invalid")

    def settle(self, context: Context, values: Values) -> None:
        """Set its network's own next hop."""
        values["self_link"] = COMPUTE + str(values["id"])
        values["next_hop_network"] = ""
        context.fill(values, "priority", 1000)
        context.fill(values, "next_hop_ip", "")


_HOPS = ("next_hop_gateway", "next_hop_ilb", "next_hop_instance", "next_hop_ip", "next_hop_vpn_tunnel")


SERVICES: dict[str, Service] = {
    NETWORK: Network(),
    SUBNETWORK: Subnetwork(),
    "google_compute_route": Route(),
}
