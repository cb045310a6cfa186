"""Cloud Monitoring, by Google's own client; in the sandbox only its target differs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from infraai.errors import CloudError
from infraai.operations.ports import Alignment, Measured, MeasuredSeries
from tools.gcp import address_of, cloud_error

if TYPE_CHECKING:
    from google.cloud.monitoring_v3 import AlertPolicyServiceClient, MetricServiceClient

Result = TypeVar("Result")
_TOOL = "Cloud Monitoring"


@dataclass(frozen=True)
class MonitoringClient:
    """`infraai.operations.ports.Metrics`: reads what Cloud Monitoring measured.

    `target` is the sandbox's, said at once or when it is needed, and without encryption; None is Google's own, with
    application-default credentials.
    """

    target: str | Callable[[], str] | None = None
    timeout_s: float = 30

    async def time_series(
        self, project: str, wanted: str, *, start: datetime, end: datetime, alignment: Alignment | None = None
    ) -> tuple[MeasuredSeries, ...]:
        """Return the series that pass a monitoring filter, with values after `start` until `end`.

        Raises `CloudError`: an aligner that does not fit the metric, a metric that does not exist (yet).
        """
        request: dict[str, Any] = {
            "name": f"projects/{project}",
            "filter": wanted,
            "interval": {"start_time": start, "end_time": end},
        }
        if alignment is not None:
            request["aggregation"] = {
                "alignment_period": {"seconds": alignment.period_s},
                "per_series_aligner": alignment.aligner,
                "cross_series_reducer": alignment.reducer or "REDUCE_NONE",
                "group_by_fields": list(alignment.group_by),
            }
        thing = f"projects/{project} time series {wanted}"
        found = await self._call(
            thing, lambda: list(self._metrics.list_time_series(request=request, timeout=self.timeout_s))
        )
        return tuple(_measured(one) for one in found)

    async def alert_policies(self, project: str) -> tuple[dict[str, Any], ...]:
        """Return the project's alert policies as Google's JSON has them; raise `CloudError`."""
        request = {"name": f"projects/{project}"}
        found = await self._call(
            f"projects/{project} alert policies",
            lambda: list(self._policies.list_alert_policies(request=request, timeout=self.timeout_s)),
        )
        return tuple(dict(type(one).to_dict(one, use_integers_for_enums=False)) for one in found)

    async def close(self) -> None:
        """Close the connections that were opened."""
        for name in ("_metrics", "_policies"):
            if name in self.__dict__:
                client = self.__dict__.pop(name)
                await asyncio.to_thread(client.transport.close)

    async def _call(self, thing: str, call: Callable[[], Result]) -> Result:
        return await asyncio.to_thread(_mapped, thing, call)

    @cached_property
    def _metrics(self) -> "MetricServiceClient":
        from google.cloud.monitoring_v3 import MetricServiceClient
        from google.cloud.monitoring_v3.services.metric_service.transports import MetricServiceGrpcTransport

        if self.target is None:
            return MetricServiceClient()
        return MetricServiceClient(
            transport=MetricServiceGrpcTransport(channel=_channel(address_of(self.target)))
        )

    @cached_property
    def _policies(self) -> "AlertPolicyServiceClient":
        from google.cloud.monitoring_v3 import AlertPolicyServiceClient
        from google.cloud.monitoring_v3.services.alert_policy_service.transports import (
            AlertPolicyServiceGrpcTransport,
        )

        if self.target is None:
            return AlertPolicyServiceClient()
        return AlertPolicyServiceClient(
            transport=AlertPolicyServiceGrpcTransport(channel=_channel(address_of(self.target)))
        )


def _channel(target: str) -> Any:
    import grpc

    return grpc.insecure_channel(target)


def _mapped(thing: str, call: Callable[[], Result]) -> Result:
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError

    try:
        return call()
    except GoogleAPICallError as fault:
        raise cloud_error(_TOOL, thing, str(fault.message or fault), int(fault.code or 0)) from fault
    except GoogleAuthError as fault:
        raise cloud_error(_TOOL, thing, str(fault), 401) from fault
    except RetryError as fault:
        raise CloudError(
            _TOOL, f"{thing}: no answer in time", next_step="Check the network, then try again."
        ) from fault


def _measured(one: Any) -> MeasuredSeries:
    labels = {f"metric.labels.{key}": value for key, value in one.metric.labels.items()}
    labels |= {f"resource.labels.{key}": value for key, value in one.resource.labels.items()}
    points = tuple(Measured(point.interval.end_time, _number(point.value)) for point in reversed(one.points))
    return MeasuredSeries(
        metric=one.metric.type, resource_type=one.resource.type, labels=labels, points=points
    )


def _number(value: Any) -> float:
    if type(value).pb(value).WhichOneof("value") == "distribution_value":
        return float(value.distribution_value.mean)
    return float(value.double_value or value.int64_value or value.bool_value)
