"""The journal: what a run does, live to whoever watches and durably to the registry."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from infraai.models import Event, Phase, RunId
from infraai.registry.runs import Runs

Watcher = Callable[[RunId, Event], None]


@dataclass(slots=True)
class Journal:
    """Events go to the watchers at once, and to the registry in batches."""

    runs: Runs
    watchers: list[Watcher] = field(default_factory=list[Watcher])
    waiting: dict[RunId, list[Event]] = field(default_factory=lambda: defaultdict(list))

    def emit(self, run_id: RunId, event: Event) -> None:
        """Tell the watchers; the registry hears of it at the next `flush`."""
        stamped = event if event.at else event.model_copy(update={"at": datetime.now(UTC)})
        self.waiting[run_id].append(stamped)
        for watcher in self.watchers:
            watcher(run_id, stamped)

    def note(self, run_id: RunId, message: str) -> None:
        """Say something in words."""
        self.emit(run_id, Event(kind="note", message=message))

    async def enter(self, run_id: RunId, phase: Phase) -> None:
        """Record that the run is in this phase now, and say so."""
        await self.runs.enter(run_id, phase)
        self.emit(run_id, Event(kind="phase", message=phase, data={"phase": phase}))

    async def flush(self, run_id: RunId) -> None:
        """Write what waits."""
        lines = self.waiting.pop(run_id, [])
        await self.runs.log(run_id, lines)
