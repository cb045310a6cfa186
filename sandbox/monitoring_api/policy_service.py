"""AlertPolicyService and NotificationChannelService: what Terraform made, as Google's own messages."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.monitoring_api.filters import FilterError, parse_filter
from sandbox.monitoring_api.metric_service import paged, project_of
from sandbox.monitoring_api.refusal import invalid, not_found

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

POLICY = "google_monitoring_alert_policy"
CHANNEL = "google_monitoring_notification_channel"
_PAGE = 1000


class PolicyService:
    """Lists and gets alert policies and notification channels."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud

    def list_alert_policies(self, request: Any) -> Any:
        """Return the project's alert policies that pass the filter."""
        from google.cloud.monitoring_v3 import ListAlertPoliciesResponse

        page, token, total = self._list(POLICY, request)
        shown = [alert_policy(one) for one in page]
        return ListAlertPoliciesResponse(alert_policies=shown, next_page_token=token, total_size=total)

    def get_alert_policy(self, request: Any) -> Any:
        """Return one alert policy."""
        return alert_policy(self._get(POLICY, request.name))

    def list_notification_channels(self, request: Any) -> Any:
        """Return the project's notification channels that pass the filter."""
        from google.cloud.monitoring_v3 import ListNotificationChannelsResponse

        page, token, total = self._list(CHANNEL, request)
        shown = [notification_channel(one) for one in page]
        return ListNotificationChannelsResponse(
            notification_channels=shown, next_page_token=token, total_size=total
        )

    def get_notification_channel(self, request: Any) -> Any:
        """Return one notification channel."""
        return notification_channel(self._get(CHANNEL, request.name))

    def _list(self, kind: str, request: Any) -> tuple[list[Mapping[str, Any]], str, int]:
        rows = self._cloud.list(kind, project_of(request.name))
        every = [{**row.values, "name": row.values.get("name") or row.id} for row in rows]
        try:
            wanted = parse_filter(request.filter)
        except FilterError as fault:
            raise invalid(f'Field filter had an invalid value of "{request.filter}": {fault}.') from fault
        found = [one for one in every if wanted.matches(partial(_field, one))]
        page, token = paged(found, request.page_size or _PAGE, request.page_token)
        return list(page), token, len(found)

    def _get(self, kind: str, name: str) -> Mapping[str, Any]:
        for row in self._cloud.list(kind, project_of(name)):
            if name in {row.id, row.values.get("name")}:
                return {**row.values, "name": name}
        raise not_found(f"Could not find a resource with name '{name}'.")


def alert_policy(values: Mapping[str, Any]) -> Any:
    """Return the AlertPolicy message for an alert policy's Terraform attributes."""
    from google.cloud.monitoring_v3 import AlertPolicy

    return _message(AlertPolicy, values)


def notification_channel(values: Mapping[str, Any]) -> Any:
    """Return the NotificationChannel message; its sensitive labels are left out, as the API does."""
    from google.cloud.monitoring_v3 import NotificationChannel

    return _message(
        NotificationChannel, {key: one for key, one in values.items() if key != "sensitive_labels"}
    )


def _message(kind: Any, values: Mapping[str, Any]) -> Any:
    from google.protobuf.json_format import ParseDict

    message = kind.pb(kind())
    ParseDict(_fitting(values, message.DESCRIPTOR), message, ignore_unknown_fields=True)
    return kind.wrap(message)


def _fitting(values: Mapping[str, Any], descriptor: Any) -> dict[str, Any]:
    """Return the attributes the message has: Terraform names them alike, but makes each block a list."""
    fitting: dict[str, Any] = {}
    for name, value in values.items():
        field = descriptor.fields_by_name.get(name)
        if field is None or value in (None, "", [], {}) or (_alternative(field) and not value):
            continue
        inner = field.message_type
        single = (
            value[0] if isinstance(value, list) and inner is not None and not field.is_repeated else value
        )
        fitting[name] = _nested(single, inner)
    return fitting


def _alternative(field: Any) -> bool:
    """Return whether at most one of several fields may be set: Terraform has the others as zero."""
    return field.containing_oneof is not None and len(field.containing_oneof.fields) > 1


def _nested(value: Any, inner: Any) -> Any:
    if isinstance(value, list):
        return [_nested(one, inner) for one in value]
    is_map = inner is not None and inner.GetOptions().map_entry
    if isinstance(value, dict) and inner is not None and not is_map:
        return _fitting(value, inner)
    return value


def _field(values: Mapping[str, Any], name: str) -> str | None:
    found: Any = values
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return None if found is None else str(found).lower() if isinstance(found, bool) else str(found)
