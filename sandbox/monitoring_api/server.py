"""The Monitoring gRPC server."""

from collections.abc import Callable, Mapping
from concurrent import futures
from typing import TYPE_CHECKING, Any

from sandbox.monitoring_api.descriptors import Descriptor, Descriptors
from sandbox.monitoring_api.metric_service import MetricService
from sandbox.monitoring_api.policy_service import PolicyService
from sandbox.monitoring_api.refusal import Refusal

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

_THREADS = 4
_PACKAGE = "google.monitoring.v3"


class MonitoringServer:
    """Serves MetricService, AlertPolicyService and NotificationChannelService on a free loopback port.

    `known` are the descriptors of Google's own metrics; the catalog's where none are given. `advance` measures
    the cloud up to now: it is called before series are read.
    """

    def __init__(
        self,
        cloud: "Cloud",
        known: Mapping[str, Descriptor] | None = None,
        *,
        advance: Callable[[], object] = int,
    ) -> None:
        self._metrics = MetricService(cloud, Descriptors(cloud, known), advance)
        self._policies = PolicyService(cloud)
        self._server: Any = None

    def start(self) -> str:
        """Begin to serve; return the gRPC target."""
        import grpc

        pool = futures.ThreadPoolExecutor(_THREADS)
        server = grpc.server(pool, options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers(self._handlers())
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self._server = server, pool
        return f"127.0.0.1:{port}"

    def stop(self) -> None:
        """Cancel what is under way and close the port."""
        if self._server is not None:
            server, pool = self._server
            server.stop(0).wait()
            pool.shutdown(wait=False, cancel_futures=True)
            self._server = None

    def _handlers(self) -> tuple[Any, ...]:
        import grpc
        from google.cloud import monitoring_v3 as messages

        metrics, policies = self._metrics, self._policies
        services: dict[str, dict[str, tuple[Any, Callable[[Any], Any]]]] = {
            "MetricService": {
                "ListTimeSeries": (messages.ListTimeSeriesRequest, metrics.list_time_series),
                "CreateTimeSeries": (messages.CreateTimeSeriesRequest, metrics.create_time_series),
                "ListMetricDescriptors": (
                    messages.ListMetricDescriptorsRequest,
                    metrics.list_metric_descriptors,
                ),
                "GetMetricDescriptor": (messages.GetMetricDescriptorRequest, metrics.get_metric_descriptor),
            },
            "AlertPolicyService": {
                "ListAlertPolicies": (messages.ListAlertPoliciesRequest, policies.list_alert_policies),
                "GetAlertPolicy": (messages.GetAlertPolicyRequest, policies.get_alert_policy),
            },
            "NotificationChannelService": {
                "ListNotificationChannels": (
                    messages.ListNotificationChannelsRequest,
                    policies.list_notification_channels,
                ),
                "GetNotificationChannel": (
                    messages.GetNotificationChannelRequest,
                    policies.get_notification_channel,
                ),
            },
        }
        return tuple(
            grpc.method_handlers_generic_handler(
                f"{_PACKAGE}.{service}",
                {
                    name: grpc.unary_unary_rpc_method_handler(
                        _answering(answer),
                        request_deserializer=kind.deserialize,
                        response_serializer=_serialized,
                    )
                    for name, (kind, answer) in calls.items()
                },
            )
            for service, calls in services.items()
        )


def _answering(answer: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def call(request: Any, context: Any) -> Any:
        import grpc

        try:
            return answer(request)
        except Refusal as refusal:
            return context.abort(grpc.StatusCode[refusal.code], refusal.message)

    return call


def _serialized(message: Any) -> bytes:
    """Return the wire form of a message of either of Google's two kinds."""
    plain = type(message).pb(message) if hasattr(type(message), "pb") else message
    return bytes(plain.SerializeToString())
