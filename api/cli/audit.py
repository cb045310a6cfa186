"""infraai audit: show, verify, export."""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import exits
from api.cli.options import Json
from api.cli.output import console, err_console, print_json
from api.cli.runtime import run_system

if TYPE_CHECKING:
    from graphs.wiring import System

app = typer.Typer(help="Everything that was asked, decided and done; append-only.", no_args_is_help=True)


@app.command("show")
def show(
    *,
    subject: Annotated[str, typer.Option(help="Only of this run, incident or approval.")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 50,
    as_json: Json = False,
) -> None:
    """Show the last lines, oldest of them first."""

    async def work(system: "System") -> list[dict[str, Any]]:
        wanted = await _subject(system, subject) if subject else ""
        return [asdict(one) for one in await system.registry.audit.lines(subject=wanted, limit=limit)][::-1]

    lines = run_system(work, as_json=as_json)
    if as_json:
        print_json({"lines": lines})
        return
    from rich.markup import escape

    from api.cli.ops_cards import short
    from api.cli.spans import clock_time

    out = console()
    for line in lines:
        said = short(json.dumps(line["data"], ensure_ascii=False, default=str), 200)
        out.print(
            f"[bright_black]{line['seq']:>5}  {clock_time(line['at'])}[/]  [cyan]{line['kind']:<18}[/] "
            f"{escape(line['actor'])}  [bright_black]{escape(line['subject'][:12])} {escape(said)}[/]",
            no_wrap=True,
            overflow="ellipsis",
        )
    if not lines:
        out.print("There are no lines" + (f" of {escape(subject)}." if subject else "."))


async def _subject(system: "System", given: str) -> str:
    """Return the id of a run, an incident or an approval that begins so; anything else as it is."""
    from infraai.errors import NotFoundError

    with suppress(NotFoundError):
        return (await system.registry.incidents.get(given)).incident_id
    with suppress(NotFoundError):
        return (await system.registry.runs.get(given)).run_id
    return given


@app.command("verify")
def verify(*, as_json: Json = False) -> None:
    """Check the chain of hashes from its first line; exit 1 naming the first line that does not fit."""

    async def work(system: "System") -> tuple[int | None, int, str]:
        audit = system.registry.audit
        return (await audit.broken_at(), *await audit.head())

    broken, count, head = run_system(work, as_json=as_json)
    if as_json:
        print_json({"ok": broken is None, "broken_at": broken, "lines": count, "head": head})
    elif broken is None:
        console().print(f"[green]✔[/] {count} lines, each sealed to the one before it.")
        console().print(f"  [bright_black]head {head}[/]", soft_wrap=True)
    else:
        err_console().print(
            f"[red]✗[/] The chain breaks at line {broken}: it was changed, removed or put in."
        )
        err_console().print(
            "  [bright_black]→[/] Compare with an export: infraai audit export", soft_wrap=True
        )
    raise typer.Exit(exits.OK if broken is None else exits.FAILED)


@app.command("export")
def export(
    *,
    out: Annotated[Path | None, typer.Option(help="Write into this file, which must not exist.")] = None,
    as_json: Json = False,
) -> None:
    """Print every line as JSON, one a line, oldest first; with --json as one object."""

    async def work(system: "System") -> list[str]:
        lines = system.registry.audit.export()
        return [json.dumps(asdict(one), ensure_ascii=False, default=str) async for one in lines]

    lines = run_system(work, as_json=as_json)
    if out is not None:
        _write(out, lines, as_json=as_json)
    if as_json:
        found: dict[str, Any] = {"count": len(lines)}
        print_json(found | ({"out": str(out)} if out else {"lines": [json.loads(one) for one in lines]}))
    elif out is not None:
        console().print(f"[green]✔[/] {len(lines)} lines written to {out}")
    else:
        for line in lines:
            typer.echo(line)


def _write(out: Path, lines: list[str], *, as_json: bool) -> None:
    from api.cli.runtime import fail
    from infraai.errors import InputError

    try:
        with out.open("x", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
    except OSError as error:
        fail(
            InputError(f"{out} cannot be written: {error.strerror}.", next_step="Name another file."),
            as_json=as_json,
        )
