"""What a person watches while a run goes on."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from api.cli import cards
from infraai.models import Event, InfraPlan, PlannedResource, Preview, Request, RunId, Verdict

TITLES = {
    "starting": "Planning and writing",
    "initializing": "Checking for anything unsafe",
    "validating": "Validating with Terraform",
    "fix_attempt_1": "Mending (first attempt)",
    "fix_attempt_2": "Mending (second attempt)",
    "fix_attempt_3": "Mending (third attempt)",
    "planning": "Previewing the change",
    "awaiting_approval": "Waiting for approval",
    "applying": "Applying",
    "verifying": "Verifying",
    "finalizing": "Recording",
    "verified": "Verified",
}
MAX_LINES = 400


@dataclass(slots=True)
class LiveView:
    """Prints a run's events as they come; with `quiet`, only what a log wants."""

    out: Console
    quiet: bool = False
    started: float = field(default_factory=time.monotonic)
    phase: str = ""
    spinner: Status | None = None
    lines: int = 0
    said: set[str] = field(default_factory=set[str])
    doing: set[str] = field(default_factory=set[str])
    planned: tuple[PlannedResource, ...] = ()

    def opening(self, request: Request, system: str) -> None:
        """Say what is about to happen, and where."""
        if self.quiet:
            return
        named = {"apply": request.directory, "destroy": "Destroy the deployment"}
        what = named.get(request.kind, request.goal)
        self.out.print()
        self.out.print(f"[bold cyan]▲ INFRAai[/]  [bold]{escape(_short(what))}[/]")
        self.out.print(f"  [bright_black]{escape(system)}[/]")

    def watch(self, run_id: RunId, event: Event) -> None:
        """Print one event; a reader that went away (`| head`) ends the printing, never the run."""
        del run_id
        try:
            self._print(event)
        except BrokenPipeError:
            self.quiet = True
            self.out.file = open(os.devnull, "w")  # noqa: PTH123, SIM115 — stdout until the process ends

    def shows(self) -> dict[str, Callable[[Event], None]]:
        """Return how each kind of event is printed; a kind that is not there is not."""
        return {
            "phase": self._phase,
            "plan": self._plan,
            "preview": lambda one: self._show(cards.preview_card(Preview.model_validate(one.data))),
            "terraform": self._terraform,
            "note": self.note,
            "mend": lambda one: self._line("✎", one.message, "yellow"),
            "finding": lambda one: self._line("⚑", _placed(one), "yellow"),
            "diagnostic": self._diagnostic,
            "probe": lambda one: self._line("→", one.message, "cyan"),
        }

    def _print(self, event: Event) -> None:
        show = self.shows().get(event.kind)
        if show is not None and not self.quiet:
            show(event)

    def ask(self, verdict: Verdict) -> str:
        """Return `approve` or `reject`, from the person at the terminal; nothing but a whole yes is one."""
        self._still()
        for message in verdict.messages:
            self.out.print(f"  [red]⚑[/] {escape(message)}")
        while True:
            reply = (
                self.out.input("  [bold]Apply this?[/] [green]yes[/] applies, [red]no[/] rejects: ")
                .strip()
                .lower()
            )
            if reply in {"yes", "no"}:
                return "approve" if reply == "yes" else "reject"
            self.out.print("  [bright_black]Please type yes or no; Ctrl-C leaves it open.[/]")

    def waits(self, run_id: RunId, rules: tuple[str, ...]) -> None:
        """Say that nothing was applied, and how to go on."""
        self._still()
        from api.cli.output import err_console

        out = err_console()
        out.print("[yellow]⏸[/] Waiting for approval. Nothing was applied.")
        if rules:
            out.print(f"  --yes does not cover the hard floor: {', '.join(rules)}.")
        accept = f" --accept {','.join(rules)}" if rules else ""
        short = run_id[:8]
        out.print(f"  [bright_black]→[/] approve  infraai runs resume {short} --yes{accept}", soft_wrap=True)
        out.print(f"  [bright_black]→[/] reject   infraai runs reject {short}", soft_wrap=True)

    def closing(self, report: dict[str, Any]) -> None:
        """Print how it ended."""
        self._still()
        if not self.quiet:
            self.out.print(cards.closing_card(report))

    def _diagnostic(self, event: Event) -> None:
        """Print what Terraform said, once: it comes live, and again as what a step found."""
        text = _placed(event)
        warns = event.data.get("severity") == "warning"
        if text not in self.said:
            self.said.add(text)
            self._line("!" if warns else "✗", text, "yellow" if warns else "red")

    def note(self, event: Event) -> None:
        """Print what is said in words; what Terraform says comes as an event of its own."""
        if event.data.get("source") != "terraform":
            self._line("·", event.message, "bright_black")

    def _plan(self, event: Event) -> None:
        plan = InfraPlan.model_validate(event.data)
        if plan.resources != self.planned:
            self.planned = plan.resources
            self._show(cards.plan_card(plan))

    def _phase(self, event: Event) -> None:
        title = TITLES.get(event.message, event.message)
        if title == self.phase or event.message in {"verified", "awaiting_approval"}:
            return
        self._still()
        self.phase, self.lines, self.said = title, 0, set()
        self.out.print(
            f"\n[cyan]●[/] [bold]{title}[/] [bright_black]{time.monotonic() - self.started:.1f} s[/]"
        )
        if self.out.is_terminal:
            self.spinner = self.out.status(f"[bright_black]{title} …[/]", spinner="dots")
            self.spinner.start()

    def _terraform(self, event: Event) -> None:
        kind = event.data.get("type", "")
        if self.phase != TITLES["applying"]:
            return
        address = str(event.data.get("address", ""))
        if kind == "apply_start":
            self.doing.add(address)
        elif kind in {"apply_complete", "apply_errored"}:
            self.doing.discard(address)
            mark, style = ("✓", "green") if kind == "apply_complete" else ("✗", "red")
            self._line(mark, event.message.partition(" [id=")[0], style)
        if self.spinner is not None and self.doing:
            self.spinner.update(f"[bright_black]{escape(_short(', '.join(sorted(self.doing))))} …[/]")

    def _line(self, mark: str, text: str, style: str) -> None:
        self.lines += 1
        if self.lines == MAX_LINES:
            self.out.print("  [bright_black]… more in `infraai runs logs`[/]")
        if self.lines < MAX_LINES:
            grid = Table.grid(padding=(0, 1))
            grid.add_column(width=3, justify="right", style=style)
            grid.add_column(overflow="fold")
            grid.add_row(mark, escape(text))
            self.out.print(grid)

    def _show(self, card: Any) -> None:
        self._still()
        self.out.print(card)

    def _still(self) -> None:
        if self.spinner is not None:
            self.spinner.stop()
            self.spinner = None


def _placed(event: Event) -> str:
    file, line = event.data.get("file"), event.data.get("line")
    text = event.message.removeprefix("Error: ").removeprefix("Warning: ")
    return f"{file}:{line}: {text}" if file else text


def _short(text: str, most: int = 100) -> str:
    one = " ".join(text.split())
    return one if len(one) <= most else one[: most - 1] + "…"
