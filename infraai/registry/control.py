"""The kill-switch: a durable flag that fails closed."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from infraai.errors import InputError, RegistryError, StoppedError
from infraai.registry.audit import Audit
from infraai.registry.clock import Now
from infraai.registry.database import writing
from infraai.registry.tables import control

NAME = "autonomy"
WHAT = "The kill-switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Whether effects are allowed; `epoch` counts the stops, `at` is epoch seconds."""

    stopped: bool = False
    epoch: int = 0
    by: str = ""
    reason: str = ""
    at: float = 0
    readable: bool = True


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """Read before every effect."""

    engine: AsyncEngine
    audit: Audit
    now: Now

    async def read(self) -> Control:
        """Return the flag; a registry that cannot be read counts as stopped."""
        try:
            async with self.engine.connect() as connection:
                return await _read(connection)
        except SQLAlchemyError as error:
            reason = f"the registry cannot be read ({type(error).__name__})"
            return Control(stopped=True, reason=reason, readable=False)

    async def check(self, by_hand: str = "") -> Control:
        """Return the flag; raise `StoppedError` while it is set.

        `by_hand` is the name of a person who acts while it is set: that is written down before anything is done.
        """
        flag = await self.read()
        if not flag.stopped:
            return flag
        if by_hand.strip() and flag.readable:
            said = {"epoch": flag.epoch, "stopped_by": flag.by, "reason": flag.reason}
            await self.audit.append(by_hand.strip(), "acted_while_stopped", NAME, said)
            return flag
        who = f" by {flag.by}" if flag.by else ""
        raise StoppedError(
            f"Autonomy is stopped{who}: {flag.reason or 'no reason given'}.",
            next_step="A person starts it again, by name and with a reason.",
        )

    async def stop(self, by: str, reason: str) -> Control:
        """Set the flag and return it; whoever stops twice changes nothing but the reason.

        Raises `RegistryError` where the flag, or the line that tells of it, cannot be written.
        """
        async with writing(self.engine, WHAT) as connection:
            flag = await self._set(connection, stopped=True, by=by, reason=reason)
        try:
            await self.audit.append(by or "unknown", "stop", NAME, {"reason": reason, "epoch": flag.epoch})
        except RegistryError as error:
            raise RegistryError(
                f"Autonomy is stopped, but no line tells of it: {error.message}", next_step=error.next_step
            ) from error
        return flag

    async def start(self, by: str, reason: str) -> Control:
        """Clear the flag, together with the line that tells of it, and return it.

        Raises `InputError` without a name and a reason, `RegistryError` where it cannot be written.
        """
        if not by.strip() or not reason.strip():
            raise InputError("Starting again needs a name and a reason.", next_step="Give both.")
        async with writing(self.engine, WHAT) as connection:
            flag = await self._set(connection, stopped=False, by=by, reason=reason)
            said = {"reason": reason, "epoch": flag.epoch}
            await self.audit.append_in(connection, by, "start", NAME, said)
        return flag

    async def _set(self, connection: AsyncConnection, *, stopped: bool, by: str, reason: str) -> Control:
        at = self.now()
        newly = sa.case((control.c.stopped, 0), else_=1) if stopped else 0
        values = {"stopped": stopped, "by": by, "reason": reason, "at": at}
        change = control.update().where(control.c.name == NAME)
        changed = await connection.execute(change.values(epoch=control.c.epoch + newly, **values))
        if changed.rowcount == 0:
            await connection.execute(control.insert().values(name=NAME, epoch=int(stopped), **values))
        return await _read(connection)


async def _read(connection: AsyncConnection) -> Control:
    query = sa.select(control).where(control.c.name == NAME)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return Control()
    return Control(**{name: row[name] for name in ("stopped", "epoch", "by", "reason", "at")})
