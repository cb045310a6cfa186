"""What can be done to a resource, with concrete parameters, by the configuration as it stands."""

from collections.abc import Iterator

from infraai.configuration import Configuration
from infraai.errors import ActionError
from infraai.operations.edits.backends import backends
from infraai.operations.edits.kinds import by_people, kinds_for, kinds_of
from infraai.operations.edits.rollback import going_back_option
from infraai.operations.edits.subject import Subject, subject_of
from infraai.operations.shapes import ActionType, Option, Target

__all__ = ["backends_of", "going_back_option", "options_of", "parameters_of", "why_not"]


def options_of(target: Target, configuration: Configuration, region: str) -> tuple[Option, ...]:
    """Return every sensible action on the target; nothing for what the files do not tell."""
    try:
        subject = subject_of(configuration, target.resource.address, region, target)
    except ActionError:
        return ()
    return tuple(_offers(subject))


def why_not(target: Target, configuration: Configuration, region: str) -> tuple[str, ...]:
    """Return why actions are not among the options, and how a person does what is not done from here."""
    try:
        subject = subject_of(configuration, target.resource.address, region, target)
    except ActionError as error:
        return (str(error),)
    reasons = dict(by_people(subject.type)) | dict(_refusals(subject))
    return tuple(f"{action}: {reason}" for action, reason in reasons.items())


def parameters_of(action: ActionType, resource_type: str) -> tuple[tuple[str, str], ...]:
    """Return an action's parameters on a resource type, each with its meaning; raise `ActionError`."""
    found: dict[str, str] = {}
    for kind in kinds_for(resource_type, action, {}):
        for name, field in kind.parameters.model_fields.items():
            found.setdefault(name, field.description or "")
    return tuple(found.items())


def backends_of(target: Target, configuration: Configuration) -> tuple[str, ...]:
    """Return the addresses, without index, of what serves behind a load balancer's part or a cluster."""
    try:
        return backends(subject_of(configuration, target.resource.address, "", target))
    except ActionError:
        return ()


def _offers(subject: Subject) -> Iterator[Option]:
    for kind in kinds_of(subject.type):
        try:
            yield from list(kind.options(subject))
        except ActionError:
            continue


def _refusals(subject: Subject) -> Iterator[tuple[ActionType, str]]:
    able = {one.action for one in _offers(subject)}
    for kind in kinds_of(subject.type):
        try:
            list(kind.options(subject))
        except ActionError as error:
            if kind.action not in able:
                yield kind.action, str(error)
