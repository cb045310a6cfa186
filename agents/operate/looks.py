"""Looks: one look at what an alert was about, after something was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.operate.calls import MACHINES, place_of
from infraai.errors import ActionError, CloudError
from infraai.metrics import metrics
from infraai.operations.fixes import cause_of
from infraai.operations.measuring import metric_path_of, series_query, threshold_of, violates, worst
from infraai.operations.ports import Compute, Measured, MeasuredSeries, Metrics
from infraai.operations.shapes import ActionRequest, Alert, Cause, Target
from infraai.ports import Probe
from infraai.registry.deployments import Deployments
from infraai.state import OperateState

OK = range(200, 400)
# What is seen from outside: a service that answers is the measure, a metric at most a second one.
ANSWERING: frozenset[Cause] = frozenset({"unavailable", "restarts", "firewall", "errors"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look saw; `good` is None where that could not be told, `seen` False where there was nothing at all."""

    good: bool | None
    detail: str
    seen: bool = True
    value: float | None = None
    points: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is looked at, and since when."""

    alert: Alert | None
    target: Target
    project: str
    since: datetime
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at the metric, at the machine's status, and at the service from outside."""

    metrics: Metrics
    compute: Compute
    probe: Probe
    timeout_s: float = 5

    async def look(self, watched: Watched, now: datetime) -> Look:
        """Return what can be seen now: good only if nothing that was seen is bad, and something was seen."""
        return together(
            watched,
            await self._measured(watched, now),
            await self._status(watched),
            await self._answers(watched),
        )

    async def _measured(self, watched: Watched, now: datetime) -> Look | None:
        alert = watched.alert
        query = series_query(alert, watched.target) if alert is not None else None
        if alert is None or query is None:
            return None
        wanted, alignment = query
        try:
            found = await self.metrics.time_series(
                watched.project, wanted, start=watched.since, end=now, alignment=alignment
            )
        except CloudError as error:
            return Look(good=None, detail=f"the metric cannot be read ({error.detail})")
        period = timedelta(seconds=alignment.period_s)
        return judged(alert, watched.target, _after(found, watched.since + period))

    async def _status(self, watched: Watched) -> Look | None:
        """A machine that stands still has a low load and no errors: it has to run whatever the alert was about."""
        resource = watched.target.resource
        if resource.type not in MACHINES:
            return None
        try:
            place, name = place_of(resource)
            found = await self.compute.instance(place.project, place.zone, name)
        except (ActionError, CloudError) as error:
            return Look(good=None, detail=f"{resource.name} cannot be looked at ({error})")
        status = str(found.get("status", "unknown"))
        return Look(good=status == "RUNNING", detail=f"{resource.name} is {status}")

    async def _answers(self, watched: Watched) -> Look | None:
        if not watched.urls:
            return None
        for url in watched.urls:
            result = await self.probe.get(url, timeout_s=self.timeout_s)
            if result.status_code not in OK:
                said = (
                    f"answers {result.status_code}"
                    if result.status_code
                    else f"does not answer: {result.error}"
                )
                return Look(good=False, detail=f"{url} {said}")
        return Look(good=True, detail=f"{', '.join(watched.urls)} answers")


def judged(alert: Alert, target: Target, found: Sequence[MeasuredSeries]) -> Look:
    """Return what the newest points say, by the worst of them: is the alert's threshold still passed?"""
    newest = [one.points[-1].value for one in found if one.points]
    value = worst(newest, alert)
    name = alert.metric or alert.metric_path.rpartition("/")[2] or "the metric"
    if value is None:
        return Look(good=None, detail=f"there is no data of {name} since the action ended")
    shown = next(one.points for one in found if one.points and one.points[-1].value == value)
    checks = metrics().get(metric_path_of(alert, target))
    if checks is not None and checks.value_type == "BOOL":
        failed = f"{value:g} of the checks failed" if value else "every check passed"
        return Look(good=not value, detail=f"{name}: {failed}", value=value, points=shown)
    over, threshold = violates(value, alert, target), threshold_of(alert, target)
    if over is None:
        return Look(good=None, detail=f"{name} is {value:.4g}, and no threshold is known", value=value)
    if alert.absent:
        return Look(good=True, detail=f"{name} is measured again", value=value, points=shown)
    side = "still past" if over else "within"
    detail = f"{name} is {value:.4g}, {side} the threshold of {threshold:.4g}"
    return Look(good=not over, detail=detail, value=value, points=shown)


def together(watched: Watched, measured: Look | None, status: Look | None, answers: Look | None) -> Look:
    """Return one look of three: a bad one decides, and what the alert is about has to be among the good ones."""
    seen = [one for one in (measured, status, answers) if one is not None]
    detail = "; ".join(one.detail for one in seen) or "there is nothing to measure it by"
    good: bool | None = None
    if any(one.good is False for one in seen):
        good = False
    elif any(one is not None and one.good for one in _telling(watched, measured, status, answers)):
        good = True
    value, points = (measured.value, measured.points) if measured else (None, ())
    return Look(good=good, detail=detail, seen=bool(seen), value=value, points=points)


def _telling(
    watched: Watched, measured: Look | None, status: Look | None, answers: Look | None
) -> tuple[Look | None, ...]:
    """Return the looks of which a good one says that what the alert is about is over."""
    if watched.alert is None:
        return status, answers
    cause = cause_of(watched.alert)
    if cause == "stopped":
        return measured, status
    return (measured, answers) if cause in ANSWERING else (measured,)


def _after(found: Sequence[MeasuredSeries], first: datetime) -> tuple[MeasuredSeries, ...]:
    """Return the series with only the points whose whole period lies after the action."""
    kept = ((one, tuple(point for point in one.points if point.at >= first)) for one in found)
    return tuple(replace(one, points=points) for one, points in kept if points)


async def watched_of(
    state: OperateState, target: Target, since: float, deployments: Deployments, project: str
) -> Watched:
    """Return what to look at: the resource as the registry has it after the action, and the service's address."""
    alert, acted = state["alert"], action_of(state)
    address = target.resource.address if alert is not None or acted is None else acted.resource_id
    resource = target.resource
    for one in await deployments.resources(target.deployment_id):
        if one.address == address:
            resource = one
    deployment = await deployments.find(target.deployment_id)
    urls: tuple[str, ...] = ()
    answered = any(one.kind == "probe" and one.data.get("healthy") for one in state.get("evidence") or [])
    if alert is None or answered or cause_of(alert) in ANSWERING:  # what answered before has to answer still
        urls = urls_of(deployment.outputs if deployment else {})
    return Watched(
        alert=alert,
        target=target.model_copy(update={"resource": resource}),
        project=(alert.project if alert else "") or (deployment.project if deployment else "") or project,
        since=datetime.fromtimestamp(since, UTC),
        urls=urls,
    )


def action_of(state: OperateState) -> ActionRequest | None:
    """Return the action that was done last, or is about to be."""
    results = state.get("results") or []
    return results[-1].action if results else state.get("action")


def urls_of(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where the service is called, by the outputs `service_url` or `external_ip`."""
    for name in ("service_url", "external_ip"):
        value = outputs.get(name)
        one = str((value[0] if value else "") if isinstance(value, list) else value or "")
        if one:
            host = f"[{one}]" if ":" in one and "/" not in one else one
            return (one if "://" in one else f"http://{host}/",)
    return ()
