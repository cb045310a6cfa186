"""Whatever comes in whatever order, each alert is in one incident, and a repeat changes nothing."""

import asyncio
import itertools
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infraai.operations.shapes import OVER, Alert
from infraai.registry.registry import Registry
from tests.registry.alerts import T0, hear, opened, target

EXAMPLE = itertools.count()
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "open", "open", "closed", "closed", "resolved", "rejected", "escalated"]),
        st.sampled_from(["gcp-1.2", "alertmanager", "simple"]),
        st.integers(0, 2),  # the resource
        st.sampled_from([None, 0.0, 60.0]),  # when it began
        st.sampled_from([0.0, 30.0, 1000.0]),  # how long after the step before
    ),
    min_size=1,
    max_size=14,
)


async def everything(registry: Registry, prefix: str) -> list[dict[str, Any]]:
    found = await registry.incidents.recent(prefix, "cpu", T0)
    alerts = [a for one in found for a in await registry.incidents.alerts_of(one.incident_id)]
    return [asdict(one) for one in found] + [asdict(one) for one in alerts]


async def play(registry: Registry, prefix: str, steps: list[Any]) -> None:
    at, seen = T0, dict[str, str]()
    for kind, source, number, began, later_s in steps:
        at += later_s
        if kind not in {"open", "closed"}:
            for incident in await registry.incidents.recent(prefix, "cpu", T0):
                await registry.incidents.set_status(incident.incident_id, kind)
            continue
        alert = said(prefix, kind, source, number, began)
        before = await everything(registry, prefix)
        heard = await hear(registry, alert, at, of=target(f"vm-{number}", prefix))
        if heard.duplicate:
            assert await everything(registry, prefix) == before
        assert seen.setdefault(heard.alert_id, heard.incident_id) == heard.incident_id
        assert not (heard.fresh and (heard.duplicate or heard.closed or alert.state == "closed"))
        before = await everything(registry, prefix)
        again = await hear(registry, alert, at, of=target(f"vm-{number}", prefix))
        assert again.duplicate
        assert await everything(registry, prefix) == before
        await check(registry, prefix)


def said(prefix: str, kind: str, source: str, number: int, began: float | None) -> Alert:
    ended = None if kind == "open" or began is None else T0 + began + 20
    source_id = f"{prefix}-{number}" + (f"-{began}" if source.startswith("gcp") else "")
    started = None if began is None else T0 + began
    return opened(source_id, source, state=kind, started_at=started, ended_at=ended, resource=f"vm-{number}")


async def check(registry: Registry, prefix: str) -> None:
    found = await registry.incidents.recent(prefix, "cpu", T0)
    running = Counter(one.resource for one in found if one.status not in OVER)
    assert max(running.values(), default=0) <= 1
    for incident in found:
        alerts = await registry.incidents.alerts_of(incident.incident_id)
        assert len(alerts) == incident.alert_count
        firing = [one for one in alerts if one.alert.state == "open"]
        assert all(one.status == incident.status or one.status in OVER for one in firing)
        assert (incident.closed_at is not None) == incident.over


def test_no_sequence_of_deliveries_puts_an_alert_in_two_incidents_or_counts_a_repeat(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        registry = runner.run(Registry.open(tmp_path))

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(STEPS)
        def every_sequence(steps: list[Any]) -> None:
            runner.run(play(registry, f"d-{next(EXAMPLE)}", steps))

        every_sequence()
        runner.run(registry.close())
