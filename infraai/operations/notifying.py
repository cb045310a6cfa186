"""Telling people: every notice is recorded, and goes to each channel that is open."""

from dataclasses import dataclass, field

from infraai.errors import InfraError
from infraai.journal import Journal
from infraai.models import Event
from infraai.operations.ports import Notice, Notifier


@dataclass(frozen=True, slots=True)
class Announcer:
    """`infraai.operations.ports.Notifier`: the run's log, and after it every channel."""

    journal: Journal
    channels: list[Notifier] = field(default_factory=list[Notifier])

    async def tell(self, notice: Notice) -> None:
        """Record the notice; a channel that fails is noted in the log and stops nothing."""
        run = notice.run_id or notice.incident_id
        data = {
            "kind": notice.kind,
            "incident_id": notice.incident_id,
            "approval_id": notice.approval_id,
            "body": notice.body,
            **notice.data,
        }
        self.journal.emit(run, Event(kind="notice", message=notice.title, data=data))
        for channel in self.channels:
            try:
                await channel.tell(notice)
            except InfraError as error:
                self.journal.note(run, f"A channel could not be told: {error}")
