"""What came of an action, in words."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from rich.markup import escape

from api.cli.leaves import changed_leaves, plain
from infraai.operations.shapes import ActionResult

MAX_CHANGES = 12


def result_line(result: ActionResult) -> str:
    """Return what came of an action, as markup."""
    action = result.action
    named = f"{action.action_type} {action.resource_id}" if action else result.method
    if result.success:
        changed = changes(result.changes_applied)
        return f"[green]✓[/] {escape(named)} [bright_black]{escape(changed)}[/]"
    undone = " The change was undone." if result.rolled_back else ""
    return f"[red]✗[/] {escape(named)}: {escape(result.error)}{undone}"


def changes(applied: Mapping[str, Any]) -> str:
    """Return what an action changed in words, leaf by leaf: `machine_type: e2-small → e2-medium`."""
    words = list(_changes(applied))
    more = [f"and {len(words) - MAX_CHANGES} more"] if len(words) > MAX_CHANGES else []
    return ", ".join(words[:MAX_CHANGES] + more)


def _changes(applied: Mapping[str, Any]) -> Iterator[str]:
    for name, value in applied.items():
        if isinstance(value, Mapping) and {"before", "after"} <= value.keys():
            if value["after"] is not None:  # else it is what the cloud computes anew
                yield from map(str, changed_leaves(value["before"], value["after"], name))
        elif isinstance(value, Mapping):
            yield from _changes(cast("Mapping[str, Any]", value))
        elif name != "action":
            yield f"{name} {plain(value)}"
