"""`terraform apply` of one saved plan."""

from infraai.ports import Applied, Job, SavedPlan
from tools.terraform.failures import check
from tools.terraform.runner import Shell
from tools.terraform.stream import Stream
from tools.terraform.workspace import write_private


async def apply(job: Job, shell: Shell, saved: SavedPlan, lock_timeout_s: int) -> Applied:
    """Return what was completed; `stopped` where the caller was cancelled and Terraform ended gracefully."""
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
    completed = tuple(stream.completed)
    if finished.interrupted == "timeout":
        raise shell.late("apply", f", with {len(completed)} changes completed and saved")
    check(job, shell, stream, finished)
    return Applied(report=stream.report, completed=completed, stopped=finished.interrupted == "cancelled")
