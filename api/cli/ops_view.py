"""What a person watches while an incident is handled, or an action is carried out."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.cli import ops_cards
from api.cli.live import LiveView
from api.cli.results import result_line
from api.cli.spans import span
from infraai.models import Event, Request
from infraai.operations.shapes import (
    ActionResult,
    Alert,
    Evidence,
    OpsDecision,
    Recheck,
)
from infraai.registry.incidents import Incident

TITLES = {
    "starting": "Looking at it",
    "initializing": "Writing the change",
    "applying": "Acting",
}
CHANGE = ("phase", "preview", "terraform", "note", "mend", "diagnostic", "probe")  # as for a deployment
SILENT = frozenset({"awaiting_approval", "finalizing", "verified", "validating"})


@dataclass(slots=True)
class OpsView(LiveView):
    """Prints one run's events; a line at a time, without a spinner, since several runs may share the screen."""

    by_hand: bool = False
    told: set[str] = field(default_factory=set[str])
    shown: set[str] = field(default_factory=set[str])  # phases that were seen

    def opening_incident(self, incident: Incident, alert: Alert | None) -> None:
        """Say what fired."""
        if self.quiet:
            return
        self.out.print()
        if alert is not None:
            card = ops_cards.alert_card(
                alert, incident_id=incident.incident_id, more=max(0, incident.alert_count - 1)
            )
            self.out.print(card)
        else:
            self.out.print(
                f"[bold]▲ {escape(incident.title)}[/]  [bright_black]{incident.incident_id[:8]}[/]"
            )

    def opening_action(self, request: Request) -> None:
        """Say what is done by hand."""
        self.by_hand = True
        if self.quiet:
            return
        action = request.action
        given = ops_cards.parameters(action.get("parameters") or {})
        named = (str(action.get("action_type", "")), "bold")
        line = Text.assemble(("▲ ", "cyan"), named, f"  {action.get('resource_id', '')}  ", (given, "cyan"))
        self.out.print()
        self.out.print(line)
        self.out.print(
            Text(
                f"  by hand · {request.requested_by} · {action.get('reason') or 'no reason given'}",
                "bright_black",
            )
        )

    def shows(self) -> dict[str, Callable[[Event], None]]:
        """Return how each kind of event is printed."""
        usual = LiveView.shows(self)
        return {kind: usual[kind] for kind in CHANGE} | {
            "evidence": self._evidence,
            "advice": self._advice,
            "verdict": self._verdict,
            "action": self._action,
            "recheck": self._recheck,
            "incident": self._incident,
            "note": self._note,
        }

    def _phase(self, event: Event) -> None:
        phase = event.message
        self.shown.add(phase)
        title = _title(phase, self.shown)
        if title and title != self.phase:
            self.phase, self.lines, self.said = title, 0, set()
            self.out.print(f"\n[cyan]●[/] [bold]{title}[/]")

    def _terraform(self, event: Event) -> None:
        kind = event.data.get("type", "")
        if kind in {"apply_complete", "apply_errored"} and "applying" in self.shown:
            mark, style = ("✓", "green") if kind == "apply_complete" else ("✗", "red")
            self._line(mark, event.message.partition(" [id=")[0], style)

    def _evidence(self, event: Event) -> None:
        pieces = event.data.get("evidence", [event.data] if "id" in event.data else [])
        self._card(ops_cards.evidence_card([Evidence.model_validate(one) for one in pieces]))

    def _verdict(self, event: Event) -> None:
        """Print what the policy says of an action, or of its preview."""
        decision = str(event.data.get("decision"))
        words = {
            "auto": "allowed by the policy",
            "ask": "a person decides",
            "refuse": "refused by the policy",
        }
        style = {"auto": "green", "ask": "yellow", "refuse": "red"}.get(decision, "yellow")
        self._line("⚑", words.get(decision, decision), style)
        for message in event.data.get("messages") or ():
            self._line("", str(message), "bright_black")

    def _action(self, event: Event) -> None:
        if "success" in event.data:
            result = Text.from_markup(result_line(ActionResult.model_validate(event.data)))
            self.out.print(Padding(result, (0, 2)))
        else:
            self._line("→", event.message, "cyan")

    def _note(self, event: Event) -> None:
        """Print what is said in words, unless it was said already."""
        new = not any(event.message.endswith(one) for one in self.told)
        self.told.add(event.message)
        if new:
            LiveView.note(self, event)

    def _advice(self, event: Event) -> None:
        if not self.by_hand:  # else it is what the person asked for
            self._card(ops_cards.decision_card(OpsDecision.model_validate(event.data)))

    def _recheck(self, event: Event) -> None:
        """Print what was measured: a look on the way, or what came of them all."""
        if "resolved" in event.data:
            recheck = Recheck.model_validate(event.data)
            self.told.add(recheck.detail or event.message)
            self._card(ops_cards.recheck_card(recheck))
            return
        value, waited_s = event.data.get("value"), event.data.get("waited_s") or 0
        seen = "no value yet" if value is None else ops_cards.number(float(value))
        self._line("·", f"{seen} after {span(float(waited_s))}", "bright_black")

    def _incident(self, event: Event) -> None:
        status = str(event.data.get("ended") or event.data.get("status") or "")
        message = str(event.data.get("message") or event.message)
        self._still()
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(ops_cards.standing(status), escape(message))
        self.out.print(Padding(grid, (1, 2, 0, 2)))

    def _card(self, card: RenderableType) -> None:
        self._show(card)


def _title(phase: str, shown: set[str]) -> str:
    """Return the heading of a phase; the same phase means another thing before and after the change is written."""
    if phase in SILENT or phase.startswith("fix_attempt"):
        return "" if phase in SILENT else "Mending"
    if phase == "planning":
        return "Previewing the change" if "initializing" in shown else "Deciding"
    if phase == "verifying":
        changed = "initializing" in shown and "finalizing" not in shown
        return "Checking that it answers" if changed else "Measuring again"
    return TITLES.get(phase, phase)
