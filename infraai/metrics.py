"""The metric catalog: what Cloud Monitoring measures, and which alert policies on it can work.

Kinds, units and resource types: https://cloud.google.com/monitoring/api/metrics_gcp. Aligners and reducers by
kind and value type: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#Aligner.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from infraai.models import MonitoringPolicy

Kind = Literal["GAUGE", "DELTA", "CUMULATIVE"]
ValueType = Literal["DOUBLE", "INT64", "BOOL", "DISTRIBUTION"]
_LONGEST_DURATION_S = 84_600  # 23 h 30 min
_PERCENTILES = ("99", "95", "50", "05")
_BRACES = re.compile(r"\{([^}]*)\}")
_DURATION = re.compile(r"^(\d+)s$")
_NUMERIC_GAUGE_OR_DELTA = ("MEAN", "MAX", "MIN", "SUM", "COUNT", "STDDEV", "PERCENT_CHANGE")
_BOOL_REDUCERS = ("COUNT_FALSE", "COUNT_TRUE", "FRACTION_TRUE", "COUNT")
_NUMERIC_REDUCERS = ("MEAN", "MAX", "MIN", "SUM", "COUNT", "STDDEV")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its kind, type, unit, range and the monitored resources it is written for."""

    path: str
    kind: Kind
    value_type: ValueType
    unit: str
    low: float | None
    high: float | None
    resource_types: tuple[str, ...]
    needs: str

    @property
    def aligners(self) -> tuple[str, ...]:
        """Return the aligners the API accepts, the usual one first."""
        return tuple(f"ALIGN_{name}" for name in _aligner_names(self.kind, self.value_type))

    def reducers(self, aligner: str) -> tuple[str, ...]:
        """Return the reducers that turn what this aligner gives into a number; "" is none at all."""
        aligned = _aligned_type(self.value_type, aligner)
        percentiles = tuple(f"PERCENTILE_{one}" for one in _PERCENTILES)
        if aligned == "DISTRIBUTION":
            return tuple(f"REDUCE_{one}" for one in (*percentiles, "COUNT"))
        if aligned == "BOOL":
            return tuple(f"REDUCE_{one}" for one in _BOOL_REDUCERS)
        return ("", "REDUCE_NONE", *(f"REDUCE_{one}" for one in (*_NUMERIC_REDUCERS, *percentiles)))


@cache
def metrics() -> dict[str, Metric]:
    """Return the catalog by metric path."""
    text = (files("infraai") / "data" / "metrics.tsv").read_text(encoding="utf-8")
    found: dict[str, Metric] = {}
    for line in text.splitlines()[1:]:
        path, kind, value_type, unit, low, high, resource_types, needs = line.split("\t")
        for name in _expanded(path):
            found[name] = Metric(
                name,
                cast("Kind", kind),
                cast("ValueType", value_type),
                unit,
                float(low) if low else None,
                float(high) if high else None,
                tuple(resource_types.split(",")),
                needs,
            )
    return found


def confirm(policy: MonitoringPolicy) -> str | None:
    """Return why Cloud Monitoring would refuse the policy, or it could never fire; None where it can work."""
    metric = metrics().get(policy.metric_path)
    if metric is None:
        return f"{policy.metric_path} is not a metric that is known"
    if policy.aligner not in metric.aligners:
        return (
            f"{policy.aligner} cannot be applied to {metric.kind} {metric.value_type}; "
            f"use {' or '.join(metric.aligners[:2])}"
        )
    reducers = metric.reducers(policy.aligner)
    if policy.reducer not in reducers:
        said = policy.reducer or "no reducer"
        return f"{said} after {policy.aligner} leaves nothing to compare; use {reducers[0] or 'none'}"
    if policy.resource_type and policy.resource_type not in metric.resource_types:
        written_for = ", ".join(metric.resource_types)
        return f"{policy.metric_path} is written for {written_for}, not {policy.resource_type}"
    return _duration_fault(policy.duration) or _threshold_fault(policy, metric)


def _duration_fault(duration: str) -> str | None:
    seconds = _DURATION.match(duration)
    if seconds is None:
        return f"the duration {duration!r} is not in seconds, such as 60s"
    if int(seconds[1]) % 60 or int(seconds[1]) > _LONGEST_DURATION_S:
        return f"the duration {duration} is not a whole number of minutes below 23 h 30 min"
    return None


def _threshold_fault(policy: MonitoringPolicy, metric: Metric) -> str | None:
    counts = "COUNT" in policy.aligner or "COUNT" in policy.reducer
    if metric.high is None or counts or policy.aligner in {"ALIGN_PERCENT_CHANGE", "ALIGN_SUM"}:
        return None
    low, high, threshold = metric.low or 0.0, metric.high, policy.threshold
    over = policy.comparison == "COMPARISON_GT"
    if (over and not low <= threshold < high) or (not over and not low < threshold <= high):
        return f"the threshold {threshold:g} can never be passed: the values are {low:g} to {high:g}"
    return None


def _aligner_names(kind: Kind, value_type: ValueType) -> tuple[str, ...]:
    if value_type == "BOOL":
        return ("NEXT_OLDER", "COUNT_FALSE", "COUNT_TRUE", "FRACTION_TRUE", "COUNT")
    if value_type == "DISTRIBUTION":
        percentiles = tuple(f"PERCENTILE_{one}" for one in _PERCENTILES)
        return ("DELTA",) if kind == "CUMULATIVE" else (*percentiles, "DELTA", "SUM")
    if kind == "CUMULATIVE":
        return ("RATE", "DELTA")
    if kind == "DELTA":
        return ("RATE", "DELTA", *_NUMERIC_GAUGE_OR_DELTA)
    return (*_NUMERIC_GAUGE_OR_DELTA, "NEXT_OLDER", "INTERPOLATE")


def _aligned_type(value_type: ValueType, aligner: str) -> ValueType:
    if value_type == "DISTRIBUTION":
        return "DISTRIBUTION" if aligner in {"ALIGN_DELTA", "ALIGN_SUM"} else "DOUBLE"
    if value_type == "BOOL":
        return "BOOL" if aligner == "ALIGN_NEXT_OLDER" else "DOUBLE"
    return value_type


def _expanded(path: str) -> Iterator[str]:
    choices = [one.split(",") for one in _BRACES.findall(path)]
    shape = _BRACES.sub("{}", path)
    for chosen in itertools.product(*choices):
        yield shape.format(*chosen)
