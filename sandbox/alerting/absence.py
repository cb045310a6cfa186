"""Absence conditions: a series that had data and has none any more."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.alerting.conditions import Reading, identities, key_of
from sandbox.monitoring_api.alignment import Series

if TYPE_CHECKING:
    from sandbox.alerting.ledger import Incident, Ledger
    from sandbox.alerting.measuring import Measurements
    from sandbox.alerting.policies import Condition, Policy

_BACK_S = 7200.0  # how far back a condition looks when it is evaluated for the first time
_FORGOTTEN_S = 86_400.0  # a series that has been silent for a day is not watched any more


class Absence:
    """Remembers when each series of an absence condition last had data."""

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger = ledger
        self._until: dict[str, float] = {}

    def readings(self, measured: "Measurements", policy: "Policy", condition: "Condition") -> list[Reading]:
        """Return a reading for each series the condition has seen."""
        key = f"{condition.name}#{condition.digest}"
        since = self._until.get(key, measured.now - _BACK_S)
        found = identities(measured.since(policy.project, condition.query, since), condition)
        if found:
            self._ledger.see(key, [(key_of(one), one.samples[-1][0], _labels(one)) for one in found])
        self._until[key] = measured.now
        return [
            Reading(
                series=_series(condition, labels),
                verdict="violating" if measured.now - at >= condition.duration_s else "normal",
                last_at=at,
            )
            for at, labels in self._ledger.seen(key).values()
            if measured.now - at < _FORGOTTEN_S
        ]

    def forget(self, incident: "Incident") -> None:
        """Forget the series of an incident that closed because nothing came back."""
        self._ledger.forget(f"{incident.condition}#{incident.digest}", incident.series)


def _labels(series: Series) -> dict[str, Any]:
    return {
        "resource_type": series.resource_type,
        "resource": dict(series.resource_labels),
        "metric": dict(series.metric_labels),
        "metadata": dict(series.metadata),
    }


def _series(condition: "Condition", kept: Mapping[str, Any]) -> Series:
    return Series(
        metric=condition.query.metric,
        resource_type=kept["resource_type"],
        resource_labels=kept["resource"],
        metric_labels=kept["metric"],
        metadata=kept["metadata"],
    )
