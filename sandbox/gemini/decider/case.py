"""The block of the task "decide" as the rules see it: numbers, states and options, and no text of the alert's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Json = Mapping[str, Any]
ELSEWHERE = "resource"
STOPPED = frozenset({"TERMINATED", "STOPPED", "SUSPENDED"})
HOT = 0.8  # a share of the processors that is too much, where nobody says what is


@dataclass(frozen=True)
class Piece:
    """One piece of evidence: its id, its kind and its data."""

    id: str
    kind: str
    data: Json
    summary: str = ""


@dataclass(frozen=True)
class Case:
    """One incident as the block tells it."""

    block: Json

    @cached_property
    def cause(self) -> str:
        """Return what the alert is a sign of."""
        return str(self.block.get("cause") or "unknown")

    @cached_property
    def alert(self) -> Json:
        """Return the alert, {} where there is none."""
        return mapping(self.block.get("alert"))

    @cached_property
    def target(self) -> Json:
        """Return what it is about."""
        return mapping(self.block.get("target"))

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Return the evidence in its order."""
        listed = [mapping(one) for one in self.block.get("evidence") or ()]
        return tuple(
            Piece(
                str(one["id"]), str(one.get("kind")), mapping(one.get("data")), str(one.get("summary") or "")
            )
            for one in listed
            if one.get("id")
        )

    @cached_property
    def options(self) -> tuple[Json, ...]:
        """Return what could be done."""
        return tuple(mapping(one) for one in self.block.get("options") or ())

    @cached_property
    def known_fixes(self) -> tuple[str, ...]:
        """Return the actions known to help against the cause, the usual one first."""
        return tuple(str(one) for one in self.block.get("known_fixes") or ())

    @cached_property
    def tried(self) -> tuple[Json, ...]:
        """Return what was done for this incident already."""
        return tuple(mapping(one) for one in self.block.get("tried") or ())

    @property
    def critical(self) -> bool:
        """Return whether the alert is critical."""
        return self.alert.get("severity") == "critical"

    def of(self, kind: str) -> Iterator[Piece]:
        """Yield the pieces of a kind whose source answered."""
        return (one for one in self.pieces if one.kind == kind and not one.data.get("failed"))

    @cached_property
    def said(self) -> Piece | None:
        """Return the piece about the alert."""
        return next(self.of("alert"), None)

    @cached_property
    def series(self) -> Piece | None:
        """Return the alert's own metric, None where it has no data."""
        found = next((one for one in self.of("series") if one.data.get("role") == "alerted"), None)
        return None if found is None or found.data.get("no_data") else found

    @cached_property
    def unmeasured(self) -> Piece | None:
        """Return the piece that says the alert's own metric has no data."""
        own = [one for one in self.pieces if one.kind == "series" and one.data.get("role") != "related"]
        return next((one for one in own if one.data.get("no_data")), None)

    def related(self, *words: str) -> Iterator[Piece]:
        """Yield neighbouring metrics with data whose path holds one of the words."""
        for one in self.of("series"):
            path = str(one.data.get("metric_path") or "")
            if (
                one.data.get("role") == "related"
                and not one.data.get("no_data")
                and any(w in path for w in words)
            ):
                yield one

    @cached_property
    def resource(self) -> Piece | None:
        """Return how the resource stands."""
        return next((one for one in self.of("resource") if "peers" not in one.data), None)

    @cached_property
    def zones(self) -> tuple[Piece, ...]:
        """Return how the machines stand of each zone that the resource, or what is behind it, is in."""
        return tuple(one for one in self.of("resource") if "peers" in one.data)

    @cached_property
    def probe(self) -> Piece | None:
        """Return whether the deployment answers."""
        return next(self.of("probe"), None)

    @cached_property
    def changes(self) -> Piece | None:
        """Return what was changed of late."""
        return next(self.of("changes"), None)

    @cached_property
    def config(self) -> Piece | None:
        """Return how it is configured."""
        return next((one for one in self.of("config") if "settings" in one.data), None)

    @cached_property
    def blocked(self) -> Piece | None:
        """Return which public ports no firewall rule opens; None where what is called answers well."""
        if self.probe is not None and self.probe.data.get("healthy"):
            return None
        return next((one for one in self.of("config") if one.data.get("blocked_ports")), None)

    @cached_property
    def around(self) -> Piece | None:
        """Return the other open incidents."""
        return next((one for one in self.of("precedent") if "open_incidents" in one.data), None)

    @cached_property
    def precedents(self) -> tuple[Piece, ...]:
        """Return past actions of a like case."""
        return tuple(one for one in self.of("precedent") if one.data.get("action"))

    @property
    def status(self) -> str:
        """Return the machine's status, "" where it is none."""
        return str(self.resource.data.get("status") or "") if self.resource else ""

    @property
    def over_now(self) -> bool | None:
        """Return whether the metric is past its threshold now; None where nobody can tell."""
        if self.series is None or self.series.data.get("stale"):
            return None
        found, last = self.series.data.get("over_now"), number(self.series.data.get("last"))
        if found is None and self.cause == "cpu" and last is not None and HOT <= last <= 1:
            return True
        return found if isinstance(found, bool) else None

    @property
    def down(self) -> bool:
        """Return whether the deployment was called and did not answer well."""
        return self.probe is not None and not self.probe.data.get("healthy")

    def offered(self, action: str) -> list[Json]:
        """Return the options of an action, the resource's own before those behind it, the cheapest first."""
        found = [one for one in self.options if one.get("action") == action]
        return sorted(found, key=lambda one: (ELSEWHERE in mapping(one.get("parameters")), *price(one)))

    def has_failed(self, option: Json) -> bool:
        """Return whether exactly this was done for this incident and did not help."""
        return any(
            one.get("action") == option.get("action")
            and mapping(one.get("parameters")) == mapping(option.get("parameters"))
            and (one.get("resolved") is not True)
            for one in self.tried
        )

    def was_tried(self, action: str) -> bool:
        """Return whether an action of this kind was done for this incident and did not help."""
        return any(one.get("action") == action and one.get("resolved") is not True for one in self.tried)


def mapping(value: Any) -> Json:
    """Return the object, or {} for anything else."""
    return value if isinstance(value, Mapping) else {}


def number(value: Any) -> float | None:
    """Return the number, None for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def numbers(data: Json, *names: str) -> Sequence[float]:
    """Return those of the fields that are numbers."""
    return [found for name in names if (found := number(data.get(name))) is not None]


def price(option: Json) -> tuple[bool, float]:
    """Return a key by which unpriced options come last."""
    found = number(option.get("cost_delta_usd_month"))
    return found is None, found or 0.0
