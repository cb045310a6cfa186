"""Act: do an action by Google's API, exactly once."""

import itertools
import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from agents.asked import Asked, by_hand, permitted
from agents.operate.begun import Begun
from agents.operate.calls import RESTING, Call, call_for, send
from agents.operate.holding import Holder
from agents.operate.stepping import after_step
from infraai.errors import ActionError, ApprovalError, CloudError, ConflictError, StoppedError
from infraai.journal import Journal
from infraai.models import Event, RecordedResource, Request, Verdict
from infraai.operations.fixes import cause_of
from infraai.operations.ports import Compute
from infraai.operations.shapes import ActionRequest, ActionResult, ActionVerdict, Option
from infraai.policy import VERSION
from infraai.ports import Clock
from infraai.registry.actions import Actions
from infraai.registry.approvals import Approvals, Seal
from infraai.registry.audit import Audit
from infraai.registry.control import Control, KillSwitch
from infraai.registry.deployments import Deployments
from infraai.registry.effects import Effect, Effects
from infraai.registry.incidents import Incidents
from infraai.registry.people import POLICY
from infraai.state import OperateState, OperateUpdate


class Judging(Protocol):
    """The policy's word, worked out from the registry."""

    async def judged(self, state: Any, request: ActionRequest) -> tuple[ActionVerdict, Option | None]:
        """Return what holds now, and the option the request is, if it is one."""
        ...


@dataclass(frozen=True, slots=True)
class Act:
    """Reads `action`, its verdict and its approval; writes `results`, and the next action where one follows.

    The request, the policy's word, the approval's seal and the kill-switch are checked here, whoever resumed the run.
    The call is an effect: kept with all that it says before it is sent, and sent again under the same idempotency key
    where its end was not seen.
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
    asked: Asked
    judge: Judging
    begun: Begun
    approval_minutes: float = 30

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return what came of the action; an approval that does not fit it is asked for again."""
        request = state["action"]
        if request is None:
            return {}
        asked = await self.asked.request(state)
        key, known = await self._known(state, request)
        if known is not None and known.status != "started":
            result = ActionResult.model_validate(known.detail["result"])
            return after_step(state, result, by=str(known.detail["by"]))
        try:
            await self.holder.hold(state["deployment_id"], state["run_id"])
            return await self._done(state, request, key, known, asked)
        except StoppedError as error:
            return {"status": "halted", "reason": "stopped", "message": str(error)}
        except ConflictError as error:
            return {"status": "halted", "ended": "pending", "message": f"It waits: {error}"}
        except ApprovalError as error:
            self.journal.note(state["run_id"], f"It is asked again: {error}")
            return {"way": "action_approval"}

    async def _done(
        self, state: OperateState, request: ActionRequest, key: str, known: Effect | None, asked: Request
    ) -> OperateUpdate:
        flag = await self._flag(asked)
        if known is not None:
            return await self._again(state, key, known, flag)
        over = await self._over(state)
        if over is not None:
            return over
        verdict = await self._judged(state, request)
        if verdict is not None and verdict.decision == "refuse":
            return after_step(state, self._result(request, error=f"Refused: {' '.join(verdict.messages)}"))
        auto = verdict is not None and verdict.decision == "auto"
        try:
            call = await self._call(state, request, by_itself=auto and not asked.action)
        except (ActionError, CloudError) as error:
            return after_step(state, self._result(request, error=str(error)))
        flag = await permitted(self.kill_switch, asked)
        by = await self._permit(state, request, flag, verdict if auto else None)
        detail: dict[str, Any] = {"call": call.model_dump(mode="json"), "epoch": flag.epoch, "by": by}
        begun = await self.effects.begin(key, state["run_id"], request.action_type, detail)
        if begun is not None:
            raise ConflictError(
                f"Run {state['run_id']} is being acted on by another process.", next_step="Wait for it."
            )
        return await self._send(state, key, call, detail)

    async def _judged(self, state: OperateState, request: ActionRequest) -> ActionVerdict | None:
        """Return the policy's word; a yes in the state is judged anew, by the registry."""
        verdict = state["action_verdict"]
        if verdict is None or verdict.decision != "auto":
            return verdict
        return (await self.judge.judged(state, request))[0]

    async def _known(self, state: OperateState, request: ActionRequest) -> tuple[str, Effect | None]:
        """Return the effect's key and what is known of it; one that a stop kept from being sent is history."""
        step = len(state.get("results") or [])
        for attempt in itertools.count():
            key = f"act:{state['run_id']}:{request.digest}:{step}" + (f":{attempt}" if attempt else "")
            known = await self.effects.get(key)
            if known is None or not known.detail.get("unsent"):
                return key, known
        raise AssertionError

    async def _flag(self, asked: Request) -> Control:
        """Return the kill-switch; raise `StoppedError` while it is set, except for who acts by hand despite it."""
        flag = await self.kill_switch.read()
        if flag.readable and by_hand(asked, flag.epoch):
            return flag  # that they do is written down once, right before the permission is spent
        return await self.kill_switch.check()

    async def _over(self, state: OperateState) -> OperateUpdate | None:
        """Return the end where the incident ended meanwhile: what is over needs no action."""
        message = await self.begun.over(state)
        if not message:
            return None
        incident = await self.incidents.get(state["incident_id"])
        return {"action": None, "queue": [], "ended": incident.status, "message": message}

    async def _call(self, state: OperateState, request: ActionRequest, *, by_itself: bool) -> Call:
        resource = await self._resource(state, request)
        target, alert = state["target"], state["alert"]
        ours = target is not None and target.resource.address == request.resource_id
        return await call_for(
            self.compute,
            request,
            resource,
            member=target.member if target is not None and ours else "",
            only_start=seen_resting(state)
            or (by_itself and alert is not None and cause_of(alert) == "stopped"),
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

    async def _permit(
        self, state: OperateState, request: ActionRequest, flag: Control, auto: ActionVerdict | None
    ) -> str:
        """Spend the approval and return whose word it was; what the policy allows is approved right here."""
        seal = Seal(digest=request.digest, lineage="", serial=0)
        approval_id, epoch = state.get("approval_id", ""), state.get("epoch", -1)
        if auto is not None:
            approval_id, epoch = await self._allowed(state, request, auto, flag), flag.epoch
        if not approval_id or epoch != flag.epoch:
            raise ApprovalError("It was not approved, or autonomy was stopped since.")
        used = await self.approvals.use(
            approval_id, state["run_id"], seal, policy_version=VERSION, epoch=epoch
        )
        return used.decided_by or "somebody"

    async def _allowed(
        self, state: OperateState, request: ActionRequest, verdict: ActionVerdict, flag: Control
    ) -> str:
        """Return the approval that the policy, or who acts by hand with a yes beforehand, gives to the request."""
        by = state["request"].requested_by if state["request"].action else POLICY
        opened = await self.approvals.open(
            state["run_id"],
            Seal(digest=request.digest, lineage="", serial=0),
            Verdict(**verdict.model_dump(), policy_version=VERSION),
            epoch=flag.epoch,
            minutes=self.approval_minutes,
            subject="action",
            card={"action": request.model_dump(mode="json")},
        )
        channel = "policy" if by == POLICY else "by hand"
        await self.approvals.decide(opened.approval_id, "approve", by=by, channel=channel)
        return opened.approval_id

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
        action_id = await self.begun(state, detail["by"], key=key)
        said = {"key": key, "action": request.model_dump(mode="json"), "call": call.changes}
        await self.audit.append(detail["by"], "action_started", run_id, said)
        try:
            await self._still(state, detail["epoch"])
        except StoppedError as error:
            await self.effects.finish(key, "failed", {**detail, "unsent": True})
            await self.actions.finish(action_id, self._result(request, error=str(error)))
            await self.audit.append("graph", "action_ended", run_id, {"key": key, "unsent": True})
            raise
        result = await self._sent(request, call, key)
        await self._finish(state, key, detail, result)
        return after_step(state, result, by=str(detail["by"]))

    async def _still(self, state: OperateState, epoch: int) -> None:
        """Raise `StoppedError` where autonomy is stopped, or was since the permission was given."""
        if (await self._flag(state["request"])).epoch != epoch:
            raise StoppedError(
                "Autonomy was stopped since it was allowed; it was not sent.",
                next_step="The incident is looked at anew.",
            )

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

    async def _finish(
        self, state: OperateState, key: str, detail: dict[str, Any], result: ActionResult
    ) -> None:
        action_id = await self.begun(state, str(detail["by"]), key=key)
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


def seen_resting(state: OperateState) -> bool:
    """Return whether the machine stood still when it was decided: the word was to start it, and never to reset it."""
    statuses = {str(one.data.get("status")) for one in state.get("evidence") or [] if one.kind == "resource"}
    return bool(statuses & RESTING)
