"""Change: guard → validator ⇄ fixer → previewer → rehearser → decision → approval → executor → verifier → recorder."""

from collections.abc import Callable
from typing import Any, Literal, get_args

from langgraph.graph import END, START, StateGraph

from agents.approval import ask_approval
from agents.reviews import review_files
from graphs.deps import ChangeNodes
from graphs.stages import fix_phase, staged
from infraai.state import ChangeState, Executed, Guarded, Validated

Graph = StateGraph[Any, None, Any, Any]


def build(nodes: ChangeNodes) -> Graph:
    """Wire the graph; the caller compiles it with its own checkpointer."""
    graph: Graph = StateGraph(ChangeState)
    add_change(graph, nodes)
    add_closer(graph, nodes)
    graph.add_edge(START, "guard")
    return graph


def add_closer(graph: Graph, nodes: ChangeNodes) -> None:
    """Add the end of a run that is nothing but a change."""
    graph.add_node("closer", nodes.closer)
    graph.add_edge("closer", END)


def add_change(graph: Graph, nodes: ChangeNodes, *, end: str = "closer") -> None:
    """Add the shared loop to a graph; its entry is `guard`, and where it ends the graph goes on at `end`."""
    journal = nodes.journal
    graph.add_node("guard", staged(journal, "initializing", nodes.guard))
    graph.add_node("validator", staged(journal, "validating", nodes.validator))
    graph.add_node("fixer", staged(journal, fix_phase, nodes.fixer))
    graph.add_node("files_review", review_files)
    graph.add_node("files_edited", staged(journal, "initializing", nodes.files_edited))
    graph.add_node("previewer", staged(journal, "planning", nodes.previewer))
    graph.add_node("rehearser", nodes.rehearser)
    graph.add_node("decision", staged(journal, "planning", nodes.decision))
    graph.add_node("approval", ask_approval)
    graph.add_node("edited", staged(journal, "initializing", nodes.edited))
    graph.add_node("executor", staged(journal, "applying", nodes.executor))
    graph.add_node("verifier", staged(journal, "verifying", nodes.verifier))
    graph.add_node("recorder", staged(journal, "finalizing", nodes.recorder))

    routers: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("guard", after_guard),
        ("validator", after_validator),
        ("fixer", after_fixer),
        ("files_edited", after_files_edited),
        ("previewer", after_previewer),
        ("decision", after_decision),
        ("approval", after_approval),
        ("executor", after_executor),
    )
    for name, router in routers:
        ways = {way: end if way == "closer" else way for way in get_args(router.__annotations__["return"])}
        graph.add_conditional_edges(name, router, ways)
    graph.add_edge("files_review", "files_edited")
    graph.add_edge("rehearser", "decision")
    graph.add_edge("edited", "guard")
    graph.add_edge("verifier", "recorder")
    graph.add_edge("recorder", end)


def after_guard(state: Guarded) -> Literal["validator", "fixer", "closer"]:
    """What is refused ends; what cannot be read is mended; the rest Terraform may see."""
    verdicts = {finding.verdict for finding in state["findings"]}
    if "refuse" in verdicts:
        return "closer"
    return "fixer" if "unparsed" in verdicts else "validator"


def after_validator(state: Validated) -> Literal["files_review", "previewer", "fixer", "closer"]:
    """Valid goes on; invalid is mended."""
    if not state["report"].passed:
        return "fixer"
    return "files_review" if state["request"].reviews and not state.get("reviewed") else "previewer"


def after_fixer(state: ChangeState) -> Literal["guard", "recorder", "closer"]:
    """A mended bundle is guarded again: what wrote it is not trusted."""
    return _end(state) if state.get("status") else "guard"


def after_files_edited(state: Validated) -> Literal["guard", "previewer"]:
    """An edit is guarded and validated again."""
    return "guard" if state.get("edited_files") else "previewer"


def after_previewer(state: Validated) -> Literal["rehearser", "fixer"]:
    """Errors of the plan go back to the fixer like those of validate."""
    return "rehearser" if state["report"].passed else "fixer"


def after_decision(state: ChangeState) -> Literal["approval", "executor", "closer"]:
    """By the verdict."""
    if state.get("status"):
        return "closer"
    return "executor" if state["verdict"].decision == "auto" else "approval"


def after_approval(state: ChangeState) -> Literal["executor", "edited", "recorder", "closer"]:
    """By the answer; whatever is no yes ends the run."""
    decision = state["answer"].decision
    if decision == "approve":
        return "executor"
    return "edited" if decision == "edit" else _end(state)


def _end(state: ChangeState) -> Literal["recorder", "closer"]:
    """What an earlier apply of this run left standing is recorded, however the run ends."""
    return "recorder" if state.get("applies") else "closer"


def after_executor(state: Executed) -> Literal["verifier", "recorder", "previewer", "guard", "fixer"]:
    """By how the apply ended."""
    ending = state["outcome"].ending if state["outcome"] else "stale"
    if ending == "applied":
        return "recorder" if state["request"].kind == "destroy" else "verifier"
    if ending in {"stale", "adopting"}:
        return "previewer" if ending == "stale" else "guard"
    if ending == "mendable" and state["request"].kind != "destroy":
        return "fixer"
    return "recorder"
