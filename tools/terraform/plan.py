"""`terraform plan`, and what `terraform show` says of it."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, cast

from infraai.ports import Job, Planned, SavedPlan, StateStamp
from tools.terraform.failures import broken, check
from tools.terraform.runner import Shell
from tools.terraform.stream import Stream

PRIOR_STATE = "tfstate"  # the state the plan was made from, inside the plan file


async def plan(job: Job, shell: Shell, options: Sequence[str], lock_timeout_s: int) -> Planned:
    """Return the saved plan, or the report of why there is none."""
    file = shell.space.plan_file
    file.unlink(missing_ok=True)
    stream = Stream(job.on_event)
    finished = await shell.read(
        "plan",
        "-json",
        "-input=false",
        f"-lock-timeout={lock_timeout_s}s",
        f"-out={file}",
        *options,
        on_line=stream.line,
    )
    check(job, shell, stream, finished)
    if not stream.report.passed:
        return Planned(report=stream.report)
    content = file.read_bytes()
    shown = await _show(shell)
    file.unlink()
    saved = SavedPlan(file=content, shown=shown, stamp=_read_stamp(content))
    return Planned(report=stream.report, plan=saved)


async def _show(shell: Shell) -> Mapping[str, Any]:
    finished = await shell.read("show", "-json", str(shell.space.plan_file))
    if finished.code:
        raise broken(finished)
    return cast("Mapping[str, Any]", json.loads(finished.stdout))


def _read_stamp(content: bytes) -> StateStamp:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        state = cast("Mapping[str, Any]", json.loads(archive.read(PRIOR_STATE)))
    return StateStamp(lineage=str(state.get("lineage", "")), serial=int(state.get("serial", 0)))
