"""What can be done with a target, by the configuration that its deployment stands on."""

from dataclasses import dataclass
from typing import Any

from infraai.configuration import Configuration
from infraai.errors import ActionError
from infraai.models import Bundle, DeploymentId, RunId
from infraai.operations.actions import checked, following
from infraai.operations.edits import edit
from infraai.operations.extent import Extent, extent_of
from infraai.operations.options import going_back_option, options_of
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
        back = await self._back(target.deployment_id, "")
        way_back = () if back is None else (back,)
        return (*(one for one in every if one.action != "rollback"), *way_back)

    async def back(self, request: ActionRequest) -> Option | None:
        """Return the way back that a rollback means, or None where there is nothing to go back to."""
        return await self._back(request.deployment_id, str(request.parameters.get("run_id") or ""))

    async def _back(self, deployment_id: DeploymentId, run_id: RunId) -> Option | None:
        last = await self.revisions.last(deployment_id)
        undone = run_id or (last.run_id if last else "")
        was = await self.revisions.before(undone) if undone else None
        if was is None:
            return None
        earlier = self.hcl.parse(await self.artifacts.get_bundle(was.bundle_sha))
        return going_back_option(earlier, await self.configuration(deployment_id))

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
        return request, await self.exact(request, target)

    async def exact(self, request: ActionRequest, target: Target | None) -> Option | None:
        """Return the option that the request is, to the last parameter, or None; raise `ActionError` if it is gone."""
        about = await self.about(request, target)
        configuration = await self.configuration(about.deployment_id)
        for option in await self.options(about):
            if option.action == request.action_type and _same(option, request, configuration, about):
                return option
        return None

    async def about(self, request: ActionRequest, target: Target | None) -> Target:
        """Return what a request acts on as the registry has it now; raise `ActionError` where it is gone."""
        for resource in await self.deployments.resources(request.deployment_id):
            if resource.address == request.resource_id:
                ours = target is not None and target.resource.address == resource.address
                return Target(
                    deployment_id=request.deployment_id,
                    resource=resource,
                    matched_by=target.matched_by if target is not None else "address",
                    member=target.member if target is not None and ours else "",
                )
        raise ActionError(f"{request.resource_id} is no resource of its deployment any more.")

    async def extent(self, request: ActionRequest, target: Target | None, bundle: Bundle) -> Extent | None:
        """Return what the request's own edit changes; None where `bundle` is not that edit and nothing more."""
        about = await self.about(request, target)
        deployment = await self.deployments.get(about.deployment_id)
        standing = await self.artifacts.get_bundle(deployment.bundle_sha)
        before = self.hcl.parse(standing)
        edited = edit(standing, before, request, about)
        return extent_of(request, before, self.hcl.parse(bundle)) if edited.bundle == bundle else None

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


def _same(option: Option, request: ActionRequest, configuration: Configuration, target: Target) -> bool:
    """Return whether an option, said as a request, has exactly the request's parameters."""
    try:
        said = checked(request.model_copy(update={"parameters": option.parameters}), configuration, target)
    except ActionError:
        return False
    return said.parameters == request.parameters
