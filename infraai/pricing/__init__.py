"""What resources cost a month, by list price: what the table does not price is said, never guessed."""

from infraai.pricing.estate import Estate, Item, plan_items, value_items
from infraai.pricing.reckoning import (
    Priced,
    price_estate,
    price_plan,
    price_resource,
    price_shown,
    price_values,
    weighs,
)
from infraai.pricing.tally import leaves_open

__all__ = [
    "Estate",
    "Item",
    "Priced",
    "leaves_open",
    "plan_items",
    "price_estate",
    "price_plan",
    "price_resource",
    "price_shown",
    "price_values",
    "value_items",
    "weighs",
]
