"""Check: guard → validator ⇄ fixer, on Terraform that somebody already has. Nothing is planned or applied."""

from typing import Any, Literal

from langgraph.graph import START, StateGraph

from graphs.change import Graph, after_guard
from graphs.deps import ChangeNodes
from infraai.state import ChangeState, Validated


def build(nodes: ChangeNodes, *, fix: bool) -> Graph:
    """Wire the graph; without `fix` nothing is mended."""

    def after_check_guard(state: Any) -> Literal["validator", "fixer", "__end__"]:
        following = after_guard(state)
        if following == "closer" or (following == "fixer" and not fix):
            return "__end__"
        return following

    def after_check_validator(state: Validated) -> Literal["fixer", "__end__"]:
        return "__end__" if state["report"].passed or not fix else "fixer"

    def after_check_fixer(state: ChangeState) -> Literal["guard", "__end__"]:
        return "__end__" if state.get("status") else "guard"

    graph: Graph = StateGraph(ChangeState)
    graph.add_node("guard", nodes.guard)
    graph.add_node("validator", nodes.validator)
    graph.add_node("fixer", nodes.fixer)
    graph.add_edge(START, "guard")
    graph.add_conditional_edges("guard", after_check_guard)
    graph.add_conditional_edges("validator", after_check_validator)
    graph.add_conditional_edges("fixer", after_check_fixer)
    return graph
