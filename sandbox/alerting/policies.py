"""Alert policies as Terraform stores them, read into what can be evaluated.

https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sandbox.monitoring_api.alignment import Aggregation, can_align, can_reduce
from sandbox.monitoring_api.filters import Filter, FilterError, parse_filter
from sandbox.network.view import block, blocks

Json = dict[str, Any]
Missing = Literal["NO_OP", "INACTIVE", "ACTIVE"]
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")
_UNEVALUATED = {
    "condition_matched_log": "log matches are not simulated",
    "condition_monitoring_query_language": "MQL is not simulated",
    "condition_prometheus_query_language": "PromQL is not simulated",
    "condition_sql": "SQL is not simulated",
}
_ONE_DAY_S = 86_400
_AUTO_CLOSE_S = 7 * _ONE_DAY_S  # where the policy says nothing


class UnevaluatedError(Exception):
    """A condition that this simulation cannot evaluate; its text is why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which series, and how they are aligned and reduced."""

    metric: str
    wanted: Filter
    text: str
    aggregations: tuple[Aggregation, ...]

    @property
    def periods_s(self) -> float:
        """Return the sum of the alignment periods."""
        return sum(one.period_s for one in self.aggregations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a policy that can be evaluated; `shown` is it as Google's JSON has it."""

    name: str
    display_name: str
    kind: Literal["conditionThreshold", "conditionAbsent"]
    query: Query
    denominator: Query | None
    above: bool
    threshold: float
    duration_s: float
    count: int
    percent: float
    missing: Missing
    shown: Json
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A condition that is not evaluated, and why."""

    policy: str
    condition: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One alert policy."""

    name: str
    project: str
    display_name: str
    enabled: bool
    combiner: str
    severity: str
    conditions: tuple[Condition, ...]
    skipped: tuple[Skipped, ...]
    channels: tuple[str, ...]
    user_labels: Mapping[str, str]
    documentation: Json
    auto_close_s: float
    prompts: frozenset[str]


def parse_policy(key: str, values: Mapping[str, Any]) -> Policy:
    """Return the policy for the attributes of a `google_monitoring_alert_policy`."""
    name = str(values.get("name") or key)
    shown_name = str(values.get("display_name") or name)
    conditions: list[Condition] = []
    skipped: list[Skipped] = []
    for position, one in enumerate(blocks(values, "conditions")):
        try:
            conditions.append(_condition(name, position, one))
        except UnevaluatedError as fault:
            title = str(one.get("display_name") or position)
            skipped.append(Skipped(policy=shown_name, condition=title, reason=str(fault)))
    strategy = block(values, "alert_strategy")
    return Policy(
        name=name,
        project=str(values.get("project") or name.split("/")[1]),
        display_name=shown_name,
        enabled=values.get("enabled") is not False,
        combiner=str(values.get("combiner") or "OR"),
        severity=str(values.get("severity") or ""),
        conditions=tuple(conditions),
        skipped=tuple(skipped),
        channels=tuple(map(str, values.get("notification_channels") or ())),
        user_labels={str(k): str(v) for k, v in (values.get("user_labels") or {}).items()},
        documentation=block(values, "documentation"),
        auto_close_s=_seconds(strategy.get("auto_close")) or _AUTO_CLOSE_S,
        prompts=frozenset(map(str, strategy.get("notification_prompts") or ("OPENED", "CLOSED"))),
    )


def _condition(policy: str, position: int, values: Json) -> Condition:
    for kind, reason in _UNEVALUATED.items():
        if blocks(values, kind):
            raise UnevaluatedError(reason)
    threshold, absent = block(values, "condition_threshold"), block(values, "condition_absent")
    body = threshold or absent
    if not body:
        raise UnevaluatedError("it has no condition that is known here")
    if blocks(body, "forecast_options"):
        raise UnevaluatedError("forecasts are not simulated")
    trigger = block(body, "trigger")
    percent = float(trigger.get("percent") or 0)
    shown = _shown(body)
    return Condition(
        name=str(values.get("name") or f"{policy}/conditions/{position}"),
        display_name=str(values.get("display_name") or ""),
        kind="conditionThreshold" if threshold else "conditionAbsent",
        query=_query(str(body.get("filter") or ""), blocks(body, "aggregations")),
        denominator=_query(str(body["denominator_filter"]), blocks(body, "denominator_aggregations"))
        if body.get("denominator_filter")
        else None,
        above=body.get("comparison") != "COMPARISON_LT",
        threshold=float(body.get("threshold_value") or 0),
        duration_s=_seconds(body.get("duration")),
        count=int(trigger.get("count") or 0) or (0 if percent else 1),
        percent=percent,
        missing=_missing(str(body.get("evaluation_missing_data") or "")),
        shown=shown,
        digest=hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16],
    )


def _query(text: str, aggregations: list[Json]) -> Query:
    wanted = _parsed(text)
    metric = wanted.demands.get("metric.type", "")
    if not metric:
        raise UnevaluatedError('its filter names no single metric with metric.type = "…"')
    return Query(metric=metric, wanted=wanted, text=text, aggregations=tuple(map(_aggregation, aggregations)))


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Filter:
    try:
        return parse_filter(text)
    except FilterError as fault:
        raise UnevaluatedError(f"its filter cannot be read: {fault}") from fault


def _aggregation(values: Json) -> Aggregation:
    aligner = str(values.get("per_series_aligner") or "ALIGN_NONE")
    reducer = str(values.get("cross_series_reducer") or "REDUCE_NONE")
    if not can_align(aligner) or not can_reduce(reducer):
        raise UnevaluatedError(f"{aligner} with {reducer} is not known here")
    return Aggregation(
        period_s=_seconds(values.get("alignment_period")) or 60,
        aligner=aligner,
        reducer=reducer,
        group_by=tuple(map(str, values.get("group_by_fields") or ())),
    )


def _missing(text: str) -> Missing:
    found: dict[str, Missing] = {"INACTIVE": "INACTIVE", "ACTIVE": "ACTIVE"}
    return found.get(text.removeprefix("EVALUATION_MISSING_DATA_"), "NO_OP")


def _seconds(text: object) -> float:
    found = _SECONDS.fullmatch(str(text or ""))
    return float(found[1]) if found else 0.0


def _shown(body: Json) -> Json:
    """Return the condition as Google's JSON: camel case, and nothing that is empty or zero."""
    shown: Json = {}
    for key, value in body.items():
        if value in (None, "", [], {}, 0):
            continue
        single = value[0] if key == "trigger" and isinstance(value, list) else value
        if isinstance(single, list):
            single = [_shown(one) if isinstance(one, dict) else one for one in single]
        shown[_camel(key)] = _shown(single) if isinstance(single, dict) else single
    return shown


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
