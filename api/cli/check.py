"""infraai check: is this Terraform safe and valid, and can it be mended?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import exits
from api.cli.options import Json, Variables, with_variables
from api.cli.output import console, print_json
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from graphs.checking import Checked
    from graphs.wiring import System

CODES = {"passed": exits.OK, "fixed": exits.OK, "refused": exits.REFUSED, "failed": exits.FAILED}


def check(
    directory: Annotated[
        Path, typer.Argument(help="A directory of Terraform; it is never written.", metavar="DIR")
    ],
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended.")] = False,
    var: Variables = None,
    out: Annotated[Path | None, typer.Option(help="Write the files, mended, into this directory.")] = None,
    as_json: Json = False,
) -> None:
    """Guard and validate Terraform that exists, and mend it if asked.

    Exit codes: 0 passed or fixed, 1 failed, 3 refused.
    """
    from api.cli.bundles import check_writable, write_bundle
    from infraai.errors import InfraError, InputError
    from tools.directory import read_directory

    try:
        bundle = with_variables(read_directory(directory), var)
        if out is not None:
            if out.resolve() == directory.resolve():
                raise InputError(
                    "--out is the directory itself, which is never written.", next_step="Name another."
                )
            check_writable(out)
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> "Checked":
        return await system.check(bundle, fix=fix)

    checked = run_system(work, as_json=as_json)
    if out is not None and checked.status in {"passed", "fixed"}:
        write_bundle(checked.bundle, out)
    if as_json:
        print_json(checked.document())
    else:
        _show(checked, out)
    raise typer.Exit(CODES[checked.status])


def _show(checked: "Checked", out: Path | None) -> None:
    from rich.markup import escape
    from rich.syntax import Syntax

    screen = console()
    marks = {
        "passed": ("✔", "green"),
        "fixed": ("✔", "green"),
        "refused": ("✗", "red"),
        "failed": ("✗", "red"),
    }
    mark, style = marks[checked.status]
    for finding in checked.findings:
        colour = "yellow" if finding.verdict == "flag" else "red"
        place = f"{finding.file}:{finding.line}: " if finding.file else ""
        screen.print(f"[{colour}]⚑ {finding.rule}[/] {escape(place + finding.message)}")
    for diagnostic in checked.diagnostics:
        colour = "red" if diagnostic.severity == "error" else "yellow"
        place = f"{diagnostic.file}:{diagnostic.line}: " if diagnostic.file else ""
        screen.print(
            f"[{colour}]✗[/] {escape(place + diagnostic.summary)} [bright_black]{escape(diagnostic.detail)}[/]"
        )
    for note in checked.mends:
        screen.print(f"[yellow]✎[/] {escape(note)}")
    if checked.changes:
        screen.print(Syntax(checked.changes, "diff", background_color="default"))
    attempts = f" after {checked.attempts} model attempts" if checked.attempts else ""
    screen.print(f"[{style}]{mark} {checked.status}[/]{attempts} {escape(checked.message)}")
    if out is not None and checked.status in {"passed", "fixed"}:
        screen.print(f"  [bright_black]written to {out}[/]")
