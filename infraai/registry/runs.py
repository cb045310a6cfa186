"""Runs: one passage through a graph each, with its phases, its log and its end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import AmbiguousError, ConflictError, NotFoundError
from infraai.models import DeploymentId, Event, FailureReason, Phase, Request, RunId, RunStatus
from infraai.registry.clock import Now
from infraai.registry.tables import events, phases, run_locks, runs

ENDED: frozenset[RunStatus] = frozenset(
    {
        "previewed",
        "completed",
        "deploy_success_verify_failed",
        "failed",
        "rejected",
        "expired",
        "halted",
        "rolled_back",
        "destroyed",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as recorded; times are epoch seconds."""

    run_id: RunId
    deployment_id: DeploymentId
    status: RunStatus
    phase: Phase
    reason: FailureReason | None
    message: str
    request: Request
    owner: str
    created_at: float
    updated_at: float

    @property
    def ended(self) -> bool:
        """Return whether nothing more will happen in it."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class Runs:
    """Rows of `runs`, their phases and their log."""

    engine: AsyncEngine
    now: Now

    async def create(self, run_id: RunId, deployment_id: DeploymentId, request: Request, owner: str) -> Run:
        """Record a new run as running."""
        at = self.now()
        row = {
            "run_id": run_id,
            "deployment_id": deployment_id,
            "kind": request.kind,
            "status": "running",
            "phase": "starting",
            "message": "",
            "request": request.model_dump(mode="json"),
            "owner": owner,
            "created_at": at,
            "updated_at": at,
        }
        async with self.engine.begin() as connection:
            await connection.execute(runs.insert().values(row))
            await connection.execute(phases.insert().values(run_id=run_id, name="starting", at=at))
        return await self.get(run_id)

    async def get(self, run_id: RunId) -> Run:
        """Return the run by its id, or by an unambiguous beginning of it of 6 characters or more."""
        query = sa.select(runs).where(runs.c.run_id == run_id)
        if 6 <= len(run_id) < 36:  # noqa: PLR2004 — a UUID has 36
            query = sa.select(runs).where(runs.c.run_id.startswith(run_id, autoescape=True)).limit(2)
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        if not rows:
            raise NotFoundError(f"There is no run {run_id!r}.", next_step="`infraai runs list` shows them.")
        if len(rows) > 1:
            raise AmbiguousError(
                f"More than one run begins with {run_id!r}.", next_step="Give more of the id."
            )
        return _run(rows[0])

    async def list(self, *, limit: int = 50, status: RunStatus | None = None) -> Sequence[Run]:
        """Return runs, newest first."""
        query = sa.select(runs).order_by(runs.c.created_at.desc()).limit(limit)
        if status:
            query = query.where(runs.c.status == status)
        async with self.engine.connect() as connection:
            return [_run(row) for row in (await connection.execute(query)).mappings()]

    async def of(self, deployment_id: DeploymentId) -> Sequence[Run]:
        """Return a deployment's runs, oldest first."""
        query = sa.select(runs).where(runs.c.deployment_id == deployment_id).order_by(runs.c.created_at)
        async with self.engine.connect() as connection:
            return [_run(row) for row in (await connection.execute(query)).mappings()]

    async def mark(
        self, run_id: RunId, status: RunStatus, *, reason: FailureReason | None = None, message: str = ""
    ) -> None:
        """Set how the run stands."""
        values = {"status": status, "reason": reason, "message": message, "updated_at": self.now()}
        async with self.engine.begin() as connection:
            await connection.execute(runs.update().where(runs.c.run_id == run_id).values(values))

    async def enter(self, run_id: RunId, phase: Phase) -> None:
        """Record that the run is in this phase now; coming back to a phase is a new line."""
        at = self.now()
        async with self.engine.begin() as connection:
            current = await connection.scalar(sa.select(runs.c.phase).where(runs.c.run_id == run_id))
            if current == phase:
                return
            await connection.execute(phases.insert().values(run_id=run_id, name=phase, at=at))
            await connection.execute(
                runs.update().where(runs.c.run_id == run_id).values(phase=phase, updated_at=at)
            )

    async def phases(self, run_id: RunId) -> Sequence[Mapping[str, Any]]:
        """Return [{name, at}], oldest first; `at` is epoch seconds."""
        query = sa.select(phases.c.name, phases.c.at).where(phases.c.run_id == run_id).order_by(phases.c.id)
        async with self.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def log(self, run_id: RunId, lines: Sequence[Event]) -> None:
        """Keep lines of the run's log."""
        rows = [
            {
                "run_id": run_id,
                "kind": line.kind,
                "message": line.message,
                "data": line.data,
                "at": line.at.timestamp() if line.at else self.now(),
            }
            for line in lines
        ]
        if rows:
            async with self.engine.begin() as connection:
                await connection.execute(events.insert(), rows)

    async def logs(self, run_id: RunId) -> Sequence[Mapping[str, Any]]:
        """Return [{kind, message, data, at}], oldest first."""
        columns = (events.c.kind, events.c.message, events.c.data, events.c.at)
        query = sa.select(*columns).where(events.c.run_id == run_id).order_by(events.c.id)
        async with self.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def claim(
        self, deployment_id: DeploymentId, run_id: RunId, owner: str, lives: Callable[[str], bool]
    ) -> None:
        """Take the deployment for this run and its driving for this owner, by one compare-and-set.

        Raises `ConflictError` where another run holds the deployment, or a living owner drives this one.
        """
        row = {"deployment_id": deployment_id, "run_id": run_id, "owner": owner, "created_at": self.now()}
        try:
            async with self.engine.begin() as connection:
                await connection.execute(run_locks.insert().values(row))
        except IntegrityError:
            await self._take_over(deployment_id, run_id, owner, lives)
        async with self.engine.begin() as connection:
            await connection.execute(runs.update().where(runs.c.run_id == run_id).values(owner=owner))

    async def _take_over(
        self, deployment_id: DeploymentId, run_id: RunId, owner: str, lives: Callable[[str], bool]
    ) -> None:
        query = sa.select(run_locks).where(run_locks.c.deployment_id == deployment_id)
        async with self.engine.connect() as connection:
            held = (await connection.execute(query)).mappings().first()
        if held is not None and held["run_id"] != run_id:
            raise ConflictError(
                f"Run {held['run_id']} holds deployment {deployment_id}.",
                next_step=f"See it: infraai runs show {held['run_id'][:8]}. If it waits for you: infraai runs resume "
                f"{held['run_id'][:8]} --yes, or infraai runs reject {held['run_id'][:8]}.",
            )
        if held is None or (held["owner"] not in {"", owner} and lives(held["owner"])):
            raise ConflictError(f"Run {run_id} is being driven by another process.", next_step="Wait for it.")
        where = (run_locks.c.deployment_id == deployment_id) & (run_locks.c.owner == held["owner"])
        async with self.engine.begin() as connection:
            taken = await connection.execute(run_locks.update().where(where).values(owner=owner))
        if taken.rowcount == 0:
            raise ConflictError(f"Run {run_id} is being driven by another process.", next_step="Wait for it.")

    async def park(self, deployment_id: DeploymentId, run_id: RunId) -> None:
        """Keep the deployment for the run, and let whoever decides drive it on."""
        where = (run_locks.c.deployment_id == deployment_id) & (run_locks.c.run_id == run_id)
        async with self.engine.begin() as connection:
            await connection.execute(run_locks.update().where(where).values(owner=""))

    async def release(self, deployment_id: DeploymentId, run_id: RunId) -> None:
        """Give the deployment back."""
        where = (run_locks.c.deployment_id == deployment_id) & (run_locks.c.run_id == run_id)
        async with self.engine.begin() as connection:
            await connection.execute(run_locks.delete().where(where))

    async def holder(self, deployment_id: DeploymentId) -> RunId | None:
        """Return the run that holds the deployment, or None."""
        query = sa.select(run_locks.c.run_id).where(run_locks.c.deployment_id == deployment_id)
        async with self.engine.connect() as connection:
            return await connection.scalar(query)


def _run(row: sa.RowMapping) -> Run:
    return Run(
        run_id=row["run_id"],
        deployment_id=row["deployment_id"],
        status=row["status"],
        phase=row["phase"],
        reason=row["reason"],
        message=row["message"],
        request=Request.model_validate(row["request"]),
        owner=row["owner"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
