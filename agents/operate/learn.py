"""Learn: what came of it is kept; the next decision sees it."""

from dataclasses import dataclass
from typing import Any

from infraai.journal import Journal
from infraai.models import Event
from infraai.registry.actions import Actions
from infraai.registry.audit import Audit
from infraai.registry.incidents import Incidents
from infraai.registry.model_calls import ModelCalls
from infraai.state import OperateState, OperateUpdate


@dataclass(frozen=True, slots=True)
class Learn:
    """Reads evidence, decision, results and recheck; writes them to the registry and one line of audit."""

    actions: Actions
    incidents: Incidents
    model_calls: ModelCalls
    audit: Audit
    journal: Journal

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Record; a repeat changes nothing but the audit log."""
        recheck, incident_id = state.get("recheck"), state["incident_id"]
        resolved = None if recheck is None else recheck.resolved
        mine = await self.actions.of_run(state["run_id"])
        for action in mine:
            if resolved is not None and action.resolved is None and action.status == "success":
                await self.actions.set_resolved(action.action_id, resolved)
        results = await self._results(state)
        if incident_id:
            await self.incidents.write(
                incident_id,
                evidence=[one.model_dump(mode="json") for one in state.get("evidence") or []],
                decision=state["advice"].model_dump(mode="json"),
                recheck=recheck.model_dump(mode="json") if recheck else None,
                results=results,
                tries=await self._tries(state),
            )
        await self.audit.append(
            "graph", "incident_learned", incident_id or state["run_id"], await self._line(state, results)
        )
        if recheck is not None:
            said = "resolved" if resolved else "not resolved"
            message = f"Measured again: {said}. {recheck.detail}".strip()
            self.journal.emit(state["run_id"], Event(kind="note", message=message))
        return {}

    async def _results(self, state: OperateState) -> list[dict[str, Any]]:
        """Return the run's results as JSON, each with whether it helped."""
        known = {
            (one.request.digest, one.ended_at): one.resolved
            for one in await self.actions.of_run(state["run_id"])
        }
        told: list[dict[str, Any]] = []
        for result in state.get("results") or []:
            key = (result.action.digest if result.action else "", result.ended_at)
            helped = known.get(key) if result.success else result.resolved
            told.append(result.model_copy(update={"resolved": helped}).model_dump(mode="json"))
        return told

    async def _tries(self, state: OperateState) -> int:
        """Return how often anything was done for the incident without a person's word, in this run and before."""
        earlier = [
            one
            for one in await self.actions.of_incident(state["incident_id"])
            if one.run_id != state["run_id"] and one.allowed_by == "policy"
        ]
        return len(earlier) + state.get("tries", 0)

    async def _line(self, state: OperateState, results: list[dict[str, Any]]) -> dict[str, Any]:
        advice, recheck, verdict = state["advice"], state.get("recheck"), state.get("action_verdict")
        usage = await self.model_calls.usage(state["run_id"])
        mine = await self.actions.of_run(state["run_id"])
        return {
            "run_id": state["run_id"],
            "deployment_id": state["deployment_id"],
            "decision": advice.model_dump(mode="json", exclude={"evidence", "model", "prompt_sha256"}),
            "evidence": list(advice.evidence),
            "model": advice.model,
            "prompt_sha256": advice.prompt_sha256,
            "usage": usage.model_dump(mode="json"),
            "confidence": advice.confidence,
            "rules": list(verdict.rules) if verdict else [],
            "approver": sorted({one.allowed_by for one in mine}),
            "commands": [one.request.model_dump(mode="json") for one in mine],
            "results": results,
            "recheck": recheck.model_dump(mode="json", exclude={"series"}) if recheck else None,
            "resolved": recheck.resolved if recheck else None,
        }
