"""Too much work: processors, memory, latency; what makes the resource big enough, at the least cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.gemini.decider.advice import Advice, failed_before, over_budget
from sandbox.gemini.decider.case import Case, Json, Piece, mapping, number
from sandbox.gemini.decider.sizes import counted, growth
from sandbox.gemini.decider.wording import capital, ids, measured, shown, value_of

_MARGIN = 0.95  # below the threshold by at least this
_SATURATED = 0.97  # of a share: what is wanted above it cannot be seen
_UNSEEN = 1.15  # so much more may be wanted than a saturated machine shows
_SHARE = 1.0  # a metric that is a share of what there is
_SUSTAINED_S = 60.0
_SURE, _LESS_SURE = 0.85, 0.75
_LEFT = "to spread the work over more machines, or to lessen it, is a person's to choose"
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
    bigger = case.offered("scale_up")
    top = "the bigger sizes were tried already" if bigger else "the resource cannot be made bigger here"
    how = "It rises without a pause, as with a leak, and" if leak else "And"
    return Advice(
        action="restart",
        option=restart,
        why=f"{shown(case, 'Memory runs out')}. {how} {top}. Proposed is a restart, which gives it back for a while",
        doubt="" if leak else "nothing shows that less memory is needed after a restart",
        confidence=0.7 if leak else 0.6,
        cites=[case.said, case.series],
        effect="Memory falls to what a fresh start needs.",
        risk="What runs is interrupted, and a leak will fill the memory again.",
    )


def scaled_up(
    case: Case,
    words: str,
    *,
    memory: bool = False,
    seen: Piece | None = None,
    power: int = 1,
    meaning: str = "It needs more capacity",
) -> Advice | None:
    """Return to scale up to the cheapest option that is enough, or to ask where the resource is at its top.

    The value falls with the size to this power: twice the capacity leaves half the load, and a quarter of a queue.
    """
    series = seen or case.series
    offered = [
        one for one in case.offered("scale_up") if not spent(case, one) and _grows(case, one, memory=memory)
    ]
    offered = [one for one in offered if not _same_again(case, one)] or offered
    fits = [
        _widened(case, series, _fit(case, series, one, memory=memory, power=power), power=power)
        for one in offered
    ]
    if not fits:
        return at_the_top(case, words, series)
    affordable = [one for one in fits if not over_budget(case, one.option)] or fits
    enough = [one for one in affordable if one.enough] or [one for one in fits if one.enough]
    best = enough[0] if enough else min(affordable, key=_predicted)
    told = f"{shown(case, words, series)}. {meaning}"
    return _scaling(case, told, best, fits, series)


def _rather(fit: Fit, fits: Sequence[Fit], series: Piece | None) -> str:
    """Return why not the nearest other size: it is not enough, or costs more than is needed; "" where there is none."""
    place = fits.index(fit)
    cheaper = fits[place - 1] if place else None
    dearer = fits[place + 1] if place + 1 < len(fits) else None
    if cheaper is not None and not cheaper.enough and cheaper.predicted is not None and series is not None:
        level = value_of(series.data, cheaper.predicted)
        return (
            f"The step below it, {short(cheaper.option)}, would leave it at about {level}, which is too much"
        )
    if dearer is None or not fit.enough:
        return ""
    mine, its = (number(one.option.get("cost_delta_usd_month")) for one in (fit, dearer))
    costs = f" costs ${its - mine:.2f} a month more and" if mine is not None and its is not None else ""
    return f"The next step, {short(dearer.option)},{costs} is not needed for this load"


def _not_enough(fit: Fit, series: Piece | None) -> str:
    if fit.predicted is None or series is None:
        return "how much it helps cannot be reckoned from its size"
    return f"even then {measured(series.data)} may stay at about {value_of(series.data, fit.predicted)}"


def short(option: Json) -> str:
    """Return the option's summary up to its first remark."""
    return str(option.get("summary") or "").partition(";")[0].strip().rstrip(".")


def _scaling(case: Case, told: str, fit: Fit, fits: Sequence[Fit], series: Piece | None) -> Advice:
    held = number(series.data.get("over_for_s")) if series else None
    confidence = _SURE if fit.enough and (held or 0) >= _SUSTAINED_S else _LESS_SURE
    if not fit.enough:
        confidence = 0.6
    summary = short(fit.option) or "a bigger size"
    proposed = (
        "Proposed is the cheapest step that is enough" if fit.enough else "Proposed is the best step there is"
    )
    last = number(series.data.get("last")) if series else None
    reckoned = ""
    if series is not None and fit.predicted is not None and last is not None:
        level = value_of(series.data, fit.predicted)
        reckoned = f", which should bring {measured(series.data)} to about {level}"
    doubt = "" if fit.enough else _not_enough(fit, series)
    stopped = (
        "It is stopped for a while, and may come back with another address. "
        if fit.option.get("stops")
        else ""
    )
    return Advice(
        action="scale_up",
        option=fit.option,
        why=f"{told}. {proposed}, {summary}{reckoned}{ids(case.config)}",
        rather=_rather(fit, fits, series),
        doubt=doubt,
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
    if series is None:
        return ""
    before, after = value_of(series.data, last), value_of(series.data, fit.predicted)
    return f"The same work should bring {measured(series.data)} from {before} to about {after}."


def _grows(case: Case, option: Json, *, memory: bool) -> bool:
    """Return whether the option brings more of what lacks, as far as that can be told."""
    ratio = growth(case, option, memory=memory)
    return ratio is None or ratio > 1


def _same_again(case: Case, option: Json) -> bool:
    """Return whether more of the same count was tried for this incident and did not help."""
    count = counted(option)
    return count is not None and any(
        one.get("action") == option.get("action")
        and one.get("resolved") is not True
        and count[0] in mapping(one.get("parameters"))
        for one in case.tried
    )


def spent(case: Case, option: Json) -> bool:
    """Return whether exactly this was done, for this incident or before, and did not help."""
    return case.has_failed(option) or failed_before(case, option)


def at_the_top(case: Case, words: str, series: Piece | None) -> Advice:
    """Return to ask, since there is no bigger size left."""
    known = case.offered("scale_up")
    end = "every bigger size was tried" if known else "there is no bigger size to offer"
    return Advice(
        action="ask",
        why=f"{shown(case, words, series)}. It needs more capacity, but {end}. {capital(_LEFT)}",
        confidence=0.5,
        cites=[case.said, series, case.config],
        effect="Spreading the work over more machines, or less work, would help.",
        risk="It stays overloaded until somebody decides.",
    )
