"""Investigate: what is known of an incident, as pieces that a decision can cite."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from agents.operate.evidence.alerted import from_alert
from agents.operate.evidence.case import Case
from agents.operate.evidence.changes import Changes
from agents.operate.evidence.intent import from_configuration, from_plan
from agents.operate.evidence.memory import incidents_around, precedents
from agents.operate.evidence.pieces import numbered, piece
from agents.operate.evidence.probing import probed
from agents.operate.evidence.series import alerted_series, related_series
from agents.operate.evidence.standing import neighbours, state_of_resource
from agents.operate.offered import behind, offered
from infraai.configuration import Configuration
from infraai.errors import InfraError
from infraai.operations.fixes import cause_of
from infraai.operations.ports import Compute, Metrics
from infraai.operations.shapes import Evidence, EvidenceKind, Target
from infraai.ports import Artifacts, Clock, Hcl, Probe
from infraai.registry.actions import Actions
from infraai.registry.deployments import Deployments
from infraai.registry.incidents import Incidents
from infraai.registry.revisions import Revisions
from infraai.registry.runs import Runs
from infraai.state import Located, OperateUpdate

SOURCE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Investigate:
    """Reads `alert` and `target`; writes `evidence`: a source that fails is a piece that says so."""

    metrics: Metrics
    compute: Compute
    probe: Probe
    clock: Clock
    hcl: Hcl
    artifacts: Artifacts
    deployments: Deployments
    incidents: Incidents
    actions: Actions
    revisions: Revisions
    runs: Runs
    timeout_s: float = SOURCE_TIMEOUT_S

    async def __call__(self, state: Located) -> OperateUpdate:
        """Return the pieces as E1, E2 …; all sources are asked side by side, each for at most `timeout_s`."""
        target = state["target"]
        if target is None:
            return {"evidence": []}
        case = await self._case(state, target)
        evidence = numbered([*from_alert(case), *await self._asked(case), *self._known(case)])
        return {"evidence": evidence}

    async def _case(self, state: Located, target: Target) -> Case:
        alert = state["alert"]
        deployment = await self.deployments.get(target.deployment_id)
        return Case(
            alert=alert,
            target=target,
            cause=cause_of(alert) if alert else "unknown",
            deployment=deployment,
            resources=await self.deployments.resources(target.deployment_id),
            configuration=await self._configuration(deployment.bundle_sha),
            incident_id=state["incident_id"],
            now=self.clock.now().timestamp(),
        )

    async def _configuration(self, bundle_sha: str) -> Configuration:
        try:
            return self.hcl.parse(await self.artifacts.get_bundle(bundle_sha))
        except InfraError:
            return Configuration()  # the piece about the configuration then has nothing to show

    async def _asked(self, case: Case) -> list[Evidence]:
        others = behind(case.target, case.configuration, case.resources)
        changes = Changes(self.revisions, self.actions, self.runs, self.artifacts, self.hcl)
        asked = (
            self._limited("series", "The metric's last hour", alerted_series(self.metrics, case)),
            self._limited("series", "Related metrics", related_series(self.metrics, case, others)),
            self._limited("resource", "The resource's state", state_of_resource(self.compute, case)),
            self._limited("resource", "The neighbours", neighbours(self.metrics, case)),
            self._limited("probe", "The probe", probed(self.probe, case, self.timeout_s - 0.5)),
            self._limited("changes", "The changes", changes(case)),
            self._limited("precedent", "Precedents", precedents(self.actions, case)),
            self._limited("precedent", "Other incidents", incidents_around(self.incidents, case)),
        )
        return [one for found in await asyncio.gather(*asked) for one in found]

    def _known(self, case: Case) -> list[Evidence]:
        options = offered(case.target, case.configuration, case.resources, case.deployment.region)
        return [*from_plan(case), *from_configuration(case, options)]

    async def _limited(
        self, kind: EvidenceKind, named: str, source: Awaitable[list[Evidence]]
    ) -> list[Evidence]:
        try:
            return await asyncio.wait_for(source, self.timeout_s)
        except TimeoutError:
            why = f"no answer within {self.timeout_s:g} s"
        except InfraError as error:
            why = str(error)
        data = {"failed": True, "no_data": True, "error": why}
        return [piece(kind, f"{named} could not be had: {why}", data)]
