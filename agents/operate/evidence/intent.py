"""What the deployment is for, and how the resource is configured."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from agents.operate.evidence.case import Case, block_of
from agents.operate.evidence.pieces import piece
from infraai.configuration import Block
from infraai.exposure import opened_ports
from infraai.machines import find_machine_type, find_sql_tier
from infraai.models import InfraPlan
from infraai.operations.shapes import Evidence, Option
from infraai.policy import declared_ports

_FIREWALL = "google_compute_firewall"
_MOST_OPTIONS = 20
_DEEP = 3
_PRIORITY, _LOWEST = 1000, 65_535  # of a firewall rule: the usual one, the weakest


def from_plan(case: Case) -> list[Evidence]:
    """Return the plan's intent: goal, budget, ports that are meant to be public, size, autoscaling."""
    plan = plan_of(case)
    data: dict[str, Any] = {
        "goal": case.deployment.goal,
        "cost_usd_month": case.deployment.cost_usd_month,
        "region": case.deployment.region,
    }
    if plan is None:
        return [
            piece(
                "intent",
                f"There is no plan: the deployment is {case.deployment.goal or 'a directory'}.",
                data,
            )
        ]
    ports = sorted(declared_ports(plan))
    data |= {
        "stack_type": plan.stack_type,
        "budget_usd": plan.budget_usd,
        "machine_type": plan.machine_type,
        "autoscaling": plan.autoscaling,
        "public_ports": ports,
        "summary": plan.summary,
    }
    budget = f" under ${plan.budget_usd:g} a month" if plan.budget_usd is not None else ""
    opened = f"; ports meant to be public: {', '.join(map(str, ports))}" if ports else ""
    costs = f"; it costs about ${case.deployment.cost_usd_month:.2f} a month"
    return [piece("intent", f"The plan: {plan.stack_type}{budget}{opened}{costs}.", data)]


def plan_of(case: Case) -> InfraPlan | None:
    """Return the deployment's plan, None where it has none that can be read."""
    try:
        return InfraPlan.model_validate(case.deployment.plan) if case.deployment.plan else None
    except ValidationError:
        return None


def from_configuration(case: Case, options: Sequence[Option]) -> list[Evidence]:
    """Return how the resource is configured, which ports its network lets in, and what could be changed."""
    block = case.block
    settings = literals(block) if block else {}
    machine = str(settings.get("machine_type") or case.target.resource.metadata.get("machine_type") or "")
    tier = str(settings.get("settings.tier") or case.target.resource.metadata.get("tier") or "")
    found = find_machine_type(machine.rpartition("/")[2]) or find_sql_tier(tier)
    firewalls = [one for block in case.configuration.resources if (one := _firewall(block))]
    data: dict[str, Any] = {
        "settings": settings,
        "options": [one.summary for one in options[:_MOST_OPTIONS]],
        "firewalls": firewalls,
    }
    if found and found.vcpus:
        data |= {"machine_type": found.name, "vcpus": found.vcpus, "memory_gb": found.memory_gb}
    pieces = [piece("config", _sentence(case, data), data)]
    blocked = _blocked(case, firewalls)
    if blocked:
        data = {"blocked_ports": blocked, "firewalls": firewalls}
        listed = ", ".join(map(str, blocked))
        words = f"No firewall rule lets in port {listed}, which the plan means to be public."
        pieces.append(piece("config", words, data))
    return pieces


def literals(block: Block, prefix: str = "", depth: int = _DEEP) -> dict[str, Any]:
    """Return the block's plain values by dotted path: `settings.tier`; of `name`/`value` blocks the pair."""
    found: dict[str, Any] = {}
    pair = {one.name: one.expression.literal for one in block.attributes}
    if prefix and set(pair) == {"name", "value"}:
        return {f"{prefix}{pair['name']}": pair["value"]}
    for name, value in pair.items():
        if isinstance(value, str | int | float | bool) and "script" not in name:
            found[f"{prefix}{name}"] = value
    for inner in block.blocks if depth else ():
        found |= literals(inner, f"{prefix}{inner.type}.", depth - 1)
    return found


def _sentence(case: Case, data: dict[str, Any]) -> str:
    size = ""
    if "vcpus" in data:
        size = f" on {data['machine_type']} ({data['vcpus']} vCPU, {data['memory_gb']:g} GB)"
    count = len(data["options"])
    offered = (
        f"; {count} things could be done to it" if count else "; nothing is known that could be done to it"
    )
    return f"{case.target.resource.address} is a {case.target.resource.type}{size}{offered}."


def _firewall(block: Block) -> dict[str, Any] | None:
    if block.labels[0] != _FIREWALL:
        return None
    ports = [port for one in block.of("allow") for port in _listed(one, "ports")]
    values = {one.name: one.expression.literal for one in block.attributes}
    values |= {
        kind: [
            {"protocol": one.literal("protocol"), "ports": _listed(one, "ports")} for one in block.of(kind)
        ]
        for kind in ("allow", "deny")
        if block.of(kind)
    }
    denied = [port for one in block.of("deny") for port in _listed(one, "ports") or ["all"]]
    everybody = not values.get("source_ranges") or "0.0.0.0/0" in str(values["source_ranges"])
    return {
        "address": block.address,
        "ports": ports,
        "denied_to_world": denied if everybody and values.get("disabled") is not True else [],
        "disabled": values.get("disabled") is True,
        "source_ranges": values.get("source_ranges") or [],
        "priority": values.get("priority", _PRIORITY),
        "open_to_world": list(
            opened_ports(_FIREWALL, {k: v for k, v in values.items() if v is not None}, {})
        ),
    }


def _listed(block: Block, name: str) -> list[str]:
    found = block.attribute(name)
    return [text for text in found.expression.strings if text] if found else []


def _blocked(case: Case, firewalls: Sequence[dict[str, Any]]) -> list[int]:
    """Return the ports the plan declares public that no rule of the configuration opens to the world."""
    if not firewalls or block_of(case.configuration, case.target.resource.address) is None:
        return []
    return [port for port in sorted(declared_ports(plan_of(case))) if not _let_in(port, firewalls)]


def _let_in(port: int, firewalls: Sequence[dict[str, Any]]) -> bool:
    """Return whether the strongest rule about a port lets it in; where two are as strong, the one that denies."""
    open_at = [one["priority"] for one in firewalls if _covers(one["open_to_world"], port)]
    shut_at = [one["priority"] for one in firewalls if _covers(one["denied_to_world"], port)]
    return bool(open_at) and min(open_at) < min(shut_at, default=_LOWEST + 1)


def _covers(ports: Sequence[str], port: int) -> bool:
    for one in ports:
        low, _, high = one.partition("-")
        if one == "all" or (low.isdigit() and int(low) <= port <= int(high or low)):
            return True
    return False
