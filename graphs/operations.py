"""Operations: alerts received, incidents handled, actions by hand, for every channel alike."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict, Unpack

from agents.operate.prechecking import precheck
from graphs.closing import Closing
from graphs.incident_report import incident_report
from graphs.runner import Runner
from infraai.errors import AlertError, ConflictError, InputError, NotFoundError
from infraai.journal import Journal
from infraai.models import Event, Request, RunId
from infraai.operations.fixes import cause_of
from infraai.operations.intake import parse_body
from infraai.operations.ports import Notice, Notifier
from infraai.operations.shapes import OVER, WIRE_NAMES, Alert, Cause, Target
from infraai.ports import Clock, Hcl
from infraai.registry.approvals import Approval
from infraai.registry.control import Control
from infraai.registry.incidents import Incident, Received
from infraai.registry.registry import Registry
from infraai.registry.runs import Run

BY_SOURCE = "Its source closed it."


class ByHand(TypedDict):
    """Who acts by hand, why, and what they allow beforehand; see `Operations.begin_act`."""

    by: str
    reason: NotRequired[str]
    yes: NotRequired[bool]
    accept: NotRequired[Sequence[str]]
    despite_stop: NotRequired[bool]
    deployment_id: NotRequired[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Everything that can be done with alerts and incidents."""

    registry: Registry
    runner: Runner
    journal: Journal
    notifier: Notifier
    clock: Clock
    hcl: Hcl
    closing: Closing
    woken: asyncio.Event = field(default_factory=asyncio.Event)  # set when something new waits

    async def receive(self, body: bytes, *, channel: str) -> tuple[Received, ...]:
        """Keep every alert of a webhook's body and group it; raise `AlertError`. Nothing is acted on here."""
        try:
            alerts = parse_body(body)
        except AlertError as error:
            digest = hashlib.sha256(body).hexdigest()
            refused = {"reason": error.message, "sha256": digest, "bytes": len(body)}
            await self.registry.audit.append(channel, "alert_refused", digest[:12], refused)
            raise
        found = await self.registry.locator.locate_all(alerts)
        at = self.clock.now().timestamp()
        items: list[tuple[Alert, Target | None, Cause]] = [
            (alert, one if isinstance(one, Target) else None, cause_of(alert))
            for alert, one in zip(alerts, found, strict=True)
        ]
        received = await self.registry.incidents.receive_all(items, at)
        lines = [
            (
                one.alert_id,
                {"source": alert.source, "source_id": alert.source_id, "incident": one.incident_id},
            )
            for alert, one in zip(alerts, received, strict=True)
            if not one.duplicate
        ]
        await self.registry.audit.append_all(channel, "alert_received", lines)
        if any(one.fresh for one in received):
            self.woken.set()
        for one in received:
            if one.closed and one.incident_id:
                await self._closed(one.incident_id)
        return tuple(received)

    async def handle(self, incident_id: str) -> Run:
        """Start a run on an incident and drive it until it waits or ends.

        Raises `InputError` where the incident is over, `ConflictError` where another run has it.
        """
        incident = await self.registry.incidents.get(incident_id)
        if incident.status in OVER:
            raise InputError(
                f"Incident {incident.incident_id[:8]} is {incident.status}.", next_step="Nothing to do."
            )
        if incident.run_id and not (await self.registry.runs.get(incident.run_id)).ended:
            return await self._after(await self.runner.resume(incident.run_id))
        request = Request(
            kind="operate", goal=incident.title, incident_id=incident.incident_id, requested_by="alert"
        )
        run = await self.runner.start(request, deployment_id=incident.deployment_id or None)
        taken = await self.registry.incidents.take(
            incident.incident_id, run.run_id, instead_of=incident.run_id
        )
        if not taken:
            await self.registry.runs.mark(run.run_id, "rejected", message="Another run has the incident.")
            await self.runner.holding.release(run.run_id, run.run_id)
            raise ConflictError(
                f"Incident {incident.incident_id[:8]} is being handled already.", next_step="Watch it."
            )
        return await self._after(await self.runner.drive(run.run_id))

    async def act(
        self, resource: str, action_type: str, parameters: Mapping[str, Any], **by_hand: Unpack[ByHand]
    ) -> Run:
        """Act by hand, on the same path as everything else; drives until it waits or ends."""
        run = await self.begin_act(resource, action_type, parameters, **by_hand)
        return await self._after(await self.runner.drive(run.run_id))

    async def begin_act(
        self,
        resource: str,
        action_type: str,
        parameters: Mapping[str, Any],
        *,
        by: str,
        reason: str = "",
        yes: bool = False,
        accept: Sequence[str] = (),
        despite_stop: bool = False,
        deployment_id: str = "",
    ) -> Run:
        """Start the run of an action by hand without driving it, so that it can be watched from its first line."""
        if not by.strip():
            raise InputError("Acting by hand needs a name.", next_step="Give it: --by NAME.")
        if resource:
            target = await self.registry.locator.find(resource, deployment_id)
            deployment_id = target.deployment_id
            await precheck(
                target,
                action_type,
                parameters,
                deployments=self.registry.deployments,
                artifacts=self.registry.artifacts,
                hcl=self.hcl,
            )
        await self.runner.holding.check(deployment_id)
        request = Request(
            kind="operate",
            goal=f"{action_type} {resource}".strip(),
            action={
                "action_type": WIRE_NAMES.get(action_type, action_type),
                "resource_id": resource,
                "parameters": dict(parameters),
                "reason": reason,
                "deployment_id": deployment_id,
            },
            yes=yes,
            accept=tuple(accept),
            requested_by=by,
            despite_stop=despite_stop,
            stop_epoch=(await self.registry.kill_switch.read()).epoch if despite_stop else None,
        )
        return await self.runner.start(request, deployment_id=deployment_id)

    async def begin_rollback(
        self, run_id: RunId, *, by: str, reason: str = "", yes: bool = False, accept: Sequence[str] = ()
    ) -> Run:
        """Start the run that brings back what stood before a run; raise `InputError` where nothing stood."""
        undone = await self.registry.runs.get(run_id)
        if await self.registry.revisions.before(undone.run_id) is None:
            raise InputError(
                f"Nothing stood before run {undone.run_id[:8]}, or it changed nothing.",
                next_step="`infraai destroy` takes down a first deployment; `infraai runs list` shows the others.",
            )
        return await self.begin_act(
            "",
            "rollback",
            {"run_id": undone.run_id},
            by=by,
            reason=reason or f"rollback of run {undone.run_id[:8]}",
            yes=yes,
            accept=accept,
            deployment_id=undone.deployment_id,
        )

    async def rollback(
        self, run_id: RunId, *, by: str, reason: str = "", yes: bool = False, accept: Sequence[str] = ()
    ) -> Run:
        """Bring back what stood before a run, with preview and approval; drives until it waits or ends."""
        run = await self.begin_rollback(run_id, by=by, reason=reason, yes=yes, accept=accept)
        return await self._after(await self.runner.drive(run.run_id))

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
        """Decide an approval once, and drive its run on; the incident follows."""
        run = await self.runner.decide(
            approval_id, decision, by=by, channel=channel, reason=reason, choice=choice
        )
        return await self._after(run)

    async def resume(self, run_id: RunId) -> Run:
        """Take a run up again where it stands; the incident follows."""
        return await self._after(await self.runner.resume(run_id))

    async def stop(self, by: str, reason: str) -> Control:
        """Stop all autonomy; people are told."""
        flag = await self.registry.kill_switch.stop(by, reason)
        await self.notifier.tell(
            Notice(
                kind="stopped", incident_id="", run_id="", title=f"Autonomy was stopped by {by}", body=reason
            )
        )
        return flag

    async def start(self, by: str, reason: str) -> Control:
        """Start again, by name and with a reason."""
        return await self.registry.kill_switch.start(by, reason)

    async def watch(self, *, stop: asyncio.Event) -> None:
        """Take up what waits, until `stop` is set."""
        from graphs.watcher import Watcher

        await Watcher(self).watch(stop)

    async def explain(self, incident_id: str) -> dict[str, Any]:
        """Return the whole story of an incident as one JSON object."""
        return await incident_report(self.registry, incident_id)

    async def _closed(self, incident_id: str) -> None:
        """All alerts of the incident are closed: what only waits is over; what acts will measure by itself."""
        incident = await self.registry.incidents.get(incident_id)
        at = self.clock.now().timestamp()
        if incident.status == "pending":
            await self.registry.incidents.set_status(incident_id, "resolved", BY_SOURCE, at=at)
        if incident.status not in {"pending_approval", "escalated"}:
            return
        bad = await self.closing.still_bad(await self.registry.incidents.alerts_of(incident_id))
        if bad:
            seen = {"message": "its source closed it, and it is not over", "seen": bad}
            await self.registry.audit.append("graph", "close_not_believed", incident_id, seen)
            self.journal.note(incident.run_id, f"Its source closed the alert, and it is not over: {bad}.")
            return
        await self.registry.incidents.set_status(incident_id, "resolved", BY_SOURCE, at=at)
        if incident.status == "pending_approval":
            await self.registry.approvals.void(incident.run_id, "the incident closed by itself")
            if not self.runner.busy(incident.run_id):  # whoever drives it now finds the approval void
                await self.runner.resume(incident.run_id)

    async def _after(self, run: Run) -> Run:
        """Let the incident follow its run: waiting, or, where the run broke off, a person's."""
        incident = await self._incident_of(run)
        pending = await self.registry.approvals.pending(run.run_id)
        if run.status == "awaiting_approval" and pending:
            if incident is not None and incident.status not in OVER:
                await self.registry.incidents.set_status(incident.incident_id, "pending_approval")
            await self._ask(pending[0], incident)
        elif run.ended and incident is not None and incident.status not in OVER:
            await self._left(run, incident)
        await self.journal.flush(run.run_id)
        return run

    async def _left(self, run: Run, incident: Incident) -> None:
        """A run that ended without an end for its incident: halted ones are taken up again, the rest is a person's."""
        message = run.message or f"The run ended: {run.status}."
        if run.status == "halted":
            await self.registry.incidents.set_status(incident.incident_id, "pending", message)
            return
        at = self.clock.now().timestamp()
        await self.registry.incidents.set_status(incident.incident_id, "escalated", message, at=at)
        notice = Notice(
            kind="escalated",
            incident_id=incident.incident_id,
            run_id=run.run_id,
            title=f"A person is needed: {incident.title}",
            body=message,
        )
        await self.notifier.tell(notice)

    async def _incident_of(self, run: Run) -> Incident | None:
        if not run.request.incident_id:
            return None
        try:
            return await self.registry.incidents.get(run.request.incident_id)
        except NotFoundError:
            return None

    async def _ask(self, approval: Approval, incident: Incident | None) -> None:
        self.journal.emit(
            approval.run_id,
            Event(kind="approval", message=approval.approval_id, data={"card": dict(approval.card)}),
        )
        await self.notifier.tell(
            Notice(
                kind="approval",
                incident_id=incident.incident_id if incident else "",
                run_id=approval.run_id,
                title=incident.title if incident else "An action by hand",
                approval_id=approval.approval_id,
                data={"subject": approval.subject, "card": dict(approval.card)},
            )
        )
