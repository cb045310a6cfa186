"""One step of alerting: measure, evaluate every policy, open and close incidents, post."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.alerting.absence import Absence
from sandbox.alerting.conditions import threshold_readings
from sandbox.alerting.ledger import Incident, Ledger, new_incident_id
from sandbox.alerting.measuring import Measurements
from sandbox.alerting.notification import EXPIRED, closed, opened
from sandbox.alerting.policies import Policy, parse_policy
from sandbox.alerting.posting import Posted, channels_of, send_due
from sandbox.alerting.verdicts import Standing, ending_without_readings
from sandbox.alerting.webhooks import WEBHOOKS, Channel

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

POLICY = "google_monitoring_alert_policy"
Json = dict[str, Any]


class Alerting:
    """Evaluates the cloud's alert policies; `advance` brings the measurements up to `now` (epoch seconds)."""

    def __init__(self, cloud: "Cloud", advance: Callable[[], object], now: Callable[[], float]) -> None:
        self._cloud = cloud
        self._advance = advance
        self._now = now
        self._ledger = Ledger(cloud)
        self._absence = Absence(self._ledger)

    def step(self) -> tuple[Posted, ...]:
        """Evaluate every policy once, and post what is due; return each attempt to post."""
        self._advance()
        now = self._now()
        policies = {one.name: one for one in self._policies()}
        standing = self._evaluated(policies, now)
        channels = channels_of(self._cloud)
        expired = self._close(policies, standing, channels, now)
        for one in standing.values():
            self._open(one, channels, expired)
        return send_due(self._cloud, self._ledger, now)

    def open_incidents(self) -> tuple[Incident, ...]:
        """Return the open incidents, oldest first."""
        return tuple(self._ledger.open_incidents())

    def status(self) -> Json:
        """Return how many policies are evaluated, what is not and why, and what could not be delivered."""
        policies, channels = self._policies(), channels_of(self._cloud)
        used = {name for one in policies for name in one.channels}
        deaf = [one for one in channels.values() if one.name in used and not _listens(one)]
        return {
            "policies": sum(one.enabled for one in policies),
            "disabled": [one.display_name for one in policies if not one.enabled],
            "skipped": [
                {"policy": one.policy, "condition": one.condition, "reason": one.reason}
                for policy in policies
                for one in policy.skipped
            ],
            "open": [one.id for one in self.open_incidents()],
            "undelivered": self._ledger.undelivered(),
            "ignored_channels": [
                {
                    "channel": one.name,
                    "reason": f"{one.kind} tells nobody here" if one.enabled else "disabled",
                }
                for one in deaf
            ],
        }

    def reset(self) -> None:
        """Forget every incident and what was to be told."""
        self._ledger.reset()

    def _policies(self) -> list[Policy]:
        return [parse_policy(row.id, row.values) for row in self._cloud.list(POLICY)]

    def _evaluated(self, policies: Mapping[str, Policy], now: float) -> dict[str, Standing]:
        enabled = [one for one in policies.values() if one.enabled and one.conditions]
        measured = Measurements(self._cloud, enabled, now)
        return {
            policy.name: Standing(
                policy=policy,
                readings={
                    one.name: threshold_readings(measured, policy, one)
                    if one.kind == "conditionThreshold"
                    else self._absence.readings(measured, policy, one)
                    for one in policy.conditions
                },
                now=now,
            )
            for policy in enabled
        }

    def _open(
        self, standing: Standing, channels: Mapping[str, Channel], expired: Collection[tuple[str, str]]
    ) -> None:
        policy, now = standing.policy, standing.now
        for condition, reading in standing.violations():
            if (condition.name, reading.key) in expired:
                continue
            incident_id = new_incident_id()
            incident = Incident(
                id=incident_id,
                policy=policy.name,
                condition=condition.name,
                digest=condition.digest,
                series=reading.key,
                opened=now,
                data_at=reading.last_at or now,
                body=opened(incident_id, policy, condition, reading, at=now),
            )
            self._ledger.open(incident, _told(policy, "OPENED", channels))

    def _close(
        self,
        policies: Mapping[str, Policy],
        standing: Mapping[str, Standing],
        channels: Mapping[str, Channel],
        now: float,
    ) -> set[tuple[str, str]]:
        """Close what ends; return the conditions and series that ended because no data came."""
        data_at: list[tuple[str, float]] = []
        expired: set[tuple[str, str]] = set()
        for incident in self._ledger.open_incidents():
            policy, found = policies.get(incident.policy), standing.get(incident.policy)
            end = found.ending(incident) if found else ending_without_readings(policy, incident)
            if end is not None:
                body = closed(incident.body, now, end.value, end.sentence)
                told = _told(policy, "CLOSED", channels) if policy else []
                self._ledger.close(incident, body, told, now)
                if end.sentence == EXPIRED:
                    self._absence.forget(incident)
                    expired.add((incident.condition, incident.series))
            elif found and (reading := found.reading_of(incident)) and reading.last_at:
                data_at.append((incident.id, reading.last_at))
        if data_at:
            self._ledger.saw_data(data_at)
        return expired


def _listens(channel: Channel) -> bool:
    return channel.enabled and channel.kind in WEBHOOKS


def _told(policy: Policy, prompt: str, channels: Mapping[str, Channel]) -> list[str]:
    """Return the channels that hear of this: each once, and no channel that is disabled or no webhook."""
    if prompt not in policy.prompts:
        return []
    return [one for one in dict.fromkeys(policy.channels) if one in channels and _listens(channels[one])]
