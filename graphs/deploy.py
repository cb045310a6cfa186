"""Deploy: planner (→ review) → generator → the change graph."""

from typing import Literal

from langgraph.graph import START, StateGraph

from agents.reviews import review_plan
from graphs.change import Graph, add_change, add_closer
from graphs.deps import ChangeNodes, DeployNodes
from graphs.stages import staged
from infraai.state import ChangeState


def build(nodes: DeployNodes, change: ChangeNodes) -> Graph:
    """Wire the graph; the caller compiles it with its own checkpointer."""
    graph: Graph = StateGraph(ChangeState)
    graph.add_node("planner", staged(change.journal, "starting", nodes.planner))
    graph.add_node("plan_review", review_plan)
    graph.add_node("generator", staged(change.journal, "starting", nodes.generator))
    add_change(graph, change)
    add_closer(graph, change)
    graph.add_edge(START, "planner")
    graph.add_conditional_edges("planner", after_planner)
    graph.add_edge("plan_review", "generator")
    graph.add_edge("generator", "guard")
    return graph


def after_planner(state: ChangeState) -> Literal["plan_review", "generator", "closer"]:
    """What is no infrastructure ends here."""
    if state.get("status"):
        return "closer"
    return "plan_review" if state["request"].reviews else "generator"
