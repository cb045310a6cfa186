"""How big: from users, requests, wishes and what the budget leaves."""

from typing import Any

from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.accelerators import accelerator_of

DISK_USD_GB = 0.10
ADDRESS_USD = 3.65
BALANCER_USD = 18.26
SQL_STORAGE_USD_GB = 0.17
# (users, vCPUs, memory in GB): what one tier of a plain web service wants at its daily peak
_NEEDS = (
    (1_000, 2, 2.0),
    (5_000, 2, 4.0),
    (30_000, 2, 8.0),
    (120_000, 4, 16.0),
    (300_000, 8, 32.0),
)
_LARGEST = (16, 64.0)
SMALLEST_GB = 2.0
DEARER_REGION = 1.3
REQUESTS_PER_USER = 0.002
_MEMORY_PER_CPU = 8.0
_SQL_SHARE = 0.5


def load_users(blueprint: Blueprint) -> int | None:
    """Return how many users the goal implies, from its users or its requests per second."""
    amounts = blueprint.reading.amounts
    if amounts.requests_per_s is not None:
        return max(amounts.users or 0, int(amounts.requests_per_s / REQUESTS_PER_USER))
    return amounts.users


def needs(blueprint: Blueprint, machines: int = 1) -> tuple[float, float]:
    """Return the (vCPUs, GB of memory) that one of so many machines wants."""
    reading = blueprint.reading
    users = load_users(blueprint)
    if users is None:
        cpus, memory = _wished(blueprint)
    else:
        share = users / max(1, machines)
        cpus, memory = next(((c, m) for limit, c, m in _NEEDS if share <= limit), _LARGEST)
        if reading.wants("cheap") and memory <= SMALLEST_GB:
            memory = SMALLEST_GB / 2
        if reading.wants("big"):
            cpus, memory = cpus * 2, memory * 2
    if reading.wants("memory_heavy"):
        memory = max(memory, cpus * _MEMORY_PER_CPU)
    amounts = reading.amounts
    if amounts.cpus:
        cpus = amounts.cpus
        memory = amounts.memory_gb or min(memory, cpus * 4.0)
    return cpus, amounts.memory_gb or memory


def _wished(blueprint: Blueprint) -> tuple[int, float]:
    wants = blueprint.reading.wants
    if wants("big", "gpu"):
        return 4, 16.0
    if wants("production", "ha") and not wants("cheap", "dev", "small"):
        return 2, 8.0
    if wants("cheap") and not wants("production"):
        return 2, 1.0
    if wants("dev", "small") and not wants("production"):
        return 2, 2.0
    return 2, 4.0


def choose(table: list[dict[str, Any]], cpus: float, memory_gb: float, limit_usd: float | None) -> str:
    """Return the cheapest row that is big enough, or the biggest one that the limit in USD a month allows."""
    if not table:
        return ""
    rows = sorted(table, key=lambda row: float(row.get("usd_month") or 0))
    enough = [row for row in rows if row["vcpus"] >= cpus and row["memory_gb"] >= memory_gb]
    best = enough[0] if enough else max(rows, key=lambda row: (row["vcpus"], row["memory_gb"]))
    if limit_usd is not None and float(best.get("usd_month") or 0) > limit_usd:
        fitting = [row for row in rows if float(row.get("usd_month") or 0) <= limit_usd]
        best = max(fitting, key=lambda row: _how_near(row, cpus, memory_gb)) if fitting else rows[0]
    return str(best["name"])


def _how_near(row: dict[str, Any], cpus: float, memory_gb: float) -> tuple[float, float]:
    """Return how much of the need a row meets where it is shortest, then how cheap it is."""
    met = min(float(row["vcpus"]) / max(cpus, 1), float(row["memory_gb"]) / max(memory_gb, 1))
    return met, -float(row.get("usd_month") or 0)


def price(table: list[dict[str, Any]], name: str) -> float:
    """Return a row's USD a month, 0 where the table does not have it."""
    return next((float(row.get("usd_month") or 0) for row in table if row["name"] == name), 0.0)


def budget(blueprint: Blueprint) -> float | None:
    """Return the budget in USD a month: the operator's, else the goal's."""
    given = blueprint.block.get("budget_usd")
    return float(given) if given is not None else blueprint.reading.amounts.budget_usd


def spendable(blueprint: Blueprint) -> float | None:
    """Return the budget at the price tables' region: elsewhere the same costs up to a third more."""
    limit = budget(blueprint)
    priced_in = blueprint.block.get("region") or blueprint.block.get("default_region")
    return limit if limit is None or blueprint.region == priced_in else limit / DEARER_REGION


def machine_type(blueprint: Blueprint, machines: int = 1, overhead_usd: float = 0) -> str:
    """Return the machine type for each of so many machines, within the budget where there is one."""
    named = blueprint.reading.sizes.machine_types
    if named:
        return named[0]
    table = [row for row in blueprint.table("machine_types") if not _odd(str(row["name"]))]
    limit = spendable(blueprint)
    share = None if limit is None else max(0.0, (limit - overhead_usd) / max(1, machines))
    cpus, memory = needs(blueprint, machines)
    cards = accelerator_of(blueprint.reading)
    if cards and cards.machine_type:
        return cards.machine_type
    if cards:
        table = [row for row in table if str(row["name"]).startswith("n1-")] or table
    return choose(table, cpus, memory, share) or "e2-medium"


def _odd(name: str) -> bool:
    """True for machine families that are not picked unless they are named."""
    return name.startswith(("f1-", "g1-", "c2-", "t2d-", "a2-", "m1-"))


def sql_tier(blueprint: Blueprint, instances: int, *, doubled: bool, shared_budget: bool) -> str:
    """Return the database tier; it may use half the budget where machines need the rest."""
    if blueprint.reading.sizes.tier:
        return blueprint.reading.sizes.tier
    limit = spendable(blueprint)
    share = None
    if limit is not None:
        share = limit * (_SQL_SHARE if shared_budget else 0.9) / max(1, instances) / (2 if doubled else 1)
        share = max(0.0, share - 10 * SQL_STORAGE_USD_GB)
    users = load_users(blueprint)
    wants = blueprint.reading.wants
    cpus, memory = needs(blueprint) if blueprint.reading.amounts.cpus or users is not None else (1.0, 3.75)
    if users is None and wants("dev", "cheap") and not wants("production"):
        cpus, memory = 1.0, 0.6
    elif users is None and wants("production", "ha", "big"):
        cpus, memory = 2.0, 7.5
    return choose(blueprint.table("sql_tiers"), min(cpus, 16), memory * 0.9, share) or "db-custom-1-3840"
