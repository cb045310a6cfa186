"""What fails: errors, slow answers, no answers, restarts, closed ports."""

from dataclasses import replace
from statistics import median

from sandbox.gemini.decider.advice import Advice
from sandbox.gemini.decider.case import HOT, Case, Json, Piece, number
from sandbox.gemini.decider.doubts import nothing_known
from sandbox.gemini.decider.ladder import ladder
from sandbox.gemini.decider.load import scaled_up
from sandbox.gemini.decider.pods import kubectl_restart
from sandbox.gemini.decider.wording import ids, reading, sentence, shown, span

_AFTER_CHANGE_S = 1800.0
_NO_CPU_SEEN = 0.75  # more capacity is known to help, but nothing shows that it lacks
_WORKS_ON = 0.6  # of its usual load: what has crashed has little to do
_QUEUE = "Requests that wait for each other are the usual reason, and more capacity shortens the queue"
_NOTHING_SHOWS = "nothing shows what makes it slow"


def errors(case: Case) -> Advice | None:
    """Roll back what began with a change; scale up what is overloaded; else start the service afresh."""
    return (
        _rolled_back(case, "Requests fail")
        or _overloaded(case, "Requests fail")
        or ladder(
            case, f"{shown(case, 'Requests fail')}. {_no_other_cause(case)}", ("redeploy", "restart"), 0.75
        )
    )


def latency(case: Case) -> Advice | None:
    """Roll back what began with a change; scale up what is overloaded; else, less surely, scale up all the same."""
    found = _rolled_back(case, "Answers are slow") or _overloaded(case, "Answers are slow")
    if found is not None:
        return found
    bigger = scaled_up(case, "Answers are slow", power=2, meaning=_QUEUE)
    if bigger is None or bigger.action == "ask":
        slow = f"{shown(case, 'Answers are slow')}. {_no_other_cause(case)}"
        return ladder(case, slow, ("redeploy", "restart"), 0.6, doubt=_NOTHING_SHOWS)
    cool = _cool(case)
    room = f"the processors have room, since {reading(cool)}, so more capacity may not help" if cool else ""
    doubt = "; ".join(one for one in (bigger.doubt, room) if one)
    return replace(bigger, confidence=min(bigger.confidence, _NO_CPU_SEEN), doubt=doubt)


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
    return ladder(case, _not_answering(case), steps, 0.8 if case.down or case.over_now else 0.65)


def restarts(case: Case) -> Advice | None:
    """Restart, then redeploy; a pod of Kubernetes is a person's to restart, with the exact command."""
    command = kubectl_restart(case)
    if command:
        return Advice(
            action="ask",
            why=f"{shown(case, 'A container restarts again and again')}. A pod is none of Terraform's resources, so "
            f"no action is proposed here. What is known to help is to restart its deployment: `{command}`",
            confidence=0.8,
            cites=[case.said, case.series],
            effect="New pods start one after another and replace those that crash.",
            risk="If the image or its configuration is at fault, the new pods crash too: then roll back.",
        )
    if _began_with_change(case) and case.offered("rollback"):
        return _rolled_back(case, "It crashes and starts again")
    why = f"{shown(case, 'It crashes and starts again')}. {_no_other_cause(case)}"
    return ladder(case, why, ("restart", "redeploy", "recreate"), 0.75)


def firewall(case: Case) -> Advice | None:
    """Open again what the plan means to be public."""
    ports = case.blocked.data.get("blocked_ports") if case.blocked else ()
    listed = ", ".join(str(one) for one in ports or ())
    said = (
        f"Port {listed} is meant to be public and no rule lets it in"
        if listed
        else "A firewall seems to stop the traffic"
    )
    doubt = "" if listed else "no piece of evidence shows which rule is closed"
    answer = f"; from outside, nothing answers{ids(case.probe)}" if _unheard(case) else ""
    why = f"{said}{ids(case.blocked or case.said)}{answer}"
    return ladder(case, why, ("modify_firewall",), 0.85 if listed else 0.6, extra=[case.blocked], doubt=doubt)


def traffic(case: Case) -> Advice | None:
    """Ask: more traffic is no fault by itself."""
    return Advice(
        action="ask",
        why=f"{shown(case, 'Traffic is unusual')}. That may be success or an attack, and by itself it is no fault. "
        "Nothing is proposed: to shut out or to make room is a person's to choose",
        confidence=0.5,
        cites=[case.said, case.series],
    )


def _works_on(case: Case) -> Piece | None:
    """Return the load of a machine that works as usual while nobody outside gets an answer; None for any other."""
    if not _unheard(case) or case.status not in {"RUNNING", ""}:
        return None
    return next((one for one in case.related("cpu") if (_share_of_usual(one) or 0) >= _WORKS_ON), None)


def _unheard(case: Case) -> bool:
    """Return whether nothing at all answered at the address that was called."""
    return case.down and case.probe is not None and not case.probe.data.get("answers")


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
        f"Nobody gets an answer{ids(case.probe)}, while the machine works as usual: {reading(load)}. So "
        "something on the way stops the traffic, most likely a firewall rule that was changed"
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
        why=f"{sentence(_fails(case, words))} It began {span(ago)} after the deployment was changed "
        f"[{case.changes.id}], so the change is the likeliest cause. Proposed is to take it back, which restores what "
        "the deployment was before this began",
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


def _fails(case: Case, words: str) -> str:
    """Return the words with the metric that shows it, or with what the address answered."""
    if case.series is None and case.down and case.probe:
        code = number(case.probe.data.get("status_code"))
        return f"{words}: the address {f'answers {code:.0f}' if code else 'does not answer'}{ids(case.probe)}"
    return shown(case, words)


def _no_other_cause(case: Case) -> str:
    """Return what speaks against the other usual reasons, as far as the block shows it."""
    found: list[str] = []
    cool = _cool(case)
    if cool is not None:
        found.append(f"it is not for want of processors, since {reading(cool)}")
    if case.changes is not None and not _began_with_change(case):
        found.append(f"no change that could be taken back comes just before it{ids(case.changes)}")
    known = sentence(", and ".join(found)).rstrip(".")
    return f"{known}, so what runs may be stuck" if known else "What runs may be stuck"


def _cool(case: Case) -> Piece | None:
    """Return a fresh load that is no overload; None where there is none, or another one is hot."""
    loads = [one for one in case.related("cpu") if not one.data.get("stale")]
    hot = any((number(one.data.get("last")) or 0) >= HOT for one in loads)
    return None if hot else next(iter(loads), None)


def _answers(case: Case) -> Advice:
    found = nothing_known(case)
    return Advice(
        action="ask",
        why=f"The alert says that it does not answer{ids(case.said)}, but it answers from here{ids(case.probe)}. "
        "The two contradict each other: it may be over, or a matter of the way to it. Nothing is proposed, since a "
        "step could only interrupt what works",
        confidence=0.5,
        cites=[*found.cites, case.probe],
        severity="low",
    )


def _not_answering(case: Case) -> str:
    if not case.down or case.probe is None:
        seen = shown(case, "It is reported as unavailable")
    elif case.probe.data.get("answers"):
        code = number(case.probe.data.get("status_code"))
        seen = f"The address answers with {f'{code:.0f}' if code else 'an error'}{ids(case.probe)}"
    else:
        seen = f"The address does not answer{ids(case.probe)}"
    if case.resource and case.status == "RUNNING":
        seen = f"{seen}, while the machine itself is {case.status}{ids(case.resource)}"
        return f"{seen}. So its service hangs, has crashed or is broken"
    return f"{seen}. {_no_other_cause(case)}"
