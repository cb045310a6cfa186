"""Correlate: which deployment's resource is it? Never a guess, and never an action on what is not ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.operate.offers import WHOLE
from infraai.models import RecordedResource
from infraai.operations.shapes import Target
from infraai.ports import Clock
from infraai.registry.incidents import Incidents
from infraai.registry.locating import Locator
from infraai.registry.silences import Silences
from infraai.state import Alerted, OperateUpdate


@dataclass(frozen=True, slots=True)
class Correlate:
    """Reads `alert`, or the action asked for by hand; writes `target`, or how it ended: silenced, escalated."""

    locator: Locator
    incidents: Incidents
    silences: Silences
    clock: Clock

    async def __call__(self, state: Alerted) -> OperateUpdate:
        """Return the target; a silence that names it ends the incident here."""
        alert = state["alert"]
        if alert is None:
            return {"target": await self._named(state["request"].action)}
        found = await self.locator.locate(alert)
        target = found if isinstance(found, Target) else None
        silence = await self.silences.matching(alert, target, self.clock.now().timestamp())
        if silence is not None:
            until = "a maintenance window" if silence.maintenance else "a silence"
            await self._unsilenced(state["incident_id"])
            message = f"It falls into {until} of {silence.by}: {silence.reason}."
            return {"target": target, "ended": "silenced", "message": message}
        if not isinstance(found, Target):
            message = f"Nothing is done: {found.reason}"
            return {"target": None, "ended": "escalated", "message": message}
        await self.incidents.write(
            state["incident_id"], deployment_id=found.deployment_id, resource=found.resource.address
        )
        return {"target": found, "deployment_id": found.deployment_id}

    async def _unsilenced(self, incident_id: str) -> None:
        """Make an incident of its own of the alerts that no silence names."""
        at = self.clock.now().timestamp()
        heard = [
            stored.alert_id
            for stored, its in await self.incidents.still_open(incident_id)
            if await self.silences.matching(stored.alert, its, at) is None
        ]
        if heard:
            await self.incidents.split(incident_id, heard, at)

    async def _named(self, action: Mapping[str, Any]) -> Target:
        """Return what a person named; a rollback is of the deployment as a whole."""
        name, deployment_id = str(action.get("resource_id", "")), str(action.get("deployment_id", ""))
        if name:
            return await self.locator.find(name)
        whole = RecordedResource(type="deployment", name=deployment_id, id=deployment_id, address=WHOLE)
        return Target(deployment_id=deployment_id, resource=whole, matched_by="by hand")
