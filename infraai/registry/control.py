"""The kill-switch: a durable flag that fails closed."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import InputError, StoppedError
from infraai.registry.audit import Audit
from infraai.registry.clock import Now
from infraai.registry.tables import control

NAME = "autonomy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Whether effects are allowed; `epoch` counts the stops."""

    stopped: bool = False
    epoch: int = 0
    by: str = ""
    reason: str = ""


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
                row = (
                    (await connection.execute(sa.select(control).where(control.c.name == NAME)))
                    .mappings()
                    .first()
                )
        except SQLAlchemyError as error:
            return Control(stopped=True, reason=f"the registry cannot be read ({type(error).__name__})")
        if row is None:
            return Control()
        return Control(stopped=row["stopped"], epoch=row["epoch"], by=row["by"], reason=row["reason"])

    async def check(self) -> Control:
        """Return the flag; raise `StoppedError` while it is set."""
        flag = await self.read()
        if flag.stopped:
            who = f" by {flag.by}" if flag.by else ""
            raise StoppedError(
                f"Autonomy is stopped{who}: {flag.reason or 'no reason given'}.",
                next_step="A person starts it again, by name and with a reason.",
            )
        return flag

    async def stop(self, by: str, reason: str) -> Control:
        """Set the flag; whoever stops twice changes nothing but the reason."""
        return await self._set(stopped=True, by=by, reason=reason)

    async def start(self, by: str, reason: str) -> Control:
        """Clear the flag; raise `InputError` without a name and a reason."""
        if not by.strip() or not reason.strip():
            raise InputError("Starting again needs a name and a reason.", next_step="Give both.")
        return await self._set(stopped=False, by=by, reason=reason)

    async def _set(self, *, stopped: bool, by: str, reason: str) -> Control:
        before = await self.read()
        epoch = before.epoch + (1 if stopped and not before.stopped else 0)
        values = {"stopped": stopped, "epoch": epoch, "by": by, "reason": reason, "at": self.now()}
        async with self.engine.begin() as connection:
            changed = await connection.execute(control.update().where(control.c.name == NAME).values(values))
            if changed.rowcount == 0:
                await connection.execute(control.insert().values(name=NAME, **values))
        await self.audit.append(by or "unknown", "stop" if stopped else "start", NAME, {"reason": reason})
        return Control(stopped=stopped, epoch=epoch, by=by, reason=reason)
