"""Cards of operating: the alert, the evidence, the decision, what was done and whether it helped."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.cli.cards import ENDINGS
from api.cli.leaves import plain
from api.cli.spans import cloud_time, span
from api.cli.sparkline import sparkline
from infraai.operations.shapes import (
    Alert,
    Alternative,
    Evidence,
    OpsDecision,
    Option,
    Recheck,
)

SEVERITIES = {"critical": "red", "warning": "yellow", "high": "red", "medium": "yellow", "low": "green"}
STANDINGS = {
    "pending": ("·", "cyan"),
    "pending_approval": ("⏸", "yellow"),
    "auto_executing": ("●", "cyan"),
    "approved": ("●", "cyan"),
    "executed": ("●", "cyan"),
    "resolved": ("✔", "green"),
    "rejected": ("✗", "yellow"),
    "escalated": ("▲", "red"),
    "ignored": ("·", "bright_black"),
    "silenced": ("·", "bright_black"),
}
CITED = re.compile(r"\[?\b(E\d+)\b\]?")
MAX_SUMMARY = 600


def standing(status: str) -> str:
    """Return an incident's or an alert's status as markup: its sign and its word."""
    mark, style = STANDINGS.get(status, ("·", "white"))
    return f"[{style}]{mark} {escape(status.replace('_', ' '))}[/]"


def alert_card(alert: Alert, *, incident_id: str, more: int = 0) -> RenderableType:
    """Return what fired, in two lines; the sender's own words below them, quoted."""
    style = SEVERITIES[alert.severity]
    named = alert.policy_name or alert.metric or alert.condition or "an alert"
    head = Text.assemble(
        ("▲ ", style),
        (named, "bold"),
        "  ",
        (alert.resource or "no resource named", "" if alert.resource else "yellow"),
        "  ",
        (alert.severity, style),
    )
    facts = [measured(alert), f"incident {incident_id[:8]}"]
    if alert.started_at:
        facts.append(f"since {cloud_time(alert.started_at)}")
    if more:
        facts.append(f"and {more} more alert{'s' if more > 1 else ''}")
    parts: list[RenderableType] = [head, Text("  " + " · ".join(one for one in facts if one), "bright_black")]
    if alert.summary:
        parts.append(Text("  “" + short(alert.summary, MAX_SUMMARY) + "”", "bright_black italic"))
    return Group(*parts)


def measured(alert: Alert) -> str:
    """Return the value against its threshold, in words."""
    metric = alert.metric or alert.metric_path.rpartition("/")[2]
    if alert.absent:
        return f"{metric} has no data"
    if alert.value is None:
        return metric
    if alert.threshold is None:
        return f"{metric} {number(alert.value)}"
    side = "under" if alert.comparison == "COMPARISON_LT" else "over"
    return f"{metric} {number(alert.value)}, {side} {number(alert.threshold)}"


def evidence_card(pieces: Sequence[Evidence]) -> RenderableType:
    """Return the evidence, one line each, a series with its shape."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(style="bright_black", no_wrap=True)
    table.add_column(overflow="fold")
    for piece in pieces:
        drawn = _drawn(piece.data)
        table.add_row(piece.id, piece.kind, escape(piece.summary) + (f"\n{drawn}" if drawn else ""))
    return Padding(table, (0, 2))


def _drawn(data: Mapping[str, Any]) -> str:
    points = data.get("points") or data.get("series") or ()
    values = [_value_of(one) for one in points] if isinstance(points, list | tuple) else []
    known = [one for one in values if one is not None]
    threshold = data.get("threshold")
    limit = float(threshold) if isinstance(threshold, int | float) else None
    return f"[cyan]{sparkline(known, threshold=limit)}[/]" if len(known) > 1 else ""


def _value_of(point: Any) -> float | None:
    if isinstance(point, Mapping):
        point = point.get("value")
    if isinstance(point, list | tuple) and len(point) > 1:
        point = point[1]
    return float(point) if isinstance(point, int | float) else None


def decision_card(decision: OpsDecision) -> RenderableType:
    """Return what is recommended and why: cited evidence coloured, alternatives, cost, what could go wrong."""
    style = SEVERITIES[decision.severity]
    action = decision.recommended_action
    head = Text.assemble((action, "bold"), "  ", (parameters(decision.parameters), "cyan"))
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bright_black", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("severity", Text(decision.severity, style))
    facts.add_row("confidence", f"{decision.confidence:.0%}")
    if decision.predicted_effect:
        facts.add_row("effect", escape(decision.predicted_effect))
    if action not in {"ignore", "ask"}:
        facts.add_row("cost", escape(cost_change(decision.cost_delta_usd_month)))
    if decision.could_go_wrong:
        facts.add_row("could go wrong", escape(decision.could_go_wrong))
    if decision.precedent:
        facts.add_row("before", escape(decision.precedent))
    for other in weighed(decision):
        said = f"{other.action} {parameters(other.parameters)}".strip()
        why = f": {other.why_not}" if other.why_not else ""
        facts.add_row("weighed", escape(said + why))
    if decision.fallback:
        facts.add_row("no model", Text(decision.fallback, "yellow"))
    body = Group(head, Text(), cited(decision.reasoning), Text(), facts)
    title = f"decision{': ' + decision.model if decision.model else ''}"
    return Padding(
        Panel(body, title=title, title_align="left", border_style=style, padding=(1, 2)), (1, 2, 0, 2)
    )


def weighed(decision: OpsDecision) -> tuple[Alternative, ...]:
    """Return the alternatives that say something: where nothing is recommended, nothing fits better than they do."""
    if decision.recommended_action != "ask":
        return decision.alternatives
    return tuple(
        one for one in decision.alternatives if one.why_not and "recommend" not in one.why_not.lower()
    )


def cited(text: str) -> Text:
    """Return the reasoning with its citations coloured."""
    shown = Text(text)
    shown.highlight_regex(CITED, "bold cyan")
    return shown


def cost_change(usd_month: float | None) -> str:
    """Return the monthly cost change in words; None is not priced, and said so."""
    if usd_month is None:
        return "not priced"
    if abs(usd_month) < 0.005:  # noqa: PLR2004 — half a cent
        return "no change"
    return f"{'+' if usd_month > 0 else '-'}${abs(usd_month):,.2f} a month by list price"


def options_card(options: Sequence[Option]) -> RenderableType:
    """Return what could be done instead, numbered from 1."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold cyan")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", style="bright_black")
    for index, one in enumerate(options, start=1):
        table.add_row(str(index), one.action, escape(said_of(one)))
    return Padding(table, (0, 2))


def said_of(option: Option) -> str:
    """Return what an option does, what it costs and what it takes, in a line."""
    words = [option.summary or parameters(option.parameters)]
    if option.cost_delta_usd_month is not None:
        words.append(cost_change(option.cost_delta_usd_month))
    words += ["interrupts what runs"] if option.stops else []
    words += [] if option.reversible else ["cannot be undone"]
    return " · ".join(words)


def recheck_card(recheck: Recheck) -> RenderableType:
    """Return what was measured after the action: its shape, the last value, how long it took."""
    mark, style = ("✔", "green") if recheck.resolved else ("✗", "red")
    drawn = sparkline([value for _, value in recheck.series], threshold=recheck.threshold)
    words = Text.assemble((f"{mark} ", style), (drawn, style), "  " if drawn else "")
    if recheck.value is not None:
        words.append(number(recheck.value), "bold")
        if recheck.threshold is not None:
            words.append(f" against {number(recheck.threshold)}")
    tail = [recheck.detail] if recheck.detail else []
    if recheck.looks:
        looks = f"{recheck.looks} look{'s' if recheck.looks > 1 else ''}"
        tail.append(f"{looks} in {span(recheck.waited_s)}")
    words.append(("  " if recheck.value is not None else "") + " · ".join(tail), "bright_black")
    return Padding(words, (0, 2))


def ended_card(report: Mapping[str, Any], *, told: bool = False) -> RenderableType:
    """Return how a run of operating stands, and what to do next; `told` where its message stands there already."""
    short_id, status = report["run_id"][:8], report["status"]
    mark, style, title = ENDINGS.get(status, ("·", "white", status))
    parts: list[RenderableType] = []
    if status in {"failed", "halted", "expired"} and report["message"] and not told:
        parts.append(Text(report["message"], style))
    took = span(report["updated_at"] - report["created_at"])
    parts.append(
        Text.from_markup(f"[{style}]{mark} {escape(title)}[/]  [bright_black]run {short_id} · {took}[/]")
    )
    if status == "completed" and (report["preview"] or {}).get("update"):
        parts.append(Text(f"→ infraai rollback {short_id} takes it back", "bright_black"))
    return Padding(Group(*parts), (1, 2))


def parameters(values: Mapping[str, Any]) -> str:
    """Return parameters as `name=value` words."""
    return " ".join(f"{name}={plain(value)}" for name, value in values.items())


def number(value: float) -> str:
    """Return a measured value as people write it: 0.93, 142, 1.2e+09."""
    if value == 0 or 0.001 <= abs(value) < 1_000_000:  # noqa: PLR2004
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return f"{value:.3g}"


def short(text: str, most: int) -> str:
    """Return the text on one line, ended by an ellipsis where it is too long."""
    one = " ".join(text.split())
    return one if len(one) <= most else one[: most - 1] + "…"
