"""`infraai`: every command, by name."""

import typer

from api.cli import (
    act,
    alerts,
    approvals,
    audit,
    check,
    control,
    deployments,
    doctor,
    incidents,
    runs,
    sandbox,
    silences,
    watch,
    work,
)

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
app.command("watch")(watch.watch)
app.command("alert")(alerts.alert)
act.add_to(app)
control.add_to(app)
app.command("doctor")(doctor.doctor)
app.add_typer(runs.app, name="runs")
app.add_typer(deployments.app, name="deployments")
app.add_typer(incidents.app, name="incidents")
app.add_typer(approvals.app, name="approvals")
app.add_typer(silences.app, name="silences")
app.add_typer(audit.app, name="audit")
app.add_typer(sandbox.app, name="sandbox")
