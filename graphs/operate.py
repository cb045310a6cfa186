"""Operate: intake → correlate → investigate → decide → route → act or the change graph → recheck → learn → closer."""

from typing import Any, Literal

from langgraph.graph import END, START, StateGraph

from agents.operate.action_approval import ask_action
from agents.operate.question import ask_question
from graphs.change import Graph, add_change
from graphs.deps import ChangeNodes, OperateNodes
from graphs.stages import staged
from infraai.state import OperateState

MAX_TRIES = 2


def build(nodes: OperateNodes, change: ChangeNodes) -> Graph:
    """Wire the graph; the caller compiles it with its own checkpointer."""
    graph: Graph = StateGraph(OperateState)
    _add_nodes(graph, nodes, change)
    add_change(graph, change, end="settle")
    graph.add_edge(START, "intake")
    graph.add_conditional_edges("intake", after_intake)
    graph.add_conditional_edges("correlate", after_correlate)
    graph.add_edge("investigate", "decide")
    graph.add_edge("decide", "route")
    graph.add_conditional_edges("route", after_route)
    graph.add_conditional_edges("confirm", after_confirm)
    graph.add_edge("open_question", "question")
    graph.add_edge("question", "choose")
    graph.add_conditional_edges("choose", after_choose)
    graph.add_edge("open_action", "action_approval")
    graph.add_conditional_edges("action_approval", after_action_approval)
    graph.add_conditional_edges("hold", after_hold)
    graph.add_conditional_edges("modifier", after_modifier)
    graph.add_conditional_edges("act", after_action)
    graph.add_conditional_edges("settle", after_action)
    graph.add_edge("recheck", "learn")
    graph.add_conditional_edges("learn", after_learn)
    graph.add_edge("escalate", "closer")
    graph.add_edge("closer", END)
    return graph


def _add_nodes(graph: Graph, nodes: OperateNodes, change: ChangeNodes) -> None:
    journal = change.journal
    graph.add_node("intake", staged(journal, "starting", nodes.intake))
    graph.add_node("correlate", staged(journal, "starting", nodes.correlate))
    graph.add_node("investigate", staged(journal, "starting", nodes.investigate))
    graph.add_node("decide", staged(journal, "planning", nodes.decide))
    graph.add_node("route", staged(journal, "planning", nodes.route))
    graph.add_node("confirm", staged(journal, "planning", nodes.confirm))
    graph.add_node("open_question", staged(journal, "planning", nodes.open_question))
    graph.add_node("question", ask_question)
    graph.add_node("choose", staged(journal, "planning", nodes.choose))
    graph.add_node("open_action", staged(journal, "planning", nodes.open_action))
    graph.add_node("action_approval", ask_action)
    graph.add_node("hold", staged(journal, "planning", nodes.hold))
    graph.add_node("modifier", staged(journal, "initializing", nodes.modifier))
    graph.add_node("act", staged(journal, "applying", nodes.act))
    graph.add_node("settle", staged(journal, "finalizing", nodes.settle))
    graph.add_node("recheck", staged(journal, "verifying", nodes.recheck))
    graph.add_node("learn", staged(journal, "finalizing", nodes.learn))
    graph.add_node("escalate", staged(journal, "finalizing", nodes.escalate))
    graph.add_node("closer", staged(journal, "finalizing", nodes.closer))


def after_intake(state: Any) -> Literal["correlate", "closer"]:
    """What is over already ends here."""
    return "closer" if state.get("ended") else "correlate"


def after_correlate(state: Any) -> Literal["investigate", "escalate", "closer"]:
    """What is silenced ends; what is not ours a person is told of; the rest is looked at."""
    if state.get("ended") == "escalated":
        return "escalate"
    return "closer" if state.get("ended") else "investigate"


def after_route(
    state: Any,
) -> Literal["confirm", "hold", "open_action", "open_question", "escalate", "closer"]:
    """By the way that route has chosen; what nobody is asked about has to hold for another look."""
    verdict = state.get("action_verdict")
    if state["way"] in {"modifier", "act"} and state["alert"] is not None and verdict.decision == "auto":
        return "confirm"
    return after_choose(state)


def after_confirm(state: Any) -> Literal["hold", "closer"]:
    """What is over by itself ends here."""
    return "closer" if state.get("ended") else "hold"


def after_choose(state: Any) -> Literal["hold", "open_action", "open_question", "escalate", "closer"]:
    """By the way that the person who was asked has chosen."""
    ways: dict[str, Literal["hold", "open_action", "open_question", "escalate", "closer"]] = {
        "modifier": "hold",
        "act": "hold",
        "action_approval": "open_action",
        "question": "open_question",
        "escalate": "escalate",
        "closer": "closer",
    }
    return ways[state["way"]]


def after_action_approval(state: Any) -> Literal["hold", "closer"]:
    """Whatever is no yes ends here."""
    return "hold" if state["answer"].decision == "approve" else "closer"


def after_hold(state: Any) -> Literal["modifier", "act", "closer"]:
    """By how the action is done; a deployment that another run has is waited for."""
    if state.get("status") == "halted":
        return "closer"
    return "modifier" if state["action"].method == "terraform" else "act"


def after_modifier(state: Any) -> Literal["guard", "escalate"]:
    """What cannot be written into the configuration is left to a person."""
    return "escalate" if state.get("ended") == "escalated" else "guard"


def after_action(state: Any) -> Literal["hold", "open_action", "recheck", "learn", "closer"]:
    """Done goes on to the next step, or to the measurement; what failed is undone first, or remembered and told."""
    if state.get("status") == "halted" or state.get("ended"):
        return "closer"
    if state.get("action") is not None:
        return "open_action" if state["way"] == "action_approval" else "hold"
    answer, results = state.get("answer"), state.get("results") or []
    if answer is not None and answer.decision in {"reject", "expire"}:
        return "closer"
    return "recheck" if results and results[-1].success else "learn"


def after_learn(state: Any) -> Literal["investigate", "escalate", "closer"]:
    """Resolved ends; what is not is looked at once more, then left to a person."""
    recheck, results = state.get("recheck"), state.get("results") or []
    if not results or not results[-1].success:
        return "escalate"
    if recheck is None or recheck.resolved:
        return "closer"
    again = state["alert"] is not None and state.get("tries", 0) < MAX_TRIES > len(results)
    return "investigate" if again else "escalate"
