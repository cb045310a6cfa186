"""`make bench`: the graph beside the bare commands, the command line's start, memory, an alert's way to a person."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench import alerts
from bench.bare import run_bare
from bench.bundles import bundle
from bench.ours import run_ours
from infraai.settings import Settings
from tools.terraform.engine import find_engine

ROUNDS = 5
AIMS = {6: 1.5, 100: 1.2}
START_AIM_S = 0.4
MEMORY_AIM_MB = 350


def main() -> None:
    """Measure and print; exit 0 whatever the figures are."""
    if len(sys.argv) == 2 and sys.argv[1].startswith("memory:"):
        print(json.dumps(_memory(int(sys.argv[1].partition(":")[2]))))
        return
    engine = find_engine(Settings().terraform_bin, os.environ)
    print(f"engine {engine.kind} {engine.version}, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    print(
        "The change graph beside init, validate, plan, show, apply (same bundle, same run, medians in seconds)"
    )
    for size, aim in AIMS.items():
        files, bare, ours = bundle(size), [], []
        run_bare(engine, files)
        asyncio.run(run_ours(files))
        for _ in range(ROUNDS):
            bare.append(run_bare(engine, files)["all"])
            ours.append(asyncio.run(run_ours(files))["all"])
        ratio = statistics.median(ours) / statistics.median(bare)
        print(
            f"  {size:>3} resources: {ratio:.2f} times (aim ≤ {aim})   "
            f"ours {_spread(ours)}, bare {_spread(bare)}"
        )
    _start()
    raw = subprocess.run(
        [sys.executable, "-m", "bench", "memory:100"], capture_output=True, text=True, check=True
    )
    found = json.loads(raw.stdout.splitlines()[-1])
    print("\nPeak memory of the Python side at 100 resources")
    print(f"  {found['peak_mb']:.0f} MB (aim ≤ {MEMORY_AIM_MB}); {found['empty_mb']:.0f} MB once imported")
    alerts.main()


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _start() -> None:
    infraai = str(Path(sys.executable).with_name("infraai"))
    ours = [_timed([infraai, "--help"]) for _ in range(ROUNDS + 1)][1:]
    empty = [_timed([sys.executable, "-c", "pass"]) for _ in range(ROUNDS + 1)][1:]
    ratio = statistics.median(ours) / statistics.median(empty)
    print("\nStart of the command line")
    beside = f"{ratio:.1f} times an empty interpreter {_spread(empty)}"
    print(f"  infraai --help {_spread(ours)} s (aim ≤ {START_AIM_S}), {beside}")


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def _memory(size: int) -> dict[str, float]:
    empty = _peak_mb()
    asyncio.run(run_ours(bundle(size)))
    return {"peak_mb": _peak_mb(), "empty_mb": empty}


def _peak_mb() -> float:
    """Return this process's peak resident memory; Linux counts it anew for each program."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
