"""Cloud Router and Cloud NAT, with a router's interfaces and peers."""

from ipaddress import IPv4Address
from typing import ClassVar

from sandbox.projects import COMPUTE
from sandbox.services.addresses import parse_range
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.product import ComputeProduct
from sandbox.services.references import REGION, Reference, invalid_value, look_up, place_of
from sandbox.services.service import ApiError, Context, Path, Service, Values

ROUTER = "google_compute_router"
TUNNEL = "google_compute_vpn_tunnel"
_PRIVATE_ASN = (range(64512, 65535), range(4200000000, 4294967295))
_CLOUD_ASN = 16550
_LINK_LOCAL = "169.254.0.0/16"


class Router(ComputeProduct):
    """A Cloud Router."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("network", (NETWORK,)),)

    def validate(self, config: Values) -> list[tuple[str, str, Path]]:
        """Check the ASN as the provider does (RFC 6996)."""
        faults: list[tuple[str, str, Path]] = []
        for position, block in enumerate(config.get("bgp") or []):
            asn = block.get("asn")
            if (
                isinstance(asn, int)
                and asn != _CLOUD_ASN
                and not any(asn in private for private in _PRIVATE_ASN)
            ):
                summary = (
                    'expected "bgp.0.asn" to be a RFC6996-compliant Local ASN:\nmust be either in the'
                    " private ASN"
                    " ranges: [64512..65534], [4200000000..4294967294];\nor be the value of [16550],"
                    f" got {asn}"
                )
                faults.append((summary, "", ("bgp", position, "asn")))
        return faults

    def settle(self, context: Context, values: Values) -> None:
        """Set its link."""
        del context
        values["self_link"] = COMPUTE + str(values["id"])


class Nat(ComputeProduct):
    """A NAT of a router."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("router", (ROUTER,), holds=False),
        Reference("subnetwork.name", (SUBNETWORK,), holds=False),
        Reference("nat_ips", ("google_compute_address",), holds=False),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check the options against each other and the router's other NATs."""
        option = values.get("nat_ip_allocate_option")
        if option == "MANUAL_ONLY" and not values.get("nat_ips") and not values.get("initial_nat_ips"):
            raise invalid_value(
                "resource.nats[0].natIps",
                "",
                "NAT IPs must be specified when natIpAllocateOption is MANUAL_ONLY.",
            )
        if option == "AUTO_ONLY" and context.given(values, "nat_ips"):
            raise invalid_value(
                "resource.nats[0].natIps",
                ", ".join(values["nat_ips"]),
                "NAT IPs may not be specified when natIpAllocateOption is AUTO_ONLY.",
            )
        ranges = str(values.get("source_subnetwork_ip_ranges_to_nat"))
        if (ranges == "LIST_OF_SUBNETWORKS") != bool(values.get("subnetwork")):
            must = "must" if ranges == "LIST_OF_SUBNETWORKS" else "may only"
            raise invalid_value(
                "resource.nats[0].subnetworks",
                "",
                f"Subnetworks {must} be specified if sourceSubnetworkIpRangesToNat is LIST_OF_SUBNETWORKS.",
            )
        self._check_rules(context, values)
        self._check_others(context, values, ranges)

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set what Google defaults."""
        for attribute, default in (("drain_nat_ips", []), ("endpoint_types", ["ENDPOINT_TYPE_VM"])):
            context.fill(values, attribute, default)
        context.fill(values, "nat_ips", [])
        context.fill(values, "enable_dynamic_port_allocation", value=False)
        context.fill(values, "enable_endpoint_independent_mapping", value=False)
        context.fill(values, "auto_network_tier", "PREMIUM")
        context.fill(values, "min_ports_per_vm", 0)

    def _check_rules(self, context: Context, values: Values) -> None:
        if not values.get("rules"):
            return
        if values.get("nat_ip_allocate_option") == "AUTO_ONLY":
            raise invalid_value("resource.nats[0].rules", "", "NAT rules may only be used with MANUAL_ONLY.")
        if context.given(values, "enable_endpoint_independent_mapping"):
            raise invalid_value(
                "resource.nats[0].enableEndpointIndependentMapping",
                "true",
                "NAT rules cannot be used with endpoint independent mapping.",
            )
        numbers = [rule.get("rule_number") for rule in values["rules"]]
        if len(set(numbers)) != len(numbers):
            raise invalid_value("resource.nats[0].rules", "", "Rule numbers must be unique.")

    def _check_others(self, context: Context, values: Values, ranges: str) -> None:
        if not ranges.startswith("ALL_SUBNETWORKS") or values.get("type") == "PRIVATE":
            return
        mine = look_up(context, str(values["router"]), (ROUTER,), values).id
        for row in context.cloud.list(context.resource_type):
            other = str(row.values.get("source_subnetwork_ip_ranges_to_nat"))
            if row.id == values.get("id") or not other.startswith("ALL_SUBNETWORKS"):
                continue
            if look_up(context, str(row.values["router"]), (ROUTER,), row.values).id == mine:
                raise invalid_value(
                    "resource.nats[1].sourceSubnetworkIpRangesToNat",
                    ranges,
                    f"There is already a NAT ({row.values.get('name')}) for all subnetworks on this router.",
                )


class Interface(ComputeProduct):
    """A router's interface on a tunnel, an attachment or a subnetwork."""

    alone: ClassVar[bool] = False

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("router", (ROUTER,), holds=False),
        Reference("vpn_tunnel", (TUNNEL,)),
        Reference("subnetwork", (SUBNETWORK,)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check the range."""
        del context
        cidr = values.get("ip_range")
        if cidr and parse_range(_network_of(str(cidr))) is None:
            raise invalid_value("resource.interfaces[0].ipRange", cidr, "Must be a valid CIDR address range.")

    def settle(self, context: Context, values: Values) -> None:
        """Take a link-local range where none is given."""
        context.fill(values, "ip_version", "IPV4")
        context.fill(values, "redundant_interface", "")
        if context.given(values, "ip_range") is None:
            values["ip_range"] = "" if values.get("subnetwork") else _link_local(context, values) + "/30"


class Peer(ComputeProduct):
    """A router's BGP peer."""

    alone: ClassVar[bool] = False

    references: ClassVar[tuple[Reference, ...]] = (Reference("router", (ROUTER,), holds=False),)

    def admit(self, context: Context, values: Values) -> None:
        """Check that the router has the interface."""
        router = look_up(context, str(values["router"]), (ROUTER,), values)
        region = place_of(context, values, REGION)
        interfaces = [
            row.values
            for row in context.cloud.list("google_compute_router_interface")
            if look_up(context, str(row.values["router"]), (ROUTER,), row.values).id == router.id
        ]
        if router.ours and not any(one.get("name") == values.get("interface") for one in interfaces):
            raise ApiError(
                400,
                f"Invalid value for field 'resource.bgpPeers[0].interfaceName': '{values.get('interface')}'."
                f" Interface {values.get('interface')} does not exist in router"
                f" projects/{values.get('project')}/regions/{region}/routers/{values.get('router')}.",
                "invalid",
            )

    def settle(self, context: Context, values: Values) -> None:
        """Take link-local addresses where none are given."""
        values["management_type"] = "MANAGED_BY_USER"
        values["is_advertised_route_priority_set"] = (
            context.given(values, "advertised_route_priority") is not None
        )
        values["is_custom_learned_priority_set"] = False
        first = IPv4Address(_link_local(context, values))
        context.fill(values, "ip_address", str(first + 1))
        context.fill(values, "peer_ip_address", str(first + 2))
        context.fill(values, "enable_ipv4", value=True)
        for attribute in (
            "ipv4_nexthop_address",
            "ipv6_nexthop_address",
            "peer_ipv4_nexthop_address",
            "peer_ipv6_nexthop_address",
        ):
            context.fill(values, attribute, "")


def _network_of(cidr: str) -> str:
    """Return an interface's address with its prefix as a range: host bits are allowed there."""
    address, _, prefix = cidr.partition("/")
    try:
        bits = int(prefix)
        return f"{IPv4Address(int(IPv4Address(address)) >> (32 - bits) << (32 - bits))}/{bits}"
    except ValueError:
        return cidr


def _link_local(context: Context, values: Values) -> str:
    block = parse_range(_LINK_LOCAL)
    assert block is not None
    for offset in range(4, 4096, 4):
        address = str(block[offset])
        if context.cloud.claim("link-local", address, context.resource_type, str(values.get("id"))):
            return address
    return str(block[0])


SERVICES: dict[str, Service] = {
    ROUTER: Router(),
    "google_compute_router_nat": Nat(),
    "google_compute_router_interface": Interface(),
    "google_compute_router_peer": Peer(),
}
