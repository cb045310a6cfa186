"""Several runs on one screen: what belongs together is printed together, under the incident it belongs to."""

import asyncio
import json
import os
import time
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
TOGETHER_S = 3.0  # for so long after its last event a run counts as one of several that go on at once
HELD_S = 2.0  # for so long the lines of one of several are held back, to be printed in one piece
LAST = frozenset({"incident", "approval"})  # after these a run has no more to say for a while
WHOLE = LAST | {"preview"}  # these end a piece
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
    pieces: dict[RunId, "Piece"] = field(default_factory=dict[RunId, "Piece"])
    going: dict[RunId, float] = field(default_factory=dict[RunId, float])  # when each was heard of last
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
                wakes = QUIET_S if self.covered or self.pieces else None
                run_id, event = await asyncio.wait_for(self.waiting.get(), wakes)
            except TimeoutError:
                self._flush_held()
                self._uncover()
                continue
            try:
                await self._take(run_id, event)
                self._flush_held()
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
        for run_id in list(self.pieces):
            self._flush(run_id)

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
            await self._tell(run_id, event)

    async def _tell(self, run_id: RunId, event: Event) -> None:
        """Print an event of the only run that goes on; of one of several, keep it until its piece is whole."""
        now = time.monotonic()
        self.going = {one: at for one, at in self.going.items() if now - at < TOGETHER_S} | {run_id: now}
        known = run_id in self.views
        if not known:
            self.views[run_id] = OpsView(self.out)
            opening, self.titles[run_id] = await self._opened(run_id, self.views[run_id])
            self._piece(run_id).named = bool(opening)
            self._piece(run_id).text += opening
        with self.out.capture() as captured:
            try:
                self.views[run_id].watch(run_id, event)
            except ValidationError:  # of a newer or an older version of ours: what it says in words is shown
                self.out.print(f"  [bright_black]·[/] {escape(event.message)}")
        self._piece(run_id).text += captured.get()
        if event.kind in LAST:
            self.going.pop(run_id, None)
        if event.kind in WHOLE or not self.going.keys() - {run_id}:
            self._flush(run_id)

    def _piece(self, run_id: RunId) -> "Piece":
        return self.pieces.setdefault(run_id, Piece(time.monotonic()))

    def _flush_held(self) -> None:
        for run_id, piece in list(self.pieces.items()):
            if time.monotonic() - piece.since > HELD_S:
                self._flush(run_id)

    def _flush(self, run_id: RunId) -> None:
        """Print what was held of a run, under its name where another one was printed last; nothing for nothing."""
        piece = self.pieces.pop(run_id)
        if not piece.text.strip():
            return
        if run_id != self.last and not piece.named:
            with self.out.capture() as captured:
                self.out.print(f"\n[bright_black]── {escape(self.titles[run_id])}[/]", soft_wrap=True)
            self._write(captured.get() + piece.text.removeprefix("\n"))
        else:
            self._write(piece.text)
        self.last = run_id

    def _write(self, text: str) -> None:
        """Write what is drawn; over an open question on lines of its own, which comes again once it is quiet."""
        try:
            self.out.file.write(f"\n{text}" if self.prompt and not self.covered else text)
            self.out.file.flush()
        except BrokenPipeError:  # a reader that went away (`| head`) ends the printing, never the run
            self.quiet = True
            self.out.file = open(os.devnull, "w")  # noqa: PTH123, SIM115 — stdout until the process ends
        self.covered = self.covered or bool(self.prompt)

    async def _opened(self, run_id: RunId, view: OpsView) -> tuple[str, str]:
        """Return what the run is about, drawn, and a short title for when it goes on after another."""
        try:
            request = (await self.registry.runs.get(run_id)).request
            if not request.incident_id:
                with self.out.capture() as captured:
                    view.opening_action(request)
                return captured.get(), f"run {run_id[:8]} · {request.goal}"
            incident = await self.registry.incidents.get(request.incident_id)
        except NotFoundError:
            return "", f"run {run_id[:8]}"
        alert = await leading(self.registry, incident)
        with self.out.capture() as captured:
            view.opening_incident(incident, alert)
        return captured.get(), title_of(incident)

    def _notice(self, event: Event) -> None:
        mark, style = NOTICES.get(str(event.data.get("kind")), ("", ""))
        if mark and not self.quiet:
            body = str(event.data.get("body") or "")
            with self.out.capture() as captured:
                self.out.print(
                    f"\n[{style}]{mark} {escape(event.message)}[/]" + (f": {escape(body)}" if body else "")
                )
            self._write(captured.get())


@dataclass(slots=True)
class Piece:
    """What is held back of one run: since when (monotonic seconds), drawn, and whether it says itself whose it is."""

    since: float
    text: str = ""
    named: bool = False


def title_of(incident: Incident) -> str:
    """Return an incident's id, title and resource in a line."""
    said = [f"incident {incident.incident_id[:8]}", incident.title]
    return " · ".join(said + [incident.resource] * (incident.resource not in incident.title))


async def about(registry: "Registry", run_id: RunId) -> str:
    """Return what a run is about in a line: its incident, or what is done by hand."""
    request = (await registry.runs.get(run_id)).request
    if request.incident_id:
        return title_of(await registry.incidents.get(request.incident_id))
    return f"run {run_id[:8]} · {request.goal}"


async def leading(registry: "Registry", incident: Incident) -> Alert | None:
    """Return the alert an incident is shown by: the open one that is critical, or the last that came."""
    alerts = [one.alert for one in await registry.incidents.alerts_of(incident.incident_id)]
    still = [one for one in alerts if one.state == "open"] or alerts
    return min(still, key=lambda one: one.severity != "critical", default=None)
