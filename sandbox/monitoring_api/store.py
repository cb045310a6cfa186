"""Time series as the cloud keeps them, and what Google adds to them: the metadata of their resource."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from sandbox.cloud import Point
from sandbox.monitoring_api.alignment import Series
from sandbox.monitoring_api.filters import Filter, Lookup

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

_INSTANCE = "google_compute_instance"
Metadata = dict[str, str]


def series_of(cloud: "Cloud", metric: str, wanted: Filter, since: float, until: float) -> list[Series]:
    """Return the series of a metric that pass the filter, with samples in (since, until], oldest first."""
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, float]]] = {}
    for point in cloud.points(metric, since, until):
        key = point.resource_type, tuple(sorted(point.labels.items()))
        groups.setdefault(key, []).append((point.at, point.value))
    metadata = metadata_of(cloud)
    every = [
        Series(
            metric=metric,
            resource_type=kind,
            metric_labels=_part(labels, "metric."),
            resource_labels=_part(labels, "resource."),
            samples=tuple(samples),
        )
        for (kind, labels), samples in groups.items()
    ]
    return [one for one in every if wanted.matches(_lookup(one, metadata))]


def record(cloud: "Cloud", series: Iterable[Series]) -> None:
    """Keep samples."""
    cloud.record(
        Point(
            one.metric,
            one.resource_type,
            {f"metric.{key}": value for key, value in one.metric_labels.items()}
            | {f"resource.{key}": value for key, value in one.resource_labels.items()},
            at,
            value,
        )
        for one in series
        for at, value in one.samples
    )


def metadata_of(cloud: "Cloud") -> Callable[[Series], Metadata]:
    """Return what says a series' metadata fields, such as `metadata.system_labels.name`."""
    machines: dict[str, Metadata] = {}

    def read() -> dict[str, Metadata]:
        for row in cloud.list(_INSTANCE):
            labels = row.values.get("effective_labels") or row.values.get("labels") or {}
            known = {"metadata.system_labels.name": str(row.values.get("name"))}
            known |= {f"metadata.user_labels.{key}": str(value) for key, value in labels.items()}
            machines[str(row.values.get("instance_id"))] = known
        return machines

    def of(series: Series) -> Metadata:
        if series.resource_type == "gce_instance":
            return (machines or read()).get(series.resource_labels.get("instance_id", ""), {})
        _, _, database = series.resource_labels.get("database_id", "").partition(":")
        return {"metadata.system_labels.name": database} if database else {}

    return of


def _lookup(series: Series, metadata: Callable[[Series], Metadata]) -> Lookup:
    def value(name: str) -> str | None:
        if name.startswith("metadata."):
            return metadata(series).get(name)
        if name == "project":
            return series.resource_labels.get("project_id")
        return series.label(name)

    return value


def _part(labels: Iterable[tuple[str, str]], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in labels if key.startswith(prefix)}
