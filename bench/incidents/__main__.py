"""`make bench-incidents`: play every scenario, print the scoreboard; `--save FILE` keeps it as JSON."""

import argparse
import fnmatch
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

from bench.incidents.judge import GOOD, Outcome
from bench.incidents.playing import play_share
from bench.incidents.scenario import FOLDER, Scenario, load_scenarios
from bench.incidents.scoreboard import AIM, show

SHARE = 6  # scenarios that one process plays on one building of a deployment


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where the aims are met: nothing harmful, and nine of ten well ended."""
    parser = argparse.ArgumentParser(prog="bench.incidents", description=__doc__)
    parser.add_argument("only", nargs="*", help="names or families, with * and ?")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--scenarios", type=Path, default=FOLDER, help="a folder with scenarios of your own")
    parser.add_argument("--stories", action="store_true", help="tell what happened in each")
    parser.add_argument("--save", type=Path, help="write the outcomes there as JSON")
    said = parser.parse_args(arguments)
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        os.environ.pop(name, None)  # the figures are of the sandbox's model
    chosen = [one for one in load_scenarios(said.scenarios) if _is_meant(one, said.only)]
    if not chosen:
        sys.stderr.write("No scenario has such a name or family.\n")
        return 2
    os.environ["GRPC_VERBOSITY"] = "ERROR"
    started = time.monotonic()
    outcomes = played(chosen, said.jobs)
    show(outcomes, time.monotonic() - started, stories=said.stories)
    if said.save:
        said.save.write_text(json.dumps([asdict(one) for one in outcomes], indent=1, default=str))
    good = sum(one.score in GOOD for one in outcomes)
    harmful = any(one.score == "harmful" for one in outcomes)
    return 0 if good >= AIM * len(outcomes) and not harmful else 1


def played(scenarios: Sequence[Scenario], jobs: int) -> list[Outcome]:
    """Return the outcomes, in the order of the scenarios."""
    shares = _shares(scenarios)
    folder = Path(tempfile.mkdtemp(prefix="infraai-incidents-"))
    try:
        if jobs == 1:
            found = [play_share(one, folder) for one in shares]
        else:
            with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
                found = list(pool.map(play_share, shares, [folder] * len(shares)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    by_name = {one.name: one for each in found for one in each}
    return [by_name[one.name] for one in scenarios]


def _shares(scenarios: Sequence[Scenario]) -> list[list[Scenario]]:
    """Return the scenarios of each deployment in handfuls."""
    ordered = sorted(scenarios, key=lambda one: one.deployment)
    shares: list[list[Scenario]] = []
    for _, each in groupby(ordered, key=lambda one: one.deployment):
        listed = list(each)
        shares += [listed[start : start + SHARE] for start in range(0, len(listed), SHARE)]
    return shares


def _is_meant(scenario: Scenario, only: Sequence[str]) -> bool:
    return not only or any(
        fnmatch.fnmatch(name, pattern) for pattern in only for name in (scenario.name, scenario.family)
    )


if __name__ == "__main__":
    sys.exit(main())
