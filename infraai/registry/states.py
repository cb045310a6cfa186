"""Terraform's state of each deployment, in versions, and the lock on it."""

import hashlib
import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import TerraformError
from infraai.models import DeploymentId, RunId
from infraai.ports import StateVersion
from infraai.registry.clock import Now
from infraai.registry.tables import state_locks, state_versions


@dataclass(frozen=True, slots=True)
class States:
    """`infraai.ports.StateStore`: no version is ever deleted."""

    engine: AsyncEngine
    now: Now

    async def current(self, deployment_id: DeploymentId) -> StateVersion | None:
        """Return the newest version, or None."""
        query = (
            sa.select(state_versions)
            .where(state_versions.c.deployment_id == deployment_id)
            .order_by(state_versions.c.id.desc())
            .limit(1)
        )
        async with self.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return None if row is None else _version(row)

    async def save(self, deployment_id: DeploymentId, run_id: RunId, body: bytes) -> StateVersion:
        """Keep a version; raise `TerraformError` for another lineage or an older serial."""
        serial, lineage = _stamp(body)
        newest = await self.current(deployment_id)
        if newest is not None:
            _refuse_unfit(newest, serial, lineage)
        version = StateVersion(
            serial=serial,
            lineage=lineage,
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            run_id=run_id,
            created_at=self.now(),
        )
        row = {
            "deployment_id": deployment_id,
            "run_id": run_id,
            "serial": serial,
            "lineage": lineage,
            "sha256": version.sha256,
            "body": body,
            "created_at": version.created_at,
        }
        async with self.engine.begin() as connection:
            await connection.execute(state_versions.insert().values(row))
        return version

    async def lock(self, deployment_id: DeploymentId, run_id: RunId, info: str) -> str | None:
        """Take the lock and return None, or return what its holder says of itself."""
        lock_id = str(json.loads(info or "{}").get("ID", ""))
        row = {
            "deployment_id": deployment_id,
            "run_id": run_id,
            "lock_id": lock_id,
            "info": info,
            "created_at": self.now(),
        }
        try:
            async with self.engine.begin() as connection:
                await connection.execute(state_locks.insert().values(row))
        except IntegrityError:
            async with self.engine.connect() as connection:
                holder = await connection.scalar(
                    sa.select(state_locks.c.info).where(state_locks.c.deployment_id == deployment_id)
                )
            return str(holder) if holder is not None else await self.lock(deployment_id, run_id, info)
        return None

    async def unlock(self, deployment_id: DeploymentId, lock_id: str) -> bool:
        """Free the lock if it is this one; return whether it was."""
        where = (state_locks.c.deployment_id == deployment_id) & (state_locks.c.lock_id == lock_id)
        async with self.engine.begin() as connection:
            return (await connection.execute(state_locks.delete().where(where))).rowcount == 1

    async def break_lock(self, deployment_id: DeploymentId, run_id: RunId) -> bool:
        """Free a lock that this run, now dead, had taken; return whether there was one."""
        where = (state_locks.c.deployment_id == deployment_id) & (state_locks.c.run_id == run_id)
        async with self.engine.begin() as connection:
            return (await connection.execute(state_locks.delete().where(where))).rowcount == 1

    async def holder(self, deployment_id: DeploymentId) -> RunId | None:
        """Return the run that holds the lock, or None."""
        query = sa.select(state_locks.c.run_id).where(state_locks.c.deployment_id == deployment_id)
        async with self.engine.connect() as connection:
            return await connection.scalar(query)


def _stamp(body: bytes) -> tuple[int, str]:
    try:
        state = json.loads(body)
        return int(state["serial"]), str(state["lineage"])
    except (ValueError, KeyError, TypeError) as error:
        raise TerraformError(
            "state", "what Terraform sent is not a state file", next_step="Run it again."
        ) from error


def _refuse_unfit(newest: StateVersion, serial: int, lineage: str) -> None:
    if lineage != newest.lineage:
        raise TerraformError(
            "state",
            f"its lineage {lineage} is not the deployment's ({newest.lineage})",
            next_step="It belongs to another deployment; nothing was overwritten.",
        )
    if serial < newest.serial:
        raise TerraformError(
            "state",
            f"its serial {serial} is older than the newest ({newest.serial})",
            next_step="Run it again from the newest state.",
        )


def _version(row: sa.RowMapping) -> StateVersion:
    return StateVersion(
        serial=row["serial"],
        lineage=row["lineage"],
        body=bytes(row["body"]),
        sha256=row["sha256"],
        run_id=row["run_id"],
        created_at=row["created_at"],
    )
