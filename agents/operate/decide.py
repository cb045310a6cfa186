"""Decide: what to do about an incident, asked of the model and checked by code."""

import hashlib
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agents.operate.draft_checks import checked_draft
from agents.operate.evidence.pieces import bounded
from agents.operate.fallback import asked_instead
from agents.operate.offered import offered
from agents.operate.offers import Offers
from agents.prompting import render
from infraai.errors import ActionError, InfraError, NotFoundError
from infraai.masking import mask_all
from infraai.operations.actions import action_named
from infraai.operations.drafts import DecisionDraft
from infraai.operations.fixes import KNOWN_FIXES, cause_of
from infraai.operations.shapes import ActionRequest, Cause, OpsDecision, Option
from infraai.ports import ChatModel, Clock, Prompt
from infraai.registry.actions import Actions
from infraai.registry.deployments import Deployment, Deployments
from infraai.state import Investigated, OperateUpdate


@dataclass(frozen=True, slots=True)
class Decide:
    """Reads `evidence`, `alert` and `target`; writes `advice`. A model that fails makes it ask a person."""

    model: ChatModel
    offers: Offers
    deployments: Deployments
    actions: Actions
    clock: Clock

    async def __call__(self, state: Investigated) -> OperateUpdate:
        """Return the decision; by hand it is the person's own."""
        if state["request"].action:
            return {"advice": by_hand(state)}
        options = await self._options(state)
        cause = cause_of(state["alert"]) if state["alert"] else "unknown"
        block = await self._block(state, cause, options)
        text = render("decide.md", block)
        traced = {"model": self.model.name, "prompt_sha256": hashlib.sha256(text.encode()).hexdigest()}
        prompt = Prompt(run_id=state["run_id"], task="decide", text=text)
        try:
            draft = await self.model.ask(prompt, DecisionDraft)
            decision = checked_draft(draft, state["evidence"], options)
            decision = await self._fitted(state, decision, options)
        except InfraError as error:
            why = f"The model gave no decision that can be used: {error}"
            decision = asked_instead(why, state["alert"], cause, state["evidence"], options)
        return {"advice": decision.model_copy(update=traced)}

    async def _options(self, state: Investigated) -> tuple[Option, ...]:
        target = state["target"]
        if target is None:
            return ()
        try:
            deployment = await self.deployments.get(target.deployment_id)
            configuration = await self.offers.configuration(target.deployment_id)
        except NotFoundError:
            return ()  # without its files nothing can be offered, and the incident still needs an answer
        resources = await self.deployments.resources(target.deployment_id)
        found = offered(target, configuration, resources, deployment.region)
        return found if _can_go_back(state) else tuple(one for one in found if one.action != "rollback")

    async def _fitted(
        self, state: Investigated, decision: OpsDecision, options: tuple[Option, ...]
    ) -> OpsDecision:
        """Return the decision with its option's price; raise `ActionError` where its parameters do not fit."""
        if decision.recommended_action in {"ask", "ignore"}:
            return decision
        same = [one for one in options if one.action == decision.recommended_action]
        exact = next((one for one in same if one.parameters == decision.parameters), None)
        if exact is None and not decision.parameters and len(same) == 1:
            exact = same[0]
        if exact is not None:
            priced = {"parameters": exact.parameters, "cost_delta_usd_month": exact.cost_delta_usd_month}
            return decision.model_copy(update=priced)
        await self.offers.request({**state, "advice": decision})
        return decision.model_copy(update={"cost_delta_usd_month": None})

    async def _block(self, state: Investigated, cause: Cause, options: tuple[Option, ...]) -> dict[str, Any]:
        target, alert = state["target"], state["alert"]
        deployment = await self.deployments.find(target.deployment_id) if target else None
        done = await self.actions.of_incident(state["incident_id"]) if state["incident_id"] else ()
        return {
            "task": "decide",
            "now": self.clock.now().timestamp(),
            "alert": bounded(mask_all(alert.model_dump(mode="json"))) if alert else None,
            "cause": cause,
            "target": {
                "address": target.resource.address if target else "",
                "type": target.resource.type if target else "",
                "name": target.resource.name if target else "",
                "member": target.member if target else "",
            },
            "evidence": state["evidence"],
            "options": options,
            "known_fixes": KNOWN_FIXES[cause],
            "tried": [
                {
                    "action": one.request.action_type,
                    "parameters": one.request.parameters,
                    "status": one.status,
                    "resolved": one.resolved,
                }
                for one in done
            ],
            "budget_usd": _budget(deployment),
            "cost_usd_month": deployment.cost_usd_month if deployment else 0,
        }


def by_hand(state: Investigated) -> OpsDecision:
    """Return the decision of the person who asked for an action; raise `ActionError` where it says none."""
    said = state["request"].action
    named = {"run_id": state["run_id"], **said, "action_type": action_named(str(said.get("action_type", "")))}
    try:
        asked = ActionRequest.model_validate(named)
    except ValidationError as error:
        raise ActionError(f"The action cannot be read: {error.errors()[0]['msg']}.") from error
    why = f": {asked.reason}" if asked.reason else "."
    return OpsDecision(
        severity="low",
        recommended_action=asked.action_type,
        requires_approval=False,
        confidence=1,
        reasoning=f"asked by {state['request'].requested_by}{why}",
        parameters=asked.parameters,
        evidence=tuple(one.id for one in state["evidence"]),
    )


def _can_go_back(state: Investigated) -> bool:
    return any(one.kind == "changes" and one.data.get("can_go_back") for one in state["evidence"])


def _budget(deployment: Deployment | None) -> float | None:
    said = (deployment.plan or {}).get("budget_usd") if deployment else None
    return float(said) if isinstance(said, int | float) else None
