"""Rules of network firewall policies, in the form of VPC firewall rules.

They are evaluated after the VPC firewall rules, which is the default order:
https://cloud.google.com/firewall/docs/firewall-policies-overview#default-rule-evaluation.
"""

from collections.abc import Iterator
from typing import Any

from sandbox.network.view import Values, View, block, blocks, name_of, refers, texts

_POLICIES = ("google_compute_network_firewall_policy", "google_compute_region_network_firewall_policy")


def policy_rules(view: View, network: str) -> Iterator[dict[str, Any]]:
    """Yield the rules of the policies that are associated with a network (`projects/P/global/networks/N`)."""
    for kind in _POLICIES:
        attached = [
            str(one.get("firewall_policy") or "")
            for one in view.all(f"{kind}_association")
            if name_of(str(one.get("attachment_target") or "")) == name_of(network)
        ]
        for policy in view.all(kind):
            if any(refers(one, policy) for one in attached):
                for rule in view.all(f"{kind}_rule"):
                    if refers(str(rule.get("firewall_policy") or ""), policy):
                        yield _as_vpc_rule(rule, network)


def _as_vpc_rule(rule: Values, network: str) -> dict[str, Any]:
    match = block(rule, "match")
    covered = [
        {"protocol": one.get("ip_protocol"), "ports": list(texts(one.get("ports")))}
        for one in blocks(match, "layer4_configs")
    ]
    action = str(rule.get("action") or "")
    return {
        "network": network,
        "direction": rule.get("direction"),
        "disabled": rule.get("disabled"),
        "priority": rule.get("priority"),
        "source_ranges": match.get("src_ip_ranges"),
        "source_tags": [one.get("name") for one in blocks(match, "src_secure_tags")],
        "target_tags": [one.get("name") for one in blocks(rule, "target_secure_tags")],
        "target_service_accounts": rule.get("target_service_accounts"),
        "allow": covered if action == "allow" else [],
        "deny": covered if action == "deny" else [],
    }
