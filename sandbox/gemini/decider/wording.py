"""How the rules say what was measured: values with their units, lengths of time, and the piece that shows it."""

from sandbox.gemini.decider.case import Case, Json, Piece, number

_SHARE_UNIT, _SHARE = "10^2.%", 1.5  # a share of one; a little above, where a machine bursts
_UNITS = {"%": " %", "ms": " ms", "s": " s", "By": " bytes"}
_NAMES = (
    ("cpu", "the CPU load"),
    ("memory", "the memory in use"),
    ("disk/percent_used", "the used share of the disk"),
    ("disk/utilization", "the used share of the disk"),
    ("num_backends", "the number of open connections"),
    ("connections", "the number of open connections"),
    ("latenc", "the time an answer takes"),
    ("restart_count", "the number of restarts"),
    ("check_passed", "the uptime check's value"),
)


def value_of(series: Json, value: float) -> str:
    """Return the value with its unit, as far as the series tells it: `93 %`, `180 ms`, `27.5`."""
    unit, path = str(series.get("unit") or ""), str(series.get("metric_path") or "")
    threshold = number(series.get("threshold"))
    level = max(abs(value), threshold if threshold is not None else 0)
    if unit == _SHARE_UNIT or (not unit and path.endswith("utilization") and level <= _SHARE):
        return f"{value * 100:.3g} %"
    if unit == "%" or path.endswith("percent_used"):
        return f"{value:.3g} %"
    if not unit and "latenc" in path:
        return f"{value:.4g} ms"
    return f"{value:.4g}{_UNITS.get(unit, '')}"


def measured(series: Json) -> str:
    """Return what is measured: `the CPU load`, or the metric's own last names."""
    path = str(series.get("metric_path") or "")
    known = next((name for sign, name in _NAMES if sign in path), "")
    return known or ("/".join(path.split("/")[-2:]) if path else "the metric")


def span(seconds: float) -> str:
    """Return a length of time as a person says it: `40 s`, `12 min`, `3 h`."""
    for unit, size in (("days", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def reading(series: Piece) -> str:
    """Return the last value beside its threshold and since when, citing the series."""
    data = series.data
    last, threshold = number(data.get("last")), number(data.get("threshold"))
    if last is None:
        return f"no data of {measured(data)} arrives [{series.id}]"
    line = ""
    if threshold is not None:
        side = "past its" if data.get("over_now") is True else "against a"
        line = f", {side} threshold of {value_of(data, threshold)}"
    held = number(data.get("over_for_s")) if data.get("over_now") is True else None
    since = f" for {span(held)}" if held else ""
    return f"{measured(data)} is {value_of(data, last)}{line}{since} [{series.id}]"


def shown(case: Case, words: str, seen: Piece | None = None) -> str:
    """Return the words with what shows them, citing the series, or the alert where nothing is measured."""
    series = seen or case.series
    if series is not None:
        return f"{words}: {reading(series)}"
    return f"{words}, by the alert{ids(case.said)}"


def ids(*pieces: Piece | None) -> str:
    """Return ` [E1] [E2]`, "" for none."""
    named = [f"[{one.id}]" for one in pieces if one is not None]
    return f" {' '.join(dict.fromkeys(named))}" if named else ""


def capital(text: str) -> str:
    """Return the text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return the text with a capital at its beginning and a full stop at its end; "" stays."""
    text = text.strip()
    return f"{capital(text)}{'' if text.endswith(('.', '`', '?')) else '.'}" if text else ""
