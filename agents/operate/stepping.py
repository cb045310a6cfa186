"""Stepping: a plan of several actions, one after the other; it stops at the first that fails."""

from infraai.operations.shapes import ActionRequest, ActionResult, Target
from infraai.state import OperateState, OperateUpdate, Way

POLICY = "policy"


def after_step(state: OperateState, result: ActionResult, *, by: str = "") -> OperateUpdate:
    """Return the result and what comes next: the next action and its way, or nothing more.

    `tries` grows by one at the end of a plan that nobody but the policy allowed.
    """
    queue = list(state.get("queue") or [])
    verdict = state.get("action_verdict")
    if result.success and queue:
        following, rest = queue[0], queue[1:]
        auto = verdict is not None and verdict.decision == "auto"
        way: Way = "modifier" if following.method == "terraform" else "act" if auto else "action_approval"
        return {"results": [result], "action": following, "queue": rest, "way": way}
    update: OperateUpdate = {"results": [result], "action": None, "queue": []}
    return update | {"tries": 1} if by == POLICY else update


def type_of(request: ActionRequest, target: Target | None) -> str:
    """Return the Terraform type of what is acted on."""
    if target is not None and target.resource.address == request.resource_id:
        return target.resource.type
    return request.resource_id.partition("[")[0].split(".")[-2] if "." in request.resource_id else ""
