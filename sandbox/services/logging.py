"""Cloud Logging: sinks and log-based metrics."""

import re

from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values
from sandbox.services.storage import BUCKET

_DESTINATION = re.compile(r"(?P<host>storage|bigquery|pubsub|logging)\.googleapis\.com/(?P<path>.+)")
_KEYS = {"bigquery": "google_bigquery_dataset", "pubsub": "google_pubsub_topic"}


class Sink(Product):
    """A sink of a project, folder or organization."""

    def admit(self, context: Context, values: Values) -> None:
        """Check the destination's form, and that what it names is there."""
        destination = str(values.get("destination") or "")
        found = _DESTINATION.fullmatch(destination)
        if found is None:
            raise ApiError(
                400,
                f"Invalid value for destination: '{destination}' is not a supported sink destination.",
                "badRequest",
            )
        host, path = found["host"], found["path"]
        mine = path.startswith(f"projects/{context.project}/")
        if host in _KEYS and mine and context.cloud.get(_KEYS[host], path) is None:
            raise ApiError(404, f"The sink destination {destination} does not exist.", "notFound")
        if host == "storage" and "/" not in path and context.cloud.get(BUCKET, path) is None:
            raise ApiError(404, f"The sink destination {destination} does not exist.", "notFound")

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Name the account that writes."""
        number = context.cloud.project_number(str(values.get("project") or context.project))
        account = f"service-{number}@gcp-sa-logging.iam.gserviceaccount.com"
        if values.get("unique_writer_identity") is False:
            account = "cloud-logs@system.gserviceaccount.com"
        values["writer_identity"] = values.get("custom_writer_identity") or f"serviceAccount:{account}"


class Metric(Product):
    """A log-based metric."""

    def admit(self, context: Context, values: Values) -> None:
        """Check that a distribution says what it measures."""
        del context
        for descriptor in values.get("metric_descriptor") or []:
            if descriptor.get("value_type") == "DISTRIBUTION" and not values.get("value_extractor"):
                raise ApiError(400, "A value extractor is required for a DISTRIBUTION metric.", "badRequest")

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)


SERVICES: dict[str, Service] = {
    "google_logging_project_sink": Sink(),
    "google_logging_folder_sink": Sink(),
    "google_logging_organization_sink": Sink(),
    "google_logging_metric": Metric(),
}
