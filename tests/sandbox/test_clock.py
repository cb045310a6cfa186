"""The sandbox's clock."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.clock import ManualClock, SandboxClock
from sandbox.cloud import Cloud
from sandbox.sandbox import Sandbox


def test_without_a_word_simulated_time_is_real_time(tmp_path: Path) -> None:
    clock = SandboxClock(Cloud(tmp_path / "cloud.db"))
    assert clock.factor == 1
    assert abs(clock.seconds() - time.time()) < 0.5
    assert clock.now().tzinfo is UTC
    assert clock.at_real(1_700_000_000) == pytest.approx(1_700_000_000, abs=0.01)


def test_a_change_of_pace_keeps_time_continuous(tmp_path: Path) -> None:
    clock = SandboxClock(Cloud(tmp_path / "cloud.db"))
    moments = [clock.seconds()]
    for factor in (600.0, 0.5, 60.0):
        clock.set_factor(factor)
        moments.append(clock.seconds())
    assert moments == sorted(moments)
    assert moments[-1] - moments[0] < 600


def test_two_processes_agree_and_a_jump_goes_forward_only(tmp_path: Path) -> None:
    mine, other = (SandboxClock(Cloud(tmp_path / "cloud.db")) for _ in range(2))
    mine.set_factor(1000)
    before = other.seconds()
    mine.advance(3600)
    assert other.factor == 1000
    assert 3600 <= other.seconds() - before < 4600
    with pytest.raises(ValueError, match="backwards"):
        mine.advance(-1)
    for wrong in (0, -2, 1e9):
        with pytest.raises(ValueError, match="clock factor"):
            mine.set_factor(wrong)


async def test_sleep_is_as_much_shorter_as_time_is_faster(tmp_path: Path) -> None:
    clock = SandboxClock(Cloud(tmp_path / "cloud.db"))
    clock.set_factor(1000)
    before, real = clock.seconds(), time.monotonic()
    await clock.sleep(30)
    assert clock.seconds() - before >= 29
    assert time.monotonic() - real < 1


async def test_a_manual_clock_moves_only_when_told(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    clock = ManualClock(start)
    assert clock.now() == start
    clock.advance(90)
    await clock.sleep(10)
    assert clock.seconds() == start.timestamp() + 100
    assert clock.at_real(time.time()) is None
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
    assert Sandbox(tmp_path, project="acme", clock=clock).clock is clock


def test_a_reset_of_the_cloud_leaves_the_clock(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path, project="acme")
    sandbox.clock.set_factor(60)
    sandbox.reset()
    assert sandbox.clock.factor == 60
    sandbox.close()
