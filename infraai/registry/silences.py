"""Silences: alerts that are kept, and left alone, for a while; a maintenance window is one of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import InputError, NotFoundError
from infraai.models import DeploymentId
from infraai.operations.shapes import Alert, Target
from infraai.registry.audit import Audit
from infraai.registry.database import writing
from infraai.registry.tables import silences

WHAT = "The silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What is left alone, and until when; an empty scope is any, times are epoch seconds by the cloud's clock."""

    silence_id: str
    deployment_id: DeploymentId = ""
    resource: str = ""
    policy: str = ""
    starts_at: float
    ends_at: float
    by: str
    reason: str
    maintenance: bool = False

    def covers(self, alert: Alert, target: Target | None) -> bool:
        """Return whether the alert is one that this silence is about; its time is not looked at."""
        if self.deployment_id and (target is None or target.deployment_id != self.deployment_id):
            return False
        names = {alert.resource}
        if target is not None:
            found = target.resource
            names |= {found.name, found.address, found.id, target.member}
        if self.resource and self.resource not in names:
            return False
        return not self.policy or self.policy in {alert.policy_name, alert.metric}


@dataclass(frozen=True, slots=True)
class Silences:
    """Rows of `silences`; each is somebody's, with a reason."""

    engine: AsyncEngine
    audit: Audit

    async def add(
        self,
        *,
        deployment_id: DeploymentId = "",
        resource: str = "",
        policy: str = "",
        starts_at: float,
        ends_at: float,
        by: str,
        reason: str,
        maintenance: bool = False,
    ) -> Silence:
        """Keep a silence and return it.

        Raises `InputError` for one that ends before it starts, covers everything, or is nobody's.
        """
        silence = Silence(
            silence_id=uuid.uuid4().hex,
            deployment_id=deployment_id,
            resource=resource,
            policy=policy,
            starts_at=starts_at,
            ends_at=ends_at,
            by=by.strip(),
            reason=reason.strip(),
            maintenance=maintenance,
        )
        _refuse_unfit(silence)
        row = {name: getattr(silence, name) for name in Silence.__slots__}
        async with writing(self.engine, WHAT) as connection:
            await connection.execute(silences.insert().values(row))
            await self.audit.append_in(connection, silence.by, "silence_added", silence.silence_id, row)
        return silence

    async def end(self, silence_id: str, *, by: str, at: float) -> Silence:
        """End a silence now, if it has not ended; raise `NotFoundError` where there is none."""
        where = silences.c.silence_id == silence_id
        async with writing(self.engine, WHAT) as connection:
            ended = await connection.execute(
                silences.update().where(where & (silences.c.ends_at > at)).values(ends_at=at)
            )
            if ended.rowcount:
                await self.audit.append_in(connection, by, "silence_ended", silence_id, {"at": at})
        async with self.engine.connect() as connection:
            row = (await connection.execute(sa.select(silences).where(where))).mappings().first()
        if row is None:
            raise NotFoundError(f"There is no silence {silence_id!r}.", next_step="List them.")
        return _silence(row)

    async def list(self, *, at: float | None = None, limit: int = 100) -> Sequence[Silence]:
        """Return silences, the last to end first; with `at`, those that hold then."""
        query = sa.select(silences).order_by(silences.c.ends_at.desc()).limit(limit)
        if at is not None:
            query = query.where((silences.c.starts_at <= at) & (silences.c.ends_at > at))
        async with self.engine.connect() as connection:
            return [_silence(row) for row in (await connection.execute(query)).mappings()]

    async def matching(self, alert: Alert, target: Target | None, at: float) -> Silence | None:
        """Return a silence that holds at that time and covers the alert, or None."""
        held = await self.list(at=at, limit=10_000)
        return next((one for one in held if one.covers(alert, target)), None)


def _refuse_unfit(silence: Silence) -> None:
    if not silence.by or not silence.reason:
        raise InputError("A silence needs a name and a reason.", next_step="Give both.")
    if silence.ends_at <= silence.starts_at:
        raise InputError("A silence has to end after it starts.", next_step="Give a later end.")
    if not (silence.deployment_id or silence.resource or silence.policy):
        raise InputError(
            "A silence of everything would hide every fault.",
            next_step="Name a deployment, a resource or a policy; `infraai stop` halts all actions.",
        )


def _silence(row: sa.RowMapping) -> Silence:
    return Silence(**{name: row[name] for name in Silence.__slots__})
