"""What the graphs are made of: every node, built once and given by name."""

from dataclasses import dataclass

from graphs.stages import Node
from infraai.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNodes:
    """The nodes of the change graph."""

    journal: Journal
    guard: Node
    validator: Node
    fixer: Node
    files_edited: Node
    previewer: Node
    rehearser: Node
    decision: Node
    executor: Node
    verifier: Node
    recorder: Node
    closer: Node
    edited: Node
    max_fixes: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployNodes:
    """The nodes before the change graph."""

    planner: Node
    generator: Node
