"""The audit log: append-only, each line sealed to the one before it by its hash."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from infraai.registry.clock import Now
from infraai.registry.tables import audit

GENESIS = "0" * 64
TRIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line."""

    seq: int
    at: float
    actor: str
    kind: str
    subject: str
    data: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Audit:
    """Fails closed: what cannot be written here must not be done."""

    engine: AsyncEngine
    now: Now

    async def append(self, actor: str, kind: str, subject: str, data: Mapping[str, Any]) -> None:
        """Add a line after the last one; two writers at once are put in order."""
        text = json.dumps(data, sort_keys=True, default=str)
        for attempt in range(TRIES):
            try:
                async with self.engine.begin() as connection:
                    await self._append(connection, actor, kind, subject, text)
            except IntegrityError:
                if attempt == TRIES - 1:
                    raise
            else:
                return

    async def _append(
        self, connection: AsyncConnection, actor: str, kind: str, subject: str, text: str
    ) -> None:
        last = (
            await connection.execute(
                sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
            )
        ).first()
        seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
        line = {"seq": seq, "at": self.now(), "actor": actor, "kind": kind, "subject": subject, "data": text}
        await connection.execute(
            audit.insert().values(**line, previous_hash=previous, hash=_digest(previous, line))
        )

    async def lines(self, *, subject: str = "", limit: int = 100) -> Sequence[AuditLine]:
        """Return lines, newest first."""
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if subject:
            query = query.where(audit.c.subject == subject)
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            AuditLine(
                seq=row["seq"],
                at=row["at"],
                actor=row["actor"],
                kind=row["kind"],
                subject=row["subject"],
                data=json.loads(row["data"]),
                hash=row["hash"],
            )
            for row in rows
        ]

    async def broken_at(self) -> int | None:
        """Return the number of the first line that does not fit the chain, or None where all do."""
        previous, expected = GENESIS, 1
        async with self.engine.connect() as connection:
            rows = await connection.stream(sa.select(audit).order_by(audit.c.seq))
            async for row in rows.mappings():
                line = {name: row[name] for name in ("seq", "at", "actor", "kind", "subject", "data")}
                fits = row["previous_hash"] == previous and row["hash"] == _digest(previous, line)
                if row["seq"] != expected or not fits:
                    return expected
                previous, expected = row["hash"], expected + 1
        return None


def _digest(previous: str, line: Mapping[str, Any]) -> str:
    return hashlib.sha256((previous + json.dumps(line, sort_keys=True)).encode()).hexdigest()
