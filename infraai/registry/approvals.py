"""Approvals: a sealed, single-use, expiring permission for exactly one preview."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import (
    ApprovalError,
    ApprovalExpiredError,
    ApprovalUsedError,
    NotFoundError,
    SealBrokenError,
)
from infraai.models import Preview, RunId, Verdict
from infraai.registry.audit import Audit
from infraai.registry.clock import Now
from infraai.registry.tables import approvals

ApprovalStatus = Literal["pending", "approved", "rejected", "expired", "used", "void"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One permission, asked for or given; times are epoch seconds."""

    approval_id: str
    run_id: RunId
    interrupt_id: str
    plan_digest: str
    state_lineage: str
    state_serial: int
    policy_version: str
    hard_floor: tuple[str, ...]
    status: ApprovalStatus
    reason: str
    decided_by: str
    channel: str
    epoch: int
    created_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Approvals:
    """The only way a permission is given, by any channel, and the only way one is used."""

    engine: AsyncEngine
    audit: Audit
    now: Now

    async def open(
        self, run_id: RunId, preview: Preview, verdict: Verdict, *, epoch: int, minutes: float
    ) -> Approval:
        """Ask for a permission sealed to this preview; asked again, the open one is returned."""
        seal = (preview.plan_digest, preview.state_lineage, preview.state_serial, epoch)
        for known in await self.pending(run_id):
            asked = (known.plan_digest, known.state_lineage, known.state_serial, known.epoch)
            if asked == seal and known.expires_at > self.now():
                return known
        approval_id = f"{run_id[:8]}-{uuid.uuid4().hex[:12]}"
        row = {
            "approval_id": approval_id,
            "run_id": run_id,
            "interrupt_id": "",
            "plan_digest": preview.plan_digest,
            "state_lineage": preview.state_lineage,
            "state_serial": preview.state_serial,
            "policy_version": verdict.policy_version,
            "hard_floor": list(verdict.hard_floor),
            "status": "pending",
            "reason": "",
            "decided_by": "",
            "channel": "",
            "epoch": epoch,
            "created_at": self.now(),
            "expires_at": self.now() + minutes * 60,
        }
        older = (approvals.c.run_id == run_id) & (approvals.c.status == "pending")
        async with self.engine.begin() as connection:
            await connection.execute(approvals.update().where(older).values(status="void"))
            await connection.execute(approvals.insert().values(row))
        await self.audit.append(
            "policy", "approval_asked", approval_id, {"run_id": run_id, **verdict.model_dump()}
        )
        return await self.get(approval_id)

    async def get(self, approval_id: str) -> Approval:
        """Return the approval; raise `NotFoundError` where there is none."""
        found = await self._find(approval_id)
        if found is None:
            raise NotFoundError(f"There is no approval {approval_id!r}.", next_step="List what is pending.")
        return found

    async def pending(self, run_id: RunId | None = None) -> Sequence[Approval]:
        """Return the approvals that wait for a decision, oldest first."""
        query = sa.select(approvals).where(approvals.c.status == "pending").order_by(approvals.c.created_at)
        if run_id:
            query = query.where(approvals.c.run_id == run_id)
        async with self.engine.connect() as connection:
            return [_approval(row) for row in (await connection.execute(query)).mappings()]

    async def bind(self, approval_id: str, interrupt_id: str) -> None:
        """Remember which interrupt of the graph waits for this approval."""
        where = approvals.c.approval_id == approval_id
        async with self.engine.begin() as connection:
            await connection.execute(approvals.update().where(where).values(interrupt_id=interrupt_id))

    async def decide(
        self,
        approval_id: str,
        decision: Literal["approve", "reject"],
        *,
        by: str,
        channel: str,
        reason: str = "",
    ) -> Approval:
        """Decide once, by one compare-and-set.

        Raises `ApprovalExpiredError` after its time, `ApprovalUsedError` where somebody decided before.
        """
        at = self.now()
        status = "approved" if decision == "approve" else "rejected"
        values = {"status": status, "decided_by": by, "channel": channel, "reason": reason, "decided_at": at}
        open_ = (approvals.c.approval_id == approval_id) & (approvals.c.status == "pending")
        async with self.engine.begin() as connection:
            changed = await connection.execute(
                approvals.update().where(open_ & (approvals.c.expires_at > at)).values(values)
            )
            if changed.rowcount == 0:
                await connection.execute(approvals.update().where(open_).values(status="expired"))
        approval = await self.get(approval_id)
        if changed.rowcount == 0:
            raise _why_not(approval)
        await self.audit.append(by, f"approval_{status}", approval_id, {"channel": channel, "reason": reason})
        return approval

    async def expire_if_late(self, approval_id: str) -> Approval:
        """Return the approval, expired if its time is over and nobody decided."""
        late = (approvals.c.approval_id == approval_id) & (approvals.c.status == "pending")
        late = late & (approvals.c.expires_at <= self.now())
        async with self.engine.begin() as connection:
            await connection.execute(approvals.update().where(late).values(status="expired"))
        return await self.get(approval_id)

    async def use(
        self, approval_id: str, run_id: RunId, preview: Preview, *, policy_version: str, epoch: int
    ) -> Approval:
        """Spend the permission on this run's preview, once.

        Raises `SealBrokenError` where plan, state or stop changed since, `ApprovalUsedError` where spent.
        """
        approval = await self.get(approval_id)
        seal = (approval.plan_digest, approval.state_lineage, approval.state_serial, approval.epoch)
        fits = seal == (preview.plan_digest, preview.state_lineage, preview.state_serial, epoch)
        if not fits or (approval.run_id, approval.policy_version) != (run_id, policy_version):
            raise SealBrokenError(
                f"Approval {approval_id} was given for another plan, state or time.",
                next_step="What changed is previewed and asked again.",
            )
        at = self.now()
        if approval.status == "approved" and approval.expires_at <= at:
            raise ApprovalExpiredError(
                f"Approval {approval_id} expired before it was used.", next_step="Ask again."
            )
        where = (approvals.c.approval_id == approval_id) & (approvals.c.status == "approved")
        async with self.engine.begin() as connection:
            changed = await connection.execute(
                approvals.update().where(where).values(status="used", used_at=at)
            )
        if changed.rowcount == 0:
            raise _why_not(await self.get(approval_id))
        return await self.get(approval_id)

    async def _find(self, approval_id: str) -> Approval | None:
        query = sa.select(approvals).where(approvals.c.approval_id == approval_id)
        async with self.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return None if row is None else _approval(row)


def _why_not(approval: Approval) -> ApprovalError:
    if approval.status == "expired":
        return ApprovalExpiredError(f"Approval {approval.approval_id} has expired.", next_step="Ask again.")
    if approval.status == "void":
        return SealBrokenError(
            f"Approval {approval.approval_id} was replaced by a newer one.", next_step="Decide that."
        )
    if approval.status == "pending":
        return ApprovalError(
            f"Approval {approval.approval_id} was not given.", next_step="Somebody has to decide it."
        )
    who = f" by {approval.decided_by}" if approval.decided_by else ""
    return ApprovalUsedError(f"Approval {approval.approval_id} is {approval.status} already{who}.")


def _approval(row: sa.RowMapping) -> Approval:
    fields = {name: row[name] for name in Approval.__slots__ if name != "hard_floor"}
    return Approval(**fields, hard_floor=tuple(row["hard_floor"]))
