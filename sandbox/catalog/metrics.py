"""Cloud Monitoring's metrics, and which aligners the API takes for each kind of them."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("metrics.tsv")
_BRACES = re.compile(r"\{([^}]*)\}")
_ANY = {"ALIGN_NONE", "ALIGN_NEXT_OLDER", "ALIGN_COUNT"}
_NUMERIC = _ANY | {
    "ALIGN_MEAN",
    "ALIGN_MIN",
    "ALIGN_MAX",
    "ALIGN_SUM",
    "ALIGN_STDDEV",
    "ALIGN_PERCENT_CHANGE",
}
_RATES = {"ALIGN_RATE", "ALIGN_DELTA"}
_PERCENTILES = {f"ALIGN_PERCENTILE_{one}" for one in ("99", "95", "50", "05")}
_BOOLEAN = _ANY | {"ALIGN_COUNT_TRUE", "ALIGN_COUNT_FALSE", "ALIGN_FRACTION_TRUE"}
# Prefixes of which every metric is listed: another name under them does not exist.
_WHOLE = ("compute.googleapis.com/instance/cpu/", "compute.googleapis.com/instance/memory/")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its kind (GAUGE, DELTA, CUMULATIVE) and its values' type."""

    path: str
    kind: str
    value_type: str
    resource_types: tuple[str, ...]

    @property
    def aligners(self) -> frozenset[str]:
        """Return the aligners that the API applies to it."""
        if self.value_type == "BOOL":
            return frozenset(_BOOLEAN)
        if self.value_type == "DISTRIBUTION":
            return frozenset({"ALIGN_NONE", "ALIGN_DELTA", "ALIGN_SUM", *_PERCENTILES} - self._not_delta())
        if self.value_type == "STRING":
            return frozenset({"ALIGN_NONE", "ALIGN_NEXT_OLDER", "ALIGN_COUNT"})
        numeric = {*_NUMERIC, "ALIGN_INTERPOLATE", *_PERCENTILES}
        if self.kind == "CUMULATIVE":
            return frozenset({"ALIGN_NONE", "ALIGN_PERCENT_CHANGE", *_RATES})
        return frozenset(numeric | (_RATES if self.kind == "DELTA" else set()))

    def _not_delta(self) -> set[str]:
        return {"ALIGN_DELTA"} if self.kind == "GAUGE" else set()


@cache
def _metrics() -> dict[str, Metric]:
    found: dict[str, Metric] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines()[1:]:
        path, kind, value_type, resources = [*line.split("\t"), ""][:4]
        for name in _expanded(path):
            found[name] = Metric(name, kind, value_type, tuple(filter(None, resources.split(","))))
    return found


def _expanded(path: str) -> Iterator[str]:
    parts = _BRACES.split(path)
    choices = [part.split(",") if position % 2 else [part] for position, part in enumerate(parts)]
    for chosen in itertools.product(*choices):
        yield "".join(chosen)


def metric(path: str) -> Metric | None:
    """Return a metric of Google's by path; None for one not listed, which may exist all the same."""
    return _metrics().get(path)


def is_unknown(path: str) -> bool:
    """Return whether there surely is no metric of this path."""
    return path.startswith(_WHOLE) and path not in _metrics()
