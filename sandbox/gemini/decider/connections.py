"""A database whose connections run out: a limit clearly above what is used, else a larger tier."""

from sandbox.gemini.decider.advice import Advice
from sandbox.gemini.decider.case import Case, Json, mapping, number
from sandbox.gemini.decider.load import at_the_top, short, spent
from sandbox.gemini.decider.sizes import growth
from sandbox.gemini.decider.wording import capital, ids, sentence, shown

_ROOM = 1.25  # a limit is clearly above what is used by a quarter of it
_COUNTED_FROM = 1.0  # a metric that is no more than this is a share of the limit


def connections(case: Case) -> Advice | None:
    """Raise the limit clearly above what is used; where that cannot be, scale up to a larger tier."""
    limits = [one for one in case.offered("modify_config") if not spent(case, one)]
    clear = [one for one in limits if _has_room(case, one)]
    bigger = next((one for one in case.offered("scale_up") if not spent(case, one)), None)
    chosen = clear or ([] if bigger else limits)
    if chosen and not case.was_tried("modify_config"):
        return _limit_raised(case, chosen[0], bigger)
    tried = case.was_tried("modify_config")
    words = "Connections run out"
    end = "a higher limit was tried already" if tried else "no limit on offer is clearly above what is used"
    if bigger is None:
        return at_the_top(case, words, case.series)
    return Advice(
        action="scale_up",
        option=bigger,
        why=f"{shown(case, words)}. {capital(end)}, and how many a database takes grows with its memory. Proposed is "
        f"a larger one, {short(bigger)}",
        confidence=0.7,
        cites=[case.said, case.series, case.config],
        effect=_connections_effect(case),
        risk="It restarts; if a client leaks connections, the leak goes on.",
    )


def _limit_raised(case: Case, option: Json, bigger: Json | None) -> Advice:
    after, used = _limit(option), _used(case)
    ratio = growth(case, option)
    now = (
        f" of the {after / ratio:.0f} it takes{ids(case.config)}"
        if after and ratio and used is not None
        else ""
    )
    room = (
        f", which leaves room for {after - used:.0f} more"
        if after and used is not None and after > used
        else ""
    )
    clear = _has_room(case, option)
    why_not = _larger_tier(option, bigger) if bigger else ""
    what = short(option) or ", ".join(f"{k} {v}" for k, v in mapping(option.get("parameters")).items())
    return Advice(
        action="modify_config",
        option=option,
        why=f"{shown(case, 'Connections run out')}{now}. A database at its limit refuses every new client. "
        f"Proposed is {what}{room}",
        rather=f"The next best is a larger tier, {short(bigger)}: {why_not}" if bigger else "",
        others=[("scale_up", sentence(why_not))] if bigger else [],
        doubt="" if clear else "even that limit is hardly above what is used",
        confidence=0.8 if clear else 0.6,
        cites=[case.said, case.series, case.config],
        effect=_connections_effect(case),
        risk="The database may restart; each connection takes memory; a client that leaks them takes these too.",
    )


def _larger_tier(option: Json, bigger: Json) -> str:
    mine, its = (number(one.get("cost_delta_usd_month")) for one in (option, bigger))
    costs = (
        f"it costs ${its - mine:.2f} a month more and "
        if mine is not None and its is not None and its > mine
        else ""
    )
    return f"{costs}is needed once the memory is too small for more connections"


def _has_room(case: Case, option: Json) -> bool:
    """Return whether the new limit is clearly above what is used, as far as both are known."""
    after, used = _limit(option), _used(case)
    return after is None or used is None or after >= used * _ROOM


def _limit(option: Json) -> float | None:
    return next((found for one in mapping(option.get("parameters")).values() if (found := number(one))), None)


def _used(case: Case) -> float | None:
    """Return how many connections are open; None where the metric is a share."""
    last = number(case.series.data.get("last")) if case.series else None
    return last if last is not None and last > _COUNTED_FROM else None


def _connections_effect(case: Case) -> str:
    last = number(case.series.data.get("last")) if case.series else None
    held = f"About {last:.0f} connections are open; " if last is not None and last > _COUNTED_FROM else ""
    return f"{held}the database takes more before it refuses any. The number itself does not fall by this."
