"""Addresses and ranges of the simulated networks."""

import secrets
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

from sandbox.services.service import ApiError, Context

_PUBLIC = (
    "34.16.0.0/12",
    "34.64.0.0/11",
    "35.184.0.0/13",
    "35.192.0.0/12",
    "104.196.0.0/14",
    "34.128.0.0/10",
)
_RESERVED = 2  # network and gateway at the beginning; the last two of a range are Google's too
_TRIES = 200


def parse_range(cidr: object) -> IPv4Network | IPv6Network | None:
    """Return the range, host bits refused; None where it is not one."""
    if not isinstance(cidr, str) or "/" not in cidr:
        return None
    try:
        return ip_network(cidr)
    except ValueError:
        return None


def is_range(cidr: str) -> bool:
    """Return whether a text is a CIDR range, host bits allowed."""
    try:
        ip_network(cidr, strict=False)
    except ValueError:
        return False
    return True


def overlap(one: object, other: object) -> bool:
    """Return whether two CIDR ranges share an address."""
    first, second = parse_range(one), parse_range(other)
    if isinstance(first, IPv4Network) and isinstance(second, IPv4Network):
        return first.overlaps(second)
    return False


def public_address(context: Context, resource_type: str, resource_id: str) -> str:
    """Return a public address that nobody in the cloud has, and take it for a resource."""
    for _ in range(_TRIES):
        block = IPv4Network(secrets.choice(_PUBLIC))
        address = str(block[secrets.randbelow(block.num_addresses - 512) + 256])
        if context.cloud.claim("public", address, resource_type, resource_id):
            return address
    raise ApiError(403, "Quota 'IN_USE_ADDRESSES' exceeded.", "quotaExceeded")


def inner_address(context: Context, subnetwork: str, cidr: str, resource_type: str, resource_id: str) -> str:
    """Return the lowest free address of a subnetwork's range, and take it for a resource."""
    block = parse_range(cidr)
    if not isinstance(block, IPv4Network):
        return ""
    taken = set(context.cloud.claimed(subnetwork))
    for offset in range(_RESERVED, block.num_addresses - _RESERVED):
        address = str(block[offset])
        if address not in taken and context.cloud.claim(subnetwork, address, resource_type, resource_id):
            return address
    raise ApiError(
        400,
        f"IP space of '{subnetwork}' is exhausted. The IP range is '{cidr}'. Consider expanding the current"
        " IP range or selecting an alternative IP range.",
        "IP_SPACE_EXHAUSTED_WITH_DETAILS",
    )


def take_address(
    context: Context, subnetwork: str, address: str, resource_type: str, resource_id: str
) -> None:
    """Take the address that a person asked for; raise Compute's answer where another has it."""
    if not context.cloud.claim(subnetwork, address, resource_type, resource_id):
        owner = context.cloud.claimed(subnetwork).get(address, "").partition("/")[2]
        raise ApiError(400, f"IP '{address}' is already being used by another resource: '{owner}'", "invalid")


def within(address: str, cidr: str) -> bool:
    """Return whether an address is in a range."""
    block = parse_range(cidr)
    try:
        return block is not None and IPv4Address(address) in block
    except ValueError:
        return False


def gateway(cidr: str) -> str:
    """Return a subnetwork's gateway: its first host."""
    block = parse_range(cidr)
    return str(block[1]) if block is not None and block.num_addresses > 1 else ""


def free_range(within_cidr: str, prefix: int, taken: list[str]) -> str:
    """Return the first range of a prefix length that overlaps none of those taken."""
    block = parse_range(within_cidr)
    if isinstance(block, IPv4Network) and prefix >= block.prefixlen:
        for candidate in block.subnets(new_prefix=prefix):
            if not any(overlap(str(candidate), other) for other in taken):
                return str(candidate)
    return ""
