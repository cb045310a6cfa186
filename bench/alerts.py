"""From an alert to a person, and to the end: the service's own time, beside what the model and the clock take."""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from api.receiver import receiving
from bench.incidents.home import PROJECT, build, copy_home, free_port, settings_of
from bench.incidents.scenario import Place
from graphs.wiring import System, open_system
from infraai.errors import InfraError
from infraai.operations.ports import Notice
from infraai.operations.shapes import OVER
from sandbox.alerting.ticker import Ticker

GOAL = "A web server for a small shop"
NOTIFIED_AIM_S = 0.3
RESOLVED_AIM_S = 10
FACTOR = 60
ROUNDS = 5
_MOST_S = 60


@dataclass(slots=True)
class Ear:
    """A channel that notes when a person heard of what."""

    heard: list[tuple[float, Notice]] = field(default_factory=list[tuple[float, Notice]])
    rings: asyncio.Event = field(default_factory=asyncio.Event)

    async def tell(self, notice: Notice) -> None:
        """Note the notice and its time."""
        self.heard.append((time.perf_counter(), notice))
        self.rings.set()


def main() -> None:
    """Measure and print both figures."""
    asyncio.run(measured())


async def measured() -> None:
    """Measure on copies of one deployment: how soon a person hears of an alert, and how soon a fault is over."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        await build(Place(goal=GOAL), folder / "built", port)
        notified: list[float] = []
        resolved: list[float] = []
        for number in range(ROUNDS):
            async with _watched(copy_home(folder / "built", folder / f"a{number}"), port) as (system, url):
                await notified_s(
                    system, url, "disk_io"
                )  # the first of a process starts what is not there yet
                notified.append(await notified_s(system, url, "health"))
            async with _watched(copy_home(folder / "built", folder / f"b{number}"), port) as (system, _):
                resolved.append(await resolved_s(system))
    print("\nAn alert")
    print(
        f"  in → a person is notified, without the model's time: {_spread(notified, 1000)} ms "
        f"(aim ≤ {NOTIFIED_AIM_S * 1000:.0f})"
    )
    print(f"  in → resolved, at clock factor {FACTOR}: {_spread(resolved, 1)} s (aim ≤ {RESOLVED_AIM_S})")


@asynccontextmanager
async def _watched(home: Path, port: int) -> AsyncGenerator[tuple[System, str]]:
    """Yield a system that is watched as `infraai watch` does, and its webhook."""
    async with open_system(settings_of(home, port)) as system:
        await system.warm()
        stop = asyncio.Event()
        async with receiving(partial(system.operations.receive, channel="webhook"), port=port) as url:
            watching = asyncio.create_task(system.operations.watch(stop=stop))
            try:
                yield system, url
            finally:
                stop.set()
                await watching


async def notified_s(system: System, url: str, metric: str) -> float:
    """Return the seconds from the POST of a critical alert to the question that a person gets, without the model's."""
    ear = Ear()
    system.notifier.channels.append(ear)
    machine = system.sandbox.cloud.list("google_compute_instance")[0].values
    system.sandbox.physics.advance()
    fault = system.sandbox.inject("service_crash", str(machine["name"]))
    began = time.perf_counter()
    async with httpx.AsyncClient() as client:
        (await client.post(url, json=alert(machine, metric))).raise_for_status()
    while not any(notice.approval_id for _, notice in ear.heard):
        await asyncio.wait_for(ear.rings.wait(), _MOST_S)
        ear.rings.clear()
    at, notice = next(one for one in ear.heard if one[1].approval_id)
    system.notifier.channels.remove(ear)
    usage = await system.registry.model_calls.usage(notice.run_id)
    await system.operations.decide(notice.approval_id, "reject", by="bench", channel="bench")
    system.sandbox.clear(fault.fault_id)
    return at - began - usage.seconds


def alert(machine: Mapping[str, object], metric: str) -> dict[str, object]:
    """Return Google's notification of a metric of one's own."""
    labels = {"project_id": PROJECT, "zone": str(machine["zone"]), "instance_id": str(machine["instance_id"])}
    return {
        "version": "1.2",
        "incident": {
            "incident_id": f"0.{metric}",
            "scoping_project_id": PROJECT,
            "state": "open",
            "severity": "Critical",
            "started_at": int(time.time()),
            "policy_name": metric,
            "condition_name": metric,
            "summary": "The service does not answer.",
            "resource": {"type": "gce_instance", "labels": labels},
            "resource_name": str(machine["name"]),
            "metric": {"type": f"custom.googleapis.com/{metric}", "displayName": metric, "labels": {}},
        },
    }


async def resolved_s(system: System) -> float:
    """Return the seconds from the cloud's own alert to the end of its incident; the person says yes at once."""
    sandbox, registry = system.sandbox, system.registry
    before = {one.incident_id for one in await registry.incidents.list(limit=100)}
    sandbox.clock.set_factor(FACTOR)
    sandbox.physics.advance()
    machine = sandbox.cloud.list("google_compute_instance")[0]
    sandbox.inject("service_crash", str(machine.values["name"]))
    ticker = Ticker(sandbox.alerting, lambda: sandbox.clock.factor)
    ticker.start()
    began, first = time.perf_counter(), 0.0
    try:
        while time.perf_counter() - began < _MOST_S:
            await asyncio.sleep(0.02)
            new = [one for one in await registry.incidents.list(limit=100) if one.incident_id not in before]
            first = first or (time.perf_counter() if new else 0.0)
            for waits in await registry.approvals.pending():
                await _yes(system, waits.approval_id)
            if new and all(one.status in OVER for one in new):
                break
        found = [one.status for one in new]
        if found != ["resolved"] * len(found) or not found:
            raise RuntimeError(f"the incident did not end well: {json.dumps(found)}")
        return time.perf_counter() - first
    finally:
        await asyncio.to_thread(ticker.stop)
        sandbox.clock.set_factor(1)


async def _yes(system: System, approval_id: str) -> None:
    try:
        await system.operations.decide(approval_id, "approve", by="bench", channel="bench")
    except InfraError:
        return  # it was over meanwhile


def _spread(values: list[float], scale: float) -> str:
    least, most = min(values) * scale, max(values) * scale
    digits = 0 if scale > 1 else 1
    return f"{statistics.median(values) * scale:.{digits}f} ({least:.{digits}f} to {most:.{digits}f})"


if __name__ == "__main__":
    main()
