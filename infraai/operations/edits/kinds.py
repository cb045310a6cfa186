"""Every kind of action there is."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from infraai.errors import ActionError
from infraai.operations.edits import (
    connections,
    database,
    disk,
    firewall,
    group,
    machine,
    pool,
    rollback,
    rolling,
    service,
    service_size,
    template,
)
from infraai.operations.edits.kind import Kind, Parameters
from infraai.operations.shapes import ActionType

KINDS: tuple[Kind, ...] = (
    *machine.KINDS,
    *disk.KINDS,
    *group.KINDS,
    *rolling.KINDS,
    *template.KINDS,
    *database.KINDS,
    *connections.KINDS,
    *service_size.KINDS,
    *service.KINDS,
    *pool.KINDS,
    *firewall.KINDS,
    *rollback.KINDS,
)

_PODS = "What runs in the cluster is restarted by: kubectl rollout restart deployment/NAME -n NAMESPACE"
_DATABASE = "Terraform has no restart of it; a person does it by: gcloud sql instances restart NAME"
# What neither Terraform nor the Compute API does, and how a person does it.
BY_PEOPLE: dict[tuple[str, ActionType], str] = {
    ("google_sql_database_instance", "restart"): _DATABASE,
    ("google_container_cluster", "restart"): _PODS,
    ("google_container_node_pool", "restart"): _PODS,
    ("google_container_cluster", "redeploy"): _PODS,
    ("google_container_node_pool", "redeploy"): _PODS,
}


def by_people(resource_type: str) -> tuple[tuple[ActionType, str], ...]:
    """Return the actions on a resource type that are a person's, each with how it is done."""
    return tuple((action, how) for (kind, action), how in BY_PEOPLE.items() if kind == resource_type)


def kinds_of(resource_type: str, action: ActionType | None = None) -> tuple[Kind, ...]:
    """Return the kinds that fit a resource type, of one action or of all."""
    return tuple(
        one for one in KINDS if (not one.types or resource_type in one.types) and action in {None, one.action}
    )


def kinds_for(resource_type: str, action: ActionType, parameters: Mapping[str, Any]) -> tuple[Kind, ...]:
    """Return the kinds that have these parameters, at least one; raise `ActionError` where there is none."""
    found = kinds_of(resource_type, action)
    if not found:
        by_hand = BY_PEOPLE.get((resource_type, action))
        if by_hand:
            raise ActionError(f"{action} is not possible on a {resource_type}.", next_step=by_hand)
        able = ", ".join(dict.fromkeys(one.action for one in kinds_of(resource_type)))
        raise ActionError(
            f"{action} is not possible on a {resource_type}.", next_step=f"Possible are: {able}."
        )
    names = {name for one in found for name in one.parameters.model_fields}
    strange = sorted(str(name) for name in parameters if name not in names)
    if strange:
        known = ", ".join(sorted(names)) or "none"
        raise ActionError(
            f"{action} on a {resource_type} has no parameter {', '.join(strange)[:200]}.",
            next_step=f"Its parameters are: {known}.",
        )
    fitting = tuple(one for one in found if set(parameters) <= set(one.parameters.model_fields))
    if not fitting:
        raise ActionError(
            f"{action} takes one of {', '.join(sorted(parameters))} at a time.",
            next_step="Do one after the other.",
        )
    return fitting


def read(kind: Kind, parameters: Mapping[str, Any]) -> Parameters:
    """Return the parameters as the kind has them; raise `ActionError` where one has the wrong type or value."""
    try:
        return kind.parameters.model_validate(dict(parameters))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise ActionError(f"{kind.action} was told something it cannot use: {faults}.") from error
