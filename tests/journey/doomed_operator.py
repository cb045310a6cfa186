"""A process that handles an incident in the sandbox and is killed when it says a certain thing."""

import asyncio
import json
from pathlib import Path

from graphs import wiring
from infraai.models import Event
from tests.journey.doomed import die, settings_of

ALERT = {"resource_id": "web", "metric": "service_down", "value": 1, "threshold": 0, "severity": "critical"}


async def finish(system: wiring.System, incident_id: str) -> None:
    """See the incident to its end, saying yes to whatever is asked."""
    for _ in range(8):
        incident = await system.registry.incidents.get(incident_id)
        if incident.over:
            return
        pending = await system.registry.approvals.pending(incident.run_id) if incident.run_id else []
        if pending and (await system.registry.runs.get(incident.run_id)).status == "awaiting_approval":
            await system.operations.decide(pending[0].approval_id, "approve", by="test", channel="test")
        else:
            await system.operations.handle(incident_id)


async def journey(home: Path, kill_at_event: str) -> None:
    async with wiring.open_system(settings_of(home)) as system:

        def watch(run_id: str, event: Event) -> None:
            del run_id
            if f"{event.kind}:{event.message}".startswith(kill_at_event):
                die()

        system.journal.watchers.append(watch)
        received = await system.operations.receive(json.dumps(ALERT).encode(), channel="test")
        await finish(system, received[0].incident_id)


def live(home: str, kill_at_event: str) -> None:
    """Handle the incident in this process, which ends by SIGKILL if the moment comes."""
    asyncio.run(journey(Path(home), kill_at_event))
