"""Which ports a resource opens to the whole internet, and which not."""

from time import perf_counter
from typing import Any

import pytest

from infraai.exposure import is_stateful, opened_ports, value_rules

FIREWALL = "google_compute_firewall"
WEB = [{"protocol": "tcp", "ports": ["80", "8000-9000"]}]
SSH = [{"protocol": "tcp", "ports": ["22"]}]
POLICY_RULES = (
    "google_compute_firewall_policy_rule",
    "google_compute_network_firewall_policy_rule",
    "google_compute_region_network_firewall_policy_rule",
)
POLICIES = (
    "google_compute_firewall_policy_with_rules",
    "google_compute_network_firewall_policy_with_rules",
    "google_compute_region_network_firewall_policy_with_rules",
)


def firewall(*ranges: str, **more: Any) -> tuple[str, ...]:
    after = {"direction": "INGRESS", "source_ranges": list(ranges), "allow": SSH, **more}
    return opened_ports(FIREWALL, after, {})


def rule(key: str = "layer4_configs", /, **match: Any) -> dict[str, Any]:
    layers = [{"ip_protocol": "tcp", "ports": ["5432"]}]
    return {"action": "allow", "direction": "INGRESS", "match": [{key: layers, **match}]}


@pytest.mark.parametrize(
    "ranges",
    [
        ("0.0.0.0/0",),
        ("0.0.0.0/1", "128.0.0.0/1"),
        ("0.0.0.0/1",),
        ("1.2.3.4/0",),
        ("::/0",),
        ("0:0:0:0:0:0:0:0/0",),
        ("::/1", "8000::/1"),
        ("2000::/3",),
        ("::ffff:0.0.0.0/96",),
        ("8.0.0.0/7",),
        tuple(f"{first}.0.0.0/8" for first in range(1, 224)),
        tuple(f"{first}.{second}.0.0/16" for first in (3, 52) for second in range(256)),
        ("10.0.0.0/8", " 0.0.0.0/0 "),
        ("everybody",),
    ],
)
def test_ranges_that_together_are_the_internet_open(ranges: tuple[str, ...]) -> None:
    assert firewall(*ranges) == ("22",)


@pytest.mark.parametrize(
    "ranges",
    [
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        ("203.0.113.7/32",),
        ("35.191.0.0/16", "130.211.0.0/22"),
        ("35.235.240.0/20",),
        ("fd00::/8",),
        ("fc00::/7",),
        ("2001:db8::/32",),
        ("240.0.0.0/4",),
    ],
)
def test_ranges_of_ones_own_do_not_open(ranges: tuple[str, ...]) -> None:
    assert firewall(*ranges) == ()


def test_a_firewall_that_is_off_or_leads_outwards_or_denies_opens_nothing() -> None:
    everywhere = "0.0.0.0/0"
    assert firewall(everywhere, disabled=True) == ()
    assert firewall(everywhere, direction="EGRESS") == ()
    assert firewall(everywhere, allow=[], deny=SSH) == ()
    assert opened_ports(FIREWALL, {}, {}) == ()
    assert firewall(everywhere, disabled=False) == ("22",)


def test_ports_are_told_as_text() -> None:
    assert firewall("0.0.0.0/0", allow=WEB) == ("80", "8000-9000")
    assert firewall("0.0.0.0/0", allow=[{"protocol": "tcp", "ports": []}]) == ("all",)
    assert firewall("0.0.0.0/0", allow=[{"protocol": "all"}]) == ("all",)
    assert firewall("0.0.0.0/0", allow=[{"protocol": "tcp", "ports": ["0-65535"]}]) == ("all",)
    assert firewall("0.0.0.0/0", allow=[{"protocol": "udp", "ports": ["53-53"]}]) == ("53",)
    assert firewall("0.0.0.0/0", allow=[{"protocol": "icmp", "ports": []}]) == ()


def test_sources_decide_where_no_range_stands() -> None:
    nobody: dict[str, Any] = {"source_ranges": None, "allow": SSH}
    assert opened_ports(FIREWALL, nobody, {"direction": True}) == ("22",)
    assert opened_ports(FIREWALL, {**nobody, "source_tags": ["web"]}, {}) == ()
    assert opened_ports(FIREWALL, {**nobody, "source_service_accounts": [None]}, {}) == ("22",)
    assert opened_ports(FIREWALL, nobody, {"source_service_accounts": [True]}) == ()
    assert opened_ports(FIREWALL, {**nobody, "source_tags": ["web"], "source_ranges": ["0.0.0.0/0"]}, {})


def test_what_is_not_known_yet_counts_as_open() -> None:
    assert opened_ports(FIREWALL, {"allow": SSH}, {"source_ranges": True}) == ("22",)
    assert opened_ports(FIREWALL, {"allow": SSH, "source_ranges": [None]}, {"source_ranges": [True]}) == (
        "22",
    )
    world = {"source_ranges": ["0.0.0.0/0"]}
    assert opened_ports(FIREWALL, world, {"allow": True}) == ("all",)
    hidden = {**world, "allow": [{"protocol": "tcp"}]}
    assert opened_ports(FIREWALL, hidden, {"allow": [{"ports": True}]}) == ("all",)
    assert (
        opened_ports(FIREWALL, {**hidden, "source_ranges": ["10.0.0.0/8"]}, {"allow": [{"ports": True}]})
        == ()
    )


@pytest.mark.parametrize("kind", POLICY_RULES)
def test_a_rule_of_a_firewall_policy_is_a_firewall(kind: str) -> None:
    assert opened_ports(kind, rule(src_ip_ranges=["0.0.0.0/1", "128.0.0.0/1"]), {}) == ("5432",)
    assert opened_ports(kind, rule(src_ip_ranges=[]), {}) == ("5432",)
    assert opened_ports(kind, rule(src_region_codes=["US"]), {}) == ("5432",)
    assert opened_ports(kind, rule(), {"match": [{"src_ip_ranges": True}]}) == ("5432",)
    assert opened_ports(kind, rule(src_ip_ranges=["10.0.0.0/8"]), {}) == ()
    assert opened_ports(kind, rule(src_secure_tags=[{"name": "tagValues/1"}]), {}) == ()
    assert (
        opened_ports(kind, rule(src_secure_tags=[{}]), {"match": [{"src_secure_tags": [{"name": True}]}]})
        == ()
    )
    assert opened_ports(kind, rule(src_ip_ranges=["0.0.0.0/0"], src_network_scope="INTRA_VPC"), {}) == ()
    world = rule(src_ip_ranges=["0.0.0.0/0"])
    assert opened_ports(kind, {**world, "action": "deny"}, {}) == ()
    assert opened_ports(kind, {**world, "action": "goto_next"}, {}) == ()
    assert opened_ports(kind, {**world, "disabled": True}, {}) == ()
    assert opened_ports(kind, {**world, "direction": "EGRESS"}, {}) == ()
    assert opened_ports(kind, {**world, "action": None}, {"action": True}) == ("5432",)


@pytest.mark.parametrize("kind", POLICIES)
def test_every_rule_within_a_firewall_policy_is_judged(kind: str) -> None:
    inside, outside = (rule("layer4_config", src_ip_ranges=[one]) for one in ("10.0.0.0/8", "::/0"))
    assert opened_ports(kind, {"rule": [inside]}, {}) == ()
    assert opened_ports(kind, {"rule": [inside, outside]}, {}) == ("5432",)
    assert opened_ports(kind, {"short_name": "x"}, {"rule": True}) == ("all",)


def test_rules_of_the_older_organization_policies_are_judged() -> None:
    config = {"src_ip_ranges": ["0.0.0.0/0"], "layer4_config": [{"ip_protocol": "tcp", "ports": ["22"]}]}
    after = {"action": "allow", "direction": "INGRESS", "match": [{"config": [config]}]}
    kind = "google_compute_organization_security_policy_rule"
    assert opened_ports(kind, after, {}) == ("22",)
    config["src_ip_ranges"] = ["10.0.0.0/8"]
    assert opened_ports(kind, after, {}) == ()


def test_other_doors_open_too() -> None:
    assert opened_ports("google_network_security_address_group", {"items": ["0.0.0.0/0"]}, {}) == ("all",)
    assert opened_ports("google_network_security_address_group", {"items": ["10.1.0.0/16"]}, {}) == ()
    web = {"action": "ALLOW", "source_range": "*"}
    assert opened_ports("google_app_engine_firewall_rule", web, {}) == ("80", "443")
    assert opened_ports("google_app_engine_firewall_rule", {**web, "action": "DENY"}, {}) == ()
    outer = {"action": "ALLOW", "ip_protocol": "TCP", "destination_ports": ["22"]}
    ranges = [{"ip_address_range": "0.0.0.0/0", "ip_address": None}]
    kind = "google_vmwareengine_external_access_rule"
    assert opened_ports(kind, {**outer, "source_ip_ranges": ranges}, {}) == ("22",)
    assert opened_ports(kind, {**outer, "source_ip_ranges": [{"ip_address": "203.0.113.9"}]}, {}) == ()
    assert opened_ports("google_compute_instance", {"name": "x"}, {}) == ()


def test_a_hundred_resources_are_judged_in_no_time() -> None:
    after = {"source_ranges": ["10.0.0.0/8", "203.0.113.0/24"], "allow": WEB, "metadata": {"a": "b"}}
    started = perf_counter()
    for _ in range(100):
        opened_ports(FIREWALL, after, {})
        value_rules("google_compute_instance", "create", {}, after, {})
        is_stateful("google_compute_instance", after)
    assert perf_counter() - started < 0.5
