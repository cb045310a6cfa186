"""Too much work: processors, memory, connections, latency; what makes the resource big enough, at the least cost."""

import math
from dataclasses import dataclass

from sandbox.gemini.decider.advice import Advice, failed_before, over_budget
from sandbox.gemini.decider.case import Case, Json, Piece, mapping, number
from sandbox.gemini.decider.sizes import counted, growth

_MARGIN = 0.95  # below the threshold by at least this
_SATURATED = 0.97  # of a share: what is wanted above it cannot be seen
_UNSEEN = 1.15  # so much more may be wanted than a saturated machine shows
_SHARE = 1.0  # a metric that is a share of what there is
_SUSTAINED_S = 60.0
_SURE, _LESS_SURE = 0.85, 0.75
_USUAL = 0.8  # where the metric has no threshold of its own


@dataclass(frozen=True, slots=True)
class Fit:
    """An option, and the value it should bring the metric to."""

    option: Json
    predicted: float | None
    enough: bool


def cpu(case: Case) -> Advice | None:
    """Scale up to the cheapest size whose predicted load is below the threshold."""
    return scaled_up(case, "The processors are overloaded")


def memory(case: Case) -> Advice | None:
    """Scale up by memory; where that was tried or cannot be done, restart."""
    found = scaled_up(case, "Memory runs out", memory=True)
    if found and found.action == "scale_up":
        return found
    restart = next(iter(case.offered("restart")), None)
    if restart is None or case.has_failed(restart):
        return found
    leak = case.series is not None and case.series.data.get("trend") == "rising"
    how = "and rises without end, as a leak does" if leak else "and the resource cannot be made bigger"
    return Advice(
        action="restart",
        option=restart,
        why=f"{shown(case, 'Memory runs out')} {how}. A restart gives it back for a while.",
        confidence=0.7 if leak else 0.6,
        cites=[case.said, case.series],
        effect="Memory falls to what a fresh start needs.",
        risk="What runs is interrupted, and a leak will fill the memory again.",
    )


def connections(case: Case) -> Advice | None:
    """Raise the limit of connections; where the tier allows no more, scale up."""
    limit = next((one for one in case.offered("modify_config") if not _spent(case, one)), None)
    if limit is not None and not case.was_tried("modify_config"):
        wanted = ", ".join(f"{name} {value}" for name, value in mapping(limit.get("parameters")).items())
        return Advice(
            action="modify_config",
            option=limit,
            why=f"{shown(case, 'Connections run out')}. A higher limit lets in more ({wanted}).",
            confidence=0.8,
            cites=[case.said, case.series, case.config],
            effect=_connections_effect(case),
            risk="The database may restart; each connection takes memory; a client that leaks them takes these too.",
        )
    bigger = next((one for one in case.offered("scale_up") if not _spent(case, one)), None)
    words = "Connections run out, and their limit cannot be raised further"
    if bigger is None:
        return _at_the_top(case, words, case.series)
    return Advice(
        action="scale_up",
        option=bigger,
        why=f"{shown(case, words)}. A bigger one takes more: {bigger.get('summary')}.",
        confidence=0.7,
        cites=[case.said, case.series, case.config],
        effect=_connections_effect(case),
        risk="It restarts; if a client leaks connections, the leak goes on.",
    )


def scaled_up(
    case: Case, words: str, *, memory: bool = False, seen: Piece | None = None, power: int = 1
) -> Advice | None:
    """Return to scale up to the cheapest option that is enough, or to ask where the resource is at its top.

    The value falls with the size to this power: twice the capacity leaves half the load, and a quarter of a queue.
    """
    series = seen or case.series
    offered = [
        one for one in case.offered("scale_up") if not _spent(case, one) and _grows(case, one, memory=memory)
    ]
    fits = [
        _widened(case, series, _fit(case, series, one, memory=memory, power=power), power=power)
        for one in offered
    ]
    if not fits:
        return _at_the_top(case, words, series)
    affordable = [one for one in fits if not over_budget(case, one.option)] or fits
    enough = [one for one in affordable if one.enough] or [one for one in fits if one.enough]
    best = enough[0] if enough else min(affordable, key=_predicted)
    return _scaling(case, words, best, series)


def shown(case: Case, words: str, seen: Piece | None = None) -> str:
    """Return the words with the value, the threshold and how long it has been so, citing the series."""
    series = seen or case.series
    if series is None:
        return words
    last, threshold = number(series.data.get("last")), number(series.data.get("threshold"))
    value = f": {last:.4g}" if last is not None else ""
    line = f" against a threshold of {threshold:.4g}" if threshold is not None else ""
    held = number(series.data.get("over_for_s"))
    since = f", for {held:.0f} s" if held else ""
    return f"{words}{value}{line}{since} [{series.id}]"


def _scaling(case: Case, words: str, fit: Fit, series: Piece | None) -> Advice:
    held = number(series.data.get("over_for_s")) if series else None
    confidence = _SURE if fit.enough and (held or 0) >= _SUSTAINED_S else _LESS_SURE
    if not fit.enough:
        confidence = 0.6
    summary = str(fit.option.get("summary") or "a bigger size")
    why = f"{shown(case, words, series)}. The cheapest step that is enough: {summary}."
    if not fit.enough:
        why = f"{shown(case, words, series)}. The best step there is may not be enough: {summary}."
    stopped = (
        "It is stopped for a while, and may come back with another address. "
        if fit.option.get("stops")
        else ""
    )
    return Advice(
        action="scale_up",
        option=fit.option,
        why=why,
        confidence=confidence,
        cites=[case.said, series, case.config],
        effect=_effect(fit, series),
        risk=f"{stopped}If one request or a bug eats it all, a bigger size only costs more.",
    )


def _fit(case: Case, series: Piece | None, option: Json, *, memory: bool, power: int) -> Fit:
    ratio = growth(case, option, memory=memory)
    last = number(series.data.get("last")) if series else None
    if ratio is None or last is None:
        return Fit(option, None, enough=False)
    said = number(series.data.get("threshold")) if series else None
    threshold = _USUAL if said is None and last <= 1 else said
    wanted = last * _UNSEEN if _SATURATED <= last <= 1 and not memory else last
    predicted = wanted / ratio**power
    return Fit(option, predicted, enough=ratio > 1 and (threshold is None or predicted < threshold * _MARGIN))


def _widened(case: Case, series: Piece | None, fit: Fit, *, power: int) -> Fit:
    """Return an option that adds machines with as many as are needed, at most twice those there are."""
    count, last = counted(fit.option), number(series.data.get("last")) if series else None
    ratio = growth(case, fit.option)
    if fit.enough or count is None or fit.predicted is None or last is None or not ratio:
        return fit
    threshold = number(series.data.get("threshold")) if series else None
    if threshold is None and last > _SHARE:
        return fit
    line = (threshold or _USUAL) * _MARGIN
    name, offered = count
    now = round(offered / ratio)
    wanted = min(math.ceil(offered * (fit.predicted / line) ** (1 / power)), 2 * now)
    if wanted <= offered:
        return fit
    predicted = fit.predicted * (offered / wanted) ** power
    return Fit(_with_count(fit.option, name, now, wanted), predicted, enough=predicted <= line)


def _with_count(option: Json, name: str, now: int, wanted: int) -> Json:
    delta, offered = number(option.get("cost_delta_usd_month")), counted(option)
    steps = (offered[1] if offered else now) - now
    return {
        **option,
        "parameters": {**mapping(option.get("parameters")), name: wanted},
        "summary": f"{name} {now} → {wanted}",
        "cost_delta_usd_month": None
        if delta is None or steps <= 0
        else round(delta / steps * (wanted - now), 2),
    }


def _predicted(fit: Fit) -> float:
    return math.inf if fit.predicted is None else fit.predicted


def _effect(fit: Fit, series: Piece | None) -> str:
    last = number(series.data.get("last")) if series else None
    if fit.predicted is None or last is None:
        return "More room for the same work; how much cannot be told from its size."
    return f"The same work should bring it from {last:.3g} to about {fit.predicted:.3g}."


def _connections_effect(case: Case) -> str:
    last = number(case.series.data.get("last")) if case.series else None
    held = f"About {last:.0f} connections are open; " if last is not None else ""
    return f"{held}the database takes more before it refuses any. The number itself does not fall by this."


def _grows(case: Case, option: Json, *, memory: bool) -> bool:
    """Return whether the option brings more of what lacks, as far as that can be told."""
    ratio = growth(case, option, memory=memory)
    return ratio is None or ratio > 1


def _spent(case: Case, option: Json) -> bool:
    return case.has_failed(option) or failed_before(case, option)


def _at_the_top(case: Case, words: str, series: Piece | None) -> Advice:
    known = case.offered("scale_up")
    end = "every bigger size was tried" if known else "there is no bigger size to offer"
    return Advice(
        action="ask",
        why=f"{shown(case, words, series)}, and {end}.",
        confidence=0.5,
        cites=[case.said, series, case.config],
        effect="Spreading the work over more machines, or less work, would help.",
        risk="It stays overloaded until somebody decides.",
    )
