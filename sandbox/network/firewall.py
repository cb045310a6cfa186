"""Which packets the firewall rules of a VPC network let in.

Rules of https://cloud.google.com/firewall/docs/firewalls: ingress is denied unless a rule allows it; the
lowest priority number wins, and deny wins over allow at the same priority.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

INTERNET = "192.0.2.1"  # the visitor's address: TEST-NET-1, which nobody's own office has
HEALTH_CHECKS = ("130.211.0.1", "35.191.0.1")  # 130.211.0.0/22 and 35.191.0.0/16
_TCP = {"tcp", "6", "all"}
_DEFAULT_PRIORITY = 1000


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a packet is for."""

    network: str  # projects/P/global/networks/N
    tags: frozenset[str] = frozenset()
    service_accounts: frozenset[str] = frozenset()


def lets_in(rules: Iterable[Mapping[str, Any]], target: Target, source: str, port: int) -> bool:
    """Return whether TCP from the address `source` reaches `port` of the target, by these rules alone."""
    return verdict(rules, target, source, port) is True


def verdict(rules: Iterable[Mapping[str, Any]], target: Target, source: str, port: int) -> bool | None:
    """Return whether the rules allow TCP from `source` to `port` of the target; None where none of them says.

    `rules` are google_compute_firewall attributes whose `network` is in the form of `Target.network`.
    """
    verdicts = [
        (_priority(rule), not denies, not denies)
        for rule in rules
        if _applies(rule, target, source)
        for denies in (True, False)
        if _covers(rule.get("deny" if denies else "allow"), port)
    ]
    return min(verdicts)[2] if verdicts else None


def _priority(rule: Mapping[str, Any]) -> int:
    priority = rule.get("priority")
    return _DEFAULT_PRIORITY if priority is None else int(priority)


def _applies(rule: Mapping[str, Any], target: Target, source: str) -> bool:
    if rule.get("disabled") or (rule.get("direction") or "INGRESS") != "INGRESS":
        return False
    if rule.get("network") != target.network:
        return False
    tags, accounts = rule.get("target_tags") or (), rule.get("target_service_accounts") or ()
    if (tags or accounts) and not (target.tags & set(tags) or target.service_accounts & set(accounts)):
        return False
    return _from(rule, source)


def _from(rule: Mapping[str, Any], source: str) -> bool:
    ranges = rule.get("source_ranges") or ()
    if not ranges and not rule.get("source_tags") and not rule.get("source_service_accounts"):
        return True
    address = ipaddress.ip_address(source)
    return any(address in network for text in ranges if (network := _network(str(text))) is not None)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _covers(parts: object, port: int) -> bool:
    blocks: list[Mapping[str, Any]] = parts if isinstance(parts, list) else []
    return any(
        str(block.get("protocol", "")).lower() in _TCP
        and (not block.get("ports") or any(_in_range(str(span), port) for span in block["ports"]))
        for block in blocks
    )


def _in_range(span: str, port: int) -> bool:
    low, _, high = span.partition("-")
    return low.strip().isdigit() and (high or low).strip().isdigit() and int(low) <= port <= int(high or low)
