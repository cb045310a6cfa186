"""Question: nobody but a person can say what to do; what they choose is checked, and is their approval of it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from langgraph.types import interrupt

from agents.approval import parse_answer
from agents.operate.offered import offered
from agents.operate.offers import Offers
from agents.operate.showing import card_of, digest_of, incident_facts
from infraai.errors import ActionError, ApprovalError, InputError
from infraai.journal import Journal
from infraai.models import Answer, Verdict
from infraai.operations.shapes import (
    ACTIONS,
    WIRE_NAMES,
    ActionRequest,
    ActionVerdict,
    OpsDecision,
    Option,
    Target,
)
from infraai.policy import VERSION
from infraai.registry.approvals import Approval, Approvals, Seal
from infraai.registry.choices import read_choice
from infraai.registry.control import KillSwitch
from infraai.registry.incidents import Incidents
from infraai.state import OperateState, OperateUpdate

CHOSEN = ActionVerdict(decision="ask", rules=("chosen",), messages=("chosen: a person chose it",))


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Reads `advice` and the options; writes `approval_id` and `epoch` of one open question."""

    offers: Offers
    approvals: Approvals
    incidents: Incidents
    kill_switch: KillSwitch
    approval_minutes: float

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return the question that waits; the row's card lists every option with its id."""
        options = await _options(self.offers, state["target"])
        card = question_card(state, options)
        epoch = (await self.kill_switch.read()).epoch
        words = ("a person says what to do",)
        approval = await self.approvals.open(
            state["run_id"],
            Seal(digest=digest_of(card), lineage="", serial=0),
            Verdict(decision="ask", rules=("question",), messages=words, policy_version=VERSION),
            epoch=epoch,
            minutes=self.approval_minutes,
            subject="question",
            card=card,
            choices=card["action_requests"][0]["args"]["options"],
        )
        if state["incident_id"]:
            evidence = state.get("evidence") or []
            await self.incidents.write(state["incident_id"], evidence=evidence, decision=state["advice"])
            await self.incidents.set_status(state["incident_id"], "pending_approval")
        return {"approval_id": approval.approval_id, "epoch": epoch}


async def ask_question(state: OperateState) -> OperateUpdate:
    """Reads `advice`; writes `answer`. Nothing may happen before `interrupt`: the node runs again on resume."""
    return {"answer": parse_choice(interrupt(question_card(state)), state["approval_id"])}


@dataclass(frozen=True, slots=True)
class Choose:
    """Reads the answer to a question; writes the action that was chosen and its way, or how it ended.

    What counts is the question's row in the registry, whoever resumed the run. A choice of an API action is the
    approval of that request, sealed in the name of who chose; a change by Terraform is asked at its preview.
    """

    offers: Offers
    approvals: Approvals
    journal: Journal
    approval_minutes: float

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return the way; a choice that does not fit, or whose time is over, is told and asked again."""
        answer, asked = state["answer"], await self.approvals.get(state["approval_id"])
        over = _over(answer, asked)
        if over is not None:
            return over
        update: OperateUpdate
        try:
            self._in_time(state, asked)
            update = await self._chosen(state, asked)
        except (ActionError, ApprovalError) as error:
            self.journal.note(state["run_id"], f"It is asked again: {error}")
            update = {"way": "question", "action": None, "queue": [], "message": str(error)}
        await self._spent(asked)
        return update

    async def _chosen(self, state: OperateState, asked: Approval) -> OperateUpdate:
        options = await _options(self.offers, state["target"])
        name, parameters = chosen_of(asked.choice, options, state["advice"])
        if name == "ignore":
            by = asked.decided_by or "A person"
            message = f"{by} chose to do nothing."
            return {"way": "closer", "action": None, "ended": "ignored", "message": message}
        if name not in ACTIONS:
            raise ActionError(f"{name or 'Nothing'} cannot be done.", next_step="Choose one of the options.")
        advice = _by_person(state["advice"], name, parameters, asked.decided_by)
        request, _ = await self.offers.request({**state, "advice": advice})
        update: OperateUpdate = {
            "advice": advice,
            "action": request,
            "queue": self.offers.following(request),
            "action_verdict": CHOSEN,
            "message": "",
        }
        if request.method == "terraform":
            return update | {"way": "modifier"}
        sealed = await self._sealed(request, asked)
        return update | {"way": "act", "approval_id": sealed, "epoch": asked.epoch}

    def _in_time(self, state: OperateState, asked: Approval) -> None:
        """Raise `ActionError` where the row is no answer to this run's question, or one of long ago."""
        mine = (asked.run_id, asked.subject) == (state["run_id"], "question")
        if not mine or asked.status not in {"approved", "used"} or asked.decided_at is None:
            raise ActionError("The question was not answered.", next_step="Choose one of the options.")
        if asked.decided_at + self.approval_minutes * 60 <= self.approvals.now():
            raise ActionError(
                f"What {asked.decided_by or 'somebody'} chose was not carried out in its time.",
                next_step="Choose again, as things stand now.",
            )

    async def _sealed(self, request: ActionRequest, asked: Approval) -> str:
        """Return the approval of exactly this request, in the name of who chose; made once for one answer."""
        seal = Seal(digest=request.digest, lineage="", serial=0)
        for known in await self.approvals.of_run(asked.run_id):
            same = (known.seal, known.subject, known.epoch) == (seal, "action", asked.epoch)
            if same and known.status in {"approved", "used"} and known.created_at >= (asked.decided_at or 0):
                return known.approval_id
        if asked.status == "used":
            raise ActionError("That answer was used already.", next_step="Choose again.")
        left_s = (asked.decided_at or 0) + self.approval_minutes * 60 - self.approvals.now()
        approval = await self.approvals.open(
            request.run_id,
            seal,
            Verdict(**CHOSEN.model_dump(), policy_version=VERSION),
            epoch=asked.epoch,
            minutes=left_s / 60,
            subject="action",
            card={"action": request.model_dump(mode="json")},
        )
        who = asked.decided_by or "somebody"
        await self.approvals.decide(
            approval.approval_id, "approve", by=who, channel=asked.channel, reason=asked.reason
        )
        return approval.approval_id

    async def _spent(self, asked: Approval) -> None:
        """Mark the answer as used: it is for one time."""
        if asked.subject == "question" and asked.status == "approved":
            with suppress(ApprovalError):  # late: it counts no more anyway
                await self.approvals.use(
                    asked.approval_id,
                    asked.run_id,
                    asked.seal,
                    policy_version=asked.policy_version,
                    epoch=asked.epoch,
                )


def question_card(state: OperateState, options: tuple[Option, ...] = ()) -> dict[str, Any]:
    """Return what the person is asked: what was seen, what is recommended if anything, and what could be done."""
    advice, alert, target = state["advice"], state["alert"], state["target"]
    arguments: dict[str, Any] = {
        "run_id": state["run_id"],
        "approval_id": state.get("approval_id", ""),
        "deployment_id": state["deployment_id"],
        "resource": target.resource.address if target else "",
        **incident_facts(state),
        "options": [
            {"id": f"O{number}", **one.model_dump(mode="json")} for number, one in enumerate(options, 1)
        ],
        "note": state.get("message") or advice.fallback,
    }
    about = alert.policy_name or alert.metric or alert.resource if alert else "an action by hand"
    description = f"What should be done about {about}? {advice.reasoning}".strip()
    return card_of("choose", arguments, description, ["approve", "edit", "reject"])


def parse_choice(answer: Any, approval_id: str) -> Answer:
    """Return what a resume value says: yes to what is recommended, a choice of one's own, or no."""
    decisions = answer.get("decisions") if isinstance(answer, Mapping) else answer
    if isinstance(decisions, list) and len(decisions) == 1 and isinstance(decisions[0], Mapping):
        one = decisions[0]
        if one.get("type") == "edit":
            return Answer(decision="edit", approval_id=approval_id, by=str(one.get("by", "")))
    return parse_answer(answer, approval_id)


def chosen_of(
    choice: Mapping[str, Any] | None, options: tuple[Option, ...], advice: OpsDecision
) -> tuple[str, dict[str, Any]]:
    """Return (action, parameters) of a choice by an action's name or an option's id; else what is recommended.

    Raises `ActionError` for what is no choice.
    """
    try:
        name, given = read_choice(choice)
    except InputError as error:
        raise ActionError(error.message, next_step=error.next_step) from error
    for number, option in enumerate(options, 1):
        if name == f"O{number}":
            return option.action, {**option.parameters, **given}
    if not name:
        return advice.recommended_action, dict(advice.parameters)
    return WIRE_NAMES.get(name, name), given


async def _options(offers: Offers, target: Target | None) -> tuple[Option, ...]:
    """Return everything that could be done, in an order that stays, so that O2 is the same one when it is answered."""
    if target is None:
        return ()
    deployment = await offers.deployments.get(target.deployment_id)
    resources = await offers.deployments.resources(target.deployment_id)
    configuration = await offers.configuration(target.deployment_id)
    return offered(target, configuration, resources, deployment.region)


def _over(answer: Answer, asked: Approval) -> OperateUpdate | None:
    if answer.decision == "expire" or asked.status == "expired":
        message = "Nobody decided in time; nothing was changed."
        return {"way": "closer", "action": None, "ended": "escalated", "message": message}
    if answer.decision == "reject" or asked.status == "rejected":
        by = asked.decided_by or answer.by
        message = f"Rejected{f' by {by}' if by else ''}. {asked.reason}".strip()
        return {"way": "closer", "action": None, "ended": "rejected", "message": message}
    return None


def _by_person(advice: OpsDecision, name: str, parameters: dict[str, Any], by: str) -> OpsDecision:
    said = {
        "recommended_action": name,
        "parameters": parameters,
        "reasoning": f"{by or 'A person'} chose it. {advice.reasoning}".strip(),
    }
    return OpsDecision.model_validate({**advice.model_dump(), **said})
