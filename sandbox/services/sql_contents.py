"""What is inside a Cloud SQL instance: databases and users."""

from typing import Any

from sandbox.services.product import Product
from sandbox.services.references import look_up
from sandbox.services.service import ApiError, Context, Service, Values

INSTANCE = "google_sql_database_instance"


class OfInstance(Product):
    """Something inside an instance."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse an instance that does not exist."""
        self.instance(context, values)

    @staticmethod
    def instance(context: Context, values: Values) -> dict[str, Any]:
        """Return the instance; raise 404 where it does not exist."""
        found = look_up(context, str(values.get("instance")), (INSTANCE,), values)
        if found.missing:
            raise ApiError(404, "The Cloud SQL instance does not exist.", "instanceDoesNotExist")
        return found.values or {}


class Database(OfInstance):
    """A database of an instance."""

    def settle(self, context: Context, values: Values) -> None:
        """Set link, character set and collation."""
        version = str(self.instance(context, values).get("database_version") or "")
        charset, collation = (
            ("UTF8", "en_US.UTF8") if version.startswith("POSTGRES") else ("utf8mb3", "utf8mb3_general_ci")
        )
        if version.startswith("SQLSERVER"):
            charset, collation = "", "SQL_Latin1_General_CP1_CI_AS"
        context.fill(values, "charset", charset)
        context.fill(values, "collation", collation)
        values["self_link"] = f"https://sqladmin.googleapis.com/sql/v1beta4/{values['id']}"


class User(OfInstance):
    """A user of an instance."""

    def admit(self, context: Context, values: Values) -> None:
        """Check the name of an IAM user against the database."""
        version = str(self.instance(context, values).get("database_version") or "")
        name = str(values.get("name") or "")
        account = values.get("type") == "CLOUD_IAM_SERVICE_ACCOUNT" and version.startswith("POSTGRES")
        if account and name.endswith(".gserviceaccount.com"):
            raise ApiError(
                400,
                "Invalid request: Database username for Cloud IAM service account should be created without"
                ' ".gserviceaccount.com" suffix.',
                "invalid",
            )

    def settle(self, context: Context, values: Values) -> None:
        """Set the host, and the id that carries it."""
        context.fill(values, "host", "")
        values["iam_email"] = (
            values.get("name") if str(values.get("type") or "").startswith("CLOUD_IAM") else ""
        )
        values["sql_server_user_details"] = []
        values["id"] = f"{values.get('name')}/{values.get('host') or ''}/{values.get('instance')}"


SERVICES: dict[str, Service] = {"google_sql_database": Database(), "google_sql_user": User()}
