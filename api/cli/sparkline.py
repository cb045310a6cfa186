"""A time series in one line of text."""

from collections.abc import Sequence
from itertools import pairwise

BLOCKS = "▁▂▃▄▅▆▇█"
WIDEST = 40


def sparkline(values: Sequence[float], *, threshold: float | None = None, width: int = WIDEST) -> str:
    """Return the values as bars of one character; each character is the highest value of its part.

    The scale reaches from the lowest of them (0 at most) to the highest, or to the threshold if that is higher.
    """
    if not values:
        return ""
    shown = _thinned(values, width)
    low = min(0.0, *shown)
    high = max(*shown, threshold if threshold is not None else shown[0])
    span = high - low
    return "".join(BLOCKS[_step(one - low, span)] for one in shown)


def _step(above: float, span: float) -> int:
    return 0 if span <= 0 else min(len(BLOCKS) - 1, int(above / span * len(BLOCKS)))


def _thinned(values: Sequence[float], width: int) -> list[float]:
    if len(values) <= width:
        return list(values)
    edges = [round(index * len(values) / width) for index in range(width + 1)]
    return [max(values[start:end]) for start, end in pairwise(edges)]
