"""A deployment, drawn for a terminal."""

from collections import defaultdict
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree


def deployment_card(document: dict[str, Any]) -> RenderableType:
    """Return the deployment's document as a card."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bright_black")
    facts.add_column()
    facts.add_row("status", document["status"])
    facts.add_row("region", document["region"])
    facts.add_row("cost", f"${document['cost_usd_month']:,.2f} a month by list price")
    for name, value in document["outputs"].items():
        facts.add_row(name, escape(str(value)))
    resources = Table(box=None, header_style="bright_black", padding=(0, 2), pad_edge=False)
    for column in ("address", "name", "id"):
        resources.add_column(column, overflow="fold")
    for one in document["resources"]:
        resources.add_row(
            escape(one["address"]), escape(one["name"]), f"[bright_black]{escape(one['id'])}[/]"
        )
    parts: list[RenderableType] = [Text(document["goal"], style="bold"), facts, Text(), resources]
    if document["monitoring"]:
        watched = Table(
            box=None, header_style="bright_black", padding=(0, 2), pad_edge=False, title_justify="left"
        )
        for column in ("watches", "policy", "threshold", "severity"):
            watched.add_column(column)
        for one in document["monitoring"]:
            watched.add_row(
                escape(one["resource"]), escape(one["policy"]), str(one["threshold"]), one["severity"]
            )
        parts += [Text(), watched]
    title = f"deployment {document['deployment_id'][:8]}"
    return Padding(
        Panel(Group(*parts), title=title, title_align="left", border_style="cyan", padding=(1, 2)), (1, 2)
    )


def graph_tree(document: dict[str, Any]) -> RenderableType:
    """Return the resources as trees: what refers to a thing stands under it."""
    graph = document["graph"]
    below: dict[str, list[str]] = defaultdict(list)
    pointed: set[str] = set()
    for edge in graph.get("edges", []):
        below[edge["target"]].append(edge["source"])
        pointed.add(edge["source"])
    root = Tree(
        f"[bold]{escape(document['goal'] or document['deployment_id'])}[/]", guide_style="bright_black"
    )
    shown: set[str] = set()
    for node in graph.get("nodes", []):
        if node["id"] not in pointed:
            _grow(root, node["id"], below, shown)
    return Padding(root, (1, 2))


def _grow(tree: Tree, node: str, below: dict[str, list[str]], shown: set[str]) -> None:
    kind, _, name = node.partition(".")
    again = node in shown
    label = f"[cyan]{escape(kind.removeprefix('google_'))}[/] {escape(name)}" + (
        " [bright_black]↑[/]" if again else ""
    )
    branch = tree.add(label)
    shown.add(node)
    if not again:
        for child in sorted(below[node]):
            _grow(branch, child, below, shown)
