"""Sends what waits: at least once, open before closed, and again at growing gaps while nobody answers."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.alerting.ledger import Delivery, Ledger
from sandbox.alerting.webhooks import TIMEOUT_S, WEBHOOKS, Channel, parse_channel, post

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

CHANNEL = "google_monitoring_notification_channel"
_FIRST_GAP_S = 10.0
_LONGEST_GAP_S = 600.0
_GIVE_UP_S = 86_400.0
_TAKEN_S = 4 * TIMEOUT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One attempt to tell a channel; `error` says why it did not arrive."""

    incident_id: str
    state: str
    channel: str
    delivered: bool
    status: int = 0
    error: str = ""


def channels_of(cloud: "Cloud") -> dict[str, Channel]:
    """Return the notification channels by name."""
    found = [parse_channel(row.id, row.values) for row in cloud.list(CHANNEL)]
    return {one.name: one for one in found}


def send_due(cloud: "Cloud", ledger: Ledger, now: float) -> tuple[Posted, ...]:
    """Send what is due at a simulated time; return each attempt."""
    due = ledger.take_due(now, time.time(), _TAKEN_S)
    if not due:
        return ()
    channels = channels_of(cloud)
    posted: list[Posted] = []
    silent: set[str] = set()
    behind: set[tuple[str, str]] = set()
    for one in due:
        if one.channel in silent or (one.incident, one.channel) in behind:
            ledger.release([one.seq])
            continue
        attempt = _attempt(ledger, one, channels.get(one.channel), now)
        posted.append(attempt)
        if not attempt.delivered:
            behind.add((one.incident, one.channel))  # what comes after it must not overtake it
        if not attempt.delivered and not attempt.status:
            silent.add(one.channel)  # no answer in time: the others need not wait for it one by one
    return tuple(posted)


def _attempt(ledger: Ledger, one: Delivery, channel: Channel | None, now: float) -> Posted:
    if channel is None or channel.kind not in WEBHOOKS:
        error, status, refused, accepted = "the channel is gone", 0, True, False
    else:
        reply = post(channel, one.body.encode())
        error, status, refused, accepted = reply.error, reply.status, reply.refused, reply.accepted
    if accepted:
        ledger.settle(one.seq, "delivered", "")
    elif refused:
        ledger.settle(one.seq, "refused", error)
    elif now - one.created > _GIVE_UP_S:
        ledger.settle(one.seq, "given_up", error)
    else:
        gap_s = min(_FIRST_GAP_S * 2**one.attempts, _LONGEST_GAP_S)
        ledger.settle(one.seq, "waiting", error, now + gap_s)
    return Posted(
        incident_id=one.incident,
        state=one.state,
        channel=one.channel,
        delivered=accepted,
        status=status,
        error=error,
    )
