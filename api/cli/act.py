"""infraai act, rollback: by hand, on the same path as everything else."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Accept, Json, Yes, rules
from api.cli.possible import possible
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from graphs.wiring import System
    from infraai.registry.runs import Run

By = Annotated[str, typer.Option(help="Your name; else the name you are logged in by.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept in the audit log.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("act")(act)
    app.command("rollback")(rollback)


def act(
    resource: Annotated[
        str, typer.Argument(help="A resource's name, Terraform name, address or id.", metavar="RESOURCE")
    ],
    action: Annotated[
        str,
        typer.Argument(
            help="scale_up, scale_down, restart, recreate, redeploy, modify_config, modify_firewall, resize_disk or "
            "rollback (of a run: infraai rollback RUN_ID). Without one: what can be done, with its parameters.",
            metavar="ACTION",
        ),
    ] = "",
    *,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter, such as machine_type=e2-medium."),
    ] = None,
    yes: Yes = False,
    accept: Accept = None,
    reason: Reason = "",
    by: By = "",
    while_stopped: Annotated[
        bool, typer.Option("--while-stopped", help="Act although autonomy is stopped; needs --by.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Act on a resource by hand: the same preview, approval, effect and re-check as for an incident.

    `infraai act RESOURCE` alone lists what can be done to it, with the parameters of each action.

    Exit codes: 0 done, 1 failed, 2 no such action, 3 refused, 4 waits for an approval, 6 rejected, 7 stopped.
    """
    from api.cli.asking import pairs
    from api.cli.session import whoami
    from infraai.errors import InfraError, InputError

    if not action:
        possible(resource, as_json=as_json)
        return
    try:
        parameters, accepted, name = pairs(settings or []), rules(accept), known_action(action)
        if while_stopped and not by.strip():
            raise InputError("Acting while stopped needs a name.", next_step="Add --by NAME.")
    except InfraError as error:
        fail(error, as_json=as_json)

    async def begin(system: "System") -> "Run":
        from agents.operate.prechecking import precheck
        from api.cli.naming import resolve

        meant = await resolve(system.registry, resource)
        known = meant.matched_by == "terraform name"
        await precheck(
            meant,
            name,
            parameters,
            deployments=system.registry.deployments,
            artifacts=system.registry.artifacts,
            hcl=system.ports.hcl,
        )
        return await system.operations.begin_act(
            meant.resource.address if known else resource,
            name,
            parameters,
            by=by or whoami(),
            reason=reason,
            yes=yes,
            accept=accepted,
            despite_stop=while_stopped,
            deployment_id=meant.deployment_id if known else "",
        )

    _carry_out(begin, yes=yes, accept=accepted, as_json=as_json)


def rollback(
    run_id: Annotated[
        str,
        typer.Argument(help="The run to take back: what stood before it is brought back.", metavar="RUN_ID"),
    ],
    *,
    yes: Yes = False,
    accept: Accept = None,
    reason: Reason = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Bring back what stood before a run, with preview and approval.

    Exit codes as for act.
    """
    from api.cli.session import whoami
    from infraai.errors import InfraError

    try:
        accepted = rules(accept)
    except InfraError as error:
        fail(error, as_json=as_json)

    def begin(system: "System") -> "Awaitable[Run]":
        return system.operations.begin_rollback(
            run_id, by=by or whoami(), reason=reason, yes=yes, accept=accepted
        )

    _carry_out(begin, yes=yes, accept=accepted, as_json=as_json)


def known_action(name: str) -> str:
    """Return the action's name; raise `InputError` for none we know, naming near ones."""
    from difflib import get_close_matches

    from infraai.errors import InputError
    from infraai.operations.shapes import ACTIONS, WIRE_NAMES

    plain = name.strip().lower().replace("-", "_")
    if plain == "rollback":
        raise InputError(
            "A rollback is of a run.", next_step="infraai rollback RUN_ID (see: infraai runs list)."
        )
    if plain in ACTIONS or plain in WIRE_NAMES:
        return WIRE_NAMES.get(plain, plain)
    near = get_close_matches(plain, ACTIONS, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise InputError(f"There is no action {name!r}.", next_step=f"{hint}It knows: {', '.join(ACTIONS)}.")


def _carry_out(
    begin: "Callable[[System], Awaitable[Run]]", *, yes: bool, accept: tuple[str, ...], as_json: bool
) -> None:
    async def work(system: "System") -> int:
        from api.cli.ops_session import OpsSession, screen_of

        async with screen_of(system, as_json=as_json) as screen:
            run = await begin(system)
            return await OpsSession(system, screen, as_json=as_json, yes=yes, accept=accept).act(run)

    raise typer.Exit(run_system(work, as_json=as_json))
