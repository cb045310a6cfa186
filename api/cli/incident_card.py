"""One incident, drawn for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.cli import ops_cards
from api.cli.results import result_line
from api.cli.spans import cloud_time, span
from api.cli.story import alert_of
from infraai.operations.shapes import ActionResult, Evidence, OpsDecision, Recheck


def incident_card(report: Mapping[str, Any]) -> RenderableType:
    """Return the incident's document as cards: facts, alerts, evidence, decision, actions, re-check."""
    parts: list[RenderableType] = [_head(report)]
    alerts = [alert_of(one) for one in report["alerts"]]
    parts += [ops_cards.alert_card(one, incident_id=report["incident_id"]) for one in alerts[:10]]
    if len(alerts) > 10:  # noqa: PLR2004
        parts.append(Text(f"  … and {len(alerts) - 10} more", "bright_black"))
    if report["evidence"]:
        pieces = [Evidence.model_validate(one) for one in report["evidence"]]
        parts += [Text(), Text("evidence", "bright_black"), ops_cards.evidence_card(pieces)]
    if report["decision"]:
        parts.append(ops_cards.decision_card(OpsDecision.model_validate(report["decision"])))
    if report["actions"]:
        parts += [Text(), _actions(report["actions"])]
    if report["recheck"]:
        parts.append(ops_cards.recheck_card(Recheck.model_validate(report["recheck"])))
    waiting = [one for one in report["approvals"] if one["status"] == "pending"]
    parts += [_waits(one) for one in waiting]
    return Padding(Group(*parts), (1, 2))


def _head(report: Mapping[str, Any]) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bright_black")
    facts.add_column(overflow="fold")
    facts.add_row("incident", report["incident_id"])
    facts.add_row("status", ops_cards.standing(report["status"]))
    if report["message"]:
        facts.add_row("", escape(report["message"]))
    if report["deployment_id"]:
        facts.add_row("of", escape(f"{report['resource']} in deployment {report['deployment_id'][:8]}"))
    since = cloud_time(report["opened_at"])
    if report["closed_at"]:
        since += f", over after {span(report['closed_at'] - report['opened_at'])}"
    facts.add_row("since", since)
    if report["runs"]:
        facts.add_row("runs", " ".join(one[:8] for one in report["runs"]))
    return Group(Text(report["title"], "bold"), facts, Text())


def _actions(actions: Sequence[Mapping[str, Any]]) -> RenderableType:
    lines: list[RenderableType] = []
    for one in actions:
        allowed = f"  [bright_black]allowed by {escape(one['allowed_by'])}[/]"
        if one["result"]:
            result = ActionResult.model_validate(one["result"])
            shown = result if result.action else result.model_copy(update={"action": None})
            lines.append(Text.from_markup("  " + result_line(shown) + allowed))
        else:
            action = one["action"]
            said = f"{action['action_type']} {action['resource_id']}: {one['status']}"
            lines.append(Text.from_markup(f"  [cyan]●[/] {escape(said)}{allowed}"))
    return Group(*lines)


def _waits(approval: Mapping[str, Any]) -> RenderableType:
    shown = approval["approval_id"]
    return Text.from_markup(f"[yellow]⏸[/] Waits for a person: infraai approvals show {escape(shown)}")


def story_card(report: Mapping[str, Any], told: Mapping[str, Sequence[str]]) -> RenderableType:
    """Return the story with its headings."""
    parts: list[RenderableType] = [
        Text.from_markup(
            f"[bold]{escape(report['title'])}[/]  {ops_cards.standing(report['status'])}"
            f"  [bright_black]incident {report['incident_id'][:8]}[/]"
        )
    ]
    for heading, lines in told.items():
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(overflow="fold")
        for line in lines:
            table.add_row("[bright_black]·[/]", ops_cards.cited(line))
        parts += [Text(), Text(heading, "bold cyan"), table]
    return Padding(Group(*parts), (1, 2))
