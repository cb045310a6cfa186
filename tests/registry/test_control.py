"""The kill-switch and the audit log: what cannot be written down is not done."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from infraai.errors import RegistryError, StoppedError
from infraai.registry.registry import Registry


async def drop(registry: Registry, table: str) -> None:
    async with registry.engine.begin() as connection:
        await connection.exec_driver_sql(f"DROP TABLE {table}")


def forge(home: Path, statement: str) -> None:
    connection = sqlite3.connect(home / "registry.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


async def test_stopping_twice_is_one_stop(registry: Registry) -> None:
    first = await registry.kill_switch.stop("ada", "odd plan")
    again = await registry.kill_switch.stop("bob", "odder still")
    assert (first.epoch, again.epoch, again.by) == (1, 1, "bob")
    await registry.kill_switch.start("ada", "looked at it")
    assert (await registry.kill_switch.stop("ada", "again")).epoch == 2


async def test_stops_at_once_are_one_stop(registry: Registry) -> None:
    await asyncio.gather(*(registry.kill_switch.stop(f"u{n}", "now") for n in range(10)))
    flag = await registry.kill_switch.read()
    assert (flag.stopped, flag.epoch) == (True, 1)


async def test_while_stopped_only_a_named_person_acts_and_it_is_written_down(registry: Registry) -> None:
    await registry.kill_switch.stop("ada", "odd plan")
    for nobody in ("", "  "):
        with pytest.raises(StoppedError, match="by ada: odd plan"):
            await registry.kill_switch.check(by_hand=nobody)
    assert await registry.audit.lines(kind="acted_while_stopped") == []
    flag = await registry.kill_switch.check(by_hand="bob")
    line = (await registry.audit.lines(kind="acted_while_stopped"))[0]
    assert (flag.epoch, line.actor, line.data["stopped_by"]) == (1, "bob", "ada")


async def test_nobody_acts_by_hand_while_the_flag_cannot_be_read(registry: Registry) -> None:
    await drop(registry, "control")
    with pytest.raises(StoppedError, match="cannot be read"):
        await registry.kill_switch.check(by_hand="ada")


async def test_nobody_acts_by_hand_where_it_cannot_be_written_down(registry: Registry) -> None:
    await registry.kill_switch.stop("ada", "odd plan")
    await drop(registry, "audit")
    with pytest.raises(RegistryError, match="audit log cannot be written"):
        await registry.kill_switch.check(by_hand="bob")


async def test_a_stop_that_cannot_be_kept_says_so(registry: Registry) -> None:
    await drop(registry, "control")
    with pytest.raises(RegistryError, match="kill-switch cannot be written"):
        await registry.kill_switch.stop("ada", "odd plan")


async def test_a_stop_holds_even_where_no_line_can_tell_of_it(registry: Registry) -> None:
    await drop(registry, "audit")
    with pytest.raises(RegistryError, match="is stopped, but no line"):
        await registry.kill_switch.stop("ada", "odd plan")
    assert (await registry.kill_switch.read()).stopped


async def test_a_start_that_cannot_be_written_down_does_not_start(registry: Registry) -> None:
    await registry.kill_switch.stop("ada", "odd plan")
    await drop(registry, "audit")
    with pytest.raises(RegistryError):
        await registry.kill_switch.start("ada", "looked at it")
    assert (await registry.kill_switch.read()).stopped


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq >= 2", 2),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET actor = 'eve' WHERE seq = 1", 1),
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", 3),
        ("DELETE FROM heads WHERE name = 'audit'", 4),
    ],
)
async def test_whatever_is_cut_off_or_changed_in_the_audit_log_is_found(
    registry: Registry, tmp_path: Path, forgery: str, found: int
) -> None:
    for number in range(3):
        await registry.audit.append("a", "k", "s", {"n": number})
    assert await registry.audit.broken_at() is None
    forge(tmp_path, forgery)
    assert await registry.audit.broken_at() == found


async def test_a_line_written_after_a_cut_does_not_hide_it(registry: Registry, tmp_path: Path) -> None:
    for number in range(3):
        await registry.audit.append("a", "k", "s", {"n": number})
    forge(tmp_path, "DELETE FROM audit WHERE seq = 3")
    await registry.audit.append("a", "k", "s", {"n": 3})
    assert await registry.audit.broken_at() == 3


async def test_an_export_is_the_whole_chain_in_order(registry: Registry) -> None:
    for number in range(5):
        await registry.audit.append("a", "odd" if number % 2 else "even", f"s{number}", {"n": number})
    lines = [line async for line in registry.audit.export()]
    assert [line.data["n"] for line in lines] == [0, 1, 2, 3, 4]
    assert [line.previous_hash for line in lines[1:]] == [line.hash for line in lines[:-1]]
    assert (lines[-1].seq, lines[-1].hash) == await registry.audit.head()
    assert len([line async for line in registry.audit.export(limit=2)]) == 2
    assert [line.seq for line in await registry.audit.lines(kind="odd")] == [4, 2]


async def test_two_processes_write_one_chain(registry: Registry, tmp_path: Path) -> None:
    other = await Registry.open(tmp_path)
    try:
        await asyncio.gather(
            *(one.audit.append("a", "k", "s", {"n": n}) for n in range(15) for one in (registry, other))
        )
        assert (await registry.audit.broken_at(), (await other.audit.head())[0]) == (None, 30)
    finally:
        await other.close()
