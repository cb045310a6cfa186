"""`terraform apply` of one saved plan."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infraai.errors import TerraformError
from infraai.ports import Applied, Job, SavedPlan
from tools.terraform.failures import check
from tools.terraform.process import Finished
from tools.terraform.runner import Shell
from tools.terraform.stream import Stream
from tools.terraform.workspace import LOCK_FILE, Workspace, write_private


@dataclass(frozen=True, slots=True)
class Ended:
    """An apply that is over, well or not."""

    finished: Finished
    stream: Stream


def restore_lock(space: Workspace, plan: bytes) -> None:
    """Put back the provider versions the plan was made with, where the directory was built anew."""
    try:
        with zipfile.ZipFile(io.BytesIO(plan)) as archive:
            content = archive.read(LOCK_FILE)
    except (zipfile.BadZipFile, KeyError):
        return  # not a plan of Terraform's: it says so itself
    if b'provider "' in content:
        write_private(space.folder / LOCK_FILE, content)


async def apply(job: Job, shell: Shell, saved: SavedPlan, lock_timeout_s: int) -> Ended:
    """Apply the plan and return how it ended; a cancelled call stops it gracefully and returns, too."""
    file = shell.space.plan_file
    write_private(file, saved.file)
    stream = Stream(job.on_event)
    try:
        finished = await shell.run(
            "apply",
            "-json",
            "-input=false",
            f"-lock-timeout={lock_timeout_s}s",
            str(file),
            on_line=stream.line,
        )
    finally:
        file.unlink(missing_ok=True)
    return Ended(finished, stream)


def conclude(job: Job, shell: Shell, ended: Ended, state: Mapping[str, Any]) -> Applied:
    """Return what came of it; `state` is what was saved.

    Raises `StateLockedError`, `TerraformTimeoutError`, or `TerraformError` where the engine itself broke;
    what was created and is not in the state is named with its id.
    """
    completed = tuple(ended.stream.completed)
    unsaved = _unsaved(ended.stream, state)
    if ended.finished.interrupted == "timeout":
        raise shell.late("apply", f", with {len(completed)} changes completed{unsaved}")
    try:
        check(job, shell, ended.stream, ended.finished)
    except TerraformError as fault:
        if not unsaved:
            raise
        step = "Import those, or delete them by hand, before you go on."
        raise TerraformError(fault.tool, f"{fault.detail}{unsaved}", next_step=step) from fault
    stopped = ended.finished.interrupted == "cancelled" and ended.finished.code != 0
    return Applied(report=ended.stream.report, completed=completed, stopped=stopped)


def _unsaved(stream: Stream, state: Mapping[str, Any]) -> str:
    """Return, in words, what Terraform created and a killed engine could not save any more."""
    saved = {address for resource in state.get("resources", ()) for address in _addresses(resource)}
    lost = [f"{address} ({known})" for address, known in stream.created.items() if address not in saved]
    return f"; created but not in the state: {', '.join(lost)}" if lost else ""


def _addresses(resource: Mapping[str, Any]) -> list[str]:
    prefix = f"{resource['module']}." if resource.get("module") else ""
    name = f"{prefix}{resource['type']}.{resource['name']}"
    return [name + _index(instance.get("index_key")) for instance in resource.get("instances", ())]


def _index(key: str | int | None) -> str:
    if key is None:
        return ""
    return f"[{key}]" if isinstance(key, int) else f'["{key}"]'
