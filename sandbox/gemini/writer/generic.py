"""Writing a resource from its settings and its schema alone."""

from typing import Any

from sandbox.gemini.writer.hcl import Blocks, Body
from sandbox.gemini.writer.project import Planned, Project
from sandbox.gemini.writer.shape import Argument, at, locate
from sandbox.gemini.writer.values import fitted, settled

META = frozenset({"count", "for_each", "depends_on", "lifecycle", "provider"})


def put(body: Body, path: tuple[str, ...], value: Any, root: Argument) -> None:
    """Set what stands at a path, opening the blocks above it; a mapping into a block becomes a block."""
    here = body
    for depth, part in enumerate(path[:-1], start=1):
        argument = at(root, path[:depth])
        if argument is not None and argument.children and not argument.block:
            return
        blocks = here.get(part)
        if not isinstance(blocks, Blocks) or not blocks:
            blocks = here[part] = Blocks([{}])
        here = blocks[0]
    argument = at(root, path)
    if argument is not None and argument.block and not isinstance(value, Blocks):
        value = Blocks([dict(value)]) if isinstance(value, dict) else Blocks([{}]) if value else Blocks()
    here[path[-1]] = value


def apply_settings(project: Project, planned: Planned, body: Body, consumed: set[str]) -> None:
    """Put every setting the kind did not use itself where the schema has an argument of that name."""
    root = project.shape(planned.type)
    for name, setting in planned.settings.items():
        if name in consumed or name in META:
            continue
        path = locate(root, name)
        value = settled(project, name.rsplit(".", 1)[-1], setting)
        if path is None or value is None:
            continue
        put(body, path, fitted(value, at(root, path)), root)
