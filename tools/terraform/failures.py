"""Reports that are not about the bundle: a held lock, an engine that broke."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from infraai.errors import StateLockedError, TerraformError
from infraai.masking import mask
from infraai.ports import Job
from tools.terraform.process import Finished
from tools.terraform.runner import Shell
from tools.terraform.stream import Stream

LOCKED = "Error acquiring the state lock"
LAST_WORDS = 2000  # characters of stderr an error carries


def check(job: Job, shell: Shell, stream: Stream, finished: Finished) -> None:
    """Raise `StateLockedError` or `TerraformError` where the report is no answer."""
    errors = stream.report.errors
    if any(one.summary == LOCKED for one in errors):
        raise _locked(job, shell.holder())
    if finished.code and not errors and not finished.interrupted:
        raise broken(finished, stream.notes)


def _locked(job: Job, holder: str) -> StateLockedError:
    """Return who holds the state and since when, by the lock's own words (JSON of Terraform's `LockInfo`)."""
    facts = cast("Mapping[str, str]", json.loads(holder or "{}"))
    run = facts.get("Info") or "another command"
    who = facts.get("Who", "an unknown user")
    since = facts.get("Created", "an unknown time")
    return StateLockedError(
        "terraform",
        f"the state of {job.deployment_id} is held by {run} ({who}) since {since}",
        next_step="Wait for it to end; if it is dead, resume that run, which frees the lock.",
    )


def broken(finished: Finished, notes: Sequence[str] = ()) -> TerraformError:
    """Return what is known of a command that failed without saying why in JSON."""
    words = mask((finished.stderr.strip() or "\n".join(notes))[-LAST_WORDS:])
    return TerraformError(
        "terraform",
        f"`{finished.words}` ended with code {finished.code}: {words or 'and no message'}",
        next_step="Run `infraai doctor` to see whether the engine works.",
    )
