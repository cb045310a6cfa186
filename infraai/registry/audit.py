"""The audit log: append-only, each line sealed to the one before it by its hash."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from infraai.errors import RegistryError
from infraai.registry import witness
from infraai.registry.clock import Now
from infraai.registry.database import take_turn, writing
from infraai.registry.tables import audit, heads

GENESIS = "0" * 64
NAME = "audit"
_SEALED = ("seq", "at", "actor", "kind", "subject", "data")
_UNREADABLE = "See whether the database is there and whole."


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line."""

    seq: int
    at: float
    actor: str
    kind: str
    subject: str
    data: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Audit:
    """Fails closed: what cannot be written here must not be done."""

    engine: AsyncEngine
    now: Now

    async def append(self, actor: str, kind: str, subject: str, data: Mapping[str, Any]) -> None:
        """Add a line after the last one; writers at once are put in order. Raises `RegistryError`."""
        await self.append_all(actor, kind, [(subject, data)])

    async def append_all(self, actor: str, kind: str, told: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Add a line for each (subject, data), all or none. Raises `RegistryError`."""
        if not told:
            return
        async with writing(self.engine, "The audit log") as connection:
            await self._append(connection, actor, kind, told)
        beside = witness.path_of(self.engine.url)
        if beside is not None and await self._has(*await asyncio.to_thread(witness.kept, beside)):
            await asyncio.to_thread(witness.keep, beside, *await self.head())

    async def _has(self, seq: int, sealed: str) -> bool:
        """Return whether the log has this line; a head that was kept is not replaced by that of another chain."""
        query = sa.select(audit.c.hash).where(audit.c.seq == seq)
        return not seq or [str(row["hash"]) async for row in self._rows(query)] == [sealed]

    async def append_in(
        self, connection: AsyncConnection, actor: str, kind: str, subject: str, data: Mapping[str, Any]
    ) -> None:
        """Add a line within a transaction, so that what it tells of and the line are written together or not at all."""
        await self._append(connection, actor, kind, [(subject, data)])

    async def _append(
        self,
        connection: AsyncConnection,
        actor: str,
        kind: str,
        told: Sequence[tuple[str, Mapping[str, Any]]],
    ) -> None:
        first = await take_turn(connection, NAME)
        mine = heads.c.name == NAME
        previous = str(await connection.scalar(sa.select(heads.c.hash).where(mine)))
        rows: list[dict[str, Any]] = []
        for seq, (subject, data) in enumerate(told, start=first):
            text = json.dumps(data, sort_keys=True, default=str)
            line = {
                "seq": seq,
                "at": self.now(),
                "actor": actor,
                "kind": kind,
                "subject": subject,
                "data": text,
            }
            sealed = _digest(previous, line)
            rows.append({**line, "previous_hash": previous, "hash": sealed})
            previous = sealed
        await connection.execute(audit.insert(), rows)
        newest = {"seq": rows[-1]["seq"], "hash": rows[-1]["hash"]}
        await connection.execute(heads.update().where(mine).values(newest))

    async def lines(self, *, subject: str = "", kind: str = "", limit: int = 100) -> Sequence[AuditLine]:
        """Return lines, newest first."""
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if subject:
            query = query.where(audit.c.subject == subject)
        if kind:
            query = query.where(audit.c.kind == kind)
        return [_line(row) async for row in self._rows(query)]

    async def export(self, limit: int | None = None) -> AsyncIterator[AuditLine]:
        """Yield lines, oldest first, each with the hash it follows; the chain can be checked from them alone."""
        async for row in self._rows(sa.select(audit).order_by(audit.c.seq).limit(limit)):
            yield _line(row)

    async def head(self) -> tuple[int, str]:
        """Return the number and the hash of the last line written, to be kept elsewhere; -1 where it is lost."""
        query = sa.select(heads.c.seq, heads.c.hash).where(heads.c.name == NAME)
        rows = [(int(row["seq"]), str(row["hash"])) async for row in self._rows(query)]
        return rows[0] if rows else (-1, "")

    async def broken_at(self) -> int | None:
        """Return the number of the first line that does not fit the chain, or None where all do.

        Lines cut off at the end are noticed by the head, which is kept apart; where both were made anew, by the file
        beside the database, which holds a head that was true once.
        """
        beside = witness.path_of(self.engine.url)
        known, sealed = await asyncio.to_thread(witness.kept, beside) if beside else (0, "")
        previous, expected = GENESIS, 1
        async for row in self._rows(sa.select(audit).order_by(audit.c.seq)):
            line = {name: row[name] for name in _SEALED}
            fits = row["previous_hash"] == previous and row["hash"] == _digest(previous, line)
            if row["seq"] != expected or not fits or (expected == known and row["hash"] != sealed):
                return expected
            previous, expected = row["hash"], expected + 1
        whole = await self.head() == (expected - 1, previous) and known < expected
        return None if whole else expected

    async def _rows(self, query: sa.Executable) -> AsyncIterator[sa.RowMapping]:
        try:
            async with self.engine.connect() as connection:
                rows = await connection.stream(query)
                async for row in rows.mappings():
                    yield row
        except SQLAlchemyError as error:
            raise RegistryError(
                f"The audit log cannot be read ({type(error).__name__}).", next_step=_UNREADABLE
            ) from error


def _line(row: sa.RowMapping) -> AuditLine:
    return AuditLine(
        seq=row["seq"],
        at=row["at"],
        actor=row["actor"],
        kind=row["kind"],
        subject=row["subject"],
        data=json.loads(row["data"]),
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )


def _digest(previous: str, line: Mapping[str, Any]) -> str:
    return hashlib.sha256((previous + json.dumps(line, sort_keys=True)).encode()).hexdigest()
