"""Telling people: every notice is recorded, and goes to each channel that is open."""

from dataclasses import dataclass, field

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
            except Exception as error:  # noqa: BLE001 — whatever a channel raises, the work goes on
                name = type(channel).__name__
                self.journal.note(run, f"{name} could not tell people ({type(error).__name__}): {error}")
