"""The way of the cloud's own notifications: copied, delayed, swapped, spoilt by somebody in between."""

import copy
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.incidents.scenario import Delivery
from infraai.registry.incidents import Received

Receive = Callable[[bytes], Awaitable[Sequence[Received]]]


@dataclass(slots=True)
class Way:
    """Hands a body on, once or more often, as the scenario has it."""

    delivery: Delivery
    receive: Receive
    held: dict[str, bytes] = field(default_factory=dict[str, bytes])
    stormed: bool = False

    async def __call__(self, body: bytes) -> Sequence[Received]:
        """Return what came of the body itself, or of the last of its copies."""
        said = json.loads(body)
        incident = said.get("incident") or {}
        said["incident"] = merged(incident, self.delivery.tamper)
        for name in ("started_at", "ended_at"):
            if self.delivery.shift_s and said["incident"].get(name):
                said["incident"][name] += int(self.delivery.shift_s)
        sent = json.dumps(said).encode()
        if self.delivery.swapped:
            return await self._swapped(str(incident.get("incident_id")), str(incident.get("state")), sent)
        found: Sequence[Received] = ()
        for _ in range(max(1, self.delivery.copies)):
            found = await self.receive(sent)
        if self.delivery.storm and not self.stormed:
            self.stormed = True
            await self._storm(said)
        return found

    async def _swapped(self, key: str, state: str, body: bytes) -> Sequence[Received]:
        if state == "open":
            self.held[key] = body
            return ()
        found = await self.receive(body)
        late = self.held.pop(key, None)
        return await self.receive(late) if late is not None else found

    async def _storm(self, said: Mapping[str, Any]) -> None:
        for number in range(self.delivery.storm):
            one = copy.deepcopy(dict(said))
            one["incident"]["incident_id"] = f"0.storm{number}"
            await self.receive(json.dumps(one).encode())


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return one object laid over another, object by object."""
    found = dict(below)
    for key, value in above.items():
        under = found.get(key)
        found[key] = (
            merged(under, value) if isinstance(value, Mapping) and isinstance(under, Mapping) else value
        )
    return found
