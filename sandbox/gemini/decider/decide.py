"""The task "decide": the doubts first, then the rule of the cause; what nobody knows is asked."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.gemini.decider import connections, doubts, failures, load, outage, stopping, storage
from sandbox.gemini.decider.advice import Advice, draft
from sandbox.gemini.decider.case import STOPPED, Case

Rule = Callable[[Case], Advice | None]
FIRST: tuple[Rule, ...] = (outage.outage, doubts.flapping)
DOUBTS: tuple[Rule, ...] = (doubts.calm, doubts.unmeasured)
BY_CAUSE: Mapping[str, Rule] = {
    "cpu": load.cpu,
    "memory": load.memory,
    "connections": connections.connections,
    "disk_full": storage.disk_full,
    "disk_io": storage.disk_io,
    "errors": failures.errors,
    "latency": failures.latency,
    "unavailable": failures.unavailable,
    "restarts": failures.restarts,
    "stopped": stopping.stopped,
    "firewall": failures.firewall,
    "traffic": failures.traffic,
}


def decide(block: dict[str, Any]) -> dict[str, Any]:
    """Return a decision draft for a block; raise `KeyError` where it has no evidence."""
    case = Case({**block, "evidence": block["evidence"]})
    return draft(case, advise(case))


def advise(case: Case) -> Advice:
    """Return the first rule's answer: a stopped machine stands before what its silence looks like."""
    for rule in FIRST:
        found = rule(case)
        if found is not None:
            return found
    if case.status in STOPPED:
        found = stopping.stopped(case)
        if found is not None:
            return found
    for rule in (*DOUBTS, BY_CAUSE.get(case.cause, doubts.nothing_known)):
        found = rule(case)
        if found is not None:
            return found
    return doubts.nothing_known(case)
