"""Which delivery of an alert this is: a new one, a repeat, one that comes late, or the end of one. Pure.

Google Cloud gives each occurrence an id of its own (`incident_id`); the fingerprints of Alertmanager and Grafana, and
the ids made for senders that have none, come again with every occurrence of the same alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from infraai.operations.shapes import OVER, Alert, AlertStatus

WINDOW_S = 900.0
Step = Literal["new", "repeat", "late", "closes", "unheard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """What is known of one occurrence of an alert; times are epoch seconds."""

    alert_id: str
    incident_id: str
    opened: bool
    closed: bool
    status: AlertStatus
    alert: Alert
    ended_at: float | None
    received_at: float

    @property
    def started_at(self) -> float | None:
        """Return when it began, by its sender."""
        return self.alert.started_at


def place(alert: Alert, known: Sequence[Occurrence], at: float) -> tuple[Step, Occurrence | None]:
    """Return what a delivery is among the known occurrences of its id, oldest first, and which one it belongs to.

    `new`: it opens one. `repeat`: it says what is known. `late`: the `open` of one that has closed already.
    `closes`: it ends one. `unheard`: it ends one whose `open` never came.
    """
    if not known:
        return ("new" if alert.state == "open" else "unheard"), None
    if alert.test:
        return "repeat", known[-1]
    which = known[-1] if _once(alert) else _begun_with(alert, known)
    if alert.state == "closed":
        return _closing(alert, which, known[-1])
    if which is not None:
        return ("repeat" if which.opened else "late"), which
    return _opening(alert, known[-1], at)


def _once(alert: Alert) -> bool:
    """Return whether the sender's ids are never used again."""
    return alert.source.startswith("gcp")


def _begun_with(alert: Alert, known: Sequence[Occurrence]) -> Occurrence | None:
    if alert.started_at is None:
        return None
    return next((one for one in reversed(known) if one.started_at == alert.started_at), None)


def _closing(alert: Alert, which: Occurrence | None, last: Occurrence) -> tuple[Step, Occurrence | None]:
    if which is not None:
        return ("repeat" if which.closed else "closes"), which
    if not last.closed:
        return ("repeat" if _before(alert.ended_at, last.started_at) else "closes"), last
    end = last.started_at if last.ended_at is None else last.ended_at
    timed = alert.started_at is not None and end is not None and not _loose(alert)
    if timed and not _before(alert.started_at, end):
        return "unheard", None
    return "repeat", last


def _opening(alert: Alert, last: Occurrence, at: float) -> tuple[Step, Occurrence | None]:
    if not last.closed:
        return ("repeat", last) if _goes_on(alert, last, at) else ("new", None)
    if _before(alert.started_at, last.ended_at):
        return ("repeat" if last.opened else "late"), last
    later = _before(last.ended_at, alert.started_at) or _before(last.started_at, alert.started_at)
    unheard = not last.incident_id  # it closed before its `open` came
    if unheard and not later and abs(at - last.received_at) <= WINDOW_S:
        return ("repeat" if last.opened else "late"), last
    return "new", None


def _goes_on(alert: Alert, last: Occurrence, at: float) -> bool:
    """Return whether an `open` only repeats one that its sender never closed.

    Once the incident is over, a later beginning is another occurrence. Where the sender tells no time, it is one after
    the window, and at once after `resolved` if it says anything else than before: many senders never close at all.
    """
    if last.status not in OVER:
        return True
    later = _before(last.started_at, alert.started_at)
    if not later and alert.started_at is not None and last.started_at is not None:
        return True
    if abs(at - last.received_at) > WINDOW_S:
        return False
    if last.status == "resolved":
        return alert == last.alert
    return _loose(alert) or not later


def _loose(alert: Alert) -> bool:
    """Return whether the sender's time may be that of each delivery, and not that of the beginning."""
    return alert.source == "simple"


def _before(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and one < other
