"""Alignment and reduction of time series.

https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#Aligner: a point of an aligned
series stands at the end of its period; periods are counted back from the interval's end.
"""

import math
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

Sample = tuple[float, float]  # at (epoch seconds), value
_BY_TIME = {"RATE", "DELTA", "NEXT_OLDER", "INTERPOLATE", "PERCENT_CHANGE"}
_PERCENTILE = re.compile(r"PERCENTILE_\d\d")
_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "MEAN": statistics.fmean,
    "MIN": min,
    "MAX": max,
    "SUM": math.fsum,
    "COUNT": len,
    "STDDEV": statistics.pstdev,
    "COUNT_TRUE": lambda values: sum(bool(one) for one in values),
    "COUNT_FALSE": lambda values: sum(not one for one in values),
    "FRACTION_TRUE": lambda values: sum(bool(one) for one in values) / len(values),
}
_DISTRIBUTED = {"ALIGN_DELTA", "ALIGN_SUM"}  # what leaves a distribution a distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One time series: its identity and its samples, oldest first.

    `metadata` has whole field names, such as `metadata.system_labels.name`.
    """

    metric: str
    resource_type: str
    metric_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    resource_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    samples: tuple[Sample, ...] = ()

    def label(self, name: str) -> str | None:
        """Return the value of a field as a filter names it, such as `resource.labels.zone`."""
        if name in {"metric.type", "resource.type"}:
            return self.metric if name == "metric.type" else self.resource_type
        if name == "project":
            return self.resource_labels.get("project_id")
        if name.startswith("metadata."):
            return self.metadata.get(name)
        owner, _, key = name.replace(".label.", ".labels.").partition(".labels.")
        labels = {"metric": self.metric_labels, "resource": self.resource_labels}.get(owner, {})
        return labels.get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """How series are aligned and joined: Google's names, and the period in seconds."""

    period_s: float
    aligner: str
    reducer: str = "REDUCE_NONE"
    group_by: tuple[str, ...] = ()


def aggregate(
    series: Sequence[Series],
    how: Aggregation,
    kind: str,
    start: float,
    end: float,
    *,
    distribution: bool = False,
) -> list[Series]:
    """Return the series aligned over (start, end], and reduced where a reducer is asked for.

    Of a distribution each sample is one observation: a percentile reducer sees all those of a period.
    """
    whole = distribution and how.aligner in _DISTRIBUTED
    aligned = [align(one, how, kind, start, end, distribution=whole) for one in series]
    aligned = [one for one in aligned if one.samples]
    if how.reducer not in {"", "REDUCE_NONE"}:
        return reduce(aligned, how)
    return [_joined([one], None, statistics.fmean) for one in aligned] if whole else aligned


def align(
    series: Series, how: Aggregation, kind: str, start: float, end: float, *, distribution: bool = False
) -> Series:
    """Return one sample for each period that has any, at the period's end, oldest first.

    Of a `distribution` every observation is kept, all at the period's end.
    """
    buckets: dict[int, list[Sample]] = {}
    for sample in series.samples:
        if start < sample[0] <= end:
            buckets.setdefault(int((end - sample[0]) // how.period_s), []).append(sample)
    aligned: list[Sample] = []
    before: float | None = None
    for number in sorted(buckets, reverse=True):
        inside = buckets[number]
        if distribution:
            aligned += [(end - number * how.period_s, one) for _, one in inside]
            continue
        value = _aligned(how, kind, [one for _, one in inside], before)
        before = inside[-1][1]
        if value is not None:
            aligned.append((end - number * how.period_s, value))
    return replace(series, samples=tuple(aligned))


def reduce(series: Sequence[Series], how: Aggregation) -> list[Series]:
    """Return one series for each combination of the labels in `group_by`."""
    groups: dict[tuple[str | None, ...], list[Series]] = {}
    for one in series:
        groups.setdefault(tuple(one.label(name) for name in how.group_by), []).append(one)
    reducer = _reducer(how.reducer)
    return [_joined(members, how, reducer) for members in groups.values()]


def _joined(
    members: list[Series], how: Aggregation | None, reducer: Callable[[list[float]], float]
) -> Series:
    """Return one series of several; `how` says which labels are left, and None leaves all of them."""
    moments: dict[float, list[float]] = {}
    for one in members:
        for at, value in one.samples:
            moments.setdefault(at, []).append(value)
    samples = tuple((at, reducer(values)) for at, values in sorted(moments.items()))
    first = members[0]
    if how is None:
        return replace(first, samples=samples)
    kept = {name.replace(".label.", ".labels.") for name in how.group_by}
    return replace(
        first,
        metric_labels={k: v for k, v in first.metric_labels.items() if f"metric.labels.{k}" in kept},
        resource_labels={
            k: v
            for k, v in first.resource_labels.items()
            if f"resource.labels.{k}" in kept or k == "project_id"
        },
        metadata={k: v for k, v in first.metadata.items() if k in kept},
        samples=samples,
    )


def _aligned(how: Aggregation, kind: str, values: list[float], before: float | None) -> float | None:
    name = how.aligner.removeprefix("ALIGN_")
    if name in {"RATE", "DELTA"}:
        change = _growth(values, before) if kind == "CUMULATIVE" else sum(values)
        return change / how.period_s if name == "RATE" else change
    if name in {"NEXT_OLDER", "INTERPOLATE"}:
        return values[-1]
    if name == "PERCENT_CHANGE":
        return (values[-1] - before) / before * 100 if before else None
    return _statistic(name)(values)


def _reducer(name: str) -> Callable[[list[float]], float]:
    return _statistic(name.removeprefix("REDUCE_"))


def can_align(aligner: str) -> bool:
    """Return whether this is an aligner's name, `ALIGN_NONE` included."""
    name = aligner.removeprefix("ALIGN_")
    return aligner.startswith("ALIGN_") and (name in _BY_TIME or name == "NONE" or _is_statistic(name))


def can_reduce(reducer: str) -> bool:
    """Return whether this is a reducer's name, `REDUCE_NONE` included."""
    name = reducer.removeprefix("REDUCE_")
    return reducer.startswith("REDUCE_") and (name == "NONE" or _is_statistic(name))


def _is_statistic(name: str) -> bool:
    return name in _STATISTICS or _PERCENTILE.fullmatch(name) is not None


def _statistic(name: str) -> Callable[[list[float]], float]:
    if name.startswith("PERCENTILE_"):
        share = int(name.removeprefix("PERCENTILE_")) / 100
        return lambda values: percentile(values, share)
    return _STATISTICS[name]


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share (0 to 1) of the values lies, between neighbours by distance."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _growth(values: list[float], before: float | None) -> float:
    """Return how much a counter grew; a fall is a restart from zero."""
    total = 0.0
    for value in values:
        if before is not None:
            total += value - before if value >= before else value
        before = value
    return total
