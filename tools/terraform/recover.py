"""What a killed command left behind: a state that it could not save, and its lock."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, cast

from infraai.errors import TerraformError
from infraai.ports import Job, StateStore, StateVersion
from tools.terraform.orphan import until_gone
from tools.terraform.workspace import Workspace


async def recover(job: Job, space: Workspace, states: StateStore, orphan_s: float) -> bool:
    """Save the state left in the directory, free the run's lock; return whether there was any.

    Raises `TerraformError` where the state left behind does not follow the newest one (the file stays), and
    `StateLockedError` where the command still runs after `orphan_s`.
    """
    await until_gone(job, space, orphan_s)
    saved = False
    left = space.errored_state
    if left.is_file():
        body = _successor(left.read_bytes(), await states.current(job.deployment_id))
        if body is not None:
            try:
                await states.save(job.deployment_id, job.run_id, body)
            except TerraformError as fault:
                raise TerraformError(
                    "terraform",
                    f"{left} holds a state that was never saved and does not follow the newest one ({fault})",
                    next_step="Compare both, then import what only that file knows and delete it.",
                ) from fault
            saved = True
        left.unlink()
    freed = await states.break_lock(job.deployment_id, job.run_id)
    return saved or freed


def _successor(body: bytes, current: StateVersion | None) -> bytes | None:
    """Return the body as the next version, or None where the newest one says the same already.

    Terraform counts a state up only as it saves it, so that what it could not save carries its forerunner's
    serial, and no lineage at all where it was the first.
    """
    state = cast("dict[str, Any]", json.loads(body))
    if current is None:
        serial, lineage = max(int(state["serial"]), 1), state["lineage"] or str(uuid.uuid4())
        return json.dumps({**state, "serial": serial, "lineage": lineage}).encode()
    held = cast("Mapping[str, Any]", json.loads(current.body))
    if state["lineage"] != current.lineage or int(state["serial"]) != current.serial:
        return body
    said = ("resources", "outputs", "check_results")
    if all(state.get(name) == held.get(name) for name in said):
        return None
    return json.dumps({**state, "serial": current.serial + 1}).encode()
