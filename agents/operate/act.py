"""Act: do an action by Google's API, exactly once."""

import itertools
import uuid
from dataclasses import dataclass
from typing import Any

from agents.operate.calls import Call, call_for, send
from agents.operate.holding import Holder
from agents.operate.stepping import POLICY, after_step, type_of
from infraai.errors import ActionError, ApprovalError, CloudError, ConflictError, StoppedError
from infraai.journal import Journal
from infraai.models import Event, RecordedResource, Verdict
from infraai.operations.fixes import cause_of
from infraai.operations.ports import Compute
from infraai.operations.shapes import ActionRequest, ActionResult
from infraai.policy import VERSION
from infraai.ports import Clock
from infraai.registry.actions import Actions
from infraai.registry.approvals import Approvals, Seal
from infraai.registry.audit import Audit
from infraai.registry.control import Control, KillSwitch
from infraai.registry.deployments import Deployments
from infraai.registry.effects import Effect, Effects
from infraai.registry.incidents import Incidents
from infraai.state import OperateState, OperateUpdate


@dataclass(frozen=True, slots=True)
class Act:
    """Reads `action`, its verdict and its approval; writes `results`, and the next action where one follows.

    The approval's seal and the kill-switch are checked here, whoever resumed the run. The call is an effect: kept
    with all that it says before it is sent, and sent again under the same idempotency key where its end was not seen.
    """

    compute: Compute
    approvals: Approvals
    effects: Effects
    actions: Actions
    incidents: Incidents
    deployments: Deployments
    kill_switch: KillSwitch
    audit: Audit
    clock: Clock
    journal: Journal
    holder: Holder
    approval_minutes: float = 30

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return what came of the action; an approval that does not fit it is asked for again."""
        request = state["action"]
        if request is None:
            return {}
        key, known = await self._known(state, request)
        if known is not None and known.status != "started":
            result = ActionResult.model_validate(known.detail["result"])
            return after_step(state, result, by=str(known.detail["by"]))
        try:
            await self.holder.hold(state["deployment_id"], state["run_id"])
            return await self._done(state, request, key, known)
        except StoppedError as error:
            return {"status": "halted", "reason": "stopped", "message": str(error)}
        except ConflictError as error:
            return {"status": "halted", "ended": "pending", "message": f"It waits: {error}"}
        except ApprovalError as error:
            self.journal.note(state["run_id"], f"It is asked again: {error}")
            return {"way": "action_approval"}

    async def _done(
        self, state: OperateState, request: ActionRequest, key: str, known: Effect | None
    ) -> OperateUpdate:
        flag = await self._flag(state, told=False)
        if known is not None:
            return await self._again(state, key, known, flag)
        over = await self._over(state)
        if over is not None:
            return over
        try:
            call = await self._call(state, request)
        except (ActionError, CloudError) as error:
            return after_step(state, self._result(request, error=str(error)))
        by = await self._permit(state, request, flag)
        detail: dict[str, Any] = {"call": call.model_dump(mode="json"), "epoch": flag.epoch, "by": by}
        begun = await self.effects.begin(key, state["run_id"], request.action_type, detail)
        if begun is not None:
            raise ConflictError(
                f"Run {state['run_id']} is being acted on by another process.", next_step="Wait for it."
            )
        return await self._send(state, key, call, detail)

    async def _known(self, state: OperateState, request: ActionRequest) -> tuple[str, Effect | None]:
        """Return the effect's key and what is known of it; one that a stop kept from being sent is history."""
        step = len(state.get("results") or [])
        for attempt in itertools.count():
            key = f"act:{state['run_id']}:{request.digest}:{step}" + (f":{attempt}" if attempt else "")
            known = await self.effects.get(key)
            if known is None or not known.detail.get("unsent"):
                return key, known
        raise AssertionError

    async def _flag(self, state: OperateState, *, told: bool) -> Control:
        """Return the kill-switch; raise `StoppedError` while it is set, except for who acts by hand, by name."""
        request = state["request"]
        by_hand = request.requested_by if request.despite_stop and request.action else ""
        flag = await self.kill_switch.read()
        if by_hand and flag.readable and not told:
            return flag
        return await self.kill_switch.check(by_hand=by_hand)

    async def _over(self, state: OperateState) -> OperateUpdate | None:
        """Return the end where the incident ended meanwhile: what is over needs no action."""
        incident = await self.incidents.get(state["incident_id"]) if state["incident_id"] else None
        if incident is None or not incident.over:
            return None
        message = (
            f"Nothing was done: the incident was {incident.status} meanwhile. {incident.message}".strip()
        )
        return {"action": None, "queue": [], "ended": incident.status, "message": message}

    async def _call(self, state: OperateState, request: ActionRequest) -> Call:
        resource = await self._resource(state, request)
        target, alert, verdict = state["target"], state["alert"], state["action_verdict"]
        ours = target is not None and target.resource.address == request.resource_id
        by_itself = verdict is not None and verdict.decision == "auto" and not state["request"].action
        return await call_for(
            self.compute,
            request,
            resource,
            member=target.member if target is not None and ours else "",
            only_start=by_itself and alert is not None and cause_of(alert) == "stopped",
        )

    async def _resource(self, state: OperateState, request: ActionRequest) -> RecordedResource:
        """Return the resource as the registry has it now: it may have been destroyed since the alert."""
        for resource in await self.deployments.resources(request.deployment_id or state["deployment_id"]):
            if resource.address == request.resource_id:
                return resource
        raise ActionError(
            f"{request.resource_id} is no resource of its deployment any more.",
            next_step="It was destroyed or renamed; nothing is done.",
        )

    async def _permit(self, state: OperateState, request: ActionRequest, flag: Control) -> str:
        """Spend the approval and return whose word it was."""
        verdict, seal = state["action_verdict"], Seal(digest=request.digest, lineage="", serial=0)
        approval_id, epoch = state.get("approval_id", ""), state.get("epoch", -1)
        if verdict is not None and verdict.decision == "auto":
            by, epoch = state["request"].requested_by if state["request"].action else POLICY, flag.epoch
            words = Verdict(**verdict.model_dump(), policy_version=VERSION)
            asked = await self.approvals.open(
                state["run_id"],
                seal,
                words,
                epoch=epoch,
                minutes=self.approval_minutes,
                subject="action",
                card={"action": request.model_dump(mode="json")},
            )
            approval_id = asked.approval_id
            channel = "policy" if by == POLICY else "by hand"
            await self.approvals.decide(approval_id, "approve", by=by, channel=channel)
        if not approval_id or epoch != flag.epoch:
            raise ApprovalError("It was not approved, or autonomy was stopped since.")
        used = await self.approvals.use(
            approval_id, state["run_id"], seal, policy_version=VERSION, epoch=epoch
        )
        return used.decided_by or "somebody"

    async def _again(self, state: OperateState, key: str, known: Effect, flag: Control) -> OperateUpdate:
        """The effect was begun before and nobody saw its end: the same call under the same idempotency key."""
        request, detail = state["action"], dict(known.detail)
        assert request is not None
        if flag.epoch == detail["epoch"]:
            return await self._send(state, key, Call.model_validate(detail["call"]), detail)
        result = self._result(
            request,
            error="A stop of autonomy cut it off: whether it reached Google is not known, and it is not repeated.",
        )
        await self._finish(state, key, detail, result)
        return after_step(state, result, by=str(detail["by"]))

    async def _send(self, state: OperateState, key: str, call: Call, detail: dict[str, Any]) -> OperateUpdate:
        request, run_id = state["action"], state["run_id"]
        assert request is not None
        action_id = await self._start(state, key, detail["by"])
        said = {"key": key, "action": request.model_dump(mode="json"), "call": call.changes}
        await self.audit.append(detail["by"], "action_started", run_id, said)
        if state["incident_id"]:
            itself = detail["by"] == POLICY
            await self.incidents.set_status(state["incident_id"], "auto_executing" if itself else "approved")
        try:
            await self._flag(state, told=True)
        except StoppedError as error:
            await self.effects.finish(key, "failed", {**detail, "unsent": True})
            await self.actions.finish(action_id, self._result(request, error=str(error)))
            await self.audit.append("graph", "action_ended", run_id, {"key": key, "unsent": True})
            raise
        result = await self._sent(request, call, key)
        await self._finish(state, key, detail, result)
        return after_step(state, result, by=str(detail["by"]))

    async def _sent(self, request: ActionRequest, call: Call, key: str) -> ActionResult:
        self.journal.emit(
            request.run_id,
            Event(kind="action", message=f"{call.verb} {call.name}", data=call.changes),
        )
        try:
            await send(self.compute, call, key=str(uuid.uuid5(uuid.NAMESPACE_URL, f"infraai:{key}")))
        except CloudError as error:
            return self._result(request, error=str(error))
        return self._result(request, changes={call.name: call.changes})

    async def _start(self, state: OperateState, key: str, by: str) -> str:
        request, alert = state["action"], state["alert"]
        assert request is not None
        return await self.actions.start(
            request,
            op_key=key,
            resource_type=type_of(request, state["target"]),
            cause=cause_of(alert) if alert else "unknown",
            allowed_by=by,
            at=self.clock.now().timestamp(),
            incident_id=state["incident_id"],
        )

    async def _finish(
        self, state: OperateState, key: str, detail: dict[str, Any], result: ActionResult
    ) -> None:
        action_id = await self._start(state, key, str(detail["by"]))
        await self.actions.finish(action_id, result)
        kept = {**detail, "result": result.model_dump(mode="json")}
        await self.effects.finish(key, "done" if result.success else "failed", kept)
        ended = {"key": key, "success": result.success, "error": result.error}
        await self.audit.append("graph", "action_ended", state["run_id"], ended)
        if state["incident_id"] and result.success:
            await self.incidents.set_status(state["incident_id"], "executed")

    def _result(
        self, request: ActionRequest, *, error: str = "", changes: dict[str, Any] | None = None
    ) -> ActionResult:
        return ActionResult(
            success=not error,
            method="api",
            changes_applied=changes or {},
            error=error,
            action=request,
            ended_at=self.clock.now().timestamp(),
        )
