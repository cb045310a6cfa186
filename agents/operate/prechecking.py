"""Prechecking: whether an action by hand can be carried out at all, before a run is started for it."""

from collections.abc import Mapping
from typing import Any, Protocol

from infraai.errors import ActionError
from infraai.models import Bundle, RunId, Sha256
from infraai.operations.actions import action_named, checked
from infraai.operations.shapes import ActionRequest, Target
from infraai.ports import Hcl
from infraai.registry.deployments import Deployment


class Standing(Protocol):
    """What stands, of the registry's deployments."""

    async def get(self, any_run_id: RunId) -> Deployment:
        """Return the deployment; raise `NotFoundError`."""
        ...


class Bundles(Protocol):
    """Where bundles are kept."""

    async def get_bundle(self, sha: Sha256) -> Bundle:
        """Return the bundle of this digest."""
        ...


async def precheck(
    target: Target,
    action: str,
    parameters: Mapping[str, Any],
    *,
    deployments: Standing,
    artifacts: Bundles,
    hcl: Hcl,
) -> ActionRequest:
    """Return the request as it would be carried out, without a run; raise `ActionError` where it cannot be.

    It says what is wrong at once: the run itself checks everything again.
    """
    deployment = await deployments.get(target.deployment_id)
    if deployment.status == "destroyed":
        raise ActionError(
            f"{target.resource.address} was destroyed.", next_step="See: infraai deployments list."
        )
    raw = ActionRequest(
        action_type=action_named(action),
        resource_id=target.resource.address,
        run_id="",
        parameters=dict(parameters),
        deployment_id=target.deployment_id,
    )
    return checked(raw, hcl.parse(await artifacts.get_bundle(deployment.bundle_sha)), target)
