"""Series and descriptors as Google's own messages, and back."""

import math
from collections.abc import Callable
from typing import Any

from sandbox.monitoring_api.alignment import Aggregation, Series
from sandbox.monitoring_api.descriptors import Descriptor

_WHOLE = {"ALIGN_MAX", "ALIGN_MIN", "ALIGN_SUM", "ALIGN_NEXT_OLDER", "ALIGN_DELTA"}
_WHOLE_REDUCED = {"REDUCE_NONE", "REDUCE_SUM", "REDUCE_MAX", "REDUCE_MIN"}


def series_message(
    one: Series, descriptor: Descriptor, aggregation: Aggregation | None, *, headers_only: bool
) -> Any:
    """Return the TimeSeries message, newest point first."""
    from google.cloud.monitoring_v3 import TimeSeries

    value_type = _shown_type(descriptor, aggregation)
    value = _value(value_type)
    period = aggregation.period_s if aggregation else 0.0
    rate_like = (
        aggregation is not None and descriptor.kind != "GAUGE" and aggregation.aligner != "ALIGN_DELTA"
    )
    return TimeSeries(
        metric={"type": one.metric, "labels": dict(one.metric_labels)},
        resource={"type": one.resource_type, "labels": dict(one.resource_labels)},
        metric_kind="GAUGE" if rate_like else descriptor.kind,
        value_type=value_type,
        unit=descriptor.unit,
        points=[]
        if headers_only
        else [
            {"interval": {"start_time": _time(at - period), "end_time": _time(at)}, "value": value(number)}
            for at, number in reversed(one.samples)
        ],
    )


def _shown_type(descriptor: Descriptor, aggregation: Aggregation | None) -> str:
    if aggregation is None:
        return descriptor.value_type
    if "COUNT" in aggregation.aligner or "COUNT" in aggregation.reducer:
        return "INT64"
    if aggregation.reducer in _WHOLE_REDUCED:
        if descriptor.value_type == "DISTRIBUTION" and aggregation.aligner in {"ALIGN_DELTA", "ALIGN_SUM"}:
            return "DISTRIBUTION"
        if descriptor.value_type == "BOOL" and aggregation.aligner == "ALIGN_NEXT_OLDER":
            return "BOOL"
        if descriptor.value_type == "INT64" and aggregation.aligner in _WHOLE:
            return "INT64"
    return "DOUBLE"


def _value(value_type: str) -> Callable[[float], dict[str, Any]]:
    if value_type == "INT64":
        return lambda number: {"int64_value": round(number)}
    if value_type == "BOOL":
        return lambda number: {"bool_value": bool(number)}
    if value_type == "DISTRIBUTION":
        return lambda number: {"distribution_value": {"count": 1, "mean": number}}
    return lambda number: {"double_value": number}


def _time(at: float) -> dict[str, int]:
    seconds = math.floor(at)
    return {"seconds": seconds, "nanos": min(round((at - seconds) * 1e9), 999_999_999)}


def first_seen(one: Any) -> Descriptor:
    """Return the descriptor that a first write of this TimeSeries message makes."""
    metric_descriptor = _metric_descriptor()

    kind = metric_descriptor.MetricKind.Name(one.metric_kind)
    value_type = metric_descriptor.ValueType.Name(one.value_type)
    return Descriptor(
        type=one.metric.type,
        kind="GAUGE" if kind.endswith("UNSPECIFIED") else kind,
        value_type=_written_type(one) if value_type.endswith("UNSPECIFIED") else value_type,
        label_keys=tuple(one.metric.labels),
    )


def _written_type(one: Any) -> str:
    kinds = {"bool_value": "BOOL", "int64_value": "INT64", "distribution_value": "DISTRIBUTION"}
    written = type(one.points[0].value).pb(one.points[0].value).WhichOneof("value") if one.points else ""
    return kinds.get(str(written), "DOUBLE")


def written_series(one: Any, project: str) -> Series:
    """Return what a TimeSeries message holds; a resource without a project is in the caller's."""
    labels = dict(one.resource.labels)
    labels.setdefault("project_id", project)
    return Series(
        metric=one.metric.type,
        resource_type=one.resource.type or "global",
        metric_labels=dict(one.metric.labels),
        resource_labels=labels,
        samples=tuple((point.interval.end_time.timestamp(), _number(point.value)) for point in one.points),
    )


def _number(value: Any) -> float:
    if type(value).pb(value).WhichOneof("value") == "distribution_value":
        return float(value.distribution_value.mean)
    return float(value.double_value or value.int64_value or value.bool_value)


def descriptor_message(project: str, one: Descriptor) -> Any:
    """Return the MetricDescriptor message."""
    metric_descriptor = _metric_descriptor()

    return metric_descriptor(
        name=f"projects/{project}/metricDescriptors/{one.type}",
        type=one.type,
        metric_kind=metric_descriptor.MetricKind.Value(one.kind),
        value_type=metric_descriptor.ValueType.Value(one.value_type),
        unit=one.unit,
        description=one.description,
        display_name=one.display_name,
        monitored_resource_types=one.resource_types,
        labels=[{"key": key} for key in one.label_keys],
    )


def _metric_descriptor() -> Any:
    from google.api import metric_pb2  # type: ignore[import-untyped]

    return metric_pb2.MetricDescriptor
