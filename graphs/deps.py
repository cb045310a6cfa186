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


@dataclass(frozen=True, slots=True, kw_only=True)
class OperateNodes:
    """The nodes around the change graph that work on an incident."""

    intake: Node
    correlate: Node
    investigate: Node
    decide: Node
    route: Node
    confirm: Node
    open_question: Node
    choose: Node
    open_action: Node
    hold: Node
    modifier: Node
    act: Node
    settle: Node
    recheck: Node
    learn: Node
    escalate: Node
    closer: Node
