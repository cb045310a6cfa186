"""Time series as the cloud keeps them, and what Google adds to them: the metadata of their resource."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sandbox.cloud import Point
from sandbox.monitoring_api.alignment import Series
from sandbox.monitoring_api.filters import Filter

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

_INSTANCES = (
    "google_compute_instance",
    "google_compute_instance_from_template",
    "google_compute_instance_from_machine_image",
)
Metadata = Mapping[str, str]
_SAMPLES = "SELECT resource_type, labels, at, value FROM series WHERE metric=? AND at>? AND at<=? ORDER BY at"


def series_of(cloud: "Cloud", metric: str, wanted: Filter, since: float, until: float) -> list[Series]:
    """Return the series of a metric that pass the filter, with samples in (since, until], oldest first."""
    every = all_series(cloud, metric, since, until, metadata_of(cloud))
    return [one for one in every if wanted.matches(one.label)]


def all_series(
    cloud: "Cloud", metric: str, since: float, until: float, metadata: Callable[[Series], Metadata]
) -> list[Series]:
    """Return every series of a metric, with samples in (since, until], oldest first."""
    groups: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with cloud.connection() as connection:
        for kind, labels, at, value in connection.execute(_SAMPLES, (metric, since, until)):
            groups.setdefault((kind, labels), []).append((at, value))
    found: dict[tuple[str, str], Series] = {}
    for (kind, labels), samples in groups.items():
        named = json.loads(labels)
        bare = Series(
            metric=metric,
            resource_type=kind,
            metric_labels=_part(named, "metric."),
            resource_labels=_part(named, "resource."),
            samples=tuple(samples),
        )
        key = kind, json.dumps(sorted(named.items()))
        same = found[key].samples if key in found else ()  # written with its labels in another order
        every = tuple(sorted([*same, *bare.samples])) if same else bare.samples
        found[key] = replace(bare, metadata=metadata(bare), samples=every)
    return list(found.values())


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

    @cache
    def machines() -> dict[str, Metadata]:
        from sandbox.compute_api.members import members

        known: dict[str, Metadata] = {}
        for kind in _INSTANCES:
            for row in cloud.list(kind):
                labels = row.values.get("effective_labels") or row.values.get("labels") or {}
                number = str(row.values.get("instance_id"))
                known[number] = _metadata(str(row.values.get("name")), labels)
        for member in members(cloud):
            known[member.number] = _metadata(member.name, member.labels)
        return known

    def of(series: Series) -> Metadata:
        if series.resource_type == "gce_instance":
            return machines().get(series.resource_labels.get("instance_id", ""), {})
        _, _, database = series.resource_labels.get("database_id", "").partition(":")
        return {"metadata.system_labels.name": database} if database else {}

    return of


def _metadata(name: str, labels: Mapping[str, object]) -> Metadata:
    users = {f"metadata.user_labels.{key}": str(value) for key, value in labels.items()}
    return {"metadata.system_labels.name": name, **users}


def _part(labels: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in labels.items() if key.startswith(prefix)}
