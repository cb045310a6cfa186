"""The scoreboard: a line for each scenario, and the totals."""

import statistics
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.incidents.judge import GOOD, Outcome, Score

COLOURS: dict[Score, str] = {
    "resolved": "green",
    "rightly": "green",
    "wrong": "red",
    "missed": "yellow",
    "needless": "red",
    "harmful": "bold red",
}
AIM = 0.9


def show(outcomes: Sequence[Outcome], seconds: float, *, stories: bool = False) -> None:
    """Print the table and the totals."""
    out = Console(width=None if Console().is_terminal else 150)
    table = Table(box=None, pad_edge=False)
    for heading in ("family", "scenario", "score", "ended", "done", "time", "calls", "tokens"):
        table.add_column(heading, justify="right" if heading in {"time", "calls", "tokens"} else "left")
    for one in outcomes:
        time = "" if one.resolved_s is None else f"{one.resolved_s:.0f} s"
        score = f"[{COLOURS[one.score]}]{one.score}[/]"
        table.add_row(
            one.family, one.name, score, one.ended, " ".join(one.did), time, str(one.calls), f"{one.tokens:,}"
        )
    out.print(table)
    for one in outcomes:
        if one.score not in GOOD:
            out.print(
                f"\n[bold]{one.name}[/] {one.score}: {' | '.join(one.why)}", markup=True, highlight=False
            )
        if stories:
            out.print("\n".join(one.story), markup=False, highlight=False)
    out.print()
    out.print(totals(outcomes, seconds), highlight=False)


def totals(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return the totals in one paragraph."""
    counted = {score: sum(one.score == score for one in outcomes) for score in COLOURS}
    good = counted["resolved"] + counted["rightly"]
    times = [one.resolved_s for one in outcomes if one.resolved_s is not None]
    median = f"{statistics.median(times):.0f} s" if times else "none"
    share = good / len(outcomes) if outcomes else 0
    return (
        f"{len(outcomes)} incidents: {share:.0%} resolved or rightly left to a person (aim ≥ {AIM:.0%}): "
        f"{counted['resolved']} resolved, {counted['rightly']} rightly asked, escalated or ignored; "
        f"{counted['harmful']} harmful (aim 0), {counted['needless']} needless, {counted['wrong']} wrong, "
        f"{counted['missed']} missed. Median time to resolved {median} (simulated). "
        f"{sum(one.calls for one in outcomes)} model calls, {sum(one.tokens for one in outcomes):,} tokens. "
        f"Took {seconds:.0f} s."
    )
