"""Closer: every ending passes here, and is written down."""

from dataclasses import dataclass

from infraai.journal import Journal
from infraai.models import FailureReason, RunStatus
from infraai.registry.audit import Audit
from infraai.registry.runs import Runs
from infraai.state import ChangeState, Update

Ending = tuple[RunStatus, FailureReason | None, str]


@dataclass(frozen=True, slots=True)
class Closer:
    """Reads everything; writes `status`, `reason` and `message`, in the state and in the registry."""

    runs: Runs
    audit: Audit
    journal: Journal

    async def __call__(self, state: ChangeState) -> Update:
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


def ending(state: ChangeState) -> Ending:
    """Return status, reason and message, from what the nodes wrote; a node's own word comes first."""
    status = state.get("status")
    if status:
        return status, state.get("reason"), state.get("message", "")
    refused = [one for one in state.get("findings") or [] if one.verdict in {"refuse", "unparsed"}]
    if refused:
        where = f"{refused[0].file}:{refused[0].line}: " if refused[0].file else ""
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        return "failed", "guard", f"{where}{refused[0].message}{more}"
    answer, outcome = state.get("answer"), state.get("outcome")
    if answer is not None and answer.decision == "reject":
        return "rejected", None, f"Rejected{' by ' + answer.by if answer.by else ''}. {answer.reason}".strip()
    if answer is not None and answer.decision == "expire":
        return "expired", None, "Nobody decided in time; nothing was changed."
    if outcome is not None and outcome.ending == "stopped":
        return "halted", "stopped", outcome.message
    if outcome is not None and not outcome.success:
        first = outcome.report.errors[0] if outcome.report.errors else None
        told = f"{first.summary} {first.detail}".strip() if first else outcome.message
        return "failed", "apply", f"{outcome.message} {told}".strip() if outcome.message != told else told
    report = state.get("report")
    if outcome is None and report is not None and not report.passed:
        first = report.errors[0]
        place = f"{first.file}:{first.line}: " if first.file else ""
        return "failed", "validation_exhausted", f"{place}{first.summary}. {first.detail}".strip()
    if state["request"].kind == "destroy":
        return "destroyed", None, "Everything was destroyed."
    verification = state.get("verification")
    if verification is not None and not verification.reachable:
        return "deploy_success_verify_failed", None, verification.detail
    return "completed", None, verification.detail if verification else ""
