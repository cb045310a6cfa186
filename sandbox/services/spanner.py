"""Spanner: instances and databases."""

import re

from sandbox.catalog.places import is_region
from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values

INSTANCE = "google_spanner_instance"
DATABASE = "google_spanner_database"
_MULTI = re.compile(r"(nam|eur|asia|nam-eur-asia)\w*")
_UNITS_A_NODE, _STEP = 1000, 100


class SpannerInstance(Product):
    """An instance."""

    def admit(self, context: Context, values: Values) -> None:
        """Check configuration and size."""
        del context
        config = str(values.get("config") or "").rpartition("/")[2]
        region = config.removeprefix("regional-")
        known = is_region(region) if config.startswith("regional-") else bool(_MULTI.fullmatch(config))
        if not known and not config.startswith("custom-"):
            raise ApiError(
                404,
                f"Instance config not found: projects/{values.get('project')}/instanceConfigs/{config}",
                "notFound",
            )
        units = values.get("processing_units")
        if units and (int(units) % (_STEP if int(units) < _UNITS_A_NODE else _UNITS_A_NODE)):
            raise ApiError(
                400,
                "Processing units must be a multiple of 100 below 1000, and of 1000 from there.",
                "badRequest",
            )

    def settle(self, context: Context, values: Values) -> None:
        """Set its state and size."""
        values["state"] = "READY"
        units, nodes = context.given(values, "processing_units"), context.given(values, "num_nodes")
        context.fill(values, "num_nodes", int(units or 0) // _UNITS_A_NODE if units else 1)
        context.fill(values, "processing_units", int(nodes or 1) * _UNITS_A_NODE)
        context.fill(values, "edition", "STANDARD")
        context.fill(values, "instance_type", "PROVISIONED")
        context.fill(values, "default_backup_schedule_type", "NONE")

    def delete(self, context: Context, values: Values) -> None:
        """Let the databases go with the instance."""
        super().delete(context, values)
        for row in context.cloud.list(DATABASE, values.get("project")):
            if row.values.get("instance") == values.get("name"):
                context.cloud.remove(DATABASE, row.id)


class SpannerDatabase(Product):
    """A database."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse an instance that does not exist."""
        project, name = values.get("project"), str(values.get("instance") or "").rpartition("/")[2]
        rows = context.cloud.list(INSTANCE, str(project))
        if not any(row.values.get("name") == name for row in rows):
            raise ApiError(404, f"Instance not found: projects/{project}/instances/{name}", "notFound")

    def settle(self, context: Context, values: Values) -> None:
        """Set its state."""
        values["state"] = "READY"
        context.fill(values, "database_dialect", "GOOGLE_STANDARD_SQL")
        context.fill(values, "version_retention_period", "1h")


SERVICES: dict[str, Service] = {INSTANCE: SpannerInstance(), DATABASE: SpannerDatabase()}
