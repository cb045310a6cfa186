"""Several runs on one screen: each event printed in the order it came, under the incident it belongs to."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from api.cli.ops_view import OpsView
from infraai.errors import NotFoundError
from infraai.models import Event, RunId
from infraai.operations.shapes import Alert
from infraai.registry.incidents import Incident

if TYPE_CHECKING:
    from infraai.registry.registry import Registry

QUIET_S = 0.4  # after which an open question is printed again
NOTICES = {"expiring": ("⏳", "yellow"), "stopped": ("■", "red")}


@dataclass(slots=True)
class OpsScreen:
    """Takes events as a journal's watcher and prints them in a task of its own; `lines` prints JSON lines instead."""

    registry: "Registry"
    out: Console
    quiet: bool = False
    lines: bool = False
    waiting: asyncio.Queue[tuple[RunId, Event]] = field(default_factory=asyncio.Queue[tuple[RunId, Event]])
    views: dict[RunId, OpsView] = field(default_factory=dict[RunId, OpsView])
    titles: dict[RunId, str] = field(default_factory=dict[RunId, str])
    last: RunId = ""
    printing: "asyncio.Task[None] | None" = None
    covered: bool = False  # something was printed over the open question
    prompt: str = ""  # the open question, as markup: printed again under whatever is printed over it

    def watch(self, run_id: RunId, event: Event) -> None:
        """Take one event."""
        self.waiting.put_nowait((run_id, event))

    def start(self) -> None:
        """Begin to print."""
        self.printing = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Print what came, and end; raise what kept it from being printed."""
        try:
            await self.settled()
            self._uncover()
        finally:
            if self.printing is not None:
                self.printing.cancel()
                await asyncio.gather(self.printing, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                run_id, event = await asyncio.wait_for(self.waiting.get(), QUIET_S if self.covered else None)
            except TimeoutError:
                self._uncover()
                continue
            try:
                if self.prompt:
                    await self._over_the_question(run_id, event)
                else:
                    await self._take(run_id, event)
            finally:
                self.waiting.task_done()

    async def settled(self) -> None:
        """Return once everything that came is printed; raise what kept it from being printed."""
        if self.printing is None:
            return
        joined = asyncio.create_task(self.waiting.join())
        await asyncio.wait({joined, self.printing}, return_when=asyncio.FIRST_COMPLETED)
        joined.cancel()
        if self.printing.done():
            self.printing.result()

    async def _over_the_question(self, run_id: RunId, event: Event) -> None:
        """Print an event on a line of its own; the open question comes again once it is quiet."""
        with self.out.capture() as captured:
            await self._take(run_id, event)
        said = captured.get()
        if said:
            self.out.file.write(said if self.covered else f"\n{said}")
            self.covered = True

    def _uncover(self) -> None:
        if self.covered and self.prompt:
            self.out.print(self.prompt, end="")
        self.covered = False

    async def _take(self, run_id: RunId, event: Event) -> None:
        if self.lines:
            said = {"run_id": run_id, **event.model_dump(mode="json")}
            self.out.out(json.dumps(said, ensure_ascii=False, default=str), highlight=False)
        elif event.kind == "notice":
            self._notice(event)
        elif not self.quiet:
            view = await self._view(run_id)
            if run_id != self.last:
                self.out.print(f"\n[bright_black]── {escape(self.titles[run_id])}[/]")
                self.last = run_id
            try:
                view.watch(run_id, event)
            except ValidationError:  # of a newer or an older version of ours: what it says in words is shown
                self.out.print(f"  [bright_black]·[/] {escape(event.message)}")

    async def _view(self, run_id: RunId) -> OpsView:
        if run_id not in self.views:
            view = self.views[run_id] = OpsView(self.out, quiet=self.quiet)
            self.titles[run_id] = await self._opened(run_id, view)
            self.last = run_id
        return self.views[run_id]

    async def _opened(self, run_id: RunId, view: OpsView) -> str:
        """Print what the run is about; return a short title for when it goes on after another."""
        try:
            request = (await self.registry.runs.get(run_id)).request
            if not request.incident_id:
                view.opening_action(request)
                return f"run {run_id[:8]} · {request.goal}"
            incident = await self.registry.incidents.get(request.incident_id)
        except NotFoundError:
            return f"run {run_id[:8]}"
        view.opening_incident(incident, await leading(self.registry, incident))
        return f"incident {incident.incident_id[:8]} · {incident.title}"

    def _notice(self, event: Event) -> None:
        mark, style = NOTICES.get(str(event.data.get("kind")), ("", ""))
        if mark and not self.quiet:
            body = str(event.data.get("body") or "")
            self.out.print(
                f"\n[{style}]{mark} {escape(event.message)}[/]" + (f": {escape(body)}" if body else "")
            )


async def leading(registry: "Registry", incident: Incident) -> Alert | None:
    """Return the alert an incident is shown by: the open one that is critical, or the last that came."""
    alerts = [one.alert for one in await registry.incidents.alerts_of(incident.incident_id)]
    still = [one for one in alerts if one.state == "open"] or alerts
    return min(still, key=lambda one: one.severity != "critical", default=None)
