"""Runs: started, driven, decided, taken up again. The one place where a run's faults end."""

import asyncio
import traceback
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from graphs.driver import Compiled, Parked, drive, reenter, snapshot
from graphs.holding import Holding
from infraai.errors import (
    GoalError,
    GuardError,
    InfraError,
    InputError,
    ModelError,
    StoppedError,
    TerraformError,
)
from infraai.journal import Journal
from infraai.models import Bundle, DeploymentId, Event, FailureReason, Report, Request, RunId, RunStatus
from infraai.owner import Owner
from infraai.registry.approvals import Approval
from infraai.registry.registry import Registry
from infraai.registry.runs import Run

OVER: frozenset[RunStatus] = frozenset({"completed", "destroyed", "previewed", "rejected", "rolled_back"})
FINAL: frozenset[FailureReason] = frozenset(
    {"guard", "policy", "goal"}
)  # nothing but another bundle or goal helps


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Everything that can be done with a run, for every channel."""

    registry: Registry
    journal: Journal
    owner: Owner
    graphs: Mapping[str, Compiled]  # by request kind
    driving: dict[RunId, asyncio.Lock] = field(default_factory=dict[RunId, asyncio.Lock])

    @property
    def holding(self) -> Holding:
        """Return what takes and gives back deployments."""
        return Holding(self.registry.runs, self.owner)

    async def start(
        self, request: Request, *, bundle: Bundle | None = None, deployment_id: DeploymentId | None = None
    ) -> Run:
        """Record a new run and take its deployment; a new deployment has the run's id.

        Raises `ConflictError` where a living run holds the deployment.
        """
        run_id = str(uuid.uuid4())
        if bundle is not None:
            sha = await self.registry.artifacts.put_bundle(bundle)
            request = request.model_copy(update={"bundle_sha": sha})
        deployment = deployment_id or run_id
        await self.holding.hold(run_id if request.kind == "operate" else deployment, run_id)
        run = await self.registry.runs.create(run_id, deployment, request, self.owner.name)
        asked = {"deployment_id": deployment, **request.model_dump(mode="json", exclude={"directory"})}
        await self.registry.audit.append(request.requested_by, "run_started", run_id, asked)
        return run

    def busy(self, run_id: RunId) -> bool:
        """Return whether this process drives the run right now."""
        lock = self.driving.get(run_id)
        return lock is not None and lock.locked()

    async def drive(self, run_id: RunId, answer: Mapping[str, Any] | None = None) -> Run:
        """Drive a run until it waits or has ended, and return how it stands. Faults end here."""
        async with self._alone(run_id):
            return await self._drive(run_id, answer)

    @asynccontextmanager
    async def _alone(self, run_id: RunId) -> AsyncGenerator[None]:
        """Let one task of this process drive a run at a time; the next one finds it as the first has left it."""
        async with self.driving.setdefault(run_id, asyncio.Lock()):
            yield

    async def _drive(self, run_id: RunId, answer: Mapping[str, Any] | None = None) -> Run:
        run = await self.registry.runs.get(run_id)
        graph, start = self.graphs[run.request.kind], await self._input(run)
        try:
            parked = await drive(graph, run.run_id, start, answer)
            while decided := await self._answers(parked.interrupts):
                parked = await drive(graph, run.run_id, start, decided)
            await self._settle(run, parked)
        except Exception as error:  # noqa: BLE001 — the one place where a run's faults end
            await self._fail(run, error)
        finally:
            await self.journal.flush(run.run_id)
        return await self.registry.runs.get(run.run_id)

    async def decide(
        self,
        approval_id: str,
        decision: Literal["approve", "reject"],
        *,
        by: str,
        channel: str,
        reason: str = "",
        choice: Mapping[str, Any] | None = None,
    ) -> Run:
        """Decide an approval, once, and drive its run on; a question may be answered by a choice of one's own."""
        approvals = self.registry.approvals
        approval = await approvals.decide(
            approval_id, decision, by=by, channel=channel, reason=reason, choice=choice
        )
        async with self._alone(approval.run_id):
            run = await self.registry.runs.get(approval.run_id)
            if run.ended:
                return run
            await self.holding.hold(held_by(run), run.run_id)
            await self.registry.runs.mark(run.run_id, "running")
            return await self._drive(run.run_id)

    async def resume(self, run_id: RunId) -> Run:
        """Take a run up where it stands: crashed, interrupted, failed, halted, or decided meanwhile.

        Raises `InputError` for a run that is over, `ConflictError` where a living process drives it.
        """
        run = await self.registry.runs.get(run_id)
        async with self._alone(run.run_id):
            return await self._resume(await self.registry.runs.get(run.run_id))

    async def _resume(self, run: Run) -> Run:
        if run.status in OVER or run.reason in FINAL:
            ended = f"{run.status}, {run.reason}" if run.reason else run.status
            raise InputError(f"Run {run.run_id} is over: {ended}.", next_step="Start a new one.")
        if run.request.kind == "operate" and run.ended:
            raise InputError(
                f"Run {run.run_id} has ended: {run.status}. Its incident is taken up by a run of its own.",
                next_step="infraai watch takes up what waits; infraai act acts by hand.",
            )
        await self.holding.hold(held_by(run), run.run_id)
        graph = self.graphs[run.request.kind]
        state = await snapshot(graph, run.run_id)
        await self.registry.runs.mark(run.run_id, "running")
        if state.created_at and not state.tasks:
            again: dict[str, Any] = {
                "findings": [],
                "seen": [],
                "report": Report(),
                "outcome": None,
                "status": None,
                "reason": None,
                "message": "",
            }
            again["fixes"] = -int(state.values.get("fixes", 0))
            await reenter(graph, run.run_id, again, after="edited")  # goes on at the guard
        return await self._drive(run.run_id)

    async def _answers(self, interrupts: tuple[Any, ...]) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        for interrupt in interrupts:
            approval_id = approval_of(interrupt.value)
            if approval_id:
                approval = await self.registry.approvals.expire_if_late(approval_id)
                if approval.status != "pending":
                    answers[interrupt.id] = answer_of(approval)
        return answers

    async def _input(self, run: Run) -> dict[str, Any]:
        start: dict[str, Any] = {
            "run_id": run.run_id,
            "deployment_id": run.deployment_id,
            "request": run.request,
            "fixes": 0,
            "applies": 0,
            "notes": [],
            "findings": [],
            "seen": [],
        }
        if run.request.bundle_sha:
            start["bundle"] = run.request.bundle_sha
        if run.request.kind == "operate":
            start |= {"results": [], "tries": 0, "queue": [], "action": None, "recheck": None, "ended": None}
        return start

    async def _settle(self, run: Run, parked: Parked) -> None:
        """Write down what the run waits for."""
        for interrupt in parked.interrupts:
            approval_id = approval_of(interrupt.value)
            if approval_id:
                await self.registry.approvals.bind(approval_id, interrupt.id)
                await self.journal.enter(run.run_id, "awaiting_approval")
            for key in {held_by(run), run.deployment_id}:
                await self.registry.runs.park(key, run.run_id)
            waits: RunStatus = "awaiting_approval" if approval_id else "awaiting_review"
            await self.registry.runs.mark(run.run_id, waits)

    async def _fail(self, run: Run, error: Exception) -> None:
        if isinstance(error, InfraError):
            message = str(error)
        else:
            message = f"An internal fault ({type(error).__name__}): {error}. The log has the details."
            trace = "".join(traceback.format_exception(error))
            self.journal.emit(run.run_id, Event(kind="fault", message=trace))
        status: RunStatus = "halted" if isinstance(error, StoppedError) else "failed"
        await self.registry.runs.mark(run.run_id, status, reason=reason_of(error), message=message)
        for key in {held_by(run), run.deployment_id}:
            await self.registry.runs.release(key, run.run_id)
        data = {"status": status, "error": type(error).__name__}
        await self.registry.audit.append("graph", "run_ended", run.run_id, data)


def held_by(run: Run) -> str:
    """Return what a run takes so that one process drives it: its deployment, or for an incident the run itself.

    An incident is looked at, and asked about, while others change its deployment; it takes that only to act.
    """
    return run.run_id if run.request.kind == "operate" else run.deployment_id


def approval_of(card: Any) -> str:
    """Return the approval an interrupt's card asks for, or nothing where it is a review."""
    requests = card.get("action_requests") if isinstance(card, Mapping) else None
    return str(requests[0]["args"].get("approval_id", "")) if requests else ""


def answer_of(approval: Approval) -> dict[str, Any]:
    """Return the resume value of a decided approval."""
    kinds = {"approved": "approve", "used": "approve", "rejected": "reject"}
    kind = kinds.get(approval.status, "expire")
    said: dict[str, Any] = {"by": approval.decided_by, "message": approval.reason}
    if kind == "approve" and approval.choice:
        return {"decisions": [{"type": "edit", "edited_action": dict(approval.choice), **said}]}
    return {"decisions": [{"type": kind, **said}]}


def reason_of(error: Exception) -> FailureReason | None:
    """Return the word for what went wrong; None for a fault of our own."""
    reasons: tuple[tuple[type[Exception], FailureReason], ...] = (
        (GuardError, "guard"),
        (GoalError, "goal"),
        (ModelError, "model"),
        (TerraformError, "terraform"),
        (StoppedError, "stopped"),
        (InputError, "goal"),
    )
    return next((reason for kind, reason in reasons if isinstance(error, kind)), None)
