"""Firewall rules: what the files declare open is opened again, and nothing else is."""

from collections.abc import Iterator

from pydantic import Field

from infraai.configuration import Block
from infraai.errors import ActionError
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.group import GROUPS, template_of
from infraai.operations.edits.kind import BY_HAND, Kind, Parameters, managed, number_of, value_of
from infraai.operations.edits.machine import VM
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import Option
from infraai.policy import NEVER_DECLARED

FIREWALL = "google_compute_firewall"
_PRIORITY = 1000


class FirewallParameters(Parameters):
    """Which rule, by Terraform address, and whether it is switched on; by neither, the rule is put back as written."""

    rule: str = Field(default="", max_length=300, description="the firewall rule, by Terraform address")
    disabled: bool | None = Field(default=None, description="true switches the rule off, false on")


def rules_for(subject: Subject) -> list[Subject]:
    """Return the rules for traffic to a machine, or the one rule that the resource is; `disabled` ones too."""
    if subject.type == FIREWALL:
        return [subject]
    machine = template_of(subject) if subject.type in GROUPS else subject
    found = (one for one in subject.siblings if one.labels[0] == FIREWALL and _incoming(one))
    return [subject.beside(one) for one in found if machine is None or _reaches(one, machine)]


def _incoming(rule: Block) -> bool:
    return rule.literal("direction") in {None, "INGRESS"}


def _reaches(rule: Block, machine: Subject) -> bool:
    """Return whether a rule is for the machine: by target tags and by network, as far as the files tell."""
    tags = rule.attribute("target_tags")
    own = machine.block.attribute("tags")
    if rule.attribute("target_service_accounts"):
        return False
    if tags is not None:
        literal = tags.expression.literal
        wanted = set(literal) if isinstance(literal, list) else set[str]()
        given = own.expression.literal if own else []
        if not wanted & set(given if isinstance(given, list) else []):
            return False
    network = rule.attribute("network")
    networks = _networks(machine)
    return (
        not networks
        or network is None
        or any(name in networks for name in _roots(network.expression.references))
    )


def _networks(machine: Subject) -> set[str]:
    """Return the networks of the machine's interfaces by address, through their subnetworks."""
    found: set[str] = set()
    for card in machine.block.of("network_interface"):
        for name in ("network", "subnetwork"):
            attribute = card.attribute(name)
            for root in _roots(attribute.expression.references if attribute else ()):
                beside = next((one for one in machine.siblings if one.address == root), None)
                inner = beside.attribute("network") if beside else None
                found |= set(_roots(inner.expression.references)) if inner else {root}
    return found


def _roots(references: tuple[str, ...]) -> list[str]:
    return [".".join(name.split(".")[:2]) for name in references]


def _denies(rule: Block) -> bool:
    return bool(rule.of("deny"))


def _ports(rule: Block) -> set[str] | None:
    """Return the ports of a rule, None for all of them."""
    found: set[str] = set()
    for block in (*rule.of("allow"), *rule.of("deny")):
        ports = block.attribute("ports")
        if ports is None or not isinstance(ports.expression.literal, list):
            return None
        found |= {str(one) for one in ports.expression.literal}
    return found


def _numbers(ports: set[str]) -> Iterator[range]:
    for one in ports:
        low, _, high = one.partition("-")
        if low.isdecimal() and (not high or high.isdecimal()):
            yield range(int(low), int(high or low) + 1)


def _overlap(first: Block, second: Block) -> bool:
    one, other = _ports(first), _ports(second)
    if one is None or other is None:
        return True
    return any(max(a.start, b.start) < min(a.stop, b.stop) for a in _numbers(one) for b in _numbers(other))


def _never(rule: Block) -> bool:
    """Return whether a rule opens ports for administration or databases, or every port."""
    ports = _ports(rule)
    return ports is None or any(port in span for span in _numbers(ports) for port in NEVER_DECLARED)


def _options(subject: Subject) -> Iterator[Option]:
    rules = rules_for(subject)
    if not rules:
        raise ActionError(f"No firewall rule for {subject.address} stands in the files.", next_step=BY_HAND)
    for rule in rules:
        yield from _for_rule(rule, rules)


def _for_rule(rule: Subject, rules: list[Subject]) -> Iterator[Option]:
    try:
        off = value_of(rule, rule.block, "disabled", default=False) is True
        managed(rule, "disabled")
        fault = _fault(rule, disabled=not off, rules=rules)
    except ActionError:
        return
    told = _told(rule.block)
    if _denies(rule.block):
        if not off and not fault:
            yield _option(rule, f"switch off {rule.address}, which denies {told}", disabled=True)
        return
    if off and not fault:
        yield _option(rule, f"switch {rule.address} on again, which allows {told}", disabled=False)
    elif not off:
        summary = f"put {rule.address} back as the files have it (allows {told}), if somebody changed it"
        yield _option(rule, summary, disabled=None)


def _option(rule: Subject, summary: str, *, disabled: bool | None) -> Option:
    said = {"rule": rule.address} | ({} if disabled is None else {"disabled": disabled})
    return Option(action="modify_firewall", parameters=said, summary=summary, cost_delta_usd_month=0)


def _told(rule: Block) -> str:
    ports = _ports(rule)
    sources = rule.literal("source_ranges")
    whence = f" from {', '.join(map(str, sources))}" if isinstance(sources, list) and sources else ""
    return ("every port" if ports is None else f"port {', '.join(sorted(ports))}") + whence


def _fault(rule: Subject, *, disabled: bool, rules: list[Subject]) -> str:
    """Return why a rule must not be switched so, "" where it may."""
    if not _denies(rule.block):
        if disabled:
            return "it allows traffic: switching it off opens nothing"
        return "it opens ports for administration or databases, or all of them" if _never(rule.block) else ""
    if not disabled:
        return "it denies traffic: switching it on opens nothing"
    allowing = [one for one in rules if not _denies(one.block) and _overlap(one.block, rule.block)]
    open_again = [one for one in allowing if _priority(one) >= _priority(rule) and not _never(one.block)]
    if not open_again:
        return "the files declare nothing open that it stands in the way of"
    if _never(rule.block):
        return "it also guards ports for administration or databases, or all of them"
    return ""


def _priority(rule: Subject) -> int:
    found = number_of(rule, rule.block, "priority", _PRIORITY)
    return _PRIORITY if found is None else found


def _chosen(subject: Subject, given: FirewallParameters) -> tuple[Subject, list[Subject]]:
    rules = rules_for(subject)
    if subject.type == FIREWALL:
        rules = [subject, *(subject.beside(one) for one in subject.siblings if _neighbour(one, subject))]
    named = [one for one in rules if given.rule in {one.address, one.block.literal("name")}]
    if not given.rule and subject.type == FIREWALL:
        named = [subject]
    if len(named) != 1:
        known = ", ".join(one.address for one in rules) or "none"
        raise ActionError(
            f"{given.rule or 'No rule'} is no firewall rule for {subject.address}.",
            next_step=f"There are: {known}.",
        )
    return named[0], rules


def _neighbour(block: Block, rule: Subject) -> bool:
    if block.labels[0] != FIREWALL or block is rule.block or not _incoming(block):
        return False
    own, other = rule.block.attribute("network"), block.attribute("network")
    return own is None or other is None or own.expression.text == other.expression.text


def _check(subject: Subject, given: FirewallParameters) -> None:
    rule, rules = _chosen(subject, given)
    if given.disabled is None:
        return
    managed(rule, "disabled")
    if value_of(rule, rule.block, "disabled", default=False) is given.disabled:
        word = "off" if given.disabled else "on"
        raise ActionError(
            f"{rule.address} is switched {word} already.", next_step="Leave `disabled` out to restore it."
        )
    if fault := _fault(rule, disabled=given.disabled, rules=rules):
        raise ActionError(f"{rule.address} is not switched: {fault}.", next_step=BY_HAND)


def _edit(subject: Subject, given: FirewallParameters, draft: Draft) -> None:
    rule, _ = _chosen(subject, given)
    if given.disabled is not None:
        draft.give(rule, rule.block, "disabled", given.disabled)
    else:
        draft.notes.append(
            f"{rule.address} stays as the files have it; what was changed elsewhere goes back."
        )


KINDS = (
    Kind(
        action="modify_firewall",
        types=(FIREWALL, VM, *GROUPS),
        parameters=FirewallParameters,
        options=_options,
        check=_check,
        edit=_edit,
    ),
)
