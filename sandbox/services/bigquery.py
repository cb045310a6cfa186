"""BigQuery: datasets, tables, routines."""

import json
import re

from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values

DATASET = "google_bigquery_dataset"
TABLE = "google_bigquery_table"
ROUTINE = "google_bigquery_routine"
_DATASET = re.compile(r"\w{1,1024}", re.ASCII)
_TABLE = re.compile(r"[\w\s-]{1,1024}")
_TYPES = {
    *(
        "STRING",
        "BYTES",
        "INTEGER",
        "INT64",
        "FLOAT",
        "FLOAT64",
        "NUMERIC",
        "BIGNUMERIC",
        "DECIMAL",
        "BIGDECIMAL",
    ),
    *(
        "BOOLEAN",
        "BOOL",
        "TIMESTAMP",
        "DATE",
        "TIME",
        "DATETIME",
        "GEOGRAPHY",
        "RECORD",
        "STRUCT",
        "JSON",
        "RANGE",
    ),
    *("INTERVAL", "FOREIGN", "SMALLINT", "BIGINT", "TINYINT", "BYTEINT", "INT"),
}
_MODES = {"NULLABLE", "REQUIRED", "REPEATED", ""}


class Dataset(Product):
    """A dataset."""

    def check_name(self, context: Context, values: Values) -> None:
        """Check the id."""
        del context
        name = str(values.get("dataset_id") or "")
        if not _DATASET.fullmatch(name):
            raise ApiError(
                400,
                f'Invalid dataset ID "{name}". Dataset IDs must be alphanumeric (plus underscores) and'
                " must be at most"
                " 1024 characters long.",
                "invalid",
            )

    def settle(self, context: Context, values: Values) -> None:
        """Set link and times."""
        now = int(context.now.timestamp() * 1000)
        values["creation_time"] = values["last_modified_time"] = now
        values["self_link"] = f"https://bigquery.googleapis.com/bigquery/v2/{values['id']}"
        context.fill(values, "max_time_travel_hours", "168")
        context.fill(values, "default_collation", "")
        context.fill(values, "is_case_insensitive", value=False)

    def delete(self, context: Context, values: Values) -> None:
        """Refuse while there are tables, unless they may go too."""
        inside = [
            row
            for kind in (TABLE, ROUTINE)
            for row in context.cloud.list(kind, values.get("project"))
            if row.values.get("dataset_id") == values.get("dataset_id")
        ]
        if inside and not values.get("delete_contents_on_destroy"):
            raise ApiError(
                400,
                f"Dataset {values.get('project')}:{values.get('dataset_id')} is still in use",
                "resourceInUse",
            )
        super().delete(context, values)
        for row in inside:
            context.cloud.remove(row.type, row.id)


class Table(Product):
    """A table or a view."""

    def check_name(self, context: Context, values: Values) -> None:
        """Check the id."""
        del context
        name = str(values.get("table_id") or "")
        if not _TABLE.fullmatch(name):
            raise ApiError(400, f'Invalid table ID "{name}".', "invalid")

    def admit(self, context: Context, values: Values) -> None:
        """Check dataset and schema."""
        check_dataset(context, values)
        if values.get("schema"):
            _check_schema(str(values["schema"]))

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check the schema."""
        del context, prior
        if values.get("schema"):
            _check_schema(str(values["schema"]))

    def settle(self, context: Context, values: Values) -> None:
        """Set link, kind and numbers."""
        now = int(context.now.timestamp() * 1000)
        values["creation_time"] = values["last_modified_time"] = now
        values["self_link"] = f"https://bigquery.googleapis.com/bigquery/v2/{values['id']}"
        kinds = (
            ("view", "VIEW"),
            ("materialized_view", "MATERIALIZED_VIEW"),
            ("external_data_configuration", "EXTERNAL"),
        )
        values["type"] = next((kind for attribute, kind in kinds if values.get(attribute)), "TABLE")
        for attribute in ("num_bytes", "num_long_term_bytes", "num_rows"):
            values[attribute] = 0
        dataset = context.cloud.get(
            DATASET, f"projects/{values.get('project')}/datasets/{values.get('dataset_id')}"
        )
        values["location"] = (dataset or {}).get("location") or "US"
        if context.given(values, "schema") is None:
            values["schema"] = ""


class OfDataset(Product):
    """What belongs to a dataset: a routine, an access."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a dataset that does not exist."""
        check_dataset(context, values)


def check_dataset(context: Context, values: Values) -> None:
    """Raise BigQuery's answer to a dataset that does not exist."""
    name = str(values.get("dataset_id") or "")
    key = name if name.startswith("projects/") else f"projects/{values.get('project')}/datasets/{name}"
    if key.split("/")[1] == context.project and context.cloud.get(DATASET, key) is None:
        project, dataset = key.split("/")[1], key.rpartition("/")[2]
        raise ApiError(404, f"Not found: Dataset {project}:{dataset}", "notFound")


def _check_schema(text: str) -> None:
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise ApiError(400, f"Invalid JSON payload received. {error}", "badRequest") from None
    if isinstance(fields, dict):
        fields = fields.get("fields") or []
    _check_fields(fields if isinstance(fields, list) else [])


def _check_fields(fields: list[object]) -> None:
    seen: set[str] = set()
    for field in fields:
        if not isinstance(field, dict):
            raise ApiError(400, "Invalid value for field schema: each column must be an object.", "invalid")
        name, kind = str(field.get("name") or ""), str(field.get("type") or "")
        if not name:
            raise ApiError(400, "Field name is missing in the schema.", "invalid")
        if name.lower() in seen:
            raise ApiError(400, f"Duplicate field name: {name}. Table: schema", "invalid")
        seen.add(name.lower())
        if kind.upper().partition("(")[0] not in _TYPES:
            raise ApiError(400, f"Invalid value for type: {kind} is not a valid value", "invalid")
        if str(field.get("mode") or "").upper() not in _MODES:
            raise ApiError(
                400, f"Invalid value for mode: {field.get('mode')} is not a valid value", "invalid"
            )
        if field.get("fields"):
            _check_fields(list(field["fields"]))


SERVICES: dict[str, Service] = {
    DATASET: Dataset(),
    TABLE: Table(),
    ROUTINE: OfDataset(),
    "google_bigquery_dataset_access": OfDataset(),
}
