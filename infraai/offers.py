"""What can be chosen, with its list price: machine types and Cloud SQL tiers."""

from infraai.machines import MachineType, find_machine_type, find_sql_tier
from infraai.prices import Price, price_table

_COMMON_TIERS = ("db-f1-micro", "db-g1-small", *(f"db-custom-{n}-{n * 3840}" for n in (1, 2, 4, 8, 16)))
_PRICED_SHARED = frozenset({"db-f1-micro", "db-g1-small"})
Offer = tuple[MachineType, float]


def sql_usd_month(tier: str, region: str) -> Price | None:
    """Return the zonal price of a Cloud SQL tier without storage: as listed, or by vCPU and GiB."""
    table, size = price_table(), find_sql_tier(tier)
    if tier in _PRICED_SHARED:
        return table.find("sql", tier, region)
    vcpu, ram = table.find("sql", "vcpu", region), table.find("sql", "ram_gib", region)
    if size is None or vcpu is None or ram is None:
        return None
    usd = size.vcpus * vcpu.usd_month + size.memory_gb * ram.usd_month
    return Price(usd, vcpu.region, exact=vcpu.exact)


def priced_machine_types(region: str) -> tuple[Offer, ...]:
    """Return the machine types with a list price, and that price in USD a month, the cheapest first."""
    found: list[Offer] = []
    for name in price_table().items("vm"):
        machine, price = find_machine_type(name), price_table().find("vm", name, region)
        if machine and price:
            found.append((machine, price.usd_month))
    return tuple(sorted(found, key=lambda one: one[1]))


def priced_sql_tiers(region: str) -> tuple[Offer, ...]:
    """Return common Cloud SQL tiers and their zonal USD a month without storage, the cheapest first."""
    found: list[Offer] = []
    for name in _COMMON_TIERS:
        tier, price = find_sql_tier(name), sql_usd_month(name, region)
        if tier and price:
            found.append((tier, price.usd_month))
    return tuple(sorted(found, key=lambda one: one[1]))
