"""Whether a condition holds, for each time series it watches."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sandbox.alerting.measuring import Measurements, fresh_s, ratio
from sandbox.alerting.policies import Condition, Policy
from sandbox.monitoring_api.alignment import Sample, Series, reduce

Verdict = Literal["violating", "pending", "normal", "unknown"]
_TICK_S = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One series as a condition sees it.

    `pending` violates, and not yet for long enough: it opens nothing and closes nothing; nor does `unknown`,
    which has no data.
    """

    series: Series
    verdict: Verdict
    value: float | None = None
    last_at: float | None = None

    @property
    def key(self) -> str:
        """Return what the series is known by."""
        return key_of(self.series)


def key_of(series: Series) -> str:
    """Return the identity of a time series as text."""
    labels = sorted(series.resource_labels.items()), sorted(series.metric_labels.items())
    return json.dumps([series.metric, series.resource_type, *labels, sorted(series.metadata.items())])


def threshold_readings(measured: Measurements, policy: Policy, condition: Condition) -> list[Reading]:
    """Return a reading for each series that a threshold condition watches."""
    span = condition.duration_s
    found = measured.aligned(policy.project, condition.query, span)
    if condition.denominator is not None:
        found = ratio(found, measured.aligned(policy.project, condition.denominator, span))
    return [_reading(one, condition, measured.now) for one in found if one.samples]


def _reading(series: Series, condition: Condition, now: float) -> Reading:
    newest, value = series.samples[-1]
    missing = now - newest >= fresh_s(condition.query)
    verdict = _verdict(series, condition, now if missing else newest)
    if missing and condition.missing != "ACTIVE":
        verdict = "normal" if condition.missing == "INACTIVE" else "unknown"
    return Reading(series=series, verdict=verdict, value=value, last_at=newest)


def _verdict(series: Series, condition: Condition, end: float) -> Verdict:
    held_s = _held(series.samples, condition, end)
    if held_s is None:
        return "normal"
    return "violating" if held_s >= condition.duration_s - _TICK_S else "pending"


def _held(samples: tuple[Sample, ...], condition: Condition, end: float) -> float | None:
    """Return for how many seconds until `end` all points have violated; None where the newest does not.

    Where missing data counts as a violation, the time after a normal point does.
    """
    oldest: float | None = end if condition.missing == "ACTIVE" and samples[-1][0] < end else None
    for at, value in reversed(samples):
        if not violates(condition, value):
            return None if oldest is None else end - (oldest if condition.missing != "ACTIVE" else at)
        oldest = at
    return None if oldest is None else end - oldest


def violates(condition: Condition, value: float) -> bool:
    """Return whether a value is beyond the threshold."""
    return value > condition.threshold if condition.above else value < condition.threshold


def identities(found: Iterable[Series], condition: Condition) -> list[Series]:
    """Return the series as the condition's reducers leave them, each with its samples."""
    series = list(found)
    for how in condition.query.aggregations:
        if how.reducer != "REDUCE_NONE":
            series = reduce(series, how)
    return series


def triggered(condition: Condition, readings: list[Reading]) -> bool:
    """Return whether enough series violate: a number of them, or a share."""
    violating = sum(one.verdict == "violating" for one in readings)
    if not violating:
        return False
    if condition.percent:
        return 100 * violating / len(readings) >= condition.percent
    return violating >= condition.count
