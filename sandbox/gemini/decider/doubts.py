"""When the rules do not act: an outage of a zone, a metric that flaps, a false alarm, no data, an unknown cause."""

from sandbox.gemini.decider.advice import Advice
from sandbox.gemini.decider.case import Case, Piece, number, numbers

FLAPS = 3
TOGETHER = 2  # other resources that went silent at about the same time
CROSSINGS = 6
SETTLED_S = 120.0
_TOGETHER_S = 1800.0
_GONE = frozenset({"unavailable", "stopped"})
_DOWN_CAUSES = frozenset({"unavailable", "stopped", "restarts", "firewall"})
_NEEDS_NO_SERIES = _DOWN_CAUSES | {"errors"}


def outage(case: Case) -> Advice | None:
    """Ask where several resources of one zone went silent together: no action on one of them helps."""
    peers = case.peers
    silent = [one for one in peers.data.get("peers") or () if one.get("silent")] if peers else []
    others = _gone_together(case)
    whole_zone = peers is not None and len(silent) > 1 and len(silent) == len(peers.data.get("peers") or ())
    if case.cause not in _DOWN_CAUSES or not (whole_zone or len(others) >= TOGETHER):
        return None
    where = f" of zone {peers.data.get('zone')}" if peers and whole_zone else ""
    count = max(len(silent), len(others) + 1)
    cites = [case.said, peers, case.around if others else None]
    why = (
        f"{count} resources{where} went silent together{_ids(cites)}: that is an outage of the place they are in "
        "rather than a fault of one of them, and restarting them one by one would not help."
    )
    return Advice(
        action="ask",
        why=why,
        confidence=0.8,
        cites=cites,
        severity="high",
        effect="The resources come back with their zone; a person may move the work to another zone.",
        risk="If it is no outage, waiting costs time.",
    )


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
        f"It comes and goes: {how}{_ids([seen])}. An action each time would do harm; "
        "the threshold or its duration may be wrong."
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
        return _unsure(
            case, f"The metric is fine now, but the service does not answer well{_ids(seen)}.", case.probe
        )
    data = case.series.data
    last, threshold = number(data.get("last")), number(data.get("threshold"))
    line = f" against a threshold of {threshold:.4g}" if threshold is not None else ""
    shown = f"the last value is {last or 0:.4g}{line}{_ids([case.series])}"
    began, newest = numbers(case.said.data if case.said else {}, "started_at"), numbers(data, "last_at")
    if began and newest and newest[0] < began[0]:
        return _unsure(case, f"There is no value since the alert began yet; before it, {shown}.")
    if number(data.get("over_share")) == 0:
        why = (
            f"The alert says it is past its threshold, but the metric was on the good side all hour: {shown}."
        )
        return _ignored(case, why, 0.75)
    fine = number(data.get("fine_for_s")) or 0
    why = f"It was short and is over: {shown}, for {fine:.0f} s now."
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
        said = "The alert names no threshold, so nobody can tell whether the metric's level"
        return _unsure(case, f"{said} is wrong{_ids([seen])}.", seen)
    return _unsure(
        case,
        f"There is no recent data of the metric that raised this alert{_ids([seen])}, "
        "so nobody can tell whether it still holds.",
        seen,
    )


def nothing_known(case: Case) -> Advice:
    """Ask: no rule knows what helps here."""
    telling = case.series or case.unmeasured or case.resource
    cited = _ids([case.said, telling])
    why = f"Nothing is known to help against this kind of alert ({case.cause}){cited}; a person has to look."
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


def _gone_together(case: Case) -> list[object]:
    data = case.around.data if case.around else {}
    listed = [*(data.get("open_incidents") or ()), *(data.get("open_elsewhere") or ())]
    gone = [
        one
        for one in listed
        if one.get("cause") in _GONE and one.get("resource") != case.target.get("address")
    ]
    together = [one for one in gone if abs(number(one.get("age_s")) or 0) <= _TOGETHER_S]
    return list(together) if case.cause in _GONE or case.over_now is None else []


def _ids(pieces: list[Piece | None]) -> str:
    named = [f"[{one.id}]" for one in pieces if one is not None]
    return f" {' '.join(named)}" if named else ""
