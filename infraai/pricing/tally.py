"""Adding up: one line for each priced part, one sentence for each part without a price."""

import re
from dataclasses import dataclass, field

from infraai.models import CostLine
from infraai.prices import TABLE_DATE, Price, PriceTable, price_table

# What is added to a price that is known: no size of a resource hides behind it.
_ASIDE = re.compile(
    r": (?:backups are paid|what it holds beyond|the cluster management fee|the licence of"
    r"|reckoned at its least size|reckoned at [\d.]+ nodes"
    r"|[\w-]+ is not in the price table; reckoned at the cheapest listed)"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a resource that costs something: how many units of it, and where."""

    address: str
    what: str
    region: str
    quantity: float
    unit: str = ""


@dataclass(slots=True)
class Tally:
    """The lines so far, and what has no price."""

    lines: list[CostLine] = field(default_factory=list[CostLine])
    unpriced: list[str] = field(default_factory=list[str])
    table: PriceTable = field(default_factory=price_table)

    def add(self, part: Part, kind: str, item: str) -> None:
        """Add a part at the table's price of this item; say so where it is not listed."""
        price = self.table.find(kind, item, part.region)
        if price is None:
            self.skip(part.address, f"{item} is not in the price table")
        else:
            self.put(part, price)

    def put(self, part: Part, price: Price) -> None:
        """Add a line at this price, USD a month."""
        if part.quantity <= 0:
            return
        if not price.exact:
            self.skip(
                part.address,
                f"{part.region} is not in the price table; reckoned at the cheapest listed, {price.region}",
            )
        unit = f" per {part.unit}" if part.unit else ""
        basis = f"{part.quantity:g} x {price.usd_month:.4g} USD a month{unit} in {price.region}"
        said = f"{basis}, list price of {TABLE_DATE}, before sustained-use discounts"
        self.lines.append(
            CostLine(
                item=f"{part.address}: {part.what}",
                usd_month=round(part.quantity * price.usd_month, 2),
                basis=said,
            )
        )

    def skip(self, address: str, why: str) -> None:
        """Say once that a part has no price."""
        sentence = f"{address}: {why}"
        if sentence not in self.unpriced:
            self.unpriced.append(sentence)


def leaves_open(sentence: str) -> bool:
    """Return whether a sentence of what has no price leaves a resource's cost open, not only something beside it."""
    return not _ASIDE.search(sentence)
