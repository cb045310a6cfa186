"""Judging: the policy's word on an action, worked out anew from the registry each time an effect hangs on it."""

from dataclasses import dataclass
from typing import Any

from agents.operate.offers import WHOLE, Offers
from infraai.errors import ActionError, NotFoundError
from infraai.operations.actions import following
from infraai.operations.fixes import cause_of
from infraai.operations.policy import ActionQuestion, judge_action, stricter
from infraai.operations.shapes import ActionRequest, ActionVerdict, Alert, Cause, OpsDecision, Option
from infraai.policy import Autonomy
from infraai.ports import Clock
from infraai.registry.actions import ActionRecord, Actions
from infraai.registry.deployments import Deployment, Deployments
from infraai.registry.incidents import Incident, Incidents

HOUR_S = 3600.0
FLAPS = 3  # reopenings within an hour that make an incident a flapping one
UNDONE = ActionVerdict(
    decision="auto", messages=("undo: it restores the configuration from before a change that failed",)
)
UNDO_ASKED = UNDONE.model_copy(update={"decision": "ask", "rules": ("undo",)})


@dataclass(frozen=True, slots=True)
class Judge:
    """Reads the registry; a run's state can make its word stricter and never milder."""

    incidents: Incidents
    actions: Actions
    deployments: Deployments
    clock: Clock
    autonomy: Autonomy
    offers: Offers

    async def judged(self, state: Any, request: ActionRequest) -> tuple[ActionVerdict, Option | None]:
        """Return what holds now for an action that was judged before, and the option it is exactly, if it is one.

        What a person was to be asked about stays asked, whatever changed since.
        """
        verdict, option = await self.derived(state, request)
        known: ActionVerdict | None = state.get("action_verdict")
        return stricter(verdict, known), option

    async def derived(self, state: Any, request: ActionRequest) -> tuple[ActionVerdict, Option | None]:
        """Return the verdict by the registry alone, and the option the request is exactly, if it is one."""
        if await self._undoes(state, request):
            by_itself = self.autonomy in {"assisted", "autonomous"}
            return (UNDONE if by_itself else UNDO_ASKED), None
        option = await self._option(state, request)
        return judge_action(await self._question(state, request, option)), option

    async def _undoes(self, state: Any, request: ActionRequest) -> bool:
        """Return whether the request takes back an action of this very run that failed, by the registry."""
        if not state.get("undoing") or request.action_type != "rollback" or request.parameters:
            return False
        mine = await self.actions.of_run(state["run_id"])
        return any(one.status == "failed" and one.resource == request.resource_id for one in mine)

    async def _option(self, state: Any, request: ActionRequest) -> Option | None:
        if request.run_id != state["run_id"]:
            return None
        if request.resource_id == WHOLE:
            return await self.offers.back(request)
        try:
            return await self.offers.exact(request, state["target"])
        except (ActionError, NotFoundError):
            return None

    async def _question(self, state: Any, request: ActionRequest, option: Option | None) -> ActionQuestion:
        now = self.clock.now().timestamp()
        recent = await self.actions.recent(request.deployment_id, request.resource_id, now - HOUR_S)
        same = [one for one in recent if _repeats(one, request)]
        incident = await self.incidents.get(state["incident_id"]) if state["incident_id"] else None
        deployment = await self.deployments.find(request.deployment_id)
        alert: Alert | None = state["alert"]
        return ActionQuestion(
            action=request,
            advice=_advice(state, incident),
            alert=alert,
            cause=_cause(alert, incident),
            critical=incident is not None and incident.severity == "critical",
            option=option,
            autonomy=self.autonomy,
            tries=incident.tries if incident else 0,
            repeats=sum(one.status == "success" for one in same),
            flapping=incident is not None and incident.reopened >= FLAPS,
            failed_before=any(one.status == "failed" or one.resolved is False for one in same),
            by_hand=bool(state["request"].action),
            yes=state["request"].yes,
            gone=not await self._stands(request, deployment),
            cost_usd=deployment.cost_usd_month if deployment else 0,
            budget_usd=_budget(state, deployment),
        )

    async def _stands(self, request: ActionRequest, deployment: Deployment | None) -> bool:
        if deployment is None or deployment.status == "destroyed":
            return False
        if request.resource_id == WHOLE:
            return True
        found = await self.deployments.resources(request.deployment_id)
        return any(one.address == request.resource_id for one in found)


def _repeats(one: ActionRecord, request: ActionRequest) -> bool:
    """Return whether a recorded action is the same again; a step that only completes it is not."""
    completes = any(step.digest == request.digest for step in following(one.request))
    return one.request.action_type == request.action_type and not completes


def _advice(state: Any, incident: Incident | None) -> OpsDecision:
    """Return what was decided as the registry keeps it: a run's state is not believed where they differ."""
    kept = incident.decision if incident is not None else None
    advice: OpsDecision = state["advice"]
    return OpsDecision.model_validate(kept) if kept else advice


def _cause(alert: Alert | None, incident: Incident | None) -> Cause:
    if incident is not None:
        return incident.cause
    return cause_of(alert) if alert else "unknown"


def _budget(state: Any, deployment: Deployment | None) -> float | None:
    """Return the budget in USD a month: the plan's, else the request's."""
    plan = deployment.plan if deployment is not None else None
    said = (plan or {}).get("budget_usd")
    if said is None:
        said = state["request"].budget_usd
    return None if said is None else float(said)
