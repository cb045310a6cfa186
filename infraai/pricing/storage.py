"""Databases and buckets."""

from infraai.offers import sql_usd_month
from infraai.pricing.estate import Estate, Item
from infraai.pricing.tally import Part, Tally

_SQL_DISK_GB = 10  # the API's default and least
_BUCKET_GB = 10


def price_sql(estate: Estate, item: Item, tally: Tally) -> None:
    """Price a Cloud SQL instance and its storage; high availability doubles both.

    Source: https://cloud.google.com/sql/pricing.
    """
    region = item.region(estate.region)
    tier = item.text("settings.tier", "tier", "machine_type")
    doubled = item.text("settings.availability_type", "availability_type").upper() == "REGIONAL"
    copies = 2 if doubled else 1
    edition = item.text("settings.edition", "edition").upper()
    price = sql_usd_month(tier, region)
    if edition == "ENTERPRISE_PLUS":
        tally.skip(item.address, "the edition Enterprise Plus is not in the price table")
    elif price is None:
        tally.skip(item.address, f"the tier {tier or '(not known)'} is not in the price table")
    elif item.text("settings.activation_policy", "activation_policy").upper() != "NEVER":
        words = f"{tier}, high availability" if doubled else tier
        tally.put(Part(item.address, words, region, copies), price)
    if price is not None and edition != "ENTERPRISE_PLUS":
        _price_sql_disk(item, region, copies, tally)
    if "SQLSERVER" in item.text("database_version").upper():
        tally.skip(item.address, "the licence of SQL Server is not in the price table")
    if item.flag("settings.backup_configuration.enabled", "backup_enabled", "backups"):
        tally.skip(item.address, "backups are paid by what they hold")


def _price_sql_disk(item: Item, region: str, copies: int, tally: Tally) -> None:
    kind = (item.text("settings.disk_type", "disk_type") or "PD_SSD").upper().replace("-", "_")
    size = item.number("settings.disk_size", "disk_size", "disk_size_gb") or _SQL_DISK_GB
    tally.add(Part(item.address, f"{kind} of {size:g} GB", region, copies * size, "GB"), "sql", kind)


def price_bucket(estate: Estate, item: Item, tally: Tally) -> None:
    """Price what a bucket is assumed to hold."""
    kind = (item.text("storage_class") or "STANDARD").upper()
    size = item.number("expected_size_gb", "size_gb", "storage_gb")
    held = f"{size:g} GB" if size is not None else f"{_BUCKET_GB} GB assumed"
    quantity = _BUCKET_GB if size is None else size
    region = item.region(estate.region)
    tally.add(Part(item.address, f"{kind}, {held}", region, quantity, "GB"), "gcs", kind)
    tally.skip(item.address, f"what it holds beyond {quantity:g} GB, requests and traffic")
