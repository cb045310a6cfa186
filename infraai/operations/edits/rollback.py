"""Back to the files from before a change."""

from collections.abc import Iterator

from pydantic import Field

from infraai.operations.edits.kind import Kind, Parameters
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import Option


class RollbackParameters(Parameters):
    """The run to go back before; empty: the deployment's last change."""

    run_id: str = Field(default="", pattern=r"^$|^[\w-]{6,64}$")


def _rollback(_: Subject) -> Iterator[Option]:
    yield Option(
        action="rollback",
        summary="back to the files from before the deployment's last change",
        stops=True,
    )


KINDS = (Kind(action="rollback", types=(), parameters=RollbackParameters, options=_rollback),)
