"""What one evaluation reads: each metric's series once, by the longest window that is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.alerting.policies import Policy, Query
from sandbox.monitoring_api.alignment import Series, aggregate
from sandbox.monitoring_api.descriptors import Descriptor, Descriptors
from sandbox.monitoring_api.store import all_series, metadata_of

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

_STEP_S = 60.0
_RAW_S = 120  # how old the newest sample may be where nothing is aligned


class Measurements:
    """The series of the metrics that these policies watch, at one time."""

    def __init__(self, cloud: "Cloud", policies: Sequence[Policy], now: float) -> None:
        self.now = now
        self._cloud = cloud
        self._descriptors = Descriptors(cloud)
        self._known: dict[tuple[str, str], Descriptor] = {}
        self._windows = _windows(policies)
        self._read: dict[str, list[Series]] = {}
        self._later: dict[tuple[str, float], list[Series]] = {}
        self._metadata = metadata_of(cloud)

    def matching(self, project: str, query: Query) -> list[Series]:
        """Return the raw series of the window that a query asks for, oldest samples first."""
        metric = query.metric
        if metric not in self._read:
            since = self.now - self._windows.get(metric, _RAW_S)
            self._read[metric] = all_series(self._cloud, metric, since, self.now, self._metadata)
        return [
            one
            for one in self._read[metric]
            if one.resource_labels.get("project_id", project) == project and query.wanted.matches(one.label)
        ]

    def since(self, project: str, query: Query, since: float) -> list[Series]:
        """Return the raw series with samples after `since`."""
        key = query.metric, since
        if key not in self._later:
            self._later[key] = all_series(self._cloud, query.metric, since, self.now, self._metadata)
        return [
            one
            for one in self._later[key]
            if one.resource_labels.get("project_id", project) == project and query.wanted.matches(one.label)
        ]

    def aligned(self, project: str, query: Query, duration_s: float) -> list[Series]:
        """Return the aligned and reduced series over at least the last `duration_s` seconds.

        Alerting looks at a window that slides: there is a point each minute, over the period before it.
        """
        found = self.matching(project, query)
        periods = [one.period_s for one in query.aggregations if one.aligner != "ALIGN_NONE"]
        if not periods:
            return found
        step = step_of(query)
        if periods == [step]:
            return self._chain(project, query, found, self.now, duration_s + 2 * step)
        joined: dict[str, Series] = {}
        for number in reversed(range(int(duration_s // step) + 2)):
            end = self.now - number * step
            for one in self._chain(project, query, found, end, sum(periods)):
                if one.samples[-1][0] == end:
                    before = joined[_labels(one)].samples if _labels(one) in joined else ()
                    joined[_labels(one)] = replace(one, samples=(*before, one.samples[-1]))
        return list(joined.values())

    def _chain(
        self, project: str, query: Query, found: list[Series], end: float, span_s: float
    ) -> list[Series]:
        """Return the series after each aggregation, in periods counted back from `end`."""
        known = self._described(project, query.metric)
        kind, distribution = known.kind, known.value_type == "DISTRIBUTION"
        for how in query.aggregations:
            if how.aligner == "ALIGN_NONE":
                continue
            start = end - (-(-span_s // how.period_s) + 1) * how.period_s
            found = aggregate(found, how, kind, start, end, distribution=distribution)
            kind, distribution = ("DELTA" if how.aligner == "ALIGN_DELTA" else "GAUGE"), False
        return found

    def _described(self, project: str, metric: str) -> Descriptor:
        key = project, metric
        if key not in self._known:
            self._known[key] = self._descriptors.get(project, metric) or Descriptor(type=metric)
        return self._known[key]


def step_of(query: Query) -> float:
    """Return how far apart the points are at which a condition is looked at, in seconds."""
    aligned = [one.period_s for one in query.aggregations if one.aligner != "ALIGN_NONE"]
    return min([_STEP_S, *aligned])


def fresh_s(query: Query) -> float:
    """Return how old the newest point may be for the series to have data now."""
    aligned = any(one.aligner != "ALIGN_NONE" for one in query.aggregations)
    return step_of(query) / 2 if aligned else _RAW_S


def ratio(above: Sequence[Series], below: Sequence[Series]) -> list[Series]:
    """Return numerator by denominator where both have a point; one denominator without labels serves all."""
    by_labels: Mapping[str, Series] = {_labels(one): one for one in below}
    only = below[0] if len(below) == 1 else None
    found: list[Series] = []
    for one in above:
        other = by_labels.get(_labels(one), only)
        values = {at: value for at, value in other.samples if value} if other else {}
        samples = tuple((at, value / values[at]) for at, value in one.samples if at in values)
        if samples:
            found.append(replace(one, samples=samples))
    return found


def _labels(one: Series) -> str:
    return str((sorted(one.resource_labels.items()), sorted(one.metric_labels.items())))


def _windows(policies: Sequence[Policy]) -> dict[str, float]:
    windows: dict[str, float] = {}
    for policy in policies:
        for condition in policy.conditions:
            for query in (condition.query, condition.denominator):
                if query is not None:
                    window = condition.duration_s + 4 * query.periods_s + _RAW_S
                    windows[query.metric] = max(window, windows.get(query.metric, 0))
    return windows
