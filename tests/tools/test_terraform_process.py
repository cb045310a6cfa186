"""One command as a process, tried with small programs of our own instead of an engine."""

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from infraai.errors import TerraformMissingError
from tools.terraform.engine import Engine
from tools.terraform.process import Command, run

COUNTS = """
import os, signal, sys, time
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
print("ready", flush=True)
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    time.sleep(0.02)
print("seen", len(seen), flush=True)
"""


def command(folder: Path, code: str, *arguments: str, tethered: bool = False, **times: float) -> Command:
    return Command(
        engine=Engine((sys.executable, "-c", code), "terraform"),
        arguments=arguments or ("any",),
        folder=folder,
        environment={"PATH": os.environ["PATH"]},
        tethered=tethered,
        timeout_s=times.get("timeout_s", 30),
        grace_s=times.get("grace_s", 30),
    )


@pytest.mark.parametrize("tethered", [False, True])
async def test_lines_come_live_and_all_of_them(tmp_path: Path, *, tethered: bool) -> None:
    code = "import sys, time\nfor n in range(3):\n  print(n, flush=True); time.sleep(0.1)\nprint('x' * 300000)\nprint('end', end='')\nsys.exit(3)"
    lines: list[tuple[float, bytes]] = []
    finished = await run(
        command(tmp_path, code, tethered=tethered), lambda line: lines.append((time.monotonic(), line))
    )
    assert [line for _, line in lines] == [b"0", b"1", b"2", b"x" * 300_000, b"end"]
    assert lines[2][0] - lines[0][0] > 0.1
    assert (finished.code, finished.interrupted) == (3, "")
    assert finished.stdout.startswith(b"0\n1\n2\nxxx")


@pytest.mark.parametrize("tethered", [False, True])
async def test_a_command_cancelled_twice_gets_one_sigint(tmp_path: Path, *, tethered: bool) -> None:
    ready = asyncio.Event()
    task = asyncio.create_task(
        run(command(tmp_path, COUNTS, "0.6", tethered=tethered), lambda _: ready.set())
    )
    await ready.wait()
    task.cancel()
    await asyncio.sleep(0.1)
    task.cancel()
    finished = await task
    assert finished.interrupted == "cancelled"
    assert finished.stdout.splitlines()[-1] == b"seen 1"
    assert finished.code == 0


@pytest.mark.parametrize("tethered", [False, True])
async def test_only_after_its_grace_is_a_late_command_killed(tmp_path: Path, *, tethered: bool) -> None:
    begun = time.monotonic()
    finished = await run(command(tmp_path, COUNTS, "20", tethered=tethered, timeout_s=0.2, grace_s=0.3))
    assert 0.5 <= time.monotonic() - begun < 5
    assert finished.interrupted == "timeout"
    assert finished.code < 0
    assert finished.stdout == b"ready\n"


async def test_a_listener_that_fails_stops_the_command_before_its_error_is_raised(tmp_path: Path) -> None:
    mark = tmp_path / "interrupted"
    code = f"import signal, sys, time\nsignal.signal(signal.SIGINT, lambda *_: (open({str(mark)!r}, 'w').close(), sys.exit()))\nprint('one', flush=True)\ntime.sleep(20)"

    def fails(_: bytes) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await run(command(tmp_path, code), fails)
    assert mark.exists()


@pytest.mark.parametrize("tethered", [False, True])
async def test_an_engine_that_cannot_be_started_is_named(tmp_path: Path, *, tethered: bool) -> None:
    broken = tmp_path / "terraform"
    broken.write_bytes(b"\x7fELF nothing")
    broken.chmod(0o755)
    wanted = command(tmp_path, "", tethered=tethered)
    for path in (broken, tmp_path / "absent"):
        with pytest.raises(TerraformMissingError, match=str(path)) as caught:
            await run(replace(wanted, engine=Engine((str(path),), "terraform")))
        assert "TERRAFORM_BIN" in caught.value.next_step


async def test_what_it_writes_is_its_owners_alone(tmp_path: Path) -> None:
    await run(command(tmp_path, "open('plan', 'w').close()"))
    assert (tmp_path / "plan").stat().st_mode & 0o777 == 0o600
