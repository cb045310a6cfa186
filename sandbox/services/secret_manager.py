"""Secret Manager: secrets and their versions."""

import re

from sandbox.catalog.places import is_region
from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values, at

SECRET = "google_secret_manager_secret"  # noqa: S105 - a type's name
VERSION = "google_secret_manager_secret_version"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,255}")


class Secret(Product):
    """A secret."""

    def check_name(self, context: Context, values: Values) -> None:
        """Check the id."""
        name = str(values.get("secret_id") or "")
        if not _NAME.fullmatch(name):
            number = context.cloud.project_number(str(values.get("project") or context.project))
            raise ApiError(
                400,
                f"The provided Secret ID [projects/{number}/secrets/{name}] does not match the expected"
                " format"
                " [[a-zA-Z_0-9]+].",
                "badRequest",
            )

    def admit(self, context: Context, values: Values) -> None:
        """Check replicas and topics."""
        for replica in at(values, "replication", 0, "user_managed", 0, "replicas") or []:
            if not is_region(str(replica.get("location"))):
                raise ApiError(
                    400,
                    f"Invalid location [{replica.get('location')}] in the replication policy.",
                    "badRequest",
                )
        for topic in values.get("topics") or []:
            key = str(topic.get("name") or "")
            if (
                key.startswith(f"projects/{context.project}/")
                and context.cloud.get("google_pubsub_topic", key) is None
            ):
                raise ApiError(400, f"The topic {key} does not exist.", "badRequest")
        if values.get("rotation") and not values.get("topics"):
            raise ApiError(400, "A rotation policy needs at least one topic.", "badRequest")

    def settle(self, context: Context, values: Values) -> None:
        """Name it by the project's number, as Google does."""
        project = str(values.get("project") or context.project)
        values["name"] = f"projects/{context.cloud.project_number(project)}/secrets/{values['secret_id']}"
        values["create_time"] = f"{context.now:%Y-%m-%dT%H:%M:%S.%f}Z"
        context.fill(values, "expire_time", "")

    def delete(self, context: Context, values: Values) -> None:
        """Let the versions go with the secret."""
        super().delete(context, values)
        for row in context.cloud.list(VERSION):
            if str(row.values.get("secret")) in {
                values.get("id"),
                values.get("name"),
                values.get("secret_id"),
            }:
                context.cloud.remove(VERSION, row.id)


class SecretVersion(Product):
    """A version of a secret."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a secret that does not exist."""
        key = str(values.get("secret") or "")
        if key.startswith(f"projects/{context.project}/") and context.cloud.get(SECRET, key) is None:
            raise ApiError(404, f"Secret [{key}] not found.", "notFound")

    def settle(self, context: Context, values: Values) -> None:
        """Number it."""
        key = str(values.get("secret") or "")
        taken = [
            int(str(row.values.get("version") or 0))
            for row in context.cloud.list(VERSION)
            if row.values.get("secret") == key
        ]
        number = max(taken, default=0) + 1
        while not context.cloud.claim(f"{key}/versions", str(number), VERSION, f"{key}/versions/{number}"):
            number += 1
        values["version"] = str(number)
        values["name"] = values["id"] = f"{key}/versions/{number}"
        values["create_time"] = f"{context.now:%Y-%m-%dT%H:%M:%S.%f}Z"
        values["destroy_time"] = ""


SERVICES: dict[str, Service] = {SECRET: Secret(), VERSION: SecretVersion()}
