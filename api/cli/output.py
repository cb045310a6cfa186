"""Two voices: one JSON object on stdout for programs, colour for people; messages always on stderr."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from infraai.errors import InfraError

GAP = 2


def console() -> Console:
    """Return the console for people."""
    return Console(highlight=False)


def err_console() -> Console:
    """Return the console for messages beside a JSON object."""
    return Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """Write one JSON object to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")


def print_error(error: InfraError) -> None:
    """Say what went wrong, and what to do next."""
    out = err_console()
    out.print(f"[red]✗[/] {_plain(error.message)}", markup=True, soft_wrap=True)
    if error.next_step:
        out.print(f"  [bright_black]→[/] {_plain(error.next_step)}", soft_wrap=True)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def print_listing(names: Sequence[str], rows: Sequence[Sequence[str]], *, fold: bool = False) -> None:
    """Print rows under names; the last column gets what room is left, and with `fold` as many lines as it needs."""
    from rich.table import Table

    out = console()
    widths = [max(len(cell) for cell in column) for column in zip(names, *rows, strict=True)]
    room = max(out.width - sum(widths[:-1]) - GAP * (len(names) - 1), len(names[-1]) + GAP)
    table = Table(box=None, header_style="bright_black", padding=(0, GAP, 0, 0), pad_edge=False)
    for name, width in zip(names[:-1], widths[:-1], strict=True):
        table.add_column(name, no_wrap=True, overflow="ellipsis", min_width=width, max_width=width)
    last = min(widths[-1], room)
    table.add_column(
        names[-1], no_wrap=not fold, overflow="fold" if fold else "ellipsis", min_width=last, max_width=last
    )
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    out.print(table)
