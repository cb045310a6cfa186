"""Approvals: a sealed, single-use, expiring permission for exactly one preview, action or answer."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from infraai.errors import (
    ApprovalError,
    ApprovalExpiredError,
    ApprovalUsedError,
    InputError,
    NotFoundError,
    SealBrokenError,
)
from infraai.models import Preview, RunId, Sha256, Verdict
from infraai.registry.audit import Audit
from infraai.registry.choices import read_choice
from infraai.registry.clock import Now
from infraai.registry.database import writing
from infraai.registry.people import POLICY, is_person
from infraai.registry.tables import approvals

ApprovalStatus = Literal["pending", "approved", "rejected", "expired", "used", "void"]
Subject = Literal["apply", "action", "question"]
REPLACED = "it was replaced by a newer one"
WHAT = "The approval"
_WAITING = ("pending", "approved")


@dataclass(frozen=True, slots=True)
class Seal:
    """What a permission is for: the digest of a saved plan or of a request, and the state it was made from."""

    digest: Sha256
    lineage: str = ""
    serial: int = 0


def seal_of(preview: Preview) -> Seal:
    """Return the seal of a preview: its plan file and its state."""
    return Seal(preview.plan_digest, preview.state_lineage, preview.state_serial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One permission, asked for or given; times are epoch seconds.

    `card` is what was shown; of a question, `choices` is what it offers and `choice` what a person chose.
    """

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
    subject: Subject = "apply"
    choices: tuple[Mapping[str, Any], ...] = ()
    choice: Mapping[str, Any] | None = None
    card: Mapping[str, Any] = field(default_factory=dict[str, Any])
    decided_at: float | None = None

    @property
    def seal(self) -> Seal:
        """Return what it is for."""
        return Seal(self.plan_digest, self.state_lineage, self.state_serial)


@dataclass(frozen=True, slots=True)
class Approvals:
    """The only way a permission is given, by any channel, and the only way one is used."""

    engine: AsyncEngine
    audit: Audit
    now: Now

    async def open(
        self,
        run_id: RunId,
        seal: Seal,
        verdict: Verdict,
        *,
        epoch: int,
        minutes: float,
        subject: Subject = "apply",
        card: Mapping[str, Any] | None = None,
        choices: Sequence[Mapping[str, Any]] | None = None,
    ) -> Approval:
        """Ask for a permission under this seal; asked again, the open one is returned."""
        for known in await self.pending(run_id):
            same = (known.seal, known.epoch, known.subject) == (seal, epoch, subject)
            if same and known.expires_at > self.now():
                return known
        approval_id = f"{run_id[:8]}-{uuid.uuid4().hex[:12]}"
        row = {
            "approval_id": approval_id,
            "run_id": run_id,
            "plan_digest": seal.digest,
            "state_lineage": seal.lineage,
            "state_serial": seal.serial,
            "policy_version": verdict.policy_version,
            "hard_floor": list(verdict.hard_floor),
            "status": "pending",
            "epoch": epoch,
            "created_at": self.now(),
            "expires_at": self.now() + minutes * 60,
            "subject": subject,
            "card": dict(card or {}),
            "choices": [dict(one) for one in choices or ()],
        }
        older = (approvals.c.run_id == run_id) & (approvals.c.status == "pending")
        said = {"run_id": run_id, "subject": subject, **verdict.model_dump()}
        async with writing(self.engine, WHAT) as connection:
            await connection.execute(approvals.update().where(older).values(status="void", reason=REPLACED))
            await connection.execute(approvals.insert().values(row))
            await self.audit.append_in(connection, "policy", "approval_asked", approval_id, said)
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
        return await self._select(query.where(approvals.c.run_id == run_id) if run_id else query)

    async def of_run(self, run_id: RunId) -> Sequence[Approval]:
        """Return all of a run's approvals, oldest first."""
        mine = sa.select(approvals).where(approvals.c.run_id == run_id)
        return await self._select(mine.order_by(approvals.c.created_at))

    async def list(self, status: ApprovalStatus | None = None, limit: int = 50) -> Sequence[Approval]:
        """Return approvals, newest first."""
        query = sa.select(approvals).order_by(approvals.c.created_at.desc()).limit(limit)
        return await self._select(query.where(approvals.c.status == status) if status else query)

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
        choice: Mapping[str, Any] | None = None,
    ) -> Approval:
        """Decide once, by one compare-and-set.

        Raises `ApprovalExpiredError` after its time, `ApprovalUsedError` where somebody decided before, and
        `InputError` for a choice where none was asked for (a permission is for what was shown), for one that says
        nothing that could be done, and for the policy's name by any channel but its own.
        """
        if channel != POLICY and by.strip() and not is_person(by):
            raise InputError(
                f"{by!r} is no person's name; it is how the system calls itself.", next_step="Give another."
            )
        if choice is not None:
            self._may_choose(await self.get(approval_id), choice)
        at = self.now()
        status = "approved" if decision == "approve" else "rejected"
        values: dict[str, Any] = {"status": status}
        values |= {"decided_by": by, "channel": channel, "reason": reason, "decided_at": at}
        if choice is not None:
            values["choice"] = dict(choice)
        said = {"channel": channel, "reason": reason, **({"choice": dict(choice)} if choice else {})}
        open_ = (approvals.c.approval_id == approval_id) & (approvals.c.status == "pending")
        async with writing(self.engine, WHAT) as connection:
            changed = await connection.execute(
                approvals.update().where(open_ & (approvals.c.expires_at > at)).values(values)
            )
            if changed.rowcount == 0:
                await connection.execute(approvals.update().where(open_).values(status="expired"))
            else:
                await self.audit.append_in(connection, by, f"approval_{status}", approval_id, said)
        approval = await self.get(approval_id)
        if changed.rowcount == 0:
            raise _why_not(approval)
        return approval

    @staticmethod
    def _may_choose(approval: Approval, choice: Mapping[str, Any]) -> None:
        if approval.subject != "question":
            raise InputError(
                f"Approval {approval.approval_id} is for one thing; there is nothing to choose.",
                next_step="Approve or reject it.",
            )
        read_choice(choice)

    async def void(self, run_id: RunId, reason: str = "") -> tuple[str, ...]:
        """Take back what the run asked for or was given and has not used; return the ids of those."""
        why = reason or "the incident is over"
        mine = (approvals.c.run_id == run_id) & approvals.c.status.in_(_WAITING)
        change = approvals.update().where(mine).values(status="void", reason=why)
        async with writing(self.engine, WHAT) as connection:
            voided = tuple((await connection.execute(change.returning(approvals.c.approval_id))).scalars())
            for approval_id in voided:
                said = {"run_id": run_id, "reason": why}
                await self.audit.append_in(connection, "graph", "approval_void", approval_id, said)
        return voided

    async def expire_if_late(self, approval_id: str) -> Approval:
        """Return the approval, expired if its time is over and nobody decided."""
        late = (approvals.c.approval_id == approval_id) & (approvals.c.status == "pending")
        late = late & (approvals.c.expires_at <= self.now())
        async with self.engine.begin() as connection:
            await connection.execute(approvals.update().where(late).values(status="expired"))
        return await self.get(approval_id)

    async def use(
        self, approval_id: str, run_id: RunId, seal: Seal, *, policy_version: str, epoch: int
    ) -> Approval:
        """Spend the permission on what this run would do, once.

        Raises `SealBrokenError` where plan, state or stop changed since, `ApprovalUsedError` where spent.
        """
        approval = await self.get(approval_id)
        fits = (approval.seal, approval.epoch) == (seal, epoch)
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
        async with writing(self.engine, WHAT) as connection:
            changed = await connection.execute(
                approvals.update().where(where).values(status="used", used_at=at)
            )
        if changed.rowcount == 0:
            raise _why_not(await self.get(approval_id))
        return await self.get(approval_id)

    async def _find(self, approval_id: str) -> Approval | None:
        found = await self._select(sa.select(approvals).where(approvals.c.approval_id == approval_id))
        return found[0] if found else None

    async def _select(self, query: sa.Select[tuple[Any, ...]]) -> Sequence[Approval]:
        async with self.engine.connect() as connection:
            return [_approval(row) for row in (await connection.execute(query)).mappings()]


def _why_not(approval: Approval) -> ApprovalError:
    if approval.status == "expired":
        return ApprovalExpiredError(f"Approval {approval.approval_id} has expired.", next_step="Ask again.")
    if approval.status == "void":
        replaced = approval.reason in {"", REPLACED}
        return SealBrokenError(
            f"Approval {approval.approval_id} counts no more: {approval.reason or REPLACED}.",
            next_step="Decide that." if replaced else "Nothing was done, and nothing is left to decide.",
        )
    if approval.status == "pending":
        return ApprovalError(
            f"Approval {approval.approval_id} was not given.", next_step="Somebody has to decide it."
        )
    who = f" by {approval.decided_by}" if approval.decided_by else ""
    return ApprovalUsedError(f"Approval {approval.approval_id} is {approval.status} already{who}.")


def _approval(row: sa.RowMapping) -> Approval:
    read = {"hard_floor", "choices", "card"}
    fields = {name: row[name] for name in Approval.__slots__ if name not in read}
    return Approval(
        **fields,
        hard_floor=tuple(row["hard_floor"]),
        choices=tuple(row["choices"] or ()),
        card=row["card"] or {},
    )
