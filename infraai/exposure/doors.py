"""Ports that a resource opens to the whole internet.

Which source may stand in a rule, and what none means: https://cloud.google.com/firewall/docs/firewalls and
https://cloud.google.com/firewall/docs/firewall-policies-rule-details.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from infraai.exposure.ranges import covers_world
from infraai.exposure.values import UNKNOWN, Node, node

ALL = "all"
_NO_PORTS = frozenset({"icmp", "1", "58", "ipv6-icmp", "icmpv6"})
_LETTING_IN = frozenset({"allow", "apply_security_profile_group"})
_INNER_SCOPES = frozenset({"INTRA_VPC", "NON_INTERNET", "VPC_NETWORKS"})
_HIGHEST = 65535


def opened_ports(resource_type: str, after: Mapping[str, Any], unknown: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ports a resource opens to the whole internet, as "80", "8000-9000" or "all"; often none.

    What the plan does not know yet counts as open. A firewall that is off, denies or leads outwards opens
    nothing.
    """
    judge = _JUDGES.get(resource_type)
    if judge is None or not after:
        return ()
    return tuple(dict.fromkeys(judge(node(after, unknown))))


def _firewall(rule: Node) -> Iterator[str]:
    if _is_egress(rule) or rule.get("disabled") is True:
        return
    sources = rule.each("source_ranges")
    named = sources or rule.each("source_tags") or rule.each("source_service_accounts")
    if covers_world(sources) or not named:
        if rule.marks.get("allow") is True:
            yield ALL
        for allow in rule.blocks("allow"):
            yield from _ports(allow.get("protocol"), allow.each("ports"))


def _policy_rule(rule: Node) -> Iterator[str]:
    action = rule.get("action")
    lets_in = action is UNKNOWN or str(action).lower() in _LETTING_IN
    if not lets_in or _is_egress(rule) or rule.get("disabled") is True:
        return
    if rule.marks.get("match") is True:
        yield ALL
    for match in rule.blocks("match"):
        inner = [match, *match.blocks("config")]  # the older organization policies nest one deeper
        if not any(_is_from_anywhere(one) for one in _with_sources(inner)):
            continue
        for one in inner:
            for name in ("layer4_configs", "layer4_config"):
                if one.marks.get(name) is True:
                    yield ALL
                for layer in one.blocks(name):
                    yield from _ports(layer.get("ip_protocol"), layer.each("ports"))


def _with_sources(matches: list[Node]) -> list[Node]:
    return matches[1:] or matches


def _is_from_anywhere(match: Node) -> bool:
    scope = match.get("src_network_scope") or match.get("src_network_context")
    if scope in _INNER_SCOPES or match.each("src_networks"):
        return False
    ranges = match.each("src_ip_ranges")
    # A country or a list of cloud providers' addresses is a good part of the internet.
    if covers_world(ranges) or match.each("src_region_codes") or match.each("src_threat_intelligences"):
        return True
    named = ranges or match.each("src_fqdns") or match.each("src_address_groups")
    tagged = [name for name in ("src_secure_tags", "src_secure_tag") if match.marks.get(name) is True]
    return not (named or tagged or [*match.blocks("src_secure_tags"), *match.blocks("src_secure_tag")])


def _policy_rules(policy: Node) -> Iterator[str]:
    if policy.marks.get("rule") is True:
        yield ALL
    for rule in policy.blocks("rule"):
        yield from _policy_rule(rule)


def _address_group(group: Node) -> Iterator[str]:
    """Rules that name a group do not show what is in it: a group of the whole internet is judged itself."""
    if covers_world(group.each("items")):
        yield ALL


def _vmware_rule(rule: Node) -> Iterator[str]:
    """https://cloud.google.com/vmware-engine/docs/networking/howto-external-access-rules."""
    sources = [
        one.get("ip_address_range") or one.get("ip_address") for one in rule.blocks("source_ip_ranges")
    ]
    if str(rule.get("action")).upper() != "DENY" and (not sources or covers_world(sources)):
        yield from _ports(rule.get("ip_protocol"), rule.each("destination_ports"))


def _app_engine_rule(rule: Node) -> Iterator[str]:
    """App Engine answers on the ports of the web only; `*` is every address."""
    if str(rule.get("action")).upper() != "DENY" and covers_world(rule.each("source_range")):
        yield from ("80", "443")


def _file_server(server: Node) -> Iterator[str]:
    for config in server.blocks("external_config"):
        if covers_world(config.each("allowed_cidr_blocks")):
            yield ALL


def _is_egress(rule: Node) -> bool:
    return str(rule.get("direction")).upper() == "EGRESS"


def _ports(protocol: Any, ports: Iterable[Any]) -> Iterator[str]:
    if str(protocol).lower() in _NO_PORTS:
        return
    told = list(ports)
    if not told:
        yield ALL
    for port in told:
        yield from _port(port)


def _port(port: Any) -> Iterator[str]:
    for part in str(port).split(","):
        low, _, high = part.strip().partition("-")
        if not low.strip().isdigit() or not (high or low).strip().isdigit():
            yield ALL
            continue
        first, last = int(low), int(high or low)
        if first <= 1 and last >= _HIGHEST:
            yield ALL
        else:
            yield str(first) if first == last else f"{first}-{last}"


_JUDGES: dict[str, Callable[[Node], Iterator[str]]] = {
    "google_compute_firewall": _firewall,
    "google_compute_firewall_policy_rule": _policy_rule,
    "google_compute_network_firewall_policy_rule": _policy_rule,
    "google_compute_region_network_firewall_policy_rule": _policy_rule,
    "google_compute_organization_security_policy_rule": _policy_rule,
    "google_compute_firewall_policy_with_rules": _policy_rules,
    "google_compute_network_firewall_policy_with_rules": _policy_rules,
    "google_compute_region_network_firewall_policy_with_rules": _policy_rules,
    "google_network_security_address_group": _address_group,
    "google_vmwareengine_external_access_rule": _vmware_rule,
    "google_app_engine_firewall_rule": _app_engine_rule,
    "google_storage_ftp_server": _file_server,
}
