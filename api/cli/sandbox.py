"""infraai sandbox: status, reset."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Json
from api.cli.output import console, print_json
from api.cli.runtime import run_system

if TYPE_CHECKING:
    from graphs.wiring import System

app = typer.Typer(help="The simulated Google Cloud.", no_args_is_help=True)


@app.command("status")
def status(*, as_json: Json = False) -> None:
    """Show what is in the simulated cloud."""

    async def work(system: "System") -> dict[str, Any]:
        return system.sandbox.status()

    found = run_system(work, as_json=as_json)
    if as_json:
        print_json(found)
        return
    from rich.table import Table

    out = console()
    out.print(f"[bold]sandbox[/] project {found['project']}  [bright_black]{found['folder']}[/]")
    if not found["resources"]:
        out.print("It is empty.")
        return
    table = Table(box=None, show_header=False, padding=(0, 2), pad_edge=False)
    for kind, count in sorted(found["resources"].items()):
        table.add_row(str(count), kind)
    out.print(table)


@app.command("reset")
def reset(
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Empty the simulated cloud. Deployments stay recorded, but what they built is gone."""
    if not yes and not typer.confirm("Empty the simulated cloud?", err=True):
        raise typer.Exit(1)

    async def work(system: "System") -> None:
        system.sandbox.reset()

    run_system(work, as_json=as_json)
    if as_json:
        print_json({"status": "reset"})
    else:
        console().print("[green]✔[/] The sandbox is empty.")
