"""`infraai`: every command, by name."""

import typer

from api.cli import check, deployments, doctor, runs, sandbox, work

app = typer.Typer(
    name="infraai",
    help="From a sentence to running, monitored infrastructure on Google Cloud, with people in control.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
work.add_to(app)
app.command("check")(check.check)
app.command("doctor")(doctor.doctor)
app.add_typer(runs.app, name="runs")
app.add_typer(deployments.app, name="deployments")
app.add_typer(sandbox.app, name="sandbox")
