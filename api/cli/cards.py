"""Cards: the plan, the preview, the ending, drawn for a terminal."""

from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.cli.leaves import Gap, Leaf, changed_leaves, plain
from infraai.models import Change, ChangeAction, InfraPlan, Preview
from infraai.prices import TABLE_DATE

MARKS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "red"),
    "delete": ("-", "red"),
    "import": ("»", "cyan"),
    "forget": ("?", "yellow"),
}
TELLING = (  # what a person wants to know of a new resource before saying yes
    "machine_type",
    "tier",
    "database_version",
    "ip_cidr_range",
    "source_ranges",
    "role",
    "member",
    "memory_size_gb",
    "node_count",
    "target_size",
    "lifecycle_rule",
    "schedule",
    "dns_name",
    "location",
    "zone",
    "region",
)
MAX_CHANGES = 40
MAX_LEAVES = 14


def plan_card(plan: InfraPlan) -> RenderableType:
    """Return the plan: what, where, what it costs, what could go wrong."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bright_black")
    facts.add_column()
    facts.add_row("where", f"Google Cloud, {plan.region}")
    if plan.machine_type:
        facts.add_row("machine", plan.machine_type + (", autoscaled" if plan.autoscaling else ""))
    facts.add_row("cost", _cost(plan))
    facts.add_row("confidence", f"{plan.confidence:.0%}")
    parts: list[RenderableType] = [Text(plan.summary), Text(), facts, Text(), _resources(plan)]
    if plan.cost_lines or plan.unpriced:
        parts += [Text(), _cost_lines(plan)]
    parts.append(Text())
    for risk in plan.risks:
        parts.append(Text.from_markup(f"[yellow]⚑ {escape(risk.rule)}[/] {escape(risk.message)}"))
    for assumption in plan.assumptions:
        parts.append(Text(f"· {assumption}", style="bright_black"))
    for note in plan.notes:
        parts.append(Text(f"· {note}", style="bright_black"))
    return Padding(
        Panel(Group(*parts), title="plan", title_align="left", border_style="cyan", padding=(1, 2)), (1, 2)
    )


def _cost(plan: InfraPlan) -> str:
    least = "at least " if plan.unpriced else ""
    text = f"[bold]{least}${plan.estimated_cost_usd:,.2f}[/] a month by list price"
    if plan.budget_usd is not None:
        style = "green" if plan.estimated_cost_usd <= plan.budget_usd else "red"
        text += f", [{style}]budget ${plan.budget_usd:,.0f}[/]"
    return text


def _resources(plan: InfraPlan) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="bright_black", pad_edge=False)
    table.add_column("resource")
    table.add_column("name")
    table.add_column("for", style="bright_black")
    watched = {policy.resource_ref for policy in plan.monitoring}
    for resource in plan.resources:
        eye = " [cyan]◉[/]" if f"{resource.type}.{resource.name}" in watched else ""
        kind = resource.type.removeprefix("google_")
        table.add_row(escape(kind), escape(resource.name) + eye, escape(resource.purpose))
    if watched:
        table.caption = f"◉ watched by {len(plan.monitoring)} alert policies"
        table.caption_style = "bright_black"
    return table


def _cost_lines(plan: InfraPlan) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bright_black")
    table.add_column(overflow="fold")
    for line in plan.cost_lines:
        table.add_row(f"${line.usd_month:,.2f}", escape(line.item.removeprefix("google_")))
    for item in plan.unpriced:
        table.add_row("[yellow]?[/]", escape(item.removeprefix("google_")))
    table.add_row("", f"[bright_black]list prices of {TABLE_DATE}, before sustained-use discounts[/]")
    return table


def preview_card(preview: Preview) -> RenderableType:
    """Return what will change, the dangerous first."""
    if preview.empty:
        return Padding(Text("Nothing to change.", style="green"), (1, 2))
    table = Table(box=None, padding=(0, 1), show_header=False, pad_edge=False)
    table.add_column(width=1)
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column(style="bright_black", overflow="fold")
    for change in preview.changes[:MAX_CHANGES]:
        mark, style = MARKS[change.action]
        table.add_row(f"[{style}]{mark}[/]", escape(change.address), _detail(change))
    if len(preview.changes) > MAX_CHANGES:
        table.add_row("", f"… and {len(preview.changes) - MAX_CHANGES} more", "")
    cost = f"${preview.cost_before_usd:,.2f} → ${preview.cost_after_usd:,.2f} a month"
    title = f"preview: {_counts(preview)}"
    danger = preview.count("delete") + preview.count("replace")
    body = Group(table, Text(f"\ncost {cost}" + (", a lower bound" if preview.unpriced else "")))
    style = "red" if danger else "cyan"
    return Padding(
        Panel(body, title=title, title_align="left", border_style=style, padding=(1, 2)), (1, 2, 0, 2)
    )


def _counts(preview: Preview) -> str:
    words: dict[ChangeAction, str] = {
        "create": "create",
        "update": "update",
        "replace": "replace",
        "delete": "delete",
        "import": "adopt",
        "forget": "forget",
    }
    return (
        ", ".join(
            f"{preview.count(action)} {word}" for action, word in words.items() if preview.count(action)
        )
        or "0"
    )


def _detail(change: Change) -> str:
    words: list[str] = []
    if change.stops:
        words.append("[yellow]stops the machine[/]")
    if change.stateful and change.action in {"delete", "replace"}:
        words.append("[red]its data is lost[/]")
    if change.action == "create":
        told = [f"{name} {plain(change.after[name])}" for name in TELLING if change.after.get(name)]
        words += [escape(one) for one in told[:4]]
    if change.opens:
        words.append(f"[red]open to the world: {', '.join(change.opens)}[/]")
    said = "  ".join(words)
    if change.action in {"update", "replace"}:
        return "\n".join([said] * bool(said) + [escape(one) for one in _differences(change)])
    return said


def _differences(change: Change) -> list[str]:
    """Return what changes, a leaf a line; what only the apply will tell comes last, in one line."""
    leaves: list[Leaf] = []
    for name in change.changed:
        after = change.after.get(name, Gap.UNKNOWN)
        found = list(changed_leaves(change.before.get(name, Gap.ABSENT), after, name))
        leaves += found or [Leaf(name, "…", "changed")]
    known, later = (
        [str(one) for one in leaves if not one.unknown],
        [one.path for one in leaves if one.unknown],
    )
    if len(known) > MAX_LEAVES:
        known[MAX_LEAVES:] = [f"… and {len(known) - MAX_LEAVES} more values"]
    return known + ([f"known after apply: {', '.join(later)}"] if later else [])


ENDINGS = {
    "completed": ("✔", "green", "Done"),
    "previewed": ("✔", "green", "Previewed"),
    "destroyed": ("✔", "green", "Destroyed"),
    "deploy_success_verify_failed": ("!", "yellow", "Deployed, but it does not answer"),
    "awaiting_approval": ("⏸", "yellow", "Waiting for approval"),
    "awaiting_review": ("⏸", "yellow", "Waiting for review"),
    "rejected": ("✗", "yellow", "Rejected"),
    "expired": ("✗", "yellow", "Expired"),
    "halted": ("■", "yellow", "Halted"),
    "running": ("■", "yellow", "Interrupted"),
    "failed": ("✗", "red", "Failed"),
}


def closing_card(report: dict[str, Any]) -> RenderableType:
    """Return how the run ended, and what to do next."""
    mark, style, title = ENDINGS.get(report["status"], ("·", "white", report["status"]))
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="bright_black")
    rows.add_column(overflow="fold")
    if report["message"]:
        rows.add_row("", Text(report["message"]))
    seen = report.get("verification")
    if seen and seen.get("url"):
        rows.add_row("address", f"[link={seen['url']}]{escape(seen['url'])}[/link]")
    shown = report.get("cost_usd_month") is not None and report["kind"] != "destroy"
    if shown and report["status"] != "rejected":
        least = "at least " if report.get("cost_is_lower_bound") else ""
        rows.add_row("cost", f"{least}${report['cost_usd_month']:,.2f} a month by list price")
    if report.get("attempts") or report.get("mends"):
        rows.add_row(
            "mended", f"{len(report.get('mends') or [])} faults, {report['attempts']} model attempts"
        )
    model = report.get("model") or {}
    if model.get("calls"):
        rows.add_row(
            "model",
            f"{model['name']}: {model['calls']} calls, {model['input_tokens']}+{model['output_tokens']} tokens",
        )
    rows.add_row("took", f"{report['updated_at'] - report['created_at']:.1f} s")
    rows.add_row("run", report["run_id"])
    if report["status"] in {"completed", "deploy_success_verify_failed"}:
        rows.add_row(
            "next",
            f"infraai deployments show {report['deployment_id'][:8]}   infraai destroy {report['run_id'][:8]}",
        )
    elif report["status"] in {"failed", "halted", "running"} and report["reason"] not in {
        "guard",
        "goal",
        "policy",
    }:
        rows.add_row(
            "next", f"infraai runs logs {report['run_id'][:8]}   infraai runs resume {report['run_id'][:8]}"
        )
    panel = Panel(
        rows, title=f"[{style}]{mark} {title}[/]", title_align="left", border_style=style, padding=(1, 2)
    )
    return Padding(panel, (1, 2, 0, 2))
