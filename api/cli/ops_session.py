"""Incidents and actions at the terminal: watched, asked about, reported."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from rich.markup import escape

from api.cli import exits
from api.cli.asking import Asker, Reply, approving
from api.cli.ops_screen import OpsScreen, about
from api.cli.output import console, err_console, print_json
from api.cli.runtime import at_terminal, interruptible
from api.cli.session import whoami
from api.cli.stopping import on_signals
from infraai.registry.approvals import Approval
from infraai.registry.runs import Run

if TYPE_CHECKING:
    from graphs.wiring import System

Result = TypeVar("Result")


@asynccontextmanager
async def screen_of(
    system: "System", *, as_json: bool = False, lines: bool = False
) -> AsyncGenerator[OpsScreen]:
    """Yield the screen that prints every run of this process until it is left."""
    out = err_console() if as_json and not lines else console()
    screen = OpsScreen(system.registry, out, quiet=as_json, lines=lines)
    system.journal.watchers.append(screen.watch)
    screen.start()
    try:
        yield screen
    finally:
        system.journal.watchers.remove(screen.watch)
        await screen.close()


@dataclass(frozen=True, slots=True)
class OpsSession:
    """Sees one run to its end, or to a question that nobody here may answer."""

    system: "System"
    screen: OpsScreen
    as_json: bool = False
    yes: bool = False
    accept: Sequence[str] = ()

    async def act(self, run: Run) -> int:
        """Drive a run that was begun by hand; return the exit code."""
        await self.system.warm()
        run = await self.settle(await interruptible(self.system.operations.resume(run.run_id), run.run_id))
        report = await self.closing(run)
        if self.as_json:
            print_json(report)
        return await self.code(run)

    async def code(self, run: Run) -> int:
        """Return the exit code: of the incident where the run is about one, else of the run."""
        if not run.request.incident_id:
            return exits.exit_code({"status": run.status, "reason": run.reason})
        incident = await self.system.registry.incidents.get(run.request.incident_id)
        return standing_code(incident.status, run)

    async def handle(self, incident_id: str) -> Run:
        """See an incident until it waits for somebody who is not here, or is over; return its run."""
        await self.system.warm()
        run = await interruptible(self.system.operations.handle(incident_id), "", next_step="infraai watch")
        return await self.settle(run)

    async def settle(self, run: Run) -> Run:
        """Answer what the run asks, by `--yes` where that covers it, or at the terminal."""
        while run.status == "awaiting_approval":
            pending = await self.system.registry.approvals.pending(run.run_id)
            if not pending:
                run = await interruptible(self.system.operations.resume(run.run_id), run.run_id)
                continue
            reply = await self._reply(pending[0])
            if reply is None:
                break
            run = await interruptible(self._decided(pending[0], reply), run.run_id)
        return await self.system.registry.runs.get(run.run_id)

    async def closing(self, run: Run) -> dict[str, Any]:
        """Print how an action by hand ended; return its report."""
        await self.screen.settled()
        report = await self.system.report(run)
        if not self.as_json:
            from api.cli.ops_cards import ended_card

            view = self.screen.views.get(run.run_id)
            told = view is not None and report["message"] in view.told
            self.screen.out.print(ended_card(report, told=told))
        return report

    async def _reply(self, approval: Approval) -> Reply | None:
        uncovered = () if "all" in self.accept else set(approval.hard_floor) - set(self.accept)
        if self.yes and not uncovered and approval.subject != "question":
            return Reply(decision="approve")
        if self.as_json or not at_terminal():
            await self.screen.settled()
            rules = tuple(sorted(uncovered)) if self.yes else ()
            waits(approval, rules, await about(self.system.registry, approval.run_id))
            return None
        asking = asyncio.ensure_future(Asker(self.system, self.screen).ask(approval))
        with on_signals(asking.cancel):
            try:
                return await asking
            except (asyncio.CancelledError, EOFError):
                self.screen.out.print()
                waits(approval, (), await about(self.system.registry, approval.run_id))
                return None

    def _decided(self, approval: Approval, reply: Reply) -> Awaitable[Run]:
        given = "--yes" + (f" --accept {','.join(self.accept)}" if self.accept else "") if self.yes else ""
        return self.system.operations.decide(
            approval.approval_id,
            reply.decision,
            by=whoami(),
            channel="cli",
            reason=given,
            choice=reply.choice or None,
        )


def waits(approval: Approval, rules: Sequence[str], named: str) -> None:
    """Say what waits for a person, that nothing was done, and how to go on."""
    out = err_console()
    out.print(f"\n[yellow]⏸[/] [bold]{escape(named)}[/]", soft_wrap=True)
    out.print("  Waiting for a person. Nothing was done.")
    if rules:
        out.print(f"  --yes does not cover the hard floor: {', '.join(rules)}.")
    shown = approval.approval_id
    out.print(f"  [bright_black]→[/] look     infraai approvals show {shown}", soft_wrap=True)
    for command, does in approving(approval):
        said = f"   [bright_black]{escape(does)}[/]" if does else ""
        out.print(f"  [bright_black]→[/] approve  {escape(command)}{said}", soft_wrap=True)
    out.print(f"  [bright_black]→[/] reject   infraai approvals reject {shown} --reason …", soft_wrap=True)


def standing_code(status: str, run: Run | None) -> int:
    """Return the exit code of how an incident stands."""
    if run is not None and run.status == "halted" and run.reason == "stopped":
        return exits.HALTED
    return exits.BY_INCIDENT.get(status, exits.FAILED)
