"""Running a command: settings, the system, Ctrl-C, and errors without a traceback."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from api.cli import exits
from api.cli.output import err_console, print_error, print_json
from api.cli.spans import APART
from api.cli.stopping import on_signals
from infraai.errors import InfraError

if TYPE_CHECKING:
    from graphs.wiring import System

Result = TypeVar("Result")
Work = Callable[["System"], Awaitable[Result]]
AGREES_S = 2.0  # two clocks that differ by less show the same time


def run_system(work: "Work[Result]", *, as_json: bool = False) -> Result:
    """Open the system, do the work, close it; an error of ours becomes a message and an exit code."""
    try:
        done, apart = asyncio.run(_with_system(work))
        APART.set(apart)
        return done  # noqa: TRY300 — what failed is told below
    except InfraError as error:
        fail(error, as_json=as_json)
    except KeyboardInterrupt:
        raise typer.Exit(exits.INTERRUPTED) from None
    except OSError as error:
        fail(unwritable(error), as_json=as_json)
    except Exception as error:
        if not _of_the_database(error):
            raise
        fail(unwritable(error), as_json=as_json)


def fail(error: InfraError, *, as_json: bool = False) -> NoReturn:
    """Report the error and leave with its exit code."""
    if as_json:
        body = {"error": type(error).__name__, "message": error.message, "next_step": error.next_step}
        print_json({"status": "failed", **body})
    print_error(error)
    raise typer.Exit(exits.error_code(error))


def unwritable(error: Exception) -> InfraError:
    """Return what a full disk, a read-only home or a database that is away means for the person."""
    from infraai.errors import RegistryError

    reason = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
    where = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
    return RegistryError(
        f"What must be remembered cannot be written or read: {reason}{where}.",
        next_step="Check INFRAAI_HOME (space, permissions) and DATABASE_URL, then: infraai runs resume RUN_ID.",
    )


def _of_the_database(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in {"sqlalchemy", "sqlite3", "aiosqlite", "psycopg"}


async def _with_system(work: "Work[Result]") -> tuple[Result, bool]:
    from graphs.wiring import open_system
    from infraai.settings import load_settings

    async with open_system(load_settings()) as system:
        APART.set(_apart(system))
        return await work(system), APART.get()


def _apart(system: "System") -> bool:
    """Return whether the sandbox's clock shows another time than the real one, or runs at another pace."""
    if system.settings.cloud != "sandbox":
        return False
    hands = system.sandbox.clock
    return hands.factor != 1 or abs(hands.seconds() - time.time()) > AGREES_S


async def interruptible(work: Awaitable[Result], run_id: str, *, next_step: str = "") -> Result:
    """Await the work; the first Ctrl-C (or SIGTERM) lets it stop gracefully and says how to go on."""
    task = asyncio.ensure_future(work)

    def stop() -> None:
        if not task.done() and not task.cancelling():
            err_console().print("\n[yellow]■[/] Stopping: what runs is ended cleanly and its state kept …")
            task.cancel()

    with on_signals(stop):
        try:
            return await task
        except asyncio.CancelledError:
            step = next_step or f"infraai runs resume {run_id}"
            err_console().print(f"  [bright_black]→[/] Go on with: {step}")
            raise KeyboardInterrupt from None


def at_terminal() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
