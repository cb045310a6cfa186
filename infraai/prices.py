"""List prices of Google Cloud, by item and region.

`data/prices.tsv` is a compact table in USD. Machines, disks, networks and buckets: the Cloud Billing Catalog
as of 2026-07-30 (its public list: https://cloud.google.com/compute/vm-instance-pricing and beside it). Cloud
SQL: per vCPU, GiB and GB of SSD, Enterprise edition, zonal, from public price lists of 2024 that reproduce
db-custom-2-7680 and db-custom-16-61440; Mumbai is 1.2 times Iowa. Sustained-use discounts are not included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

HOURS_A_MONTH = 730
TABLE_DATE = "2026-07-30"
Unit = Literal["hour", "month", "gb_month", "gb"]


@dataclass(frozen=True, slots=True)
class Price:
    """One unit price: USD a month for a month of use (or a GB of it), and the region it is listed for."""

    usd_month: float
    region: str
    exact: bool  # False: the table lacks the region asked for, this is the cheapest one listed


@dataclass(frozen=True, slots=True)
class PriceTable:
    """(kind, item) → region → USD a month."""

    rows: Mapping[tuple[str, str], Mapping[str, float]]

    def find(self, kind: str, item: str, region: str) -> Price | None:
        """Return the price in the region, or the cheapest listed one as a lower bound; None if not listed."""
        listed = self.rows.get((kind, item))
        if not listed:
            return None
        if region in listed:
            return Price(listed[region], region, exact=True)
        cheapest = min(listed, key=lambda name: listed[name])
        return Price(listed[cheapest], cheapest, exact=False)

    def items(self, kind: str) -> tuple[str, ...]:
        """Return the names listed under a kind, in the table's order."""
        return tuple(item for of, item in self.rows if of == kind)

    @property
    def regions(self) -> frozenset[str]:
        """Return the regions with prices of their own."""
        return frozenset(region for listed in self.rows.values() for region in listed)


@cache
def price_table() -> PriceTable:
    """Return the table that ships with the package."""
    rows: dict[tuple[str, str], dict[str, float]] = {}
    text = (files("infraai") / "data" / "prices.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        kind, item, region, unit, usd = line.split("\t")
        month = float(usd) * (HOURS_A_MONTH if unit == "hour" else 1)
        rows.setdefault((kind, item), {})[region] = month
    return PriceTable(rows)
