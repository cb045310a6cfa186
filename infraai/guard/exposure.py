"""What the whole internet could reach: flagged, since some of it is meant."""

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_network

from infraai.configuration import Attribute, Block
from infraai.guard.known import Scope
from infraai.guard.material import Material, flag
from infraai.models import Finding

ADMIN = {22: "SSH", 23: "Telnet", 3389: "RDP", 5900: "VNC", 5985: "WinRM", 2375: "Docker", 6443: "Kubernetes"}
DATABASE = {
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    6379: "Redis",
    9042: "Cassandra",
    9200: "Elasticsearch",
    11211: "memcached",
    27017: "MongoDB",
}
_WIDE = {4: 7, 6: 12}  # shorter prefixes are a good part of the internet
_RULES = (
    "google_compute_firewall_policy_rule",
    "google_compute_network_firewall_policy_rule",
    "google_compute_region_network_firewall_policy_rule",
    "google_compute_organization_security_policy_rule",
)


def exposure(material: Material) -> Iterator[Finding]:
    """Yield open firewalls, public databases, open control planes and weak transport."""
    judges: dict[str, Callable[[Material, Block], Iterator[Finding]]] = {
        "google_compute_firewall": _firewall,
        "google_sql_database_instance": _database,
        "google_alloydb_instance": _alloydb,
        "google_container_cluster": _cluster,
        "google_compute_ssl_policy": _ssl_policy,
        "google_storage_bucket": _bucket,
        **dict.fromkeys(_RULES, _policy_rule),
    }
    for kind, judge in judges.items():
        for block in material.typed(kind):
            yield from judge(material, block)


def _alloydb(_: Material, block: Block) -> Iterator[Finding]:
    for network in block.of("network_config"):
        if network.literal("enable_public_ip") is True:
            yield _public_ip(block, network)


def _ssl_policy(_: Material, block: Block) -> Iterator[Finding]:
    if block.literal("min_tls_version") in {None, "TLS_1_0", "TLS_1_1"}:
        message = f'{block.address} lets clients speak TLS older than 1.2. Set min_tls_version = "TLS_1_2".'
        yield flag("no_tls", block, message, block.attribute("min_tls_version"))


def _bucket(_: Material, block: Block) -> Iterator[Finding]:
    if block.literal("force_destroy") is True:
        message = f"{block.address} is destroyed with everything in it. Set force_destroy = false."
        yield flag("deletion_unprotected", block, message, block.attribute("force_destroy"))


def is_world(text: str) -> bool:
    """Return whether a CIDR range is the internet, or a good part of it."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    return network.prefixlen <= _WIDE[network.version] and not (network.is_private and network.prefixlen)


def ports_told(ports: list[str], *, every: bool) -> str:
    """Return ports in words, the dangerous ones named."""
    if every:
        return "every port (SSH, RDP and databases included)"
    told: list[str] = []
    for port in ports:
        low, _, high = port.partition("-")
        known = ADMIN | DATABASE
        names = [
            f"{name} {one}" if high else name
            for one, name in known.items()
            if _between(low, one, high or low)
        ]
        told.append(f"{port} ({', '.join(names)})" if names else port)
    return (
        f"port{'s' if len(told) != 1 else ''} {', '.join(told)}" if told else "ports that are not known yet"
    )


def _between(low: str, port: int, high: str) -> bool:
    return low.isdigit() and high.isdigit() and int(low) <= port <= int(high)


def _texts(material: Material, block: Block, name: str) -> list[str]:
    found = block.attribute(name)
    return list(material.known.strings(found.expression, Scope(block.module_path, block))) if found else []


def _firewall(material: Material, block: Block) -> Iterator[Finding]:
    if block.literal("direction") == "EGRESS" or block.literal("disabled") is True:
        return
    ranges = _texts(material, block, "source_ranges")
    named = [block.attribute(name) for name in ("source_ranges", "source_tags", "source_service_accounts")]
    if not any(is_world(text) for text in ranges) and any(one is not None for one in named):
        return
    allows = [one for one in block.of("allow") if one.attributes]
    if not allows and block.of("deny"):
        return
    yield _open(material, block, block.attribute("source_ranges"), allows, "ports")


def _open(material: Material, block: Block, at: Attribute | None, allows: list[Block], name: str) -> Finding:
    numbers: list[str] = []
    every = False
    for allow in allows:
        ports = [text for text in _texts(material, allow, name) if re.fullmatch(r"\d+(-\d+)?", text)]
        protocol = str(allow.literal("protocol") or allow.literal("ip_protocol") or "").lower()
        every = every or protocol == "all" or (protocol in {"tcp", "udp"} and allow.attribute(name) is None)
        numbers += [protocol] if protocol in {"icmp", "esp", "ah", "sctp"} and not ports else ports
    return flag(
        "open_firewall",
        block,
        f"{block.address} opens {ports_told(numbers, every=every)} to the whole internet. Name the ranges "
        "that need "
        "it in source_ranges, unless it is meant to be public.",
        at,
    )


def _policy_rule(material: Material, block: Block) -> Iterator[Finding]:
    if block.literal("direction") == "EGRESS" or block.literal("action") not in {"allow", "goto_next", None}:
        return
    for match in (one for one in block.walk() if one.type == "match"):
        if any(is_world(text) for text in _texts(material, match, "src_ip_ranges")):
            layers = [one for one in match.walk() if one.type == "layer4_configs"]
            yield _open(material, block, match.attribute("src_ip_ranges"), layers, "ports")


def _database(material: Material, block: Block) -> Iterator[Finding]:
    addresses = [one for one in block.walk() if one.type == "ip_configuration"]
    networks = [one for one in block.walk() if one.type == "authorized_networks"]
    for network in networks:
        if any(is_world(text) for text in _texts(material, network, "value")):
            yield flag(
                "public_database",
                block,
                f"{block.address} lets the whole internet reach the database. Give it a private network, "
                "or name the "
                "ranges that need it.",
                network,
            )
    public = [one for one in addresses if one.literal("ipv4_enabled") is not False]
    if (public or not addresses) and block.literal("replica_configuration") is None:
        yield _public_ip(block, public[0] if public else block)
    for one in addresses:
        if (
            one.literal("require_ssl") is False
            or one.literal("ssl_mode") == "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
        ):
            yield flag(
                "no_tls",
                block,
                f'{block.address} takes connections in the clear. Set ssl_mode = "ENCRYPTED_ONLY".',
                one,
            )
    if block.literal("deletion_protection") is False:
        message = f"{block.address} can be destroyed with its data. Leave deletion_protection on."
        yield flag("deletion_unprotected", block, message, block.attribute("deletion_protection"))


def _public_ip(block: Block, at: Block) -> Finding:
    message = (
        f"{block.address} has a public address. Use a private network unless it must be reached from outside."
    )
    return flag("database_public_ip", block, message, at)


def _cluster(material: Material, block: Block) -> Iterator[Finding]:
    if block.literal("enable_legacy_abac") is True:
        message = (
            f"{block.address} uses the old access control, which gives too much. Remove enable_legacy_abac."
        )
        yield flag("legacy_abac", block, message, block.attribute("enable_legacy_abac"))
    for one in (inner for inner in block.walk() if inner.type == "cidr_blocks"):
        if any(is_world(text) for text in _texts(material, one, "cidr_block")):
            message = (
                f"{block.address} lets the whole internet reach its control plane. Name the ranges that "
                "need it."
            )
            yield flag("public_control_plane", block, message, one)
