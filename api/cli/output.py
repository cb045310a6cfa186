"""Two voices: one JSON object on stdout for programs, colour for people; messages always on stderr."""

import json
import sys
from typing import Any

from rich.console import Console

from infraai.errors import InfraError


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
