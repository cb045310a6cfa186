"""Machines that are stopped, by mistake or on purpose, and those that run and send no data."""

from dataclasses import replace

from sandbox.gemini.decider.advice import Advice
from sandbox.gemini.decider.case import STOPPED, Case, Json
from sandbox.gemini.decider.ladder import ladder
from sandbox.gemini.decider.wording import ids

_STARTS = "The machine starts, and what begins at its start runs again."
_MOVING = frozenset({"PROVISIONING", "STAGING", "STOPPING", "SUSPENDING", "REPAIRING"})


def stopped(case: Case) -> Advice | None:
    """Start a machine that is stopped, unless it is on its way or was stopped on purpose."""
    cites = [case.said, case.resource]
    said = (
        f"The machine is {case.status} [{case.resource.id}]"
        if case.resource and case.status
        else "No data arrives"
    )
    if case.status in _MOVING:
        return Advice(
            action="ask",
            why=f"{said}: it is changing already. Nothing is proposed now, since a step in between could cross "
            "the one that goes on",
            confidence=0.5,
            cites=cites,
        )
    if _stopped_on_purpose(case):
        why = (
            f"{said}, as its own configuration asks{ids(case.config)}. So it was stopped on purpose, and it is a "
            "person's to say whether it should run"
        )
        return Advice(action="ask", why=why, confidence=0.6, cites=[*cites, case.config])
    if case.status in STOPPED:
        return _started(case, said)
    if case.status == "RUNNING" and case.cause == "stopped":
        silent = f"{said}, yet no data of it arrives{ids(case.unmeasured or case.series)}: it hangs, or its agent does"
        return ladder(
            case, silent, ("restart",), 0.65, doubt="a healthy machine with a dead agent looks the same"
        )
    return None


def _started(case: Case, said: str) -> Advice:
    asked = f", and nothing in its configuration asks for that{ids(case.config)}" if case.config else ""
    found = ladder(
        case,
        f"{said}, so nothing runs on it{asked}",
        ("restart", "recreate"),
        0.9,
    )
    if found.action != "restart":
        return found
    why = found.why.rpartition(". Proposed is ")[0] or found.why.rpartition(". ")[0]
    return replace(found, effect=_STARTS, why=f"{why}. Proposed is to start it, which loses nothing")


def _stopped_on_purpose(case: Case) -> bool:
    settings: Json = case.config.data.get("settings") or {} if case.config else {}
    return settings.get("desired_status") in STOPPED or settings.get("settings.activation_policy") == "NEVER"
