"""What fails: errors, slow answers, no answers, restarts, stopped machines, closed ports."""

from dataclasses import replace
from statistics import median

from sandbox.gemini.decider.advice import Advice
from sandbox.gemini.decider.case import HOT, Case, Json, Piece, number
from sandbox.gemini.decider.doubts import nothing_known
from sandbox.gemini.decider.ladder import ladder
from sandbox.gemini.decider.load import scaled_up, shown
from sandbox.gemini.decider.pods import kubectl_restart

_AFTER_CHANGE_S = 1800.0
_NO_CPU_SEEN = 0.75  # more capacity is known to help, but nothing shows that it lacks
_WORKS_ON = 0.6  # of its usual load: what has crashed has little to do
_STARTS = "The machine starts, and what begins at its start runs again."
STOPPED = frozenset({"TERMINATED", "STOPPED", "SUSPENDED"})
_MOVING = frozenset({"PROVISIONING", "STAGING", "STOPPING", "SUSPENDING", "REPAIRING"})


def errors(case: Case) -> Advice | None:
    """Roll back what began with a change; scale up what is overloaded; else start the service afresh."""
    return (
        _rolled_back(case, "Requests fail")
        or _overloaded(case, "Requests fail")
        or ladder(case, shown(case, "Requests fail"), ("redeploy", "restart"), 0.75)
    )


def latency(case: Case) -> Advice | None:
    """Roll back what began with a change; scale up what is overloaded; else, less surely, scale up all the same."""
    found = _rolled_back(case, "Answers are slow") or _overloaded(case, "Answers are slow")
    if found is not None:
        return found
    bigger = scaled_up(case, "Answers are slow: requests wait for each other", power=2)
    if bigger is None or bigger.action == "ask":
        return ladder(case, shown(case, "Answers are slow"), ("redeploy", "restart"), 0.6) or bigger
    return replace(bigger, confidence=min(bigger.confidence, _NO_CPU_SEEN))


def unavailable(case: Case) -> Advice | None:
    """Open a port that is closed by mistake; restart what hangs; then make it anew."""
    if case.blocked is not None and case.offered("modify_firewall"):
        return firewall(case)
    if case.probe is not None and not case.down and case.over_now is not True:
        return _answers(case)
    if _began_with_change(case) and case.offered("rollback"):
        return _rolled_back(case, "The service does not answer")
    idle = _works_on(case)
    if idle is not None and case.offered("modify_firewall") and not case.was_tried("modify_firewall"):
        return _let_in_again(case, idle)
    steps = ["restart", "redeploy", "modify_firewall", "recreate"]
    if _fell_idle(case):
        steps.remove("modify_firewall")
    return ladder(case, _not_answering(case), steps, 0.8)


def restarts(case: Case) -> Advice | None:
    """Restart, then redeploy; a pod of Kubernetes is a person's to restart, with the exact command."""
    command = kubectl_restart(case)
    if command:
        return Advice(
            action="ask",
            why=f"{shown(case, 'A container restarts again and again')}. Restart its deployment: `{command}`",
            confidence=0.8,
            cites=[case.said, case.series],
            effect="New pods start one after another and replace those that crash.",
            risk="If the image or its configuration is at fault, the new pods crash too: then roll back.",
        )
    if _began_with_change(case) and case.offered("rollback"):
        return _rolled_back(case, "It crashes and starts again")
    return ladder(case, shown(case, "It crashes and starts again"), ("restart", "redeploy", "recreate"), 0.75)


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
            why=f"{said}: it is changing already, so nothing is done now.",
            confidence=0.5,
            cites=cites,
        )
    if _stopped_on_purpose(case):
        why = f"{said}, as its own configuration asks [{case.config.id if case.config else ''}]: that was on purpose."
        return Advice(action="ask", why=why, confidence=0.6, cites=[*cites, case.config])
    if case.status in STOPPED:
        found = ladder(case, f"{said}: nothing runs on it", ("restart", "recreate"), 0.9)
        return replace(found, effect=_STARTS) if found and found.action == "restart" else found
    if case.status == "RUNNING" and case.cause == "stopped":
        return ladder(case, f"{said}, yet sends no data: it hangs, or its agent does", ("restart",), 0.65)
    return None


def firewall(case: Case) -> Advice | None:
    """Open again what the plan means to be public."""
    ports = case.blocked.data.get("blocked_ports") if case.blocked else ()
    listed = ", ".join(str(one) for one in ports or ())
    said = (
        f"Port {listed} is meant to be public and no rule lets it in"
        if listed
        else "A firewall seems to stop the traffic"
    )
    ids = f" [{case.blocked.id}]" if case.blocked else ""
    return ladder(case, f"{said}{ids}", ("modify_firewall",), 0.85 if listed else 0.6, extra=[case.blocked])


def traffic(case: Case) -> Advice | None:
    """Ask: more traffic is no fault by itself."""
    return Advice(
        action="ask",
        why=f"{shown(case, 'Traffic is unusual')}. That may be success or an attack; nothing else is at fault.",
        confidence=0.5,
        cites=[case.said, case.series],
    )


def _works_on(case: Case) -> Piece | None:
    """Return the load of a machine that works as usual while nobody outside gets an answer; None for any other."""
    if (
        not case.down
        or case.probe is None
        or case.probe.data.get("answers")
        or case.status not in {"RUNNING", ""}
    ):
        return None
    return next((one for one in case.related("cpu") if (_share_of_usual(one) or 0) >= _WORKS_ON), None)


def _fell_idle(case: Case) -> bool:
    """Return whether what does not answer has little to do of late: then no closed port is the reason."""
    shares = [share for one in case.related("cpu") if (share := _share_of_usual(one)) is not None]
    return bool(shares) and max(shares) < _WORKS_ON


def _share_of_usual(load: Piece) -> float | None:
    """Return the last measured load beside that of the first half of the hour; None where that cannot be told."""
    points = [number(point[1]) or 0 for point in load.data.get("points") or () if len(point) > 1]
    usual = median(points[: len(points) // 2]) if len(points) > 3 else 0  # noqa: PLR2004 - two halves
    return points[-1] / usual if usual > 0 and not load.data.get("stale") else None


def _let_in_again(case: Case, load: Piece) -> Advice | None:
    why = (
        f"Nobody gets an answer [{case.probe.id if case.probe else load.id}], while the machine works as usual "
        f"[{load.id}]: something on the way stops the traffic, most likely a firewall rule that was changed"
    )
    return ladder(case, why, ("modify_firewall", "restart", "redeploy"), 0.75, extra=[load])


def _rolled_back(case: Case, words: str) -> Advice | None:
    option = next((one for one in case.offered("rollback") if not case.has_failed(one)), None)
    if option is None or case.changes is None or not _began_with_change(case):
        return None
    ago = number(case.changes.data.get("last_change_before_alert_s")) or 0
    return Advice(
        action="rollback",
        option=option,
        why=f"{shown(case, words)}; it began {ago:.0f} s after the deployment was changed [{case.changes.id}].",
        confidence=0.8,
        cites=[case.said, case.series, case.changes, case.probe],
        effect="The deployment returns to what it was before the change, when this did not fire.",
        risk="What the change was for is gone again, and a change of data is not undone by it.",
    )


def _began_with_change(case: Case) -> bool:
    data = case.changes.data if case.changes else {}
    ago = number(data.get("last_change_before_alert_s"))
    newest: Json = next(
        (one for one in data.get("changes") or () if (number(one.get("before_alert_s")) or 0) >= 0), {}
    )
    revised = newest.get("kind") == "revision" and not newest.get("first")
    return ago is not None and ago <= _AFTER_CHANGE_S and bool(data.get("can_go_back")) and revised


def _overloaded(case: Case, words: str) -> Advice | None:
    hot = next((one for one in case.related("cpu") if (number(one.data.get("last")) or 0) >= HOT), None)
    if hot is None:
        return None
    found = scaled_up(case, f"{words}, and the processors are overloaded", seen=hot)
    return found if found and found.action == "scale_up" else None


def _answers(case: Case) -> Advice:
    found = nothing_known(case)
    seen = f" [{case.probe.id}]" if case.probe else ""
    return Advice(
        action="ask",
        why=f"The alert says it does not answer, but it answers from here{seen}; it may be a matter of the way to it.",
        confidence=0.5,
        cites=[*found.cites, case.probe],
        severity="low",
    )


def _not_answering(case: Case) -> str:
    if not case.down or case.probe is None:
        seen = shown(case, "It is reported as unavailable")
    elif case.probe.data.get("answers"):
        seen = f"It answers with {number(case.probe.data.get('status_code')) or 500:.0f} [{case.probe.id}]"
    else:
        seen = f"It does not answer [{case.probe.id}]"
    if case.resource and case.status == "RUNNING":
        return f"{seen}, while the machine itself runs [{case.resource.id}]: its service hangs, crashed or is broken"
    return seen


def _stopped_on_purpose(case: Case) -> bool:
    settings: Json = case.config.data.get("settings") or {} if case.config else {}
    return settings.get("desired_status") in STOPPED or settings.get("settings.activation_policy") == "NEVER"
