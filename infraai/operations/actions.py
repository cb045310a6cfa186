"""Is a request one that can be carried out: its parameters read, checked against the files, and completed."""

from difflib import get_close_matches

from infraai.configuration import Configuration
from infraai.errors import ActionError
from infraai.operations.edits.kind import Kind, Parameters, completed
from infraai.operations.edits.kinds import kinds_for, read
from infraai.operations.edits.subject import Subject, subject_of
from infraai.operations.shapes import ACTIONS, WIRE_NAMES, ActionRequest, ActionType, Target


def action_named(name: str) -> ActionType:
    """Return the action of this name, `scale_up_vm` and `restart_instance` included; raise `ActionError`."""
    plain = name.strip().lower().replace("-", "_")
    found = WIRE_NAMES.get(plain, plain)
    for action in ACTIONS:
        if action == found:
            return action
    near = get_close_matches(plain, (*ACTIONS, *WIRE_NAMES), n=2)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"The actions are: {', '.join(ACTIONS)}."
    raise ActionError(f"There is no action {name[:60]!r}.", next_step=hint)


def checked(request: ActionRequest, configuration: Configuration, target: Target) -> ActionRequest:
    """Return the request with its parameters checked and completed, and its method; raise `ActionError`.

    It holds for a person's request and for a model's: nothing in it is believed.
    """
    address = target.resource.address
    if request.resource_id not in {address, target.resource.name, target.resource.id}:
        raise ActionError(
            f"The action is about {request.resource_id[:120]}, and what was found is {address}.",
            next_step="Name one resource.",
        )
    if request.deployment_id and request.deployment_id != target.deployment_id:
        raise ActionError(
            f"{address} belongs to another deployment.", next_step="Name the resource by its id."
        )
    subject = subject_of(configuration, address, "", target)
    kind, parameters = _completed(subject, request)
    kind.check(subject, parameters)
    return request.model_copy(
        update={
            "resource_id": address,
            "deployment_id": target.deployment_id,
            "parameters": parameters.model_dump(mode="json", exclude_defaults=True),
            "method": kind.method(parameters),
        }
    )


def following(request: ActionRequest) -> tuple[ActionRequest, ...]:
    """Return what completes an action once it has succeeded: the files follow what was done by an API."""
    if request.action_type == "resize_disk" and request.method == "api":
        reason = "The files follow what was done: Terraform is to see no difference."
        return (request.model_copy(update={"method": "terraform", "reason": reason}),)
    return ()


def _completed(subject: Subject, request: ActionRequest) -> tuple[Kind, Parameters]:
    """Return the kind of the action and its parameters, what is left open filled in; raise `ActionError`."""
    refused: list[ActionError] = []
    for kind in kinds_for(subject.type, request.action_type, request.parameters):
        try:
            return kind, read(kind, completed(kind, subject, request.parameters))
        except ActionError as error:
            refused.append(error)
    raise refused[0]
