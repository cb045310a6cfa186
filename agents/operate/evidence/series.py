"""What Cloud Monitoring measured on the resource in the last hour: the alert's metric, and its neighbours."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.operate.evidence.case import Case
from agents.operate.evidence.figures import figures
from agents.operate.evidence.pieces import ago, piece
from infraai.metrics import metrics
from infraai.operations.measuring import metric_path_of, path_query, series_query, usual_path
from infraai.operations.ports import Alignment, Metrics
from infraai.operations.shapes import Cause, Evidence, Target

WINDOW = timedelta(hours=1)
_RELATED: dict[Cause, tuple[Cause, ...]] = {
    "cpu": ("traffic",),
    "memory": ("cpu",),
    "disk_io": ("cpu",),
    "connections": ("cpu",),
    "errors": ("latency", "cpu"),
    "latency": ("errors", "cpu"),
    "unavailable": ("cpu", "errors"),
    "restarts": ("memory", "cpu"),
    "stopped": ("cpu",),
    "firewall": ("traffic", "cpu"),
    "traffic": ("cpu",),
    "unknown": ("cpu", "memory"),
}


async def alerted_series(source: Metrics, case: Case) -> list[Evidence]:
    """Return the alert's own metric; says so where it has no data or cannot be measured. Raises `CloudError`."""
    if case.alert is None:
        return []
    path = metric_path_of(case.alert, case.target)
    query = series_query(case.alert, case.target)
    if query is None:
        named = path or case.alert.metric or "The alert's metric"
        data = {"role": "alerted", "metric_path": path, "no_data": True, "measurable": False}
        return [
            piece("series", f"{named} is not in the metric catalog: it cannot be measured again here.", data)
        ]
    data = await _measured(source, case, query, case.target, own=True)
    data |= {"role": "alerted", "metric_path": path, "measurable": True, **_unit(path, data)}
    return [piece("series", _sentence(path, data), data)]


async def related_series(source: Metrics, case: Case, others: Sequence[Target] = ()) -> list[Evidence]:
    """Return the metrics that tell the causes apart, of the resource and of what stands behind it."""
    own = metric_path_of(case.alert, case.target) if case.alert else ""
    wanted = [
        (path, target, cause == "errors")
        for target in (case.target, *others)
        for cause in _RELATED.get(case.cause, ("cpu",))
        if (path := usual_path(cause, target)) and (target is not case.target or path != own)
    ]
    found = await asyncio.gather(*(_related(source, case, *one) for one in wanted[:_MOST_RELATED]))
    return list(found)


_MOST_RELATED = 4
_KEEPS_UNIT = (
    "ALIGN_MEAN",
    "ALIGN_MAX",
    "ALIGN_MIN",
    "ALIGN_NEXT_OLDER",
    "ALIGN_PERCENTILE_",
    "ALIGN_INTERPOLATE",
)


async def _related(source: Metrics, case: Case, path: str, target: Target, failures: bool) -> Evidence:  # noqa: FBT001 - one of a list
    query = path_query(path, target, failures=failures)
    if query is None:
        data: dict[str, Any] = {"no_data": True}
    else:
        data = await _measured(source, case, query, target, own=False)
    data |= {"role": "related", "metric_path": path, "resource": target.resource.address, **_unit(path, data)}
    return piece("series", _sentence(path, data, target.resource.address), data)


async def _measured(
    source: Metrics, case: Case, query: tuple[str, Alignment], target: Target, *, own: bool
) -> dict[str, Any]:
    wanted, alignment = query
    end = datetime.fromtimestamp(case.now, UTC)
    found = await source.time_series(case.project, wanted, start=end - WINDOW, end=end, alignment=alignment)
    said = figures(found, case.now, case.alert if own else None, target)
    return said | {"filter": wanted, "aligner": alignment.aligner, "period_s": alignment.period_s}


def _unit(path: str, data: dict[str, Any]) -> dict[str, str]:
    """Return the metric's unit, where the aligner leaves values what they are; {} for rates, counts and sums."""
    keeps = str(data.get("aligner") or "").startswith(_KEEPS_UNIT)
    return {"unit": metrics()[path].unit} if keeps and path in metrics() else {}


def _sentence(path: str, data: dict[str, Any], address: str = "") -> str:
    whose = f" of {address}" if address else ""
    if data["no_data"]:
        return f"{path}{whose} has no data in the last hour."
    unit = metrics()[path].unit if path in metrics() else ""
    written = "" if unit in {"1", "10^2.%", ""} or " " in unit else f" {unit}"
    text = (
        f"{path}{whose} in the last hour: min {data['min']:.4g}, mean {data['mean']:.4g}, max {data['max']:.4g}, "
        f"last {data['last']:.4g}{written}, {data['trend']}"
    )
    if data["stale"]:
        text += "; nothing newer than 5 minutes"
    if data.get("over_now") is None:
        return f"{text}."
    if "threshold" not in data:
        return f"{text}; {'nothing arrives' if data['over_now'] else 'it arrives again'}."
    if data["over_now"]:
        return f"{text}; past its threshold {data['threshold']:g} for {ago(data['over_for_s'])}, and now."
    crossed = f", crossed {data['crossings']} times" if data["crossings"] else ", never crossed"
    return f"{text}; on the good side of its threshold {data['threshold']:g} now{crossed}."
