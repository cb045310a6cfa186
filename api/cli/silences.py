"""infraai silences: add, list, end."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Json
from api.cli.output import console, print_json, print_listing
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from graphs.wiring import System
    from infraai.registry.silences import Silence

app = typer.Typer(help="Alerts that are kept and left alone for a while.", no_args_is_help=True)


@app.command("add")
def add(
    *,
    deployment: Annotated[str, typer.Option(help="The deployment, or any run of it.")] = "",
    resource: Annotated[str, typer.Option(help="A resource's name, address or id.")] = "",
    policy: Annotated[str, typer.Option(help="An alert policy's name, or a metric's.")] = "",
    for_: Annotated[str, typer.Option("--for", help="How long, such as 30m, 2h or 1d.", metavar="SPAN")],
    reason: Annotated[str, typer.Option(help="Why.")],
    maintenance: Annotated[bool, typer.Option("--maintenance", help="It is a maintenance window.")] = False,
    as_json: Json = False,
) -> None:
    """Leave alerts alone for a while, by the cloud's clock: of a deployment, a resource or a policy."""
    from api.cli.session import whoami
    from api.cli.spans import parse_span
    from infraai.errors import InfraError

    try:
        lasts_s = parse_span(for_)
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> "Silence":
        at = system.operations.clock.now().timestamp()
        known = (await system.registry.deployments.get(deployment)).deployment_id if deployment else ""
        return await system.registry.silences.add(
            deployment_id=known,
            resource=resource,
            policy=policy,
            starts_at=at,
            ends_at=at + lasts_s,
            by=whoami(),
            reason=reason,
            maintenance=maintenance,
        )

    silence = run_system(work, as_json=as_json)
    if as_json:
        print_json(asdict(silence))
        return
    from rich.markup import escape

    from api.cli.spans import cloud_time

    name = "Maintenance window" if silence.maintenance else "Silence"
    console().print(
        f"[green]✔[/] {name} {silence.silence_id[:8]} of {escape(_scope(silence))} "
        f"until {cloud_time(silence.ends_at)}"
    )


@app.command("list")
def list_silences(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    as_json: Json = False,
) -> None:
    """List the silences that hold now."""

    async def work(system: "System") -> "list[Silence]":
        at = None if every else system.operations.clock.now().timestamp()
        return list(await system.registry.silences.list(at=at))

    found = run_system(work, as_json=as_json)
    if as_json:
        print_json({"silences": [asdict(one) for one in found]})
        return
    if not found:
        console().print("Nothing is silenced.")
        return
    from api.cli.spans import cloud_time

    rows = [(one.silence_id[:8], cloud_time(one.ends_at), one.by, _scope(one), _why(one)) for one in found]
    print_listing(("silence", "until", "by", "of", "why"), rows)


@app.command("end")
def end(
    silence_id: Annotated[
        str, typer.Argument(help="Its id, or 6 characters of its beginning.", metavar="ID")
    ],
    *,
    as_json: Json = False,
) -> None:
    """End a silence now."""
    from api.cli.session import whoami
    from api.cli.short_ids import full_id

    async def work(system: "System") -> "Silence":
        silences = system.registry.silences
        known = [one.silence_id for one in await silences.list(limit=10_000)]
        name = full_id(silence_id, known, kind="silence", command="infraai silences list --all")
        return await silences.end(name, by=whoami(), at=system.operations.clock.now().timestamp())

    silence = run_system(work, as_json=as_json)
    if as_json:
        print_json(asdict(silence))
    else:
        console().print(f"[green]✔[/] Silence {silence.silence_id[:8]} is over.")


def _scope(silence: "Silence") -> str:
    named = (
        ("deployment", silence.deployment_id[:8]),
        ("resource", silence.resource),
        ("policy", silence.policy),
    )
    return ", ".join(f"{kind} {name}" for kind, name in named if name)


def _why(silence: "Silence") -> str:
    return f"{'maintenance: ' if silence.maintenance else ''}{silence.reason}"
