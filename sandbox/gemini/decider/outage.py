"""An outage of a zone: its machines silent together now, the alert's own among them, and no answer from them."""

from typing import Any

from sandbox.gemini.decider.advice import Advice
from sandbox.gemini.decider.case import STOPPED, Case, Json, Piece, mapping, number
from sandbox.gemini.decider.wording import ids

FEWEST = 2
_MOST_OF = 0.5  # of a zone's machines: more than this share is silent in an outage
_SAME_MINUTES_S = 300.0  # what goes silent within this is silent together
_TOGETHER_S = 1800.0
_GONE = frozenset({"unavailable", "stopped"})
_CAUSES = frozenset({"unavailable", "stopped", "restarts", "firewall", "errors", "latency"})
_HELPLESS = "it reaches no machine of a zone that is away"


def outage(case: Case) -> Advice | None:
    """Ask where the machines of one zone are silent together and this one with them: no action on it helps."""
    answers = case.probe is not None and not case.down
    if case.cause not in _CAUSES or case.status in STOPPED or answers:
        return None
    if case.over_now is False and case.cause in _GONE:
        return None  # the metric arrives, and is well
    return next((found for one in case.zones if (found := _of_zone(case, one)) is not None), None)


def _of_zone(case: Case, zone: Piece) -> Advice | None:
    peers = [mapping(one) for one in zone.data.get("peers") or ()]
    own = [one for one in peers if _is_own(case, one)]
    if not own or not all(one.get("silent") for one in own):
        return None
    silent = [one for one in peers if one.get("silent") and _together(one, own[0])]
    others = _unavailable_beside(case, str(zone.data.get("zone") or ""))
    if len(silent) < FEWEST or (len(silent) <= _MOST_OF * len(peers) and len(others) < FEWEST):
        return None
    where = zone.data.get("zone")
    seen = [f"{len(silent)} of the {len(peers)} machines in {where} went silent together{ids(zone)}"]
    if case.probe is not None:
        code = number(case.probe.data.get("status_code"))
        said = f"the address answers only {code:.0f}" if code else "nothing answers"
        seen.append(f"{said}{ids(case.probe)}")
    if others:
        count = "another incident" if len(others) == 1 else f"{len(others)} other incidents"
        seen.append(f"{count} in the same zone say the same{ids(case.around)}")
    why = (
        f"{', and '.join((', '.join(seen[:-1]), seen[-1])) if len(seen) > 1 else seen[0]}. "
        f"That points to an outage of {where} rather than to a fault of this resource alone. "
        "Nothing is proposed now: a restart or a redeploy cannot reach machines of a zone that is away, and "
        "a person may wait for the zone or move the work to another one"
    )
    steps = ("restart", "redeploy", "recreate")
    return Advice(
        action="ask",
        why=why,
        confidence=0.8,
        cites=[case.said, zone, case.probe, case.around if others else None],
        severity="high",
        effect="The resources come back with their zone; a person may move the work to another zone.",
        risk="If it is no outage, waiting costs time.",
        others=[(one, f"{_HELPLESS[:1].upper()}{_HELPLESS[1:]}.") for one in steps if case.offered(one)],
    )


def _is_own(case: Case, peer: Json) -> bool:
    """Return whether a machine is the alert's own, or stands behind it."""
    if isinstance(peer.get("own"), bool):
        return bool(peer["own"])
    name = str(peer.get("name") or "")
    return bool(name) and name in {case.target.get("member"), case.target.get("name")}


def _together(peer: Json, own: Json) -> bool:
    mine, its = number(own.get("last_at")), number(peer.get("last_at"))
    return mine is None or its is None or abs(mine - its) <= _SAME_MINUTES_S


def _unavailable_beside(case: Case, zone: str) -> list[Any]:
    """Return the open incidents of other resources of the zone that are gone too, of late."""
    data = case.around.data if case.around else {}
    listed = [
        mapping(one) for one in (*(data.get("open_incidents") or ()), *(data.get("open_elsewhere") or ()))
    ]
    return [
        one
        for one in listed
        if one.get("cause") in _GONE
        and one.get("resource") != case.target.get("address")
        and zone
        and one.get("zone") == zone
        and abs(number(one.get("age_s")) or 0) <= _TOGETHER_S
    ]
