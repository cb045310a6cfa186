"""infraai deployments: list, show, graph."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Json
from api.cli.output import console, print_json, print_listing
from api.cli.runtime import run_system

if TYPE_CHECKING:
    from graphs.wiring import System

app = typer.Typer(help="What stands, and what belongs to it.", no_args_is_help=True)
IdArgument = Annotated[
    str, typer.Argument(help="The deployment, any run of it, or a resource's name.", metavar="ID")
]


@app.command("list")
def list_deployments(
    *,
    every: Annotated[bool, typer.Option("--all", help="Destroyed ones too.")] = False,
    as_json: Json = False,
) -> None:
    """List deployments, newest first."""

    async def work(system: "System") -> list[dict[str, Any]]:
        found = await system.registry.deployments.list()
        return [
            {
                "deployment_id": one.deployment_id,
                "status": one.status,
                "region": one.region,
                "goal": one.goal,
                "cost_usd_month": one.cost_usd_month,
                "outputs": one.outputs,
                "created_at": one.created_at,
            }
            for one in found
            if every or one.status != "destroyed"
        ]

    found = run_system(work, as_json=as_json)
    if as_json:
        print_json({"deployments": found})
        return
    if not found:
        console().print('Nothing is deployed. Start with: infraai deploy "a small web server"')
        return
    rows = [
        (
            one["deployment_id"][:8],
            one["status"],
            f"${one['cost_usd_month']:,.2f}",
            str(one["outputs"].get("service_url") or one["outputs"].get("external_ip") or "-"),
            " ".join(one["goal"].split()),
        )
        for one in found
    ]
    print_listing(("deployment", "status", "cost", "address", "goal"), rows)


async def _document(system: "System", name: str) -> dict[str, Any]:
    from graphs.documents import deployment_document
    from infraai.errors import NotFoundError

    try:
        found = await system.registry.deployments.get(name)
    except NotFoundError as error:
        try:
            found = await system.registry.deployments.owner_of(name)
        except NotFoundError:
            raise error from None
    return await deployment_document(system.registry, found)


@app.command("show")
def show(name: IdArgument, *, as_json: Json = False) -> None:
    """Show a deployment: its resources, its monitoring, its runs."""

    async def work(system: "System") -> dict[str, Any]:
        return await _document(system, name)

    document = run_system(work, as_json=as_json)
    if as_json:
        print_json(document)
        return
    from api.cli.cards_deployment import deployment_card

    console().print(deployment_card(document))


@app.command("graph")
def graph(name: IdArgument, *, as_json: Json = False) -> None:
    """Draw how a deployment's resources refer to each other."""

    async def work(system: "System") -> dict[str, Any]:
        return await _document(system, name)

    document = run_system(work, as_json=as_json)
    if as_json:
        print_json({"deployment_id": document["deployment_id"], "graph": document["graph"]})
        return
    from api.cli.cards_deployment import graph_tree

    console().print(graph_tree(document))
