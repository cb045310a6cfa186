"""What a time series says: its level, its trend, and since when it is over the line."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median
from typing import Any

from infraai.operations.measuring import threshold_of, violates
from infraai.operations.ports import Measured, MeasuredSeries
from infraai.operations.shapes import Alert, Target

MOST_POINTS = 60
_FEWEST = 4
_STEADY_SHARE = 0.1  # of the series' own level: less is no trend
_SILENT_S = 180.0  # three periods without a value
_STALE_S = 300.0  # newer points than this are "now"


def figures(
    found: Sequence[MeasuredSeries], now: float, alert: Alert | None, target: Target
) -> dict[str, Any]:
    """Return the figures of the worst series: min, mean, max, last, trend, points, and its side of the threshold.

    Where several were found (the machines of a group), `series` says how many, `worst_of` whose this one is.
    """
    series = _worst(found, alert)
    if series is None:
        return {"no_data": True}
    points = [(one.at.timestamp(), one.value) for one in series.points]
    values = [value for _, value in points]
    said: dict[str, Any] = {
        "no_data": False,
        "series": len(found),
        "labels": dict(series.labels),
        "min": round(min(values), 6),
        "mean": round(fmean(values), 6),
        "max": round(max(values), 6),
        "last": round(values[-1], 6),
        "last_at": points[-1][0],
        "stale": now - points[-1][0] > _STALE_S,
        "trend": trend(values),
        "points": downsampled(points),
    }
    if len(found) > 1:
        lasts = [one.points[-1].value for one in found if one.points]
        said["mean_of_last"] = round(fmean(lasts), 6)
    return said | (_sides(points, alert, target, now) if alert else {})


def trend(values: Sequence[float]) -> str:
    """Return rising, falling or steady, by the medians of the first half and of the newest values.

    Where these agree and the very newest value lies outside all earlier ones, it just rose or just fell.
    """
    newest = max(len(values) // 12, 2)
    if len(values) >= _FEWEST:
        first, last = median(values[: len(values) // 2]), median(values[-newest:])
        if _differ(first, last):
            return "rising" if last > first else "falling"
    earlier = values[:-newest] or values[:1]
    if values[-1] > max(earlier) and _differ(values[-1], max(earlier)):
        return "just rose"
    return "just fell" if values[-1] < min(earlier) and _differ(values[-1], min(earlier)) else "steady"


def _differ(one: float, other: float) -> bool:
    return abs(one - other) >= _STEADY_SHARE * max(abs(one), abs(other)) > 0


def downsampled(points: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Return at most 60 of the points, the first and the last among them."""
    if len(points) <= MOST_POINTS:
        kept = list(points)
    else:
        step = (len(points) - 1) / (MOST_POINTS - 1)
        kept = [points[round(index * step)] for index in range(MOST_POINTS)]
    return [[round(at, 1), round(value, 6)] for at, value in kept]


def _sides(points: Sequence[tuple[float, float]], alert: Alert, target: Target, now: float) -> dict[str, Any]:
    """Return on which side of the threshold the series was, and since when it is on the last one."""
    if alert.absent:
        return {"over_now": _silent(points[-1][0], alert, now), "fine_for_s": 0, "over_for_s": 0}
    sides = [violates(value, alert, target) for _, value in points]
    if None in sides:
        return {"threshold": threshold_of(alert, target), "over_now": None}
    since = points[-1][0]
    for (at, _), side in zip(reversed(points), reversed(sides), strict=True):
        if side is not sides[-1]:
            break
        since = at
    return {
        "threshold": threshold_of(alert, target),
        "comparison": alert.comparison or "COMPARISON_GT",
        "over_now": sides[-1],
        "over_since": since if sides[-1] else None,
        "over_for_s": round(now - since) if sides[-1] else 0,
        "fine_for_s": 0 if sides[-1] else round(now - since),
        "over_share": round(sum(bool(side) for side in sides) / len(sides), 3),
        "crossings": sum(one is not other for one, other in pairwise(sides)),
    }


def _silent(newest: float, alert: Alert, now: float) -> bool:
    """Return whether nothing arrived since an alert on absence began, or nothing does now."""
    return now - newest > _SILENT_S or newest <= (alert.started_at or 0)


def _worst(found: Sequence[MeasuredSeries], alert: Alert | None) -> MeasuredSeries | None:
    full = [one for one in found if one.points]
    if not full:
        return None
    low = alert is not None and alert.comparison == "COMPARISON_LT"
    return min(full, key=_last) if low else max(full, key=_last)


def _last(series: MeasuredSeries) -> float:
    newest: Measured = series.points[-1]
    return newest.value
