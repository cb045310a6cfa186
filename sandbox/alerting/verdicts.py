"""What stands by a policy's conditions: for which series an incident is due, and when an open one ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.alerting.conditions import Reading, triggered
from sandbox.alerting.notification import CANCELLED, DISABLED, EXPIRED
from sandbox.alerting.policies import Condition, Policy

if TYPE_CHECKING:
    from sandbox.alerting.ledger import Incident

Readings = Mapping[str, list[Reading]]  # by the condition's name


@dataclass(frozen=True, slots=True)
class Ending:
    """Why an incident ends: `sentence` is "" where its value says it."""

    sentence: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A policy as it was evaluated at one time (epoch seconds)."""

    policy: Policy
    readings: Readings
    now: float

    def violations(self) -> Iterator[tuple[Condition, Reading]]:
        """Yield the series for which an incident stands, by the policy's combiner.

        https://cloud.google.com/monitoring/alerts/policies-in-api#combiner
        """
        policy = self.policy
        met = [one for one in policy.conditions if triggered(one, self.readings[one.name])]
        if policy.combiner != "OR":
            if len(met) < len(policy.conditions) or policy.skipped:
                return
            met = met[:1]  # all conditions hold: the first stands for the policy
        for condition in met:
            for reading in self.readings[condition.name]:
                if reading.verdict == "violating" and self._everywhere(reading):
                    yield condition, reading

    def reading_of(self, incident: "Incident") -> Reading | None:
        """Return how the incident's series is now; None where it has no data at all."""
        found = self.readings.get(incident.condition, [])
        return next((one for one in found if one.key == incident.series), None)

    def ending(self, incident: "Incident") -> Ending | None:
        """Return why the incident ends now; None where it goes on."""
        reading = self.reading_of(incident)
        condition = condition_of(self.policy, incident)
        if condition is None:
            return Ending(CANCELLED)
        if reading is not None and reading.verdict == "normal":
            return Ending(value=reading.value)
        if reading is not None and reading.verdict == "violating" and not self._stands(incident):
            return Ending(value=reading.value)
        absent = condition.kind == "conditionAbsent"
        silent = absent or reading is None or reading.verdict == "unknown"
        since = incident.opened if absent else incident.data_at
        if silent and self.now - since >= self.policy.auto_close_s:
            return Ending(EXPIRED)
        if reading is None and condition.missing == "INACTIVE" and not absent:
            return Ending()
        return None

    def _stands(self, incident: "Incident") -> bool:
        return any(
            (condition.name, reading.key) == (incident.condition, incident.series)
            for condition, reading in self.violations()
        )

    def _everywhere(self, reading: Reading) -> bool:
        """Return whether every condition holds for the same resource, where the combiner asks for that."""
        if self.policy.combiner != "AND_WITH_MATCHING_RESOURCE":
            return True
        return all(
            any(one.verdict == "violating" and _same_resource(one, reading) for one in found)
            for found in self.readings.values()
        )


def ending_without_readings(policy: Policy | None, incident: "Incident") -> Ending:
    """Return why an incident ends whose policy is not evaluated."""
    changed = policy is None or policy.enabled or condition_of(policy, incident) is None
    return Ending(CANCELLED if changed else DISABLED)


def condition_of(policy: Policy, incident: "Incident") -> Condition | None:
    """Return the incident's condition; None where it was removed or modified since."""
    known = {(one.name, one.digest): one for one in policy.conditions}
    return known.get((incident.condition, incident.digest))


def _same_resource(one: Reading, other: Reading) -> bool:
    mine, theirs = one.series.resource_labels, other.series.resource_labels
    return all(mine[name] == theirs[name] for name in mine.keys() & theirs.keys())
