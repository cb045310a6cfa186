"""The registry: everything that is remembered, behind one value."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.registry.actions import Actions
from infraai.registry.approvals import Approvals
from infraai.registry.artifacts import Artifacts
from infraai.registry.audit import Audit
from infraai.registry.clock import Now, epoch_seconds
from infraai.registry.control import KillSwitch
from infraai.registry.database import database_url, migrate, open_engine
from infraai.registry.deployments import Deployments
from infraai.registry.effects import Effects
from infraai.registry.incidents import Incidents
from infraai.registry.locating import Locator
from infraai.registry.model_calls import ModelCalls
from infraai.registry.revisions import Revisions
from infraai.registry.runs import Runs
from infraai.registry.silences import Silences
from infraai.registry.states import States


@dataclass(frozen=True, slots=True)
class Registry:
    """One database and its stores."""

    engine: AsyncEngine
    runs: Runs
    deployments: Deployments
    approvals: Approvals
    artifacts: Artifacts
    states: States
    effects: Effects
    audit: Audit
    kill_switch: KillSwitch
    model_calls: ModelCalls
    incidents: Incidents
    actions: Actions
    silences: Silences
    revisions: Revisions
    locator: Locator

    @classmethod
    async def open(cls, home: Path, database: str | None = None, *, now: Now = epoch_seconds) -> Self:
        """Open the database of this home, or of this URL, with its tables at the newest version."""
        url = database_url(home, database)
        await asyncio.to_thread(_prepare, home, url)
        engine = open_engine(url)
        audit = Audit(engine, now)
        return cls(
            engine=engine,
            runs=Runs(engine, now),
            deployments=Deployments(engine, now),
            approvals=Approvals(engine, audit, now),
            artifacts=Artifacts(engine, now),
            states=States(engine, now),
            effects=Effects(engine, now),
            audit=audit,
            kill_switch=KillSwitch(engine, audit, now),
            model_calls=ModelCalls(engine, now),
            incidents=Incidents(engine, now),
            actions=Actions(engine),
            silences=Silences(engine, audit),
            revisions=Revisions(engine),
            locator=Locator(engine),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _prepare(home: Path, url: str) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(url)
