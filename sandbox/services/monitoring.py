"""Cloud Monitoring: alert policies, notification channels, uptime checks."""

import re

from sandbox.catalog.metrics import is_unknown, metric
from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values

POLICY = "google_monitoring_alert_policy"
CHANNEL = "google_monitoring_notification_channel"
_METRIC = re.compile(r"metric\.type\s*=\s*\"([^\"]+)\"|metric\.type\s*=\s*'([^']+)'")
_RESOURCE = re.compile(r"resource\.type\s*=|resource\.type\s*:|resource\.type\s*!=|\bgroup\.id\s*=")
_DURATION = re.compile(r"(\d+)(?:\.0+)?s")
_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_MINUTE, _LONGEST = 60, 84_600
_RESOURCES = 'see "https://cloud.google.com/monitoring/api/resources" for a list of available resource types.'
_TO_NUMBER = re.compile(r"REDUCE_(PERCENTILE_\d\d|COUNT)")
# Channel types, and the labels each one needs (sensitive ones included).
_CHANNELS: dict[str, tuple[str, ...]] = {
    "campfire": (),
    "cloud_run": (),
    "email": ("email_address",),
    "google_chat": ("space",),
    "hipchat": (),
    "mobile_app": (),
    "pagerduty": (),
    "pubsub": ("topic",),
    "slack": ("channel_name",),
    "sms": ("number",),
    "webhook_basicauth": ("url",),
    "webhook_tokenauth": ("url",),
}
_PERIODS = {"60s", "300s", "600s", "900s"}


def _invalid(field: str, value: object, why: str) -> ApiError:
    return ApiError(400, f'Field {field} had an invalid value of "{value}": {why}', "badRequest")


class AlertPolicy(Product):
    """An alert policy."""

    def admit(self, context: Context, values: Values) -> None:
        """Check conditions, channels and labels."""
        for position, condition in enumerate(values.get("conditions") or []):
            field = f"alert_policy.conditions[{position}]"
            for kind in ("condition_threshold", "condition_absent"):
                for block in condition.get(kind) or []:
                    check_condition(context, block, f"{field}.{kind}", values)
            if condition.get("condition_matched_log") and not _rate_limited(values):
                raise ApiError(
                    400,
                    "Field alert_policy.alert_strategy.notification_rate_limit must be set for a policy"
                    " with a"
                    " condition_matched_log.",
                    "badRequest",
                )
        for name in values.get("notification_channels") or []:
            self._check_channel(context, str(name))
        for key, value in (values.get("user_labels") or {}).items():
            if not _LABEL.fullmatch(key) or (value and str(value) != str(value).lower()):
                raise _invalid(
                    "alert_policy.user_labels",
                    key,
                    "label keys and values may have only lowercase letters, digits, underscores and"
                    " dashes, and keys"
                    " begin with a letter.",
                )

    @staticmethod
    def _check_channel(context: Context, name: str) -> None:
        if name.startswith(f"projects/{context.project}/") and context.cloud.get(CHANNEL, name) is None:
            raise ApiError(404, f"The notification channel '{name}' was not found.", "notFound")

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Name its conditions."""
        stamp = f"{context.now:%Y-%m-%dT%H:%M:%S.%f}000Z"
        values["creation_record"] = [{"mutate_time": stamp, "mutated_by": "terraform@example.com"}]
        for condition in values.get("conditions") or []:
            condition["name"] = f"{values['name']}/conditions/{context.cloud.new_number()}"


def _rate_limited(values: Values) -> bool:
    return any(one.get("notification_rate_limit") for one in values.get("alert_strategy") or [])


def check_condition(context: Context, block: Values, field: str, values: Values) -> None:
    """Raise Cloud Monitoring's answer to a condition it would not evaluate."""
    text = str(block.get("filter") or "")
    if not text:
        raise _invalid(f"{field}.filter", text, "The filter must not be empty.")
    named = _METRIC.search(text)
    if named is None and "metric.type" not in text and "select_slo" not in text:
        raise _invalid(f"{field}.filter", text, 'must specify a restriction on "metric.type" in the filter.')
    if not _RESOURCE.search(text) and "select_slo" not in text:
        raise _invalid(
            f"{field}.filter",
            text,
            f'must specify a restriction on "resource.type" in the filter; {_RESOURCES}',
        )
    path = (named[1] or named[2]) if named else ""
    _check_metric(context, path, values)
    _check_duration(f"{field}.duration", block.get("duration"))
    for position, aggregation in enumerate(block.get("aggregations") or []):
        _check_aggregation(f"{field}.aggregations[{position}]", aggregation, path, first=position == 0)


def _check_metric(context: Context, path: str, values: Values) -> None:
    prefix = "logging.googleapis.com/user/"
    project = str(values.get("project") or context.project)
    missing = is_unknown(path)
    if path.startswith(prefix):
        name = path.removeprefix(prefix)
        rows = context.cloud.list("google_logging_metric", project)
        missing = not any(row.values.get("name") == name for row in rows)
    if missing:
        raise ApiError(
            404,
            f'Cannot find metric that matches type = "{path}". If a metric was created recently, it could'
            " take up to 10"
            " minutes to become available. Please try again soon.",
            "notFound",
        )


def _check_duration(field: str, duration: object) -> None:
    if not isinstance(duration, str) or not duration:
        return
    found = _DURATION.fullmatch(duration)
    if found is None or int(found[1]) % _MINUTE or int(found[1]) > _LONGEST:
        raise _invalid(field, duration, "must be a multiple of one minute, and at most 23 hours 30 minutes.")


def _check_aggregation(field: str, aggregation: Values, path: str, *, first: bool) -> None:
    period = aggregation.get("alignment_period")
    if isinstance(period, str) and period:
        found = _DURATION.fullmatch(period)
        if found is None or int(found[1]) < _MINUTE:
            raise _invalid(f"{field}.alignment_period", period, "must be at least 60 seconds.")
    aligner = str(aggregation.get("per_series_aligner") or "ALIGN_NONE")
    reducer = str(aggregation.get("cross_series_reducer") or "REDUCE_NONE")
    known = metric(path)
    if not first or known is None:
        return
    if aligner not in known.aligners:
        raise _invalid(
            f"{field}.per_series_aligner",
            aligner,
            f"The aligner cannot be applied to metrics with kind {known.kind} and value type"
            f" {known.value_type}.",
        )
    whole = known.value_type == "DISTRIBUTION" and not aligner.startswith("ALIGN_PERCENTILE")
    if whole and not _TO_NUMBER.fullmatch(reducer):
        raise _invalid(
            f"{field}.cross_series_reducer",
            reducer,
            "A threshold needs numbers, and the time series has value type DISTRIBUTION: use a percentile"
            " aligner or a"
            " percentile reducer.",
        )
    if aligner == "ALIGN_NONE" and reducer != "REDUCE_NONE":
        raise _invalid(
            f"{field}.per_series_aligner",
            aligner,
            "A reducer other than REDUCE_NONE needs a per-series aligner.",
        )


class Channel(Product):
    """A notification channel."""

    def admit(self, context: Context, values: Values) -> None:
        """Check type and labels."""
        del context
        kind = str(values.get("type") or "")
        if kind not in _CHANNELS:
            raise _invalid(
                "notification_channel.type",
                kind,
                f"must be one of the channel types: {', '.join(sorted(_CHANNELS))}.",
            )
        labels = values.get("labels") or {}
        for name in _CHANNELS[kind]:
            if not labels.get(name):
                raise _invalid(
                    "notification_channel.labels",
                    labels,
                    f'The label "{name}" is required for type "{kind}".',
                )
        email = labels.get("email_address")
        if email and "@" not in str(email):
            raise _invalid(
                'notification_channel.labels["email_address"]', email, "must be a valid email address."
            )
        url = labels.get("url")
        if url and not re.match(r"https?://", str(url)):
            raise _invalid('notification_channel.labels["url"]', url, "must be a valid URL.")

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Leave it unverified, as Google does with what needs no verification."""
        del context
        values["verification_status"] = ""

    def dismiss(self, context: Context, values: Values) -> None:
        """Refuse while alert policies name it, unless it is forced."""
        users = [
            row.id
            for row in context.cloud.list(POLICY)
            if values.get("name") in (row.values.get("notification_channels") or [])
        ]
        if users and not values.get("force_delete"):
            raise ApiError(
                400,
                "There are alerting policies that depend on the specified notification channel:"
                f" {', '.join(users)}.",
                "failedPrecondition",
            )


class UptimeCheck(Product):
    """An uptime check."""

    def admit(self, context: Context, values: Values) -> None:
        """Check the period, the time-out and what is checked."""
        del context
        period, timeout = values.get("period") or "300s", str(values.get("timeout") or "")
        if period not in _PERIODS:
            raise _invalid("uptime_check_config.period", period, "must be one of 60s, 300s, 600s or 900s.")
        found = _DURATION.fullmatch(timeout)
        if found is None or not 1 <= int(found[1]) <= _MINUTE:
            raise _invalid("uptime_check_config.timeout", timeout, "must be between 1 and 60 seconds.")
        for resource in values.get("monitored_resource") or []:
            if resource.get("type") == "uptime_url" and not (resource.get("labels") or {}).get("host"):
                raise _invalid(
                    "uptime_check_config.monitored_resource.labels", "", 'The label "host" is required.'
                )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set its id within the project."""
        del context
        values["uptime_check_id"] = str(values["name"]).rpartition("/")[2]


SERVICES: dict[str, Service] = {
    POLICY: AlertPolicy(),
    CHANNEL: Channel(),
    "google_monitoring_uptime_check_config": UptimeCheck(),
}
