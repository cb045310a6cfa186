"""BigQuery datasets and tables."""

import json
import re

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint

DAY_MS = 86_400_000
MESSAGE_COLUMNS = [{"name": "data", "type": "STRING", "mode": "NULLABLE"}]
EVENT_COLUMNS = [
    {"name": "id", "type": "STRING", "mode": "REQUIRED"},
    {"name": "created_at", "type": "TIMESTAMP", "mode": "REQUIRED"},
    {"name": "payload", "type": "JSON", "mode": "NULLABLE"},
]


def plan_warehouse(blueprint: Blueprint) -> list[str]:
    """Plan a dataset and its tables, once; return the tables' references."""
    found = blueprint.refs("google_bigquery_table")
    if found:
        return found
    reading = blueprint.reading
    days = reading.amounts.days
    dataset = blueprint.add(
        "google_bigquery_dataset",
        "main",
        "holds the tables",
        dataset_id=re.sub(r"\W", "_", blueprint.app if blueprint.app != "app" else "analytics"),
        location=blueprint.region,
        labels=blueprint.labels,
        default_table_expiration_ms=days * DAY_MS if days else None,
        delete_contents_on_destroy=True if reading.wants("dev") else None,
    )
    names = [re.sub(r"\W", "_", one) for one in blueprint.named("bigquery", default="events")]
    piped = reading.wants("pubsub")
    return [_table(blueprint, dataset, name, piped=piped) for name in names]


def _table(blueprint: Blueprint, dataset: str, name: str, *, piped: bool) -> str:
    settings: dict[str, Setting] = {
        "dataset_id": dataset,
        "table_id": name,
        "deletion_protection": False,
        "schema": json.dumps(MESSAGE_COLUMNS if piped else EVENT_COLUMNS),
        "labels": blueprint.labels,
    }
    if not piped:
        settings |= {"time_partitioning.type": "DAY", "time_partitioning.field": "created_at"}
    blueprint.note("The table's columns are a start; the goal does not say what the data looks like.")
    label = name if name[0].isalpha() else f"table_{name}"
    return blueprint.plan("google_bigquery_table", label, "holds the rows", settings)
