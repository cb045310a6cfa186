"""Why the recommended option and not another one: by price, by what it interrupts, and by what was seen."""

from sandbox.gemini.decider.case import HOT, Case, Json, number
from sandbox.gemini.decider.wording import ids, value_of

_CENT = 0.005
_WIDER = {
    "redeploy": "it replaces everything that runs",
    "recreate": "it makes the machine anew, and what is only on its disk is lost",
    "rollback": "it takes back the last change, which nothing links to this",
}
_STEPS = ("restart", "redeploy", "recreate")


def reason_against(case: Case, chosen: Json, name: str) -> str:
    """Return why an offered action was not chosen, "" where nothing in the block says why."""
    other = next(iter(case.offered(name)), None)
    if other is None:
        return ""
    seen = _unfit(case, chosen, name)
    costs = _dearer(chosen, other)
    if seen or costs:
        return seen or costs
    if other.get("stops") and not chosen.get("stops"):
        return "it interrupts what runs"
    if name in _WIDER and _is_wider(str(chosen.get("action")), name):
        return _WIDER[name]
    return "it cannot be undone" if other.get("reversible") is False and chosen.get("reversible") else ""


def next_best(case: Case, chosen: Json) -> str:
    """Return the offered action that comes nearest: the next step of restarting, else the next known fix."""
    action = str(chosen.get("action"))
    later = _STEPS[_STEPS.index(action) + 1 :] if action in _STEPS else ()
    listed = (*later, *case.known_fixes, *_STEPS)
    return next((one for one in listed if one != action and _open(case, one)), "")


def _open(case: Case, name: str) -> bool:
    return bool(case.offered(name)) and not case.was_tried(name)


def _is_wider(chosen: str, name: str) -> bool:
    if name in _STEPS and chosen in _STEPS:
        return _STEPS.index(name) > _STEPS.index(chosen)
    return name == "rollback" and chosen != "rollback"


def _unfit(case: Case, chosen: Json, name: str) -> str:
    """Return what was seen that speaks against an action."""
    action = chosen.get("action")
    if name in _STEPS and action == "scale_up":
        return "the same work would meet the same capacity afterwards"
    if name in _STEPS and action == "modify_firewall":
        return "what runs is not what stops the traffic"
    if name in _STEPS and action == "rollback":
        return "it would start the same version again"
    if name == "scale_up" and action in _STEPS:
        fresh = [one for one in case.related("cpu") if not one.data.get("stale")]
        cool = [one for one in fresh if (number(one.data.get("last")) or 0) < HOT]
        hot = [one for one in fresh if one not in cool]
        if cool and not hot:
            load = value_of(cool[0].data, number(cool[0].data.get("last")) or 0)
            return f"the processors are not overloaded: {load}{ids(cool[0])}"
    if name == "modify_firewall" and case.blocked is None and case.down and case.probe:
        return f"an answer comes through{ids(case.probe)}" if case.probe.data.get("answers") else ""
    return ""


def _dearer(chosen: Json, other: Json) -> str:
    """Return how much more the other option costs, "" where it does not or nobody knows."""
    mine, its = number(chosen.get("cost_delta_usd_month")), number(other.get("cost_delta_usd_month"))
    if mine is None or its is None or its - mine < _CENT:
        return ""
    return f"it costs ${its - mine:.2f} a month more"
