"""What a person is asked, drawn for a terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.cli import ops_cards
from api.cli.asking import approving, arguments_of, messages_of, options_of
from api.cli.cards import preview_card
from api.cli.spans import clock_time
from infraai.models import Preview
from infraai.operations.shapes import Alert, Evidence, OpsDecision
from infraai.registry.approvals import Approval


def described(approval: Approval) -> str:
    """Return what is asked, in a line."""
    requests = approval.card.get("action_requests") or [{}]
    said = str(requests[0].get("description") or "")
    return said or f"run {approval.run_id[:8]}"


def approval_card(approval: Approval, preview: Preview | None, *, asking: bool = False) -> RenderableType:
    """Return all that is known of what is asked: alert, evidence, decision, the exact change, the rules.

    Without `asking`, which is followed by the question itself, the options and the commands to answer by as well.
    """
    shown = arguments_of(approval)
    parts: list[RenderableType] = [_facts(approval), Text()]
    if shown.get("alert"):
        alert = Alert.model_validate(shown["alert"])
        parts.append(ops_cards.alert_card(alert, incident_id=str(shown.get("incident_id") or "")))
    if shown.get("evidence"):
        parts.append(ops_cards.evidence_card([Evidence.model_validate(one) for one in shown["evidence"]]))
    if shown.get("decision"):
        parts.append(ops_cards.decision_card(OpsDecision.model_validate(shown["decision"])))
    if shown.get("action"):
        parts += [Text(), _action(shown["action"])]
    if preview is not None:
        parts.append(preview_card(preview))
    parts += [Text.from_markup(f"[yellow]⚑[/] {escape(message)}") for message in messages_of(approval)]
    if approval.subject == "question" and not asking:
        parts.append(ops_cards.options_card(options_of(approval)))
    if approval.status == "pending" and not asking:
        parts += [Text(), Text.from_markup(_next(approval))]
    return Padding(Group(*parts), (1, 2))


def _facts(approval: Approval) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bright_black")
    facts.add_column(overflow="fold")
    facts.add_row("approval", approval.approval_id)
    facts.add_row("run", approval.run_id)
    facts.add_row("status", approval.status)
    if approval.status == "pending":
        facts.add_row("open until", clock_time(approval.expires_at))
    if approval.decided_by:
        facts.add_row("decided by", escape(f"{approval.decided_by} ({approval.channel}) {approval.reason}"))
    if approval.hard_floor:
        facts.add_row("hard floor", f"[red]{escape(', '.join(approval.hard_floor))}[/]")
    return facts


def _action(action: Mapping[str, Any]) -> RenderableType:
    said = ops_cards.parameters(action.get("parameters") or {})
    line = f"{action.get('action_type')} {action.get('resource_id')} {said}"
    return Text.assemble(("→ ", "cyan"), (line, "bold"), (f"  by {action.get('method')}", "bright_black"))


def _next(approval: Approval) -> str:
    lines = [
        f"[bright_black]→[/] {escape(command)}" + (f"   [bright_black]{escape(does)}[/]" if does else "")
        for command, does in approving(approval)
    ]
    return "\n".join(
        [*lines, f"[bright_black]→[/] infraai approvals reject {approval.approval_id} --reason …"]
    )
