"""infraai approvals: list, show, approve, reject."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Json
from api.cli.output import console, print_json, print_listing
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from graphs.wiring import System
    from infraai.registry.approvals import Approval

app = typer.Typer(help="What waits for a person's word.", no_args_is_help=True)
IdArgument = Annotated[
    str,
    typer.Argument(
        help="The approval, its run or its incident; 6 characters of the beginning are enough.", metavar="ID"
    ),
]
LISTED = 200


@app.command("list")
def list_approvals(
    *,
    every: Annotated[bool, typer.Option("--all", help="Decided and expired ones too.")] = False,
    as_json: Json = False,
) -> None:
    """List what waits for a decision, oldest first."""

    async def work(system: "System") -> "list[Approval]":
        approvals = system.registry.approvals
        waiting = await approvals.pending()
        for one in waiting:
            await approvals.expire_if_late(one.approval_id)
        return list(await (approvals.list(limit=LISTED) if every else approvals.pending()))

    found = run_system(work, as_json=as_json)
    if as_json:
        print_json({"approvals": [asdict(one) for one in found]})
        return
    if not found:
        console().print("Nothing waits for a decision.")
        return
    from api.cli.approval_card import described
    from api.cli.asking import arguments_of
    from api.cli.spans import clock_time

    rows = [
        (
            one.approval_id,
            str(arguments_of(one).get("incident_id") or "-")[:8],
            one.status,
            one.subject,
            clock_time(one.expires_at),
            described(one),
        )
        for one in found
    ]
    print_listing(("approval", "incident", "status", "about", "until", "what"), rows, fold=True)


@app.command("show")
def show(approval_id: IdArgument, *, as_json: Json = False) -> None:
    """Show what a person is asked: the alert, the evidence, the decision, the exact change."""

    async def work(system: "System") -> "tuple[Approval, Any]":
        found = await find_approval(system, approval_id)
        run = await system.registry.runs.get(found.run_id)
        preview = (await system.values(run)).get("preview") if found.subject == "apply" else None
        return found, preview

    found, preview = run_system(work, as_json=as_json)
    if as_json:
        print_json(asdict(found))
        return
    from api.cli.approval_card import approval_card

    console().print(approval_card(found, preview))


@app.command("approve")
def approve(
    approval_id: IdArgument,
    *,
    choose: Annotated[
        str, typer.Option(help="Of a question: the action, or an option's id such as O2.", metavar="ACTION")
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="With --choose: a parameter of the action."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit log.")] = "",
    as_json: Json = False,
) -> None:
    """Say yes to exactly what was shown, and see it done.

    Exit codes: 0 done, 1 failed, 4 it waits again (a new preview), 6 too late, 7 stopped, 8 escalated.
    """
    from api.cli.asking import pairs
    from infraai.errors import InfraError, InputError

    try:
        parameters = pairs(settings or [])
        if parameters and not choose:
            raise InputError("--set says how to do what --choose names.", next_step="Add --choose ACTION.")
    except InfraError as error:
        fail(error, as_json=as_json)
    _decide(approval_id, "approve", reason=reason, choice=(choose, parameters), as_json=as_json)


@app.command("reject")
def reject(
    approval_id: IdArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit log.")],
    as_json: Json = False,
) -> None:
    """Say no; nothing is done, and the incident ends as rejected. Exit code 0."""
    _decide(approval_id, "reject", reason=reason, choice=("", {}), as_json=as_json)


def _decide(
    approval_id: str, word: Any, *, reason: str, choice: tuple[str, dict[str, Any]], as_json: bool
) -> None:
    async def work(system: "System") -> tuple[dict[str, Any], int]:
        from api.cli.asking import chosen
        from api.cli.ops_session import OpsSession, screen_of
        from api.cli.runtime import interruptible
        from api.cli.session import whoami

        found = await find_approval(system, approval_id)
        meant = chosen(found, *choice) if word == "approve" and found.status == "pending" else None
        decided = system.operations.decide(
            found.approval_id, word, by=whoami(), channel="cli", reason=reason, choice=meant
        )
        async with screen_of(system, as_json=as_json) as screen:
            session = OpsSession(system, screen, as_json=as_json)
            run = await session.settle(await interruptible(decided, found.run_id))
            return await session.closing(run), await session.code(run)

    report, code = run_system(work, as_json=as_json)
    if as_json:
        print_json(report)
    raise typer.Exit(0 if word == "reject" and report["status"] == "rejected" else code)


async def find_approval(system: "System", given: str) -> "Approval":
    """Return the approval by its id, or the one that waits of a run or an incident; short ids are enough.

    Raises `NotFoundError` and `AmbiguousError`.
    """
    from api.cli.short_ids import full_id
    from infraai.errors import NotFoundError

    registry = system.registry
    try:
        incident = await registry.incidents.get(given)
        waiting = await registry.approvals.pending(incident.run_id) if incident.run_id else ()
    except NotFoundError:
        waiting = ()
    if waiting:
        return waiting[0]
    pending = {one.approval_id: one for one in await registry.approvals.pending()}
    meant = [one for name, one in pending.items() if len(given) >= 6 and name.startswith(given[:8])]  # noqa: PLR2004
    of_run = [one for one in meant if one.run_id == given or one.approval_id.startswith(given)]
    if len(of_run) == 1:
        return of_run[0]
    known = {one.approval_id: one for one in await registry.approvals.list(limit=10_000)}
    name = full_id(given, known, kind="approval", command="infraai approvals list --all")
    return known[name]
