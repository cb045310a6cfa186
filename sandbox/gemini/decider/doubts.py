"""When the rules do not act: a metric that flaps, a false alarm, no data, an unknown cause."""

from sandbox.gemini.decider.advice import Advice
from sandbox.gemini.decider.case import Case, Piece, number, numbers
from sandbox.gemini.decider.wording import ids, reading, span

FLAPS = 3
CROSSINGS = 6
SETTLED_S = 120.0
_DOWN_CAUSES = frozenset({"unavailable", "stopped", "restarts", "firewall"})
_NEEDS_NO_SERIES = _DOWN_CAUSES | {"errors"}


def flapping(case: Case) -> Advice | None:
    """Ask where the metric comes and goes, or the incident was open again and again."""
    crossings = number(case.series.data.get("crossings")) if case.series else None
    reopened = number(case.around.data.get("reopened")) if case.around else None
    if (crossings or 0) < CROSSINGS and (reopened or 0) < FLAPS:
        return None
    seen = case.series if (crossings or 0) >= CROSSINGS else case.around
    how = (
        f"the metric crossed its threshold {crossings:g} times within the hour"
        if seen is case.series
        else f"the same alert was open {reopened:g} times within the hour before"
    )
    why = (
        f"It comes and goes: {how}{ids(seen)}. So the level of the moment says little, and an action at each "
        "crossing would do more harm than the load. A person should look whether the threshold or its duration is wrong"
    )
    return Advice(
        action="ask",
        why=why,
        confidence=0.75,
        cites=[case.said, seen],
        severity="medium",
        effect="A longer duration or another threshold would calm the alert.",
        risk="A real overload could hide behind the flapping.",
    )


def calm(case: Case) -> Advice | None:
    """Ignore what is over, or what the metric itself never showed; a service that does not answer is not calm."""
    if case.over_now is not False or case.series is None or (case.down and case.cause in _NEEDS_NO_SERIES):
        return None
    if case.down:
        seen = [case.series, case.probe]
        why = (
            f"The metric is fine now, but the service does not answer well{ids(*seen)}. The two contradict each "
            "other, so what raised the alert is not what fails, and nothing is proposed for it"
        )
        return _unsure(case, why, case.probe)
    data = case.series.data
    shown = reading(case.series)
    began, newest = numbers(case.said.data if case.said else {}, "started_at"), numbers(data, "last_at")
    if began and newest and newest[0] < began[0]:
        return _unsure(
            case,
            f"There is no value since the alert began yet; before it, {shown}. So nobody can tell yet whether it holds",
        )
    if number(data.get("over_share")) == 0:
        why = (
            f"The alert says that its threshold was passed, but the metric was on the good side all hour: {shown}. "
            "The cloud's own figures count more than what the alert says, so there is nothing to mend"
        )
        return _ignored(case, why, 0.75)
    fine = number(data.get("fine_for_s")) or 0
    why = (
        f"It was short and is over: {shown}, on the good side for {span(fine)} now. "
        "There is nothing left to mend, and any action would cost or interrupt without need"
    )
    return _ignored(case, why, 0.85 if fine >= SETTLED_S else 0.65)


def unmeasured(case: Case) -> Advice | None:
    """Ask where the metric has no data, and neither the machine's status nor the probe says why."""
    if (
        case.over_now is not None
        or case.cause in _DOWN_CAUSES
        or (case.down and case.cause in _NEEDS_NO_SERIES)
    ):
        return None
    seen = case.unmeasured or case.series
    if seen is case.series and seen is not None and not seen.data.get("stale"):
        said = f"The alert names no threshold, and {reading(seen)}"
        return _unsure(
            case, f"{said}. Nobody can tell whether that level is wrong, so a person has to say", seen
        )
    return _unsure(
        case,
        f"There is no recent data of the metric that raised this alert{ids(seen)}, so nobody can tell whether it "
        "still holds. Acting blindly could interrupt what works; a person should look at the resource itself",
        seen,
    )


def nothing_known(case: Case) -> Advice:
    """Ask: no rule knows what helps here."""
    telling = case.series or case.unmeasured or case.resource
    seen = reading(case.series) if case.series else f"nothing of it can be measured{ids(case.unmeasured)}"
    why = (
        f"The alert is of a kind ({case.cause}){ids(case.said)} against which no action is known to help; {seen}. "
        "A guess could do harm, so a person has to look"
    )
    return Advice(action="ask", why=why, confidence=0.5, cites=[case.said, telling])


def _unsure(case: Case, why: str, seen: Piece | None = None) -> Advice:
    return Advice(
        action="ask",
        why=why,
        confidence=0.4,
        cites=[case.said, seen or case.series],
        effect="Without data no effect can be predicted.",
        risk="Acting without data could do harm; waiting could too.",
    )


def _ignored(case: Case, why: str, confidence: float) -> Advice:
    return Advice(
        action="ignore",
        why=why,
        confidence=confidence,
        cites=[case.said, case.series],
        severity="low",
        effect="Nothing changes; the alert closes by itself.",
        risk="It may come back; then it is looked at anew.",
    )
