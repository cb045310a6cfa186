"""Exit codes: what a script learns without reading."""

from typing import Any

OK = 0
FAILED = 1
USAGE = 2
REFUSED = 3
WAITING = 4
NOT_ANSWERING = 5
REJECTED = 6
HALTED = 7
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


def exit_code(report: dict[str, Any]) -> int:
    """Return the exit code of a run's report."""
    if report["status"] == "failed":
        return REFUSED if report["reason"] in {"guard", "policy", "goal"} else FAILED
    return BY_STATUS.get(report["status"], FAILED)
