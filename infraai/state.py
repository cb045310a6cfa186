"""What a run knows: each class adds what one node writes."""

from operator import add
from typing import Annotated, Literal, NotRequired, TypedDict

from infraai.models import (
    Answer,
    DeploymentId,
    FailureReason,
    Finding,
    InfraPlan,
    Outcome,
    Preview,
    Report,
    Request,
    RunId,
    RunStatus,
    Sha256,
    Verdict,
    Verification,
)
from infraai.operations.shapes import (
    ActionRequest,
    ActionResult,
    ActionVerdict,
    Alert,
    AlertStatus,
    Evidence,
    OpsDecision,
    Recheck,
    Target,
)


class Requested(TypedDict):
    """A run as it starts."""

    run_id: RunId
    deployment_id: DeploymentId
    request: Request


class Planned(Requested):
    """After the planner."""

    plan: InfraPlan


class Generated(Requested):
    """After the generator, or straight from a directory, where there is no plan: the files, as an artifact."""

    plan: NotRequired[InfraPlan]
    bundle: Sha256


class Guarded(Generated):
    """After the guard."""

    findings: list[Finding]


class Validated(Guarded):
    """After the validator (or a plan, or an apply) found something, or nothing."""

    report: Report
    fixes: Annotated[int, add]  # mends by the model; the reducer starts it at 0
    seen: list[str]  # digests of the reports the model was asked to mend, oldest first
    notes: Annotated[list[str], add]  # what was mended, where, and by whom
    edited_files: dict[str, str]  # what a person changed in the review
    reviewed: NotRequired[
        bool
    ]  # the files were shown once; an edit of them is guarded and validated, not shown


class Previewed(Validated):
    """After the previewer."""

    preview: Preview


class Rehearsed(Previewed):
    """After the rehearser."""

    rehearsal: Report


class Decided(Rehearsed):
    """After the policy spoke, and the approval was opened."""

    verdict: Verdict
    approval_id: str
    epoch: int  # of the kill-switch when the permission was asked for


class Answered(Decided):
    """After a person, or the policy, answered."""

    answer: Answer


class Executed(Answered):
    """After the executor."""

    outcome: Outcome | None  # None again once a later preview has made it history
    applies: Annotated[int, add]


class Verified(Executed):
    """After the verifier."""

    verification: Verification


class Closed(TypedDict, total=False):
    """How a run ended."""

    status: RunStatus | None
    reason: FailureReason | None
    message: str


class ChangeState(Verified, Closed):
    """All that the change graph can hold."""


class Update(TypedDict, total=False):
    """What a node may write."""

    plan: InfraPlan
    bundle: Sha256
    findings: list[Finding]
    report: Report
    fixes: int
    seen: list[str]
    notes: list[str]
    edited_files: dict[str, str]
    reviewed: bool
    preview: Preview
    rehearsal: Report
    verdict: Verdict
    approval_id: str
    epoch: int
    answer: Answer
    outcome: Outcome | None
    applies: int
    verification: Verification
    status: RunStatus | None
    reason: FailureReason | None
    message: str


class Ended(Update, Requested):
    """A run at its end, however far it came."""


# --- operating --------------------------------------------------------------------------------------------

Way = Literal["modifier", "act", "action_approval", "question", "escalate", "closer"]


class Alerted(Requested):
    """After intake: what the incident is about; by hand there is no alert."""

    incident_id: str
    alert: Alert | None


class Located(Alerted):
    """After correlate: whose it is; None where that is not certain."""

    target: Target | None


class Investigated(Located):
    """After investigate."""

    evidence: list[Evidence]


class Advised(Investigated):
    """After decide: what is recommended, by the model or by a person."""

    advice: OpsDecision


class Routed(Advised):
    """After route: which way it goes, the action at hand and those that follow it."""

    way: Way
    action: ActionRequest | None
    queue: list[ActionRequest]
    action_verdict: ActionVerdict | None


class Acted(Routed):
    """After act, or after the change loop: what came of each action so far."""

    results: Annotated[list[ActionResult], add]
    tries: Annotated[int, add]  # plans of actions that were carried out without a person's word


class Rechecked(Acted):
    """After recheck."""

    recheck: Recheck | None


class OperateState(ChangeState, Rechecked):
    """All that the operate graph can hold."""

    before: Sha256  # the bundle before the action at hand
    undoing: bool  # the action at hand undoes one that failed
    ended: AlertStatus | None  # how the incident stands at the end


class OperateUpdate(Update, total=False):
    """What a node of the operate graph may write."""

    deployment_id: DeploymentId
    incident_id: str
    alert: Alert | None
    target: Target | None
    evidence: list[Evidence]
    advice: OpsDecision
    way: Way
    action: ActionRequest | None
    queue: list[ActionRequest]
    action_verdict: ActionVerdict | None
    results: list[ActionResult]
    tries: int
    recheck: Recheck | None
    before: Sha256
    undoing: bool
    ended: AlertStatus | None
