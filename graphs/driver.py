"""Driving a graph until it waits for a person or has ended, safely after a crash anywhere."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, Interrupt, StateSnapshot

from infraai.models import RunId

MAX_ROUNDS = 100
MAX_STEPS = 200

Compiled = CompiledStateGraph[Any, None, Any, Any]


def thread_config(run_id: RunId) -> RunnableConfig:
    """Return the run's thread: a UUID made from the run's id, as an Agent Server wants it."""
    thread = uuid.uuid5(uuid.NAMESPACE_URL, f"infraai:deploy:{run_id}")
    return {"configurable": {"thread_id": str(thread)}, "recursion_limit": MAX_STEPS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """Where a run stands after a drive: the values, and what it waits for."""

    values: Mapping[str, Any]
    interrupts: tuple[Interrupt, ...] = ()


async def drive(
    graph: Compiled, run_id: RunId, start: Mapping[str, Any], resume: Mapping[str, Any] | None = None
) -> Parked:
    """Drive the run's thread until it waits or has ended; `resume` answers an interrupt by its id, at most once.

    A thread without tasks has ended: `next` alone is empty as well after a crash between two writes.
    """
    config = thread_config(run_id)
    for _ in range(MAX_ROUNDS):
        state = await graph.aget_state(config)
        if not state.created_at:
            await graph.ainvoke(start, config, durability="sync")
            continue
        if not state.tasks:
            return Parked(values=state.values)
        pending = {interrupt.id for interrupt in state.interrupts}
        answers = {key: value for key, value in (resume or {}).items() if key in pending}
        if answers:
            await graph.ainvoke(Command(resume=answers), config, durability="sync")
        elif pending:
            return Parked(values=state.values, interrupts=state.interrupts)
        else:
            await graph.ainvoke(None, config, durability="sync")
    raise AssertionError(f"run {run_id} neither waits nor ends")


async def snapshot(graph: Compiled, run_id: RunId) -> StateSnapshot:
    """Return the thread's state as it is."""
    return await graph.aget_state(thread_config(run_id))


async def reenter(graph: Compiled, run_id: RunId, values: Mapping[str, Any], *, after: str) -> None:
    """Let an ended thread go on as if the node `after` had just written these values."""
    await graph.aupdate_state(thread_config(run_id), dict(values), as_node=after)
