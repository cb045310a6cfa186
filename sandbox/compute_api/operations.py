"""Operations: what a call that changes something answers, and what is asked of it later.

A change is made at once, so that every operation is DONE. A `requestId` names one change for ever: the same
one again answers the same operation and changes nothing
(https://cloud.google.com/compute/docs/reference/rest/v1/instances/reset, `requestId`).
"""

import hashlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.services.service import ApiError

if TYPE_CHECKING:
    from sandbox.compute_api.server import Call

Json = dict[str, Any]
COMPUTE = "https://www.googleapis.com/compute/v1/"
_SCOPE = "compute-operation"
_REQUESTS = "compute-request"
_ONE_AT_A_TIME = threading.Lock()  # two calls with the same `requestId` at once make one change


def changed(call: "Call", verb: str, target: str, change: Callable[[], None]) -> Json:
    """Make the change, unless this `requestId` has made it, and return its operation.

    `target` is the changed resource's path, from `projects/` on.
    """
    with _ONE_AT_A_TIME:
        return _earlier(call, verb, target) or _made(call, verb, target, change)


def _earlier(call: "Call", verb: str, target: str) -> Json | None:
    """Return the operation that this call's `requestId` has made already."""
    request = call.query.get("requestId", "")
    done = call.cloud.claimed(f"{_REQUESTS}:{call['project']}").get(request, "") if request else ""
    if not done:
        return None
    name, earlier_verb, earlier_target = done.partition("/")[2].split(" ", 2)
    if (earlier_verb, earlier_target) != (verb, target):
        message = f"Invalid value for field 'requestId': '{request}'. It was used before."
        raise ApiError(400, message, "invalid")
    return _operation(call, name, verb, target)


def _made(call: "Call", verb: str, target: str, change: Callable[[], None]) -> Json:
    call.service.advance()  # what was measured until now was measured before the change
    change()
    project, request = call["project"], call.query.get("requestId", "")
    name = f"operation-{call.cloud.new_number()}"
    owner = f"{name} {verb} {target}"
    if request:
        call.cloud.claim(f"{_REQUESTS}:{project}", request, _SCOPE, owner)
    call.cloud.claim(f"{_SCOPE}:{project}", name, _SCOPE, owner)
    return _operation(call, name, verb, target)


def get(call: "Call") -> Json:
    """Answer `operations.get` and `operations.wait`."""
    owner = call.cloud.claimed(f"{_SCOPE}:{call['project']}").get(call["operation"], "")
    if not owner:
        raise not_found(f"projects/{call['project']}/{place_of(call)}/operations/{call['operation']}")
    name, verb, target = owner.partition("/")[2].split(" ", 2)
    return _operation(call, name, verb, target)


def place_of(call: "Call") -> str:
    """Return `zones/Z`, `regions/R` or `global`."""
    if call["zone"]:
        return f"zones/{call['zone']}"
    return f"regions/{call['region']}" if call["region"] else "global"


def not_found(path: str) -> ApiError:
    """Return Google's answer for a resource that does not exist."""
    return ApiError(404, f"The resource '{path}' was not found", "notFound")


def _operation(call: "Call", name: str, verb: str, target: str) -> Json:
    place = place_of(call)
    kind, _, where = place.partition("/")
    path = f"projects/{call['project']}/{place}"
    at = call.now()
    located = {kind.removesuffix("s"): f"{COMPUTE}{path}"} if where else {}
    return {
        "kind": "compute#operation",
        "id": name.removeprefix("operation-"),
        "name": name,
        "operationType": verb,
        "targetLink": f"{COMPUTE}{target}",
        "targetId": str(int(hashlib.sha256(target.encode()).hexdigest()[:15], 16)),
        "status": "DONE",
        "progress": 100,
        "user": "sandbox@infraai.invalid",
        "insertTime": at,
        "startTime": at,
        "endTime": at,
        "selfLink": f"{COMPUTE}{path}/operations/{name}",
        **located,
    }
