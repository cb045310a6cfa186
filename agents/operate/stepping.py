"""Stepping: a plan of several actions, one after the other; it stops at the first that fails."""

from infraai.operations.actions import following
from infraai.operations.shapes import ActionRequest, ActionResult, Target
from infraai.registry.people import POLICY
from infraai.state import OperateState, OperateUpdate, Way


def after_step(state: OperateState, result: ActionResult, *, by: str = "") -> OperateUpdate:
    """Return the result and what comes next: the next action and its way, or nothing more.

    `tries` grows by one at the end of a plan that nobody but the policy allowed.
    """
    queue = list(state.get("queue") or [])
    verdict = state.get("action_verdict")
    if result.success and queue:
        step, rest = queue[0], queue[1:]
        auto = verdict is not None and verdict.decision == "auto"
        way: Way = "modifier" if step.method == "terraform" else "act" if auto else "action_approval"
        return {"results": [result], "action": step, "queue": rest, "way": way}
    update: OperateUpdate = {"results": [result], "action": None, "queue": []}
    return update | {"tries": 1} if by == POLICY else update


def type_of(request: ActionRequest, target: Target | None) -> str:
    """Return the Terraform type of what is acted on."""
    if target is not None and target.resource.address == request.resource_id:
        return target.resource.type
    return request.resource_id.partition("[")[0].split(".")[-2] if "." in request.resource_id else ""


def change_key(state: OperateState, request: ActionRequest, step: int | None = None) -> str:
    """Return the key under which an action by Terraform is one action, however often it is written down."""
    number = len(state.get("results") or []) if step is None else step
    return f"change:{state['run_id']}:{request.digest}:{number}"


def completes(state: OperateState) -> bool:
    """Return whether the action at hand completes one of this run that succeeded: half of it would be worse."""
    results, request = state.get("results") or [], state.get("action")
    done = results[-1].action if results and results[-1].success else None
    if done is None or request is None:
        return False
    return any(one.digest == request.digest for one in following(done))
