"""google.monitoring.v3.MetricService: time series and metric descriptors."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sandbox.monitoring_api.alignment import Aggregation, aggregate
from sandbox.monitoring_api.descriptors import Descriptor, Descriptors
from sandbox.monitoring_api.filters import Filter, FilterError, parse_filter
from sandbox.monitoring_api.messages import descriptor_message, first_seen, series_message, written_series
from sandbox.monitoring_api.refusal import invalid, not_found
from sandbox.monitoring_api.store import record, series_of

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

_WRITABLE = (
    "custom.googleapis.com/",
    "external.googleapis.com/",
    "workload.googleapis.com/",
    "agent.googleapis.com/",
)
_PAGE = 100_000


class MetricService:
    """Answers the service's calls; each takes and returns Google's own messages, or raises `Refusal`."""

    def __init__(self, cloud: "Cloud", descriptors: Descriptors, advance: Callable[[], object] = int) -> None:
        self._cloud = cloud
        self._advance = advance
        self._descriptors = descriptors

    def list_time_series(self, request: Any) -> Any:
        """Return the series that pass the filter, newest points first."""
        from google.cloud.monitoring_v3 import ListTimeSeriesResponse

        project = project_of(request.name)
        wanted = _parsed(request.filter)
        descriptor = self._described(project, wanted)
        start, end = _interval(request.interval)
        aggregation = _aggregation(request.aggregation, descriptor)
        second = _aggregation(request.secondary_aggregation, None) if aggregation else None
        self._advance()
        found = series_of(self._cloud, descriptor.type, wanted, start, end)
        found = [one for one in found if one.resource_labels.get("project_id", project) == project]
        if aggregation is not None:
            distribution = descriptor.value_type == "DISTRIBUTION"
            found = aggregate(found, aggregation, descriptor.kind, start, end, distribution=distribution)
        if second is not None:
            found = aggregate(found, second, "GAUGE", start, end)
        page, token = paged(found, request.page_size or _PAGE, request.page_token)
        headers_only = request.view == 1
        shown = [series_message(one, descriptor, aggregation, headers_only=headers_only) for one in page]
        return ListTimeSeriesResponse(time_series=shown, next_page_token=token)

    def create_time_series(self, request: Any) -> Any:
        """Keep points of custom and agent metrics; a metric seen for the first time gets its descriptor."""
        from google.protobuf.empty_pb2 import Empty

        project = project_of(request.name)
        for number, one in enumerate(request.time_series):
            metric = one.metric.type
            if not metric.startswith(_WRITABLE):
                raise invalid(
                    f'Field timeSeries[{number}].metric.type had an invalid value of "{metric}": '
                    "The metric type must be a URL-formatted string with a domain and non-empty path."
                )
            if self._descriptors.get(project, metric) is None:
                self._descriptors.add(project, first_seen(one))
        record(self._cloud, [written_series(one, project) for one in request.time_series])
        return Empty()

    def list_metric_descriptors(self, request: Any) -> Any:
        """Return the descriptors that pass the filter."""
        from google.cloud.monitoring_v3 import ListMetricDescriptorsResponse

        project = project_of(request.name)
        wanted = _parsed(request.filter)
        found = [
            one
            for one in self._descriptors.all(project).values()
            if wanted.matches({"metric.type": one.type, "project": project}.get)
        ]
        page, token = paged(found, request.page_size or _PAGE, request.page_token)
        shown = [descriptor_message(project, one) for one in page]
        return ListMetricDescriptorsResponse(metric_descriptors=shown, next_page_token=token)

    def get_metric_descriptor(self, request: Any) -> Any:
        """Return one descriptor."""
        project = project_of(request.name)
        metric = request.name.partition("/metricDescriptors/")[2]
        found = self._descriptors.get(project, metric)
        if found is None:
            raise not_found(f"Could not find descriptor for metric '{metric}'.")
        return descriptor_message(project, found)

    def _described(self, project: str, wanted: Filter) -> Descriptor:
        metric = wanted.demands.get("metric.type")
        if not metric:
            raise invalid(
                'Field filter had an invalid value: must specify a single metric type with metric.type = "…".'
            )
        found = self._descriptors.get(project, metric)
        if found is None:
            raise not_found(
                f'Cannot find metric(s) that match type = "{metric}". If a metric was created recently, it'
                " could take up to 10 minutes to become available. Please try again soon."
            )
        return found


def project_of(name: str) -> str:
    """Return P of `projects/P/…`; raise the API's answer to any other name."""
    kind, _, rest = name.partition("/")
    if kind != "projects" or not rest:
        raise invalid(f'Field name had an invalid value of "{name}": it must begin with "projects/".')
    return rest.partition("/")[0]


def paged(found: Sequence[Any], size: int, token: str) -> tuple[Sequence[Any], str]:
    """Return one page and the token of the next; "" where it is the last."""
    start = int(token) if token.isdigit() else 0
    end = start + size
    return found[start:end], str(end) if end < len(found) else ""


def _parsed(text: str) -> Filter:
    try:
        return parse_filter(text)
    except FilterError as fault:
        raise invalid(f'Field filter had an invalid value of "{text}": {fault}.') from fault


def _interval(interval: Any) -> tuple[float, float]:
    end = interval.end_time.timestamp() if interval.end_time else 0.0
    start = interval.start_time.timestamp() if interval.start_time else end - 1e-6
    if end <= 0 or start > end:
        raise invalid(
            "Field interval had an invalid value: the end time must be set and not before the start time."
        )
    return start, end


def _aggregation(asked: Any, descriptor: Descriptor | None) -> Aggregation | None:
    from google.cloud.monitoring_v3 import Aggregation as Message

    aligner = Message.Aligner(asked.per_series_aligner).name
    reducer = Message.Reducer(asked.cross_series_reducer).name
    if aligner == "ALIGN_NONE":
        if reducer != "REDUCE_NONE":
            raise invalid("Field aggregation.perSeriesAligner must be set where a reducer is.")
        return None
    if descriptor is not None and descriptor.aligners and aligner not in descriptor.aligners:
        raise invalid(
            f'Field aggregation.perSeriesAligner had an invalid value of "{aligner}": The aligner cannot be'
            f" applied to metrics with kind {descriptor.kind} and value type {descriptor.value_type}."
        )
    period = asked.alignment_period.total_seconds() if asked.alignment_period else 0
    if period < 1:
        raise invalid("Field aggregation.alignmentPeriod must be at least 1 second.")
    return Aggregation(
        period_s=period, aligner=aligner, reducer=reducer, group_by=tuple(asked.group_by_fields)
    )
