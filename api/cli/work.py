"""deploy, apply, destroy: the commands that change the world, each by way of a preview and an approval."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Accept, Json, Variables, Yes, rules, with_variables
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from graphs.wiring import System


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("deploy")(deploy)
    app.command("apply")(apply)
    app.command("destroy")(destroy)


def deploy(
    goal: Annotated[
        str, typer.Argument(help='What you want, in a sentence: "a Node API for 10k users under $100".')
    ],
    *,
    yes: Yes = False,
    accept: Accept = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="USD a month; more than that is always asked.")
    ] = None,
    region: Annotated[str, typer.Option(help="Google Cloud region, such as europe-west1.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop after the preview.")] = False,
    as_json: Json = False,
) -> None:
    """Plan, write, check, preview, ask, apply and verify what GOAL asks for."""
    from agents.planner import check_region
    from api.cli.session import Session
    from infraai.errors import InfraError
    from infraai.goals import check_goal
    from infraai.models import Request

    try:
        request = Request(
            kind="deploy",
            goal=check_goal(goal),
            budget_usd=budget,
            region=check_region(region) if region else "",
            dry_run=dry_run,
            yes=yes,
            accept=rules(accept),
        )
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> int:
        return await Session(system, as_json=as_json).start(request)

    raise typer.Exit(run_system(work, as_json=as_json))


def apply(
    directory: Annotated[
        Path, typer.Argument(help="A directory of Terraform; it is never written.", metavar="DIR")
    ],
    *,
    yes: Yes = False,
    accept: Accept = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop after the preview.")] = False,
    var: Variables = None,
    deployment: Annotated[str, typer.Option(help="Change this deployment instead of making a new one.")] = "",
    as_json: Json = False,
) -> None:
    """Take Terraform that exists through the same checks, preview, approval and verification."""
    from api.cli.session import Session
    from infraai.errors import InfraError
    from infraai.models import Request
    from tools.directory import read_directory

    try:
        bundle = with_variables(read_directory(directory), var)
        request = Request(
            kind="apply", directory=str(directory.absolute()), dry_run=dry_run, yes=yes, accept=rules(accept)
        )
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> int:
        known = (await system.registry.deployments.get(deployment)).deployment_id if deployment else None
        return await Session(system, as_json=as_json).start(request, bundle=bundle, deployment_id=known)

    raise typer.Exit(run_system(work, as_json=as_json))


def destroy(
    run_id: Annotated[str, typer.Argument(help="The deployment, or any run of it.", metavar="RUN_ID")],
    *,
    yes: Yes = False,
    accept: Accept = None,
    as_json: Json = False,
) -> None:
    """Destroy a deployment, after a preview and an approval."""
    from api.cli.session import Session
    from infraai.errors import InfraError, InputError
    from infraai.models import Request

    try:
        request = Request(kind="destroy", yes=yes, accept=rules(accept))
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> int:
        found = await system.registry.deployments.get(run_id)
        if found.status == "destroyed":
            raise InputError(
                f"Deployment {found.deployment_id} is destroyed already.", next_step="Nothing to do."
            )
        bundle = await system.registry.artifacts.get_bundle(found.bundle_sha)
        session = Session(system, as_json=as_json)
        return await session.start(request, bundle=bundle, deployment_id=found.deployment_id)

    raise typer.Exit(run_system(work, as_json=as_json))
