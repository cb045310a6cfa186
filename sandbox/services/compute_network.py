"""VPC networks: networks, subnetworks, firewall rules, routes and peerings."""

import re
from ipaddress import IPv4Network
from typing import ClassVar

from sandbox.projects import COMPUTE, auto_subnetworks
from sandbox.services.addresses import gateway, is_range, overlap, parse_range
from sandbox.services.product import ComputeProduct, check_compute_name
from sandbox.services.references import Reference, invalid_value, look_up, name_of
from sandbox.services.service import ApiError, Context, Path, Service, Values

NETWORK = "google_compute_network"
SUBNETWORK = "google_compute_subnetwork"
_AUTO_RANGE = "10.128.0.0/9"
_WITH_PORTS = {"tcp", "udp", "sctp", "6", "17", "132"}
_PROTOCOLS = {"tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip", "all"}
_PORTS = re.compile(r"\d{1,5}(-\d{1,5})?")
_MAX_PORT = 65535
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
        if _ranges(prior) != _ranges(values):
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
        ranges = _ranges(values)
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
            if any(overlap(cidr, other) for _, other in _ranges(row.values)):
                raise _conflict(cidr, row.values)


def _ranges(values: Values) -> list[tuple[str, str]]:
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


class Firewall(ComputeProduct):
    """A firewall rule of a network."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("network", (NETWORK,)),)

    def customise(
        self, context: Context, prior: Values | None, planned: Values, config: Values
    ) -> list[Path]:
        """Refuse an ingress rule without a source, as the provider does at plan time."""
        del context, prior, planned
        sources = ("source_tags", "source_ranges", "source_service_accounts")
        if config.get("direction") in (None, "INGRESS") and not any(_set(config.get(one)) for one in sources):
            raise ApiError(
                400,
                "one of source_tags, source_ranges, or source_service_accounts must be defined",
                raw=True,
            )
        return []

    def admit(self, context: Context, values: Values) -> None:
        """Check protocols, ports, ranges and tags."""
        del context
        for attribute, field in (("allow", "allowed"), ("deny", "denied")):
            for position, block in enumerate(values.get(attribute) or []):
                _check_protocol(f"resource.{field}[{position}]", block)
        if values.get("allow") and values.get("deny"):
            raise invalid_value("resource.allowed", "", "Only one of allowed and denied may be specified.")
        for attribute, field in (
            ("source_ranges", "sourceRanges"),
            ("destination_ranges", "destinationRanges"),
        ):
            for position, cidr in enumerate(values.get(attribute) or []):
                if "/" in cidr and not is_range(cidr):
                    raise invalid_value(
                        f"resource.{field}[{position}]", cidr, "Must be a valid CIDR address range."
                    )
        for attribute, field in (("source_tags", "sourceTags"), ("target_tags", "targetTags")):
            for position, tag in enumerate(values.get(attribute) or []):
                check_compute_name(tag, f"resource.{field}[{position}]")
        if values.get("direction") == "EGRESS" and any(
            values.get(one) for one in ("source_tags", "source_ranges", "source_service_accounts")
        ):
            raise invalid_value(
                "resource.direction", "EGRESS", "Sources may only be specified for INGRESS rules."
            )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set the direction and the default of destination ranges."""
        values["self_link"] = COMPUTE + str(values["id"])
        context.fill(values, "direction", "INGRESS")
        context.fill(values, "priority", 1000)
        if values["direction"] == "EGRESS":
            context.fill(values, "destination_ranges", ["0.0.0.0/0"])
        else:
            context.fill(values, "destination_ranges", [])


def _set(value: object) -> bool:
    return value is not None and value not in ("", [])


def _check_protocol(field: str, block: Values) -> None:
    protocol = str(block.get("protocol") or "").lower()
    if protocol not in _PROTOCOLS and not (protocol.isdigit() and int(protocol) < 256):  # noqa: PLR2004
        raise invalid_value(
            f"{field}.IPProtocol",
            block.get("protocol"),
            "Must be one of [tcp, udp, icmp, esp, ah, sctp, ipip, all] or an IP protocol number.",
        )
    for position, ports in enumerate(block.get("ports") or []):
        if protocol not in _WITH_PORTS:
            raise invalid_value(
                f"{field}.ports[{position}]",
                ports,
                "Ports may only be specified on rules whose protocol is one of [TCP, UDP, SCTP].",
            )
        ends = [int(end) for end in str(ports).split("-")] if _PORTS.fullmatch(str(ports)) else []
        if not ends or ends != sorted(ends) or ends[-1] > _MAX_PORT:
            raise invalid_value(
                f"{field}.ports[{position}]",
                ports,
                "Must be an integer between 0 and 65535, or a range such as 80-90.",
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


class Peering(ComputeProduct):
    """One side of a peering: active when the other side is there too."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network", (NETWORK,), holds=False),
        Reference("peer_network", (NETWORK,), holds=False),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a network that is peered with itself or whose ranges overlap with its peer's."""
        near = look_up(context, str(values["network"]), (NETWORK,), values)
        far = look_up(context, str(values["peer_network"]), (NETWORK,), values)
        if near.id == far.id:
            raise invalid_value(
                "networkPeering.network", values["peer_network"], "Cannot peer a network to itself."
            )
        theirs = _network_ranges(context, far.id)
        for name, cidr in _network_ranges(context, near.id):
            for other_name, other in theirs:
                if overlap(cidr, other):
                    raise ApiError(
                        400,
                        f"An IP range in the peer network ({other}) overlaps with an IP range in the local"
                        f" network ({cidr}) allocated by resource ({name}; {other_name}).",
                        "badRequest",
                    )

    def settle(self, context: Context, values: Values) -> None:
        """Set the state by whether the other side is there."""
        self.read(context, values)

    def read(self, context: Context, values: Values) -> None:
        """Refresh the state."""
        near = look_up(context, str(values["network"]), (NETWORK,), values).id
        far = look_up(context, str(values["peer_network"]), (NETWORK,), values).id
        both = any(
            look_up(context, str(row.values["network"]), (NETWORK,), row.values).id == far
            and look_up(context, str(row.values["peer_network"]), (NETWORK,), row.values).id == near
            for row in context.cloud.list(context.resource_type)
        )
        values["state"] = "ACTIVE" if both else "INACTIVE"
        values["state_details"] = (
            "[Connected]."
            if both
            else "[Waiting for peer network to connect]: The peer network has no peering."
        )


def _network_ranges(context: Context, network: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for row in context.cloud.list(SUBNETWORK, built_in=True):
        if look_up(context, str(row.values.get("network")), (NETWORK,), row.values).id == network:
            found += [(row.id, cidr) for _, cidr in _ranges(row.values)]
    return found


SERVICES: dict[str, Service] = {
    NETWORK: Network(),
    SUBNETWORK: Subnetwork(),
    "google_compute_firewall": Firewall(),
    "google_compute_route": Route(),
    "google_compute_network_peering": Peering(),
}
