"""Actions: what was executed, who allowed it, what it changed and whether it helped: the memory of operating."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import NotFoundError
from infraai.models import DeploymentId, RunId, Sha256
from infraai.operations.shapes import ActionRequest, ActionResult, ActionType, Cause
from infraai.registry.database import insert_once, writing
from infraai.registry.tables import actions

WHAT = "The action"
ActionStatus = Literal["started", "success", "failed", "rolled_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRecord:
    """One action as recorded; `resource` is a Terraform address, times are epoch seconds by the cloud's clock."""

    action_id: str
    incident_id: str
    run_id: RunId
    deployment_id: DeploymentId
    resource: str
    resource_type: str
    cause: Cause
    request: ActionRequest
    allowed_by: str
    status: ActionStatus
    resolved: bool | None
    result: ActionResult | None
    before_bundle: Sha256
    started_at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class Actions:
    """Rows of `actions`."""

    engine: AsyncEngine

    async def start(
        self,
        request: ActionRequest,
        *,
        op_key: str,
        resource_type: str,
        cause: Cause,
        allowed_by: str,
        at: float,
        incident_id: str = "",
        before_bundle: Sha256 = "",
    ) -> str:
        """Record that an action begins and return its id; the same `op_key` again is the same action."""
        row = {
            "action_id": uuid.uuid4().hex,
            "op_key": op_key,
            "incident_id": incident_id,
            "run_id": request.run_id,
            "deployment_id": request.deployment_id,
            "resource": request.resource_id,
            "resource_type": resource_type,
            "action_type": request.action_type,
            "cause": cause,
            "request": request.model_dump(mode="json"),
            "allowed_by": allowed_by,
            "status": "started",
            "before_bundle": before_bundle,
            "started_at": at,
        }
        known = sa.select(actions.c.action_id).where(actions.c.op_key == op_key)
        if await insert_once(self.engine, WHAT, actions.insert().values(row)):
            return str(row["action_id"])
        async with self.engine.connect() as connection:
            return str((await connection.execute(known)).scalar_one())

    async def finish(self, action_id: str, result: ActionResult) -> None:
        """Record how it ended; raise `NotFoundError` where there is no such action."""
        ended = "rolled_back" if result.rolled_back else "success" if result.success else "failed"
        values = {
            "status": ended,
            "result": result.model_dump(mode="json"),
            "resolved": result.resolved,
            "ended_at": result.ended_at or None,
        }
        await self._change(action_id, values)

    async def set_resolved(self, action_id: str, resolved: bool) -> None:  # noqa: FBT001 — it is the value itself
        """Record whether it helped; raise `NotFoundError` where there is no such action."""
        await self._change(action_id, {"resolved": resolved})

    async def get(self, action_id: str) -> ActionRecord:
        """Return the action; raise `NotFoundError` where there is none."""
        found = await self._select(sa.select(actions).where(actions.c.action_id == action_id))
        if not found:
            raise NotFoundError(f"There is no action {action_id!r}.", next_step="List them.")
        return found[0]

    async def list(self, limit: int = 50) -> Sequence[ActionRecord]:
        """Return actions, newest first."""
        return await self._select(_newest().limit(limit))

    async def of_incident(self, incident_id: str) -> Sequence[ActionRecord]:
        """Return an incident's actions, oldest first."""
        mine = sa.select(actions).where(actions.c.incident_id == incident_id)
        return await self._select(mine.order_by(actions.c.started_at))

    async def of_run(self, run_id: RunId) -> Sequence[ActionRecord]:
        """Return a run's actions, oldest first."""
        mine = sa.select(actions).where(actions.c.run_id == run_id)
        return await self._select(mine.order_by(actions.c.started_at))

    async def recent(
        self, deployment_id: DeploymentId, resource: str, since: float
    ) -> Sequence[ActionRecord]:
        """Return what was begun on a resource (a Terraform address) since then, newest first."""
        here = (actions.c.deployment_id == deployment_id) & (actions.c.resource == resource)
        return await self._select(_newest().where(here & (actions.c.started_at >= since)))

    async def like(
        self, *, cause: Cause, resource_type: str, action: ActionType | None = None, limit: int = 5
    ) -> Sequence[ActionRecord]:
        """Return ended actions of a like case: of the same cause first, of the same type next, newest first."""
        same_cause, same_type = actions.c.cause == cause, actions.c.resource_type == resource_type
        nearness = sa.case((same_cause & same_type, 0), (same_cause, 1), else_=2)
        query = sa.select(actions).where(actions.c.status != "started", same_cause | same_type)
        if action is not None:
            query = query.where(actions.c.action_type == action)
        return await self._select(query.order_by(nearness, actions.c.started_at.desc()).limit(limit))

    async def _change(self, action_id: str, values: dict[str, Any]) -> None:
        where = actions.c.action_id == action_id
        async with writing(self.engine, WHAT) as connection:
            changed = await connection.execute(actions.update().where(where).values(values))
        if changed.rowcount == 0:
            raise NotFoundError(f"There is no action {action_id!r}.", next_step="Start it first.")

    async def _select(self, query: sa.Select[tuple[Any, ...]]) -> Sequence[ActionRecord]:
        async with self.engine.connect() as connection:
            return [_action(row) for row in (await connection.execute(query)).mappings()]


def _newest() -> sa.Select[tuple[Any, ...]]:
    return sa.select(actions).order_by(actions.c.started_at.desc())


def _action(row: sa.RowMapping) -> ActionRecord:
    fields = {name: row[name] for name in ActionRecord.__slots__ if name not in {"request", "result"}}
    result = None if row["result"] is None else ActionResult.model_validate(row["result"])
    return ActionRecord(**fields, request=ActionRequest.model_validate(row["request"]), result=result)
