"""Back to the files from before a change."""

from collections.abc import Iterator

from pydantic import Field

from infraai.configuration import Block, Configuration
from infraai.operations.edits.kind import Kind, Parameters
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import Option

_NAMED = 5


class RollbackParameters(Parameters):
    """The run to go back before; empty: the deployment's last change."""

    run_id: str = Field(
        default="",
        pattern=r"^$|^[\w-]{6,64}$",
        description="the run to go back before; without it, the deployment's last change",
    )


def _rollback(_: Subject) -> Iterator[Option]:
    yield Option(
        action="rollback",
        summary="back to the files from before the deployment's last change",
        stops=True,
    )


def going_back_option(earlier: Configuration, standing: Configuration) -> Option:
    """Return what going back from one configuration to an earlier one is: reversible where nothing is destroyed."""
    lost = tuple(_lost(earlier, standing))
    named = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else "")
    what = (
        f"it destroys {named}, which cannot be taken back"
        if lost
        else "nothing is destroyed by it, and the change can be made again"
    )
    return Option(
        action="rollback",
        summary=f"back to the files from before the change; {what}",
        reversible=not lost,
        stops=True,
    )


def _lost(earlier: Configuration, standing: Configuration) -> Iterator[str]:
    """Yield the addresses that the earlier files do not have, or not as many of."""
    before = {(one.module_path, one.address): one for one in (*earlier.resources, *earlier.of("module"))}
    for block in (*standing.resources, *standing.of("module")):
        was = before.get((block.module_path, block.address))
        if was is None or _copies(was) != _copies(block):
            yield block.address


def _copies(block: Block) -> tuple[str, ...]:
    found = (block.attribute(name) for name in ("count", "for_each"))
    return tuple(one.expression.text if one else "" for one in found)


KINDS = (Kind(action="rollback", types=(), parameters=RollbackParameters, options=_rollback),)
