"""What can be done with a target, by the configuration that its deployment stands on."""

from dataclasses import dataclass
from typing import Any

from infraai.configuration import Configuration
from infraai.errors import ActionError
from infraai.models import DeploymentId
from infraai.operations.actions import checked, following
from infraai.operations.options import options_of
from infraai.operations.shapes import ActionRequest, Option, Target
from infraai.ports import Artifacts, Hcl
from infraai.registry.deployments import Deployments
from infraai.registry.revisions import Revisions

WHOLE = "deployment"  # the address of an action that is about no single resource: a rollback
ELSEWHERE = "resource"  # a parameter that names another resource of the deployment, such as a backend


@dataclass(frozen=True, slots=True)
class Offers:
    """Reads the deployment's bundle as it was last applied."""

    hcl: Hcl
    artifacts: Artifacts
    deployments: Deployments
    revisions: Revisions

    async def configuration(self, deployment_id: DeploymentId) -> Configuration:
        """Return what the deployment's files say; raise `NotFoundError` where it was never recorded."""
        deployment = await self.deployments.get(deployment_id)
        return self.hcl.parse(await self.artifacts.get_bundle(deployment.bundle_sha))

    async def options(self, target: Target) -> tuple[Option, ...]:
        """Return everything that could be done to the target; a way back only where there is one."""
        deployment = await self.deployments.get(target.deployment_id)
        every = options_of(target, await self.configuration(target.deployment_id), deployment.region)
        back = len(await self.revisions.of(target.deployment_id)) > 1
        return tuple(one for one in every if back or one.action != "rollback")

    async def request(self, state: Any) -> tuple[ActionRequest, Option | None]:
        """Return the recommended action as a checked request, and the option it is; raise `ActionError`."""
        advice, target = state["advice"], await self.target(state)
        parameters = {name: value for name, value in advice.parameters.items() if name != ELSEWHERE}
        raw = ActionRequest(
            action_type=advice.recommended_action,
            resource_id=target.resource.address,
            run_id=state["run_id"],
            parameters=parameters,
            confidence=advice.confidence,
            reason=advice.reasoning,
            deployment_id=target.deployment_id,
        )
        if target.resource.address == WHOLE and raw.action_type == "rollback":
            return raw, None  # which run is taken back was checked when it was asked for
        request = checked(raw, await self.configuration(target.deployment_id), target)
        offered = await self.options(target)
        same = [one for one in offered if one.action == request.action_type]
        exact = [one for one in same if one.parameters == request.parameters]
        return request, next(iter(exact or same), None)

    async def target(self, state: Any) -> Target:
        """Return what is acted on: the target, or a resource of its deployment that the decision names."""
        target: Target | None = state["target"]
        if target is None:
            raise ActionError("Nothing is known to act on.", next_step="Name the resource: infraai act.")
        named = str(state["advice"].parameters.get(ELSEWHERE) or "")
        if not named or named == target.resource.address:
            return target
        for resource in await self.deployments.resources(target.deployment_id):
            if resource.address == named:
                return Target(
                    deployment_id=target.deployment_id, resource=resource, matched_by=target.matched_by
                )
        raise ActionError(
            f"{named} is no resource of deployment {target.deployment_id[:8]}.",
            next_step=f"See: infraai deployments show {target.deployment_id[:8]}",
        )

    def following(self, request: ActionRequest) -> list[ActionRequest]:
        """Return the actions that complete this one once it has succeeded."""
        return list(following(request))
