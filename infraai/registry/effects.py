"""Effects: whatever changes the world, recorded before and after under a key of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.models import RunId
from infraai.registry.clock import Now
from infraai.registry.tables import effects

EffectStatus = Literal["started", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One effect as recorded."""

    op_key: str
    run_id: RunId
    kind: str
    status: EffectStatus
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Effects:
    """The ledger; an effect is begun once."""

    engine: AsyncEngine
    now: Now

    async def begin(self, op_key: str, run_id: RunId, kind: str, detail: Mapping[str, Any]) -> Effect | None:
        """Record the start and return None; if it was begun before, return what is known of it."""
        row = {
            "op_key": op_key,
            "run_id": run_id,
            "kind": kind,
            "status": "started",
            "detail": dict(detail),
            "started_at": self.now(),
        }
        try:
            async with self.engine.begin() as connection:
                await connection.execute(effects.insert().values(row))
        except IntegrityError:
            return await self.get(op_key)
        return None

    async def finish(self, op_key: str, status: Literal["done", "failed"], detail: Mapping[str, Any]) -> None:
        """Record how it ended."""
        values = {"status": status, "detail": dict(detail), "finished_at": self.now()}
        async with self.engine.begin() as connection:
            await connection.execute(effects.update().where(effects.c.op_key == op_key).values(values))

    async def get(self, op_key: str) -> Effect | None:
        """Return the effect, or None."""
        async with self.engine.connect() as connection:
            row = (
                (await connection.execute(sa.select(effects).where(effects.c.op_key == op_key)))
                .mappings()
                .first()
            )
        return None if row is None else _effect(row)

    async def interrupted(self, run_id: RunId) -> bool:
        """Return whether an effect of the run was cut off, so that nobody saw its end."""
        query = sa.select(effects.c.detail).where(
            (effects.c.run_id == run_id) & (effects.c.status == "failed")
        )
        async with self.engine.connect() as connection:
            return any(detail.get("interrupted") for detail in (await connection.execute(query)).scalars())


def _effect(row: sa.RowMapping) -> Effect:
    return Effect(
        op_key=row["op_key"],
        run_id=row["run_id"],
        kind=row["kind"],
        status=row["status"],
        detail=row["detail"],
    )
