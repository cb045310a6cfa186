"""Revisions: what a deployment stood on after each change, so that there is something to go back to."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.models import DeploymentId, RunId, Sha256
from infraai.registry.database import writing
from infraai.registry.tables import revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A bundle that was applied, and the serial of the state it left; `at` is epoch seconds by the cloud's clock."""

    deployment_id: DeploymentId
    run_id: RunId
    bundle_sha: Sha256
    serial: int
    at: float


@dataclass(frozen=True, slots=True)
class Revisions:
    """Rows of `revisions`; none is ever changed or deleted."""

    engine: AsyncEngine

    async def add(self, revision: Revision) -> None:
        """Keep a revision; a repeat of the same bundle, run and serial changes nothing."""
        row = {name: getattr(revision, name) for name in Revision.__slots__}
        same = [revisions.c[name] == row[name] for name in row if name != "at"]
        known = sa.exists().where(*same)
        values = sa.select(*(sa.literal(value) for value in row.values())).where(~known)
        async with writing(self.engine, "The revision") as connection:
            await connection.execute(revisions.insert().from_select(list(row), values))

    async def of(self, deployment_id: DeploymentId) -> Sequence[Revision]:
        """Return a deployment's revisions, oldest first."""
        mine = revisions.c.deployment_id == deployment_id
        return await self._select(sa.select(revisions).where(mine).order_by(revisions.c.id))

    async def last(self, deployment_id: DeploymentId) -> Revision | None:
        """Return what the deployment stands on, or None."""
        mine = revisions.c.deployment_id == deployment_id
        found = await self._select(sa.select(revisions).where(mine).order_by(revisions.c.id.desc()).limit(1))
        return found[0] if found else None

    async def before(self, run_id: RunId) -> Revision | None:
        """Return what the run's deployment stood on before this run changed it, or None."""
        first = (
            sa.select(revisions.c.id, revisions.c.deployment_id)
            .where(revisions.c.run_id == run_id)
            .order_by(revisions.c.id)
            .limit(1)
            .subquery()
        )
        older = (revisions.c.deployment_id == first.c.deployment_id) & (revisions.c.id < first.c.id)
        query = sa.select(revisions).join(first, older).order_by(revisions.c.id.desc()).limit(1)
        found = await self._select(query)
        return found[0] if found else None

    async def _select(self, query: sa.Select[tuple[object, ...]]) -> Sequence[Revision]:
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [Revision(**{name: row[name] for name in Revision.__slots__}) for row in rows]
