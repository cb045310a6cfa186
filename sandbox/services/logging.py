"""Cloud Logging: sinks and log-based metrics."""

import re

from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values

_DESTINATION = re.compile(r"(storage|bigquery|pubsub|logging)\.googleapis\.com/.+")


class Sink(Product):
    """A sink of a project, folder or organization."""

    def admit(self, context: Context, values: Values) -> None:
        """Check the destination's form; Google looks for what it names only when it writes."""
        del context
        destination = str(values.get("destination") or "")
        if not _DESTINATION.fullmatch(destination):
            raise ApiError(
                400,
                f"Invalid value for destination: '{destination}' is not a supported sink destination.",
                "badRequest",
            )

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
