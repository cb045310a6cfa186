"""Action approval: a call of Google's API waits for a person's word on exactly that request."""

from dataclasses import dataclass
from typing import Any

from langgraph.types import interrupt

from agents.approval import parse_answer
from agents.operate.showing import card_of, incident_facts
from infraai.errors import ActionError
from infraai.models import Verdict
from infraai.policy import VERSION
from infraai.registry.approvals import Approvals, Seal
from infraai.registry.control import KillSwitch
from infraai.registry.incidents import Incidents
from infraai.state import OperateState, OperateUpdate


@dataclass(frozen=True, slots=True)
class OpenAction:
    """Reads `action` and its verdict; writes `approval_id` and `epoch`: exactly one approval, sealed to the request."""

    approvals: Approvals
    incidents: Incidents
    kill_switch: KillSwitch
    approval_minutes: float

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return the approval that waits; opened again, the open one is returned."""
        action, verdict = state["action"], state["action_verdict"]
        if action is None:
            raise ActionError("There is no action to approve.", next_step="Look at the incident.")
        epoch = (await self.kill_switch.read()).epoch
        said = verdict.model_dump(include={"rules", "messages"}) if verdict else {}
        approval = await self.approvals.open(
            state["run_id"],
            Seal(digest=action.digest, lineage="", serial=0),
            Verdict(decision="ask", policy_version=VERSION, **said),
            epoch=epoch,
            minutes=self.approval_minutes,
            subject="action",
            card=action_card(state),
        )
        if state["incident_id"]:
            evidence = state.get("evidence") or []
            await self.incidents.write(state["incident_id"], evidence=evidence, decision=state["advice"])
            await self.incidents.set_status(state["incident_id"], "pending_approval")
        return {"approval_id": approval.approval_id, "epoch": epoch}


async def ask_action(state: OperateState) -> OperateUpdate:
    """Reads `action`; writes `answer`. Nothing may happen before `interrupt`: the node runs again on resume."""
    return {"answer": parse_answer(interrupt(action_card(state)), state["approval_id"])}


def action_card(state: OperateState) -> dict[str, Any]:
    """Return what the person decides on: the alert, the decision with its evidence, and the exact request."""
    action, advice, alert = state["action"], state["advice"], state["alert"]
    assert action is not None
    arguments: dict[str, Any] = {
        "run_id": state["run_id"],
        "approval_id": state.get("approval_id", ""),
        "deployment_id": action.deployment_id or state["deployment_id"],
        **incident_facts(state),
        "confidence": advice.confidence,
        "cost_delta_usd_month": advice.cost_delta_usd_month,
        "could_go_wrong": advice.could_go_wrong,
    }
    why = f" for {alert.policy_name or alert.metric}" if alert else " by hand"
    given = ", ".join(f"{name}={value}" for name, value in action.parameters.items())
    description = (
        f"{action.action_type} of {action.resource_id}{f' ({given})' if given else ''}{why}; "
        f"confidence {advice.confidence:.0%}"
    )
    return card_of("act", arguments, description, ["approve", "reject"])
