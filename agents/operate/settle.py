"""Settle: what an action by Terraform came to; one that failed half-way is undone where that is safe."""

from dataclasses import dataclass
from typing import Any, cast

from agents.closer import ending
from agents.operate.stepping import after_step, change_key, type_of
from infraai.journal import Journal
from infraai.models import Change, Preview
from infraai.operations.fixes import cause_of
from infraai.operations.shapes import ActionRequest, ActionResult, ActionVerdict
from infraai.policy import Autonomy
from infraai.ports import Clock
from infraai.registry.actions import Actions
from infraai.registry.audit import Audit
from infraai.registry.incidents import Incidents
from infraai.state import Ended, OperateState, OperateUpdate

# Growing these cannot be taken back: the provider would make the disk anew to shrink it.
GROWN = frozenset({"size", "size_gb", "disk_size", "disk_size_gb", "boot_disk", "settings"})


@dataclass(frozen=True, slots=True)
class Settle:
    """Reads how the change loop ended; writes `results` and the next action, be it to undo this one."""

    actions: Actions
    incidents: Incidents
    audit: Audit
    clock: Clock
    journal: Journal
    autonomy: Autonomy

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return what came of the action; what a stop or a no ended has no result."""
        request, outcome, answer = state["action"], state.get("outcome"), _so_far(state).get("answer")
        if request is None:
            return {}
        applied = outcome is not None and (outcome.success or bool(outcome.applied))
        if state.get("status") == "halted" or (outcome is not None and outcome.ending == "stopped"):
            message = outcome.message if outcome is not None else state.get("message", "")
            await self._cut_off(state, request, message)
            return {"status": "halted", "reason": "stopped", "message": message}
        if answer is not None and answer.decision in {"reject", "expire"} and not applied:
            return {"action": None, "queue": []}
        if state.get("undoing"):
            return await self._undone(state, request)
        if outcome is not None and outcome.success:
            return await self._done(state, request)
        return await self._failed(state, request)

    async def _done(self, state: OperateState, request: ActionRequest) -> OperateUpdate:
        result = self._result(state, request, changes=changes_of(state["preview"]))
        by = await self._record(state, request, result)
        if state["incident_id"]:
            await self.incidents.set_status(state["incident_id"], "executed")
        return after_step(state, result, by=by) | {"status": None, "reason": None}

    async def _failed(self, state: OperateState, request: ActionRequest) -> OperateUpdate:
        _, _, why = ending(_so_far(state))
        preview, outcome = _so_far(state).get("preview"), state.get("outcome")
        touched = outcome is not None
        unsafe = self._unsafe(state) if touched else ""
        done = tuple(outcome.applied) if outcome is not None else ()
        error = f"{why} {len(done)} of its changes were made." if done else why
        if unsafe:
            by_hand = f"infraai rollback {state['run_id'][:8]}"
            error = f"{error} It was not rolled back by itself: {unsafe}. By hand, with a preview: {by_hand}"
        changes = changes_of(preview, done) if preview is not None and done else {}
        result = self._result(state, request, changes=changes, error=error or "It was not applied.")
        by = await self._record(state, request, result)
        update = after_step(state, result, by=by) | {"status": None, "reason": None, "message": error}
        if not touched or unsafe or not state.get("before"):
            return update
        self.journal.note(state["run_id"], "The change failed: the configuration from before is restored.")
        return update | {
            "action": undo_of(request, error),
            "undoing": True,
            "way": "modifier",
            "action_verdict": self._undo_verdict(),
        }

    async def _undone(self, state: OperateState, request: ActionRequest) -> OperateUpdate:
        outcome, failed = state.get("outcome"), state["results"][-1]
        whole = outcome is not None and outcome.success
        _, _, why = ending(_so_far(state))
        said = (
            f"{failed.error} It was rolled back to the configuration from before."
            if whole
            else f"{failed.error} Rolling it back failed too: {why}"
        )
        preview = _so_far(state).get("preview")
        changes = changes_of(preview) if whole and preview is not None else {}
        result = self._result(state, request, changes=changes, error=said, rolled_back=whole)
        await self._record(state, request, result)
        if whole and failed.action is not None:
            mark = failed.model_copy(update={"rolled_back": True})
            step = len(state["results"]) - 1
            await self._record(state, failed.action, mark, step=step)
        done: OperateUpdate = {"results": [result], "action": None, "queue": [], "undoing": False}
        return done | {"status": None, "reason": None, "message": said}

    async def _cut_off(self, state: OperateState, request: ActionRequest, why: str) -> None:
        """Write down how an action ended that had begun when it was stopped."""
        for one in await self.actions.of_run(state["run_id"]):
            if one.status == "started" and one.request.digest == request.digest:
                error = why or "Autonomy was stopped."
                await self.actions.finish(
                    one.action_id, self._result(state, request, changes={}, error=error)
                )

    def _unsafe(self, state: OperateState) -> str:
        """Return why the change is not undone by itself, or nothing where that is safe."""
        preview, outcome = state["preview"], state.get("outcome")
        done = set(outcome.applied) if outcome is not None else set[str]()
        if not state.get("before"):
            return "the configuration from before is not known"
        if state["verdict"].hard_floor:
            return f"the change is on the hard floor ({', '.join(state['verdict'].hard_floor)})"
        for change in preview.changes:
            reason = unsafe_to_undo(change) if change.address in done else ""
            if reason:
                return f"{change.address} {reason}"
        return ""

    def _undo_verdict(self) -> ActionVerdict:
        by_itself = self.autonomy in {"assisted", "autonomous"}
        said = "undo: it restores the configuration from before a change that failed"
        return ActionVerdict(
            decision="auto" if by_itself else "ask", rules=() if by_itself else ("undo",), messages=(said,)
        )

    async def _record(
        self, state: OperateState, request: ActionRequest, result: ActionResult, step: int | None = None
    ) -> str:
        """Keep the action and its result; return whose word it was."""
        answer, alert = _so_far(state).get("answer"), state["alert"]
        by = answer.by if answer is not None and answer.decision == "approve" else "policy"
        action_id = await self.actions.start(
            request,
            op_key=change_key(state, request, step),
            resource_type=type_of(request, state["target"]),
            cause=cause_of(alert) if alert else "unknown",
            allowed_by=by or "somebody",
            at=self.clock.now().timestamp(),
            incident_id=state["incident_id"],
            before_bundle=state.get("before", ""),
        )
        by = (await self.actions.get(action_id)).allowed_by  # as it was written down before the apply
        await self.actions.finish(action_id, result)
        said = {"action": request.model_dump(mode="json"), "success": result.success, "error": result.error}
        await self.audit.append(by, "action_ended", state["run_id"], said)
        return by

    def _result(
        self,
        state: OperateState,
        request: ActionRequest,
        *,
        changes: dict[str, Any],
        error: str = "",
        rolled_back: bool = False,
    ) -> ActionResult:
        return ActionResult(
            success=not error,
            method="terraform",
            new_run_id=state["run_id"],
            changes_applied=changes,
            error=error,
            action=request,
            ended_at=self.clock.now().timestamp(),
            rolled_back=rolled_back,
        )


def _so_far(state: OperateState) -> Ended:
    """Return the state as what it is where the change loop may have ended anywhere: any of it may be missing."""
    return cast("Ended", state)


def changes_of(preview: Preview, only: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Return {address: {"action", attribute: {"before", "after"}}} of a preview, sensitive values redacted."""
    return {
        change.address: {
            "action": change.action,
            **{
                name: {"before": change.before.get(name), "after": change.after.get(name)}
                for name in change.changed
            },
        }
        for change in preview.changes
        if only is None or change.address in only
    }


def unsafe_to_undo(change: Change) -> str:
    """Return why a completed change cannot be taken back without losing data, or nothing."""
    if change.stateful and change.action in {"create", "replace", "delete"}:
        return "holds data, which undoing it would destroy or replace"
    if change.action == "update" and GROWN & set(change.changed) and _grew(change.before, change.after):
        return "has grown a disk, which cannot be made smaller without making it anew"
    if change.rules:
        return f"matches the rule {change.rules[0]}"
    return ""


def undo_of(request: ActionRequest, why: str) -> ActionRequest:
    """Return the request that restores what was there before."""
    return request.model_copy(
        update={
            "action_type": "rollback",
            "parameters": {},
            "method": "terraform",
            "reason": f"Undoing: {why}",
        }
    )


def _grew(before: Any, after: Any, name: str = "") -> bool:
    """Return whether any size within two values of one attribute is larger afterwards."""
    if isinstance(before, dict) and isinstance(after, dict):
        return any(_grew(before.get(key), after[key], key) for key in after)
    if isinstance(before, list) and isinstance(after, list):
        return any(_grew(old, new, name) for old, new in zip(before, after, strict=False))
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return False
    return "size" in name and after > before
