"""Which address ranges are the internet: judged by what all of them cover together."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any, TypeVar

_Network = TypeVar("_Network", IPv4Network, IPv6Network)
# A 128th of IPv4, an eighth of the public IPv6 space: more than any one organization has.
WORLD: dict[int, int] = {4: 2 ** (32 - 7), 6: 2 ** (128 - 15)}
# Addresses that the internet does not route: https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-
_INSIDE_4 = tuple(
    IPv4Network(one)
    for one in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    )
)
_INSIDE_6 = tuple(map(IPv6Network, ("fc00::/7", "fe80::/10", "ff00::/8")))
_MAPPED = IPv6Network("::ffff:0:0/96")


def covers_world(ranges: Iterable[Any]) -> bool:
    """Return whether ranges together are a good part of the internet; one that cannot be read is taken to be."""
    texts = list(ranges)
    return not all(isinstance(text, str) for text in texts) or _covers_world(tuple(sorted(texts)))


@lru_cache(maxsize=4096)
def _covers_world(texts: tuple[str, ...]) -> bool:
    four: list[IPv4Network] = []
    six: list[IPv6Network] = []
    for text in texts:
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError:
            return True
        if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
            low = int(network.network_address) & (2**32 - 1)
            network = IPv4Network((low, network.prefixlen - 96))
        if isinstance(network, IPv4Network):
            if not any(network.subnet_of(one) for one in _INSIDE_4):
                four.append(network)
        elif not any(network.subnet_of(one) for one in _INSIDE_6):
            six.append(network)
    return _size(four) >= WORLD[4] or _size(six) >= WORLD[6]


def _size(networks: Iterable[_Network]) -> int:
    return sum(int(one.num_addresses) for one in collapse_addresses(networks))
