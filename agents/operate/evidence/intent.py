"""What the deployment is for, and how the resource is configured."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from agents.operate.evidence.case import Case, block_of
from agents.operate.evidence.pieces import piece
from infraai.configuration import Block, Configuration
from infraai.exposure import opened_ports
from infraai.machines import find_machine_type, find_sql_tier
from infraai.masking import NOT_SHOWN, is_private
from infraai.models import InfraPlan
from infraai.operations.shapes import Evidence, Option
from infraai.policy import declared_ports

_FIREWALL = "google_compute_firewall"
_MOST_OPTIONS = 20
_NAMED = 8  # of the options, in the sentence
_DEEP = 3
_ENVIRONMENT = re.compile(r"env(?:$|_|ironment)")  # blocks: env, env_vars, environment_variables
_HTTP, _HTTPS = 80, 443
_PORT = re.compile(r"\b(\d{2,5})\b")
# Where proxies and health checks come from: https://cloud.google.com/load-balancing/docs/firewall-rules
_CHECKS = frozenset({"130.211.0.0/22", "35.191.0.0/16"})
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
    """Return the block's plain values by dotted path: `settings.tier`; of `name`/`value` blocks the pair.

    What an environment holds, scripts, and what is called a password, a key or the like has no value here.
    """
    found: dict[str, Any] = {}
    pair = {one.name: one.expression.literal for one in block.attributes}
    environment = _ENVIRONMENT.match(block.type) is not None
    if prefix and set(pair) == {"name", "value"}:
        pair = {str(pair["name"]): pair["value"]}
    elif is_private(str(pair.get("name") or pair.get("key") or "")):
        pair.pop("value", None)
    for name, value in pair.items():
        if isinstance(value, str | int | float | bool):
            shown = name in {"name", "key"} or not (environment or is_private(name) or "script" in name)
            found[f"{prefix}{name}"] = value if shown else NOT_SHOWN
    for inner in block.blocks if depth else ():
        found |= literals(inner, f"{prefix}{inner.type}.", depth - 1)
    return found


def _sentence(case: Case, data: dict[str, Any]) -> str:
    size = ""
    if "vcpus" in data:
        size = f" on {data['machine_type']} ({data['vcpus']} vCPU, {data['memory_gb']:g} GB)"
    named = [str(one).partition(";")[0].strip() for one in data["options"]]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    listed = ", ".join(named[:_NAMED])
    offered = f"; could be done: {listed}{more}" if named else "; nothing is known that could be done to it"
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
    balanced = _ports_of_proxies(case.configuration)
    checked = _lets_checks_in(firewalls)
    return [
        port
        for port in sorted(declared_ports(plan_of(case)))
        if not (_let_in(port, firewalls) or (checked and (balanced is None or port in balanced)))
    ]


def _ports_of_proxies(configuration: Configuration) -> set[int] | None:
    """Return the ports that a load balancer's proxy answers on; None where that stands only at a plan's values."""
    found: set[int] = set()
    for block in configuration.resources:
        target = block.attribute("target")
        if not block.labels[0].endswith("_forwarding_rule") or target is None:
            continue
        proxies = [one for one in target.expression.references if "_proxy." in one]
        if not proxies:
            continue  # what it passes on comes from the visitor's own address
        said = block.attribute("port_range") or block.attribute("ports")
        texts = [str(said.expression.literal), *said.expression.strings] if said else []
        ports = {int(number) for text in texts for number in _PORT.findall(text)}
        if said and not ports:
            return None
        found |= ports or {_HTTPS if "https" in one else _HTTP for one in proxies}
    return found


def _lets_checks_in(firewalls: Sequence[dict[str, Any]]) -> bool:
    """Return whether load balancers reach what is behind them, unless a rule that would let them is disabled."""
    about = [
        one for one in firewalls if _CHECKS & {str(each) for each in one["source_ranges"]} and one["ports"]
    ]
    return not about or any(not one["disabled"] for one in about)


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
