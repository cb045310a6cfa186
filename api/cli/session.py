"""One run at the terminal: started, watched, asked about, reported."""

import getpass
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.cli import exits
from api.cli.live import LiveView
from api.cli.output import console, err_console, print_json
from api.cli.runtime import at_terminal, interruptible
from infraai.models import Bundle, Request
from infraai.policy import uncovered
from infraai.registry.runs import Run

if TYPE_CHECKING:
    from graphs.wiring import System


def whoami() -> str:
    """Return the name of the person at the terminal, as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


@dataclass(frozen=True, slots=True)
class Session:
    """Drives one run for the person, or the script, at the command line."""

    system: "System"
    as_json: bool

    async def start(
        self, request: Request, *, bundle: Bundle | None = None, deployment_id: str | None = None
    ) -> int:
        """Start a run, see it to its end or to a question nobody here may answer; return the exit code."""
        view = self._view()
        view.opening(request, self.system.describe())
        await self.system.check_model(request)
        run = await self.system.runner.start(request, bundle=bundle, deployment_id=deployment_id)
        run = await interruptible(self.system.runner.drive(run.run_id), run.run_id)
        return await self._finish(run, request, view)

    async def resume(self, run: Run, *, yes: bool, accept: tuple[str, ...]) -> int:
        """Take a run up again; return the exit code."""
        view = self._view()
        request = run.request.model_copy(
            update={"yes": yes or run.request.yes, "accept": accept or run.request.accept}
        )
        view.opening(request, self.system.describe())
        run = await interruptible(self.system.runner.resume(run.run_id), run.run_id)
        return await self._finish(run, request, view)

    def _view(self) -> LiveView:
        view = LiveView(err_console() if self.as_json else console(), quiet=self.as_json)
        self.system.journal.watchers.append(view.watch)
        return view

    async def _finish(self, run: Run, request: Request, view: LiveView) -> int:
        while run.status == "awaiting_approval":
            decided = await self._decide(run, request, view)
            if decided is None:
                break
            run = decided
        report = await self.system.report(run)
        view.closing(report)
        if self.as_json:
            print_json(report)
        return exits.exit_code(report)

    async def _decide(self, run: Run, request: Request, view: LiveView) -> Run | None:
        """Approve by `--yes` where it covers the preview, or ask at the terminal; None where nobody can answer."""
        pending = await self.system.registry.approvals.pending(run.run_id)
        if not pending:
            return await interruptible(self.system.runner.resume(run.run_id), run.run_id)
        approval = pending[0]
        verdict = (await self.system.values(run))["verdict"]
        open_rules = uncovered(verdict, request.accept)
        if request.yes and not open_rules:
            decision, reason = (
                "approve",
                "--yes" + (f" --accept {','.join(request.accept)}" if request.accept else ""),
            )
        elif at_terminal() and not self.as_json:
            try:
                decision, reason = view.ask(verdict), ""
            except (KeyboardInterrupt, EOFError):
                view.waits(run.run_id, ())
                return None
        else:
            view.waits(run.run_id, open_rules if request.yes else ())
            return None
        drive = self.system.runner.decide(
            approval.approval_id, _word(decision), by=whoami(), channel="cli", reason=reason
        )
        return await interruptible(drive, run.run_id)


def _word(decision: str) -> Any:
    return decision
