"""Cloud Scheduler jobs and Cloud Tasks queues."""

import re

from sandbox.catalog.places import is_region
from sandbox.services.containers import check_identity
from sandbox.services.product import Product
from sandbox.services.references import look_up
from sandbox.services.service import ApiError, Context, Service, Values, at

_FIELD = r"(?:\*|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:/\d+)?"
_CRON = re.compile(rf"\s*{_FIELD}(?:,{_FIELD})*(?:\s+{_FIELD}(?:,{_FIELD})*){{4}}\s*")
_WORDS = re.compile(r"\s*(every|\d+(st|nd|rd|th)|first|second|third|fourth|fifth)\b.*", re.IGNORECASE)
_NAME = re.compile(r"[a-zA-Z\d_-]{1,500}")
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class Job(Product):
    """A scheduled job."""

    def check_place(self, context: Context, values: Values) -> None:
        """Check the region."""
        del context
        place = str(values.get("region") or "")
        if place and not is_region(place):
            raise ApiError(404, f"Location '{place}' is not a valid location.", "notFound")

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        if not _NAME.fullmatch(str(values.get("name") or "")):
            raise ApiError(
                400,
                'Job name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>".',
                "badRequest",
            )

    def admit(self, context: Context, values: Values) -> None:
        """Check schedule, topic and identity."""
        schedule = values.get("schedule")
        if schedule and not is_schedule(str(schedule)):
            raise ApiError(400, "Schedule or time zone is invalid.", "badRequest")
        project = str(values.get("project") or context.project)
        for target in values.get("pubsub_target") or []:
            topic = str(target.get("topic_name") or "")
            if topic and look_up(context, topic, ("google_pubsub_topic",), values).missing:
                raise ApiError(404, f"Resource not found (resource={topic.rpartition('/')[2]}).", "notFound")
        for token in ("oidc_token", "oauth_token"):
            check_identity(context, at(values, "http_target", 0, token, 0, "service_account_email"), project)
        for target in values.get("http_target") or []:
            if not re.match(r"https?://.", str(target.get("uri") or "")):
                raise ApiError(400, "HttpTarget.uri must begin with http:// or https://.", "badRequest")

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set its state."""
        values["state"] = "PAUSED" if context.given(values, "paused") else "ENABLED"
        context.fill(values, "paused", value=False)


def is_schedule(text: str) -> bool:
    """Return whether a schedule is in cron's form (with numbers in range) or in App Engine's words."""
    if _WORDS.fullmatch(text):
        return True
    if not _CRON.fullmatch(text):
        return False
    return all(
        low <= int(number) <= high
        for part, (low, high) in zip(text.split(), _LIMITS, strict=True)
        for number in re.findall(r"(?<!/)\b\d+\b", re.sub(r"/\d+", "", part))
    )


SERVICES: dict[str, Service] = {"google_cloud_scheduler_job": Job()}
