"""Whether a Terraform that an earlier process of ours started still runs in a directory."""

import asyncio
import os
import sys
from pathlib import Path

from infraai.errors import StateLockedError
from infraai.ports import Job
from tools.terraform.workspace import Workspace, write_private

POLL_S = 0.1
START_TIME = 19  # field 22 of /proc/PID/stat, counted from behind the program's name: proc_pid_stat(5)


def mark(space: Workspace, pid: int) -> None:
    """Note that this process applies here; until it ends, nobody may take its state over."""
    write_private(space.running_file, f"{pid} {_started(pid)}".encode())


async def until_gone(job: Job, space: Workspace, within_s: float) -> None:
    """Wait for a Terraform that lost its parent: it was interrupted, and saves its state before it ends.

    Raises `StateLockedError` where it still runs after `within_s`.
    """
    late = asyncio.get_running_loop().time() + within_s
    while (pid := _running(space)) is not None:
        if asyncio.get_running_loop().time() > late:
            raise StateLockedError(
                "terraform",
                f"process {pid} still applies to {job.deployment_id} in {space.folder}",
                next_step="It was told to stop and finishes what it began; try again when it has ended.",
            )
        await asyncio.sleep(POLL_S)
    space.running_file.unlink(missing_ok=True)


def _running(space: Workspace) -> int | None:
    if not space.running_file.is_file():
        return None
    pid, _, started = space.running_file.read_text().partition(" ")
    return int(pid) if _started(int(pid)) == started else None


def _started(pid: int) -> str:
    """Return when the process started, by the kernel's count: a number that is used again is not it."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return "gone"
        return "gone" if fields[0] == "Z" else fields[START_TIME]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    return "running"
