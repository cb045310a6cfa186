"""Edits: the one thing an action changes in a bundle, every other byte as it was."""

from infraai.configuration import Configuration
from infraai.errors import ActionError
from infraai.models import Bundle
from infraai.operations.edits.back import going_back
from infraai.operations.edits.draft import Draft, Edited
from infraai.operations.edits.kinds import kinds_for, read
from infraai.operations.edits.subject import subject_of
from infraai.operations.shapes import ActionRequest, Target

__all__ = ["Edited", "edit", "going_back"]


def edit(bundle: Bundle, configuration: Configuration, request: ActionRequest, target: Target) -> Edited:
    """Return the bundle with what the request asks for; `configuration` is what this very bundle says.

    Raises `ActionError` where it cannot be done, or not without changing other things too.
    """
    if request.action_type == "rollback":
        raise ActionError("A rollback takes an older bundle; there is nothing to edit.")
    subject = subject_of(configuration, request.resource_id, "", target)
    kind = kinds_for(subject.type, request.action_type, request.parameters)[0]
    parameters = read(kind, request.parameters)
    kind.check(subject, parameters)
    draft = Draft(bundle)
    try:
        kind.edit(subject, parameters, draft)
        return draft.done()
    except ValueError as error:
        raise ActionError(
            f"{request.resource_id} cannot be changed by an edit: {error}.",
            next_step="Change the files and run `infraai apply`.",
        ) from error
