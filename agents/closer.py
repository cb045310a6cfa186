"""Closer: every ending passes here, and is written down."""

from dataclasses import dataclass

from infraai.journal import Journal
from infraai.models import FailureReason, RunStatus
from infraai.registry.audit import Audit
from infraai.registry.runs import Runs
from infraai.state import Ended, Update

Ending = tuple[RunStatus, FailureReason | None, str]


@dataclass(frozen=True, slots=True)
class Closer:
    """Reads everything; writes `status`, `reason` and `message`, in the state and in the registry."""

    runs: Runs
    audit: Audit
    journal: Journal

    async def __call__(self, state: Ended) -> Update:
        """Return how the run ended."""
        status, reason, message = ending(state)
        run_id = state["run_id"]
        if status == "completed":
            await self.journal.enter(run_id, "verified")
        await self.runs.mark(run_id, status, reason=reason, message=message)
        await self.runs.release(state["deployment_id"], run_id)
        await self.audit.append(
            "graph", "run_ended", run_id, {"status": status, "reason": reason, "message": message}
        )
        update: Update = {"status": status, "message": message}
        if reason:
            update["reason"] = reason
        return update


def ending(state: Ended) -> Ending:
    """Return status, reason and message, from what the nodes wrote; a node's own word comes first."""
    for one in (_said, _refused, _answered, _applied, _invalid):
        found = one(state)
        if found is not None:
            return found
    return _done(state)


def _said(state: Ended) -> Ending | None:
    status = state.get("status")
    return (status, state.get("reason"), state.get("message", "")) if status else None


def _refused(state: Ended) -> Ending | None:
    refused = [one for one in state.get("findings") or [] if one.verdict in {"refuse", "unparsed"}]
    if not refused:
        return None
    where = f"{refused[0].file}:{refused[0].line}: " if refused[0].file else ""
    more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
    return "failed", "guard", f"{where}{refused[0].message}{more}"


def _answered(state: Ended) -> Ending | None:
    answer = state.get("answer")
    if answer is not None and answer.decision == "reject":
        return "rejected", None, f"Rejected{' by ' + answer.by if answer.by else ''}. {answer.reason}".strip()
    if answer is not None and answer.decision == "expire":
        return "expired", None, "Nobody decided in time; nothing was changed."
    return None


def _applied(state: Ended) -> Ending | None:
    outcome = state.get("outcome")
    if outcome is None or outcome.success:
        return None
    if outcome.ending == "stopped":
        return "halted", "stopped", outcome.message
    errors = outcome.report.errors
    told = f"{errors[0].summary} {errors[0].detail}".strip() if errors else ""
    return "failed", "apply", f"{told} {outcome.message}".strip()


def _invalid(state: Ended) -> Ending | None:
    report = state.get("report")
    if report is None or report.passed or state.get("outcome") is not None:
        return None
    first = report.errors[0]
    place = f"{first.file}:{first.line}: " if first.file else ""
    return "failed", "validation_exhausted", f"{place}{first.summary}. {first.detail}".strip()


def _done(state: Ended) -> Ending:
    if state["request"].kind == "destroy":
        return "destroyed", None, "Everything was destroyed."
    verification = state.get("verification")
    if verification is not None and not verification.reachable:
        return "deploy_success_verify_failed", None, verification.detail
    return "completed", None, verification.detail if verification else ""
