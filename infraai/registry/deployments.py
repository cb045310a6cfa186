"""Deployments: what a successful run left standing, and which resource belongs to which."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from infraai.errors import AmbiguousError, NotFoundError
from infraai.models import DeploymentId, RecordedResource, RunId
from infraai.registry.clock import Now
from infraai.registry.tables import departed, deployments, resources, runs

_DEPARTED = ("deployment_id", "address", "type", "name", "google_id", "metadata")
DeploymentStatus = Literal["active", "failed", "destroyed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment; times are epoch seconds."""

    deployment_id: DeploymentId
    status: DeploymentStatus
    project: str = ""
    region: str = ""
    goal: str = ""
    plan: Mapping[str, Any] | None = None
    bundle_sha: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    monitoring: Sequence[Mapping[str, Any]] = ()
    graph: Mapping[str, Any] = field(default_factory=dict[str, Any])
    cost_usd_month: float = 0
    cloud: str = "gcp"
    user_id: str = ""
    created_at: float = 0
    updated_at: float = 0


@dataclass(frozen=True, slots=True)
class Deployments:
    """Rows of `deployments` and `resources`."""

    engine: AsyncEngine
    now: Now

    async def record(self, deployment: Deployment, run_id: RunId, found: Sequence[RecordedResource]) -> None:
        """Write the deployment and exactly these resources, in one transaction; a repeat changes nothing."""
        row = {name: getattr(deployment, name) for name in Deployment.__slots__}
        row.update(
            updated_at=self.now(),
            outputs=dict(deployment.outputs),
            monitoring=[dict(one) for one in deployment.monitoring],
            graph=dict(deployment.graph),
            plan=dict(deployment.plan) if deployment.plan is not None else None,
        )
        where = deployments.c.deployment_id == deployment.deployment_id
        async with self.engine.begin() as connection:
            created = await connection.scalar(sa.select(deployments.c.created_at).where(where))
            row["created_at"] = created or self.now()
            if created is None:
                await connection.execute(deployments.insert().values(row))
            else:
                await connection.execute(deployments.update().where(where).values(row))
            await self._depart(connection, deployment.deployment_id, {one.address for one in found})
            await connection.execute(
                resources.delete().where(resources.c.deployment_id == deployment.deployment_id)
            )
            rows = [_resource_row(deployment.deployment_id, run_id, one) for one in found]
            if rows:
                await connection.execute(resources.insert(), rows)

    async def _depart(
        self, connection: AsyncConnection, deployment_id: DeploymentId, staying: Collection[str]
    ) -> None:
        """Keep what the deployment has no more, since alerts about it may still come; forget what is back."""
        mine = sa.select(resources).where(resources.c.deployment_id == deployment_id)
        had = (await connection.execute(mine)).mappings().all()
        gone = [
            {name: row[name] for name in _DEPARTED} | {"at": self.now()}
            for row in had
            if row["address"] not in staying
        ]
        stale = {*staying, *(row["address"] for row in gone)}
        theirs = departed.c.deployment_id == deployment_id
        kept = (await connection.execute(sa.select(departed.c.id, departed.c.address).where(theirs))).all()
        for row_id in [row.id for row in kept if row.address in stale]:
            await connection.execute(departed.delete().where(departed.c.id == row_id))
        if gone:
            await connection.execute(departed.insert(), gone)

    async def get(self, any_run_id: RunId) -> Deployment:
        """Return the deployment by its own id or by that of any of its runs (or 6 characters of it)."""
        async with self.engine.connect() as connection:
            by_run = sa.select(runs.c.deployment_id).where(_begins(runs.c.run_id, any_run_id))
            where = _begins(deployments.c.deployment_id, any_run_id) | deployments.c.deployment_id.in_(by_run)
            rows = (await connection.execute(sa.select(deployments).where(where).limit(2))).mappings().all()
        if not rows:
            raise NotFoundError(
                f"There is no deployment {any_run_id!r}.", next_step="`infraai deployments list` shows them."
            )
        if len(rows) > 1:
            raise AmbiguousError(
                f"More than one deployment begins with {any_run_id!r}.", next_step="Give more of it."
            )
        return _deployment(rows[0])

    async def find(self, deployment_id: DeploymentId) -> Deployment | None:
        """Return the deployment of exactly this id, or None."""
        query = sa.select(deployments).where(deployments.c.deployment_id == deployment_id)
        async with self.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return None if row is None else _deployment(row)

    async def list(self, *, status: DeploymentStatus | None = None, limit: int = 50) -> Sequence[Deployment]:
        """Return deployments, newest first."""
        query = sa.select(deployments).order_by(deployments.c.created_at.desc()).limit(limit)
        if status:
            query = query.where(deployments.c.status == status)
        async with self.engine.connect() as connection:
            return [_deployment(row) for row in (await connection.execute(query)).mappings()]

    async def resources(self, deployment_id: DeploymentId) -> Sequence[RecordedResource]:
        """Return the deployment's resources by address."""
        query = (
            sa.select(resources)
            .where(resources.c.deployment_id == deployment_id)
            .order_by(resources.c.address)
        )
        async with self.engine.connect() as connection:
            return [_resource(row) for row in (await connection.execute(query)).mappings()]

    async def google_ids(self) -> frozenset[str]:
        """Return the Google ids of everything that stands."""
        query = (
            sa.select(resources.c.google_id)
            .join(deployments, deployments.c.deployment_id == resources.c.deployment_id)
            .where(deployments.c.status != "destroyed")
        )
        async with self.engine.connect() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def owner_of(self, name_or_id: str) -> Deployment:
        """Return the active deployment that a resource name, Terraform address or Google id belongs to.

        Raises `NotFoundError` where none has it and `AmbiguousError` where more than one has: never a guess.
        """
        matches = (resources.c.name == name_or_id) | (resources.c.google_id == name_or_id)
        matches = matches | (resources.c.address == name_or_id)
        query = (
            sa.select(resources.c.deployment_id)
            .join(deployments, deployments.c.deployment_id == resources.c.deployment_id)
            .where(matches & (deployments.c.status != "destroyed"))
            .distinct()
        )
        async with self.engine.connect() as connection:
            owners = list((await connection.execute(query)).scalars())
        if not owners:
            raise NotFoundError(
                f"No deployment has a resource {name_or_id!r}.", next_step="It may be a manual resource."
            )
        if len(owners) > 1:
            raise AmbiguousError(
                f"{len(owners)} deployments have a resource {name_or_id!r}: {', '.join(sorted(owners))}.",
                next_step="Name it by its Google id, or name the deployment.",
            )
        return await self.get(owners[0])


def _begins(column: sa.Column[str], value: str) -> sa.ColumnElement[bool]:
    return column.startswith(value, autoescape=True) if 6 <= len(value) < 36 else column == value  # noqa: PLR2004


def _resource_row(deployment_id: DeploymentId, run_id: RunId, one: RecordedResource) -> dict[str, Any]:
    return {
        "deployment_id": deployment_id,
        "run_id": run_id,
        "address": one.address,
        "type": one.type,
        "name": one.name,
        "google_id": one.id,
        "metadata": one.metadata,
    }


def _resource(row: sa.RowMapping) -> RecordedResource:
    return RecordedResource(
        type=row["type"],
        name=row["name"],
        id=row["google_id"],
        address=row["address"],
        metadata=row["metadata"],
    )


def _deployment(row: sa.RowMapping) -> Deployment:
    return Deployment(**{name: row[name] for name in Deployment.__slots__})
