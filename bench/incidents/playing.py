"""Scenarios of one deployment, one after the other, each on a copy of what was built once."""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.incidents.hands import Hands
from bench.incidents.home import BuildError, build, copy_home, free_port, settings_of
from bench.incidents.judge import Outcome, judged
from bench.incidents.record import Record
from bench.incidents.scenario import Scenario, load_places
from bench.incidents.stage import Stage
from graphs.wiring import open_system
from infraai.errors import InfraError


def play_share(share: Sequence[Scenario], folder: Path) -> list[Outcome]:
    """Return the outcomes of a handful of scenarios, in a process of its own."""
    return asyncio.run(play_all(share, folder))


async def play_all(scenarios: Sequence[Scenario], folder: Path) -> list[Outcome]:
    """Return the outcome of each; all are of the same deployment."""
    work, port = Path(tempfile.mkdtemp(dir=folder)), free_port()
    built = work / "built"
    try:
        await build(load_places()[scenarios[0].deployment], built, port)
    except (BuildError, InfraError) as error:
        return [judged(one, Record(error=str(error))) for one in scenarios]
    return [await play(one, built, work / one.name, port) for one in scenarios]


async def play(scenario: Scenario, built: Path, home: Path, port: int) -> Outcome:
    """Return the outcome of one scenario, played on a copy of the home."""
    started = time.monotonic()
    copy_home(built, home)
    sys.stderr.write(f"{scenario.name}\n")
    clock = Hands(time.time())
    settings = settings_of(home, port, scenario.autonomy, impatient=bool(scenario.model))
    async with open_system(settings, clock=clock) as system:
        await system.warm()
        record = await Stage(scenario, system, clock, port).play()
    shutil.rmtree(home, ignore_errors=True)
    return replace(judged(scenario, record), real_s=time.monotonic() - started)
