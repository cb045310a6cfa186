"""Exit codes: what a script learns without reading."""

from typing import Any

from infraai.errors import ApprovalExpiredError, ConflictError, InfraError, InputError, StoppedError

OK = 0
FAILED = 1
USAGE = 2
REFUSED = 3
WAITING = 4
NOT_ANSWERING = 5
REJECTED = 6
HALTED = 7
ESCALATED = 8
INTERRUPTED = 130

BY_STATUS = {
    "completed": OK,
    "previewed": OK,
    "destroyed": OK,
    "rolled_back": OK,
    "deploy_success_verify_failed": NOT_ANSWERING,
    "awaiting_approval": WAITING,
    "awaiting_review": WAITING,
    "rejected": REJECTED,
    "expired": REJECTED,
    "halted": HALTED,
    "running": INTERRUPTED,
}
BY_INCIDENT = {
    "resolved": OK,
    "ignored": OK,
    "silenced": OK,
    "executed": OK,
    "pending": WAITING,
    "pending_approval": WAITING,
    "approved": WAITING,
    "auto_executing": INTERRUPTED,
    "rejected": REJECTED,
    "escalated": ESCALATED,
}


def exit_code(report: dict[str, Any]) -> int:
    """Return the exit code of a run's report."""
    if report["status"] == "failed":
        return REFUSED if report["reason"] in {"guard", "policy", "goal"} else FAILED
    return BY_STATUS.get(report["status"], FAILED)


def error_code(error: InfraError) -> int:
    """Return the exit code of an error of ours."""
    kinds: tuple[tuple[type[InfraError], int], ...] = (
        (InputError, USAGE),
        (StoppedError, HALTED),
        (ApprovalExpiredError, REJECTED),
        (ConflictError, WAITING),
    )
    return next((code for kind, code in kinds if isinstance(error, kind)), FAILED)
