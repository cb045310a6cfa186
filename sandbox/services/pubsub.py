"""Pub/Sub: topics, subscriptions, schemas."""

import re
from typing import ClassVar

from sandbox.services.product import Product
from sandbox.services.references import Reference, look_up
from sandbox.services.service import ApiError, Context, Service, Values

TOPIC = "google_pubsub_topic"
SUBSCRIPTION = "google_pubsub_subscription"
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9._~+%]{2,254}")


def _check_name(values: Values, collection: str) -> None:
    name = str(values.get("name") or "").rpartition("/")[2]
    if not _NAME.fullmatch(name) or name.startswith("goog"):
        raise ApiError(
            400,
            f"Invalid resource name given (name=projects/{values.get('project')}/{collection}/{name})."
            " Refer to"
            " https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names for more information.",
            "badRequest",
        )


class Topic(Product):
    """A topic."""

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        _check_name(values, "topics")

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a schema that does not exist."""
        for block in values.get("schema_settings") or []:
            key = str(block.get("schema") or "")
            mine = key.startswith(f"projects/{values.get('project')}/")
            if mine and context.cloud.get("google_pubsub_schema", key) is None:
                raise ApiError(404, f"Resource not found (resource={key.rpartition('/')[2]}).", "notFound")


class Subscription(Product):
    """A subscription to a topic."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("topic", (TOPIC,), holds=False, checked=False),
        Reference("dead_letter_policy.dead_letter_topic", (TOPIC,), holds=False, checked=False),
    )

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        _check_name(values, "subscriptions")

    def admit(self, context: Context, values: Values) -> None:
        """Check topics, push endpoint and what takes the messages."""
        topics = [values.get("topic")]
        topics += [one.get("dead_letter_topic") for one in values.get("dead_letter_policy") or []]
        for topic in topics:
            if isinstance(topic, str) and topic:
                found = look_up(context, topic, (TOPIC,), values)
                if found.missing:
                    raise ApiError(
                        404, f"Resource not found (resource={found.id.rpartition('/')[2]}).", "notFound"
                    )
        for push in values.get("push_config") or []:
            endpoint = str(push.get("push_endpoint") or "")
            if not endpoint.startswith("https://") and not endpoint.startswith("http://"):
                raise ApiError(
                    400,
                    f"Invalid push endpoint given (endpoint={endpoint}). Refer to"
                    " https://cloud.google.com/pubsub/docs/push for more information.",
                    "badRequest",
                )
        for block in values.get("bigquery_config") or []:
            _check_table(context, str(block.get("table") or ""), str(values.get("project")))

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)


def _check_table(context: Context, table: str, project: str) -> None:
    parts = re.split(r"[.:]", table)
    if len(parts) == 3 and parts[0] == project:  # noqa: PLR2004 - project.dataset.table
        key = f"projects/{parts[0]}/datasets/{parts[1]}/tables/{parts[2]}"
        if context.cloud.get("google_bigquery_table", key) is None:
            raise ApiError(404, f"Table not found: {table}", "notFound")


SERVICES: dict[str, Service] = {TOPIC: Topic(), SUBSCRIPTION: Subscription()}
