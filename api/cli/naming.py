"""What a person calls a resource: besides its names, its Terraform name or the label its alert policies bear."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from infraai.errors import AmbiguousError, NotFoundError
from infraai.labels import resource_label
from infraai.operations.edits.kinds import kinds_of
from infraai.operations.shapes import Target

if TYPE_CHECKING:
    from infraai.registry.registry import Registry

WITHOUT_ACTION = "rollback"  # every type has this one


async def resolve(registry: "Registry", name: str, *, fits: Sequence[str] = ()) -> Target:
    """Return the one resource that is meant; raise `NotFoundError` or `AmbiguousError`.

    Names, addresses and ids go first. Of several with the same Terraform name, the one that something can be done to,
    or that is of one of the types in `fits`, is meant.
    """
    try:
        return await registry.locator.find(name)
    except NotFoundError:
        found = await _by_terraform_name(registry, name.strip())
        if not found:
            raise
    meant = [one for one in found if _able(one.resource.type, fits)] or found
    if len(meant) > 1:
        listed = ", ".join(f"{one.resource.address} of {one.deployment_id[:8]}" for one in meant)
        raise AmbiguousError(f"{name!r} may be: {listed}.", next_step="Name it by its address or its id.")
    return meant[0]


async def _by_terraform_name(registry: "Registry", name: str) -> list[Target]:
    standing = [one.deployment_id for one in await registry.deployments.list() if one.status != "destroyed"]
    return [
        Target(deployment_id=owner, resource=one, matched_by="terraform name")
        for owner in standing
        for one in await registry.deployments.resources(owner)
        if name and name in {one.address.partition(".")[2], resource_label(one.address)}
    ]


def _able(resource_type: str, fits: Sequence[str]) -> bool:
    if fits:
        return resource_type in fits
    return any(one.action != WITHOUT_ACTION for one in kinds_of(resource_type))
