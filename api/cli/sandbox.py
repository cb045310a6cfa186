"""infraai sandbox: status, inject, faults, clock, reset."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Json
from api.cli.output import console, print_json, print_listing
from api.cli.runtime import fail, run_system
from api.cli.spans import APART

if TYPE_CHECKING:
    from graphs.wiring import System
    from sandbox.faults.inject import Injected
    from sandbox.sandbox import Sandbox

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


@app.command("inject")
def inject(
    kind: Annotated[
        str,
        typer.Argument(help="Such as cpu_spike, disk_fill, crash_loop; `list` shows them.", metavar="KIND"),
    ],
    resource: Annotated[
        str, typer.Argument(help="Its name or id in the cloud, or its Terraform name.", metavar="RESOURCE")
    ] = "",
    *,
    for_: Annotated[
        str, typer.Option("--for", help="How long by the sandbox's clock, such as 10m.", metavar="SPAN")
    ] = "",
    as_json: Json = False,
) -> None:
    """Let something go wrong in the simulated cloud; `infraai sandbox inject list` shows what can."""
    if kind == "list" and not resource:
        _kinds(as_json=as_json)
        return
    from api.cli.spans import parse_span
    from infraai.errors import InfraError, InputError

    try:
        if not resource:
            raise InputError("Name the resource.", next_step="infraai sandbox inject KIND RESOURCE")
        lasts_s = parse_span(for_) if for_ else None
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> "Injected":
        from sandbox.faults.kind import InjectError

        try:
            return await _inject(system, kind, resource, lasts_s)
        except InjectError as error:
            raise InputError(_sentence(error.message), next_step=_sentence(error.next_step)) from error

    fault = run_system(work, as_json=as_json)
    if as_json:
        print_json(_document(fault))
        return
    until = f", for {for_} by the sandbox's clock" if for_ else ""
    out = console()
    out.print(
        f"[green]✔[/] Injected: {fault.kind} on {fault.resource}{until}  [bright_black]{fault.fault_id}[/]"
    )
    out.print("  [bright_black]→ infraai watch sees what follows[/]")
    out.print(f"  [bright_black]→ infraai sandbox faults clear {fault.fault_id} ends it[/]", soft_wrap=True)


@app.command("faults")
def faults(
    action: Annotated[str, typer.Argument(help="`list`, or `clear`.", metavar="list|clear")] = "",
    fault_id: Annotated[str, typer.Argument(help="With clear: which; else all.", metavar="ID")] = "",
    *,
    as_json: Json = False,
) -> None:
    """List what was injected, with ids; `infraai sandbox faults clear [ID]` ends it."""
    from infraai.errors import InputError

    if action not in {"", "list", "clear"}:
        error = InputError(
            f"{action!r} cannot be done with faults.",
            next_step="infraai sandbox faults list, or: infraai sandbox faults clear ID",
        )
        fail(error, as_json=as_json)

    async def work(system: "System") -> "list[Injected]":
        from api.cli.short_ids import full_id

        sandbox = simulated(system)
        known = sandbox.faults()
        if action == "clear":
            ids = [one.fault_id for one in known]
            named = (
                [full_id(fault_id, ids, kind="fault", command="infraai sandbox faults")]
                if fault_id
                else [one.fault_id for one in known if not one.over]
            )
            return [sandbox.clear(name) for name in named]
        return known

    found = run_system(work, as_json=as_json)
    if as_json:
        print_json({"faults": [_document(one) for one in found]})
        return
    if not found:
        console().print("Nothing goes wrong here.")
        return
    rows = [(one.fault_id, one.kind, one.resource, _stands(one)) for one in found]
    print_listing(("fault", "kind", "resource", "stands"), rows, fold=True)


@app.command("clock")
def clock(
    *,
    factor: Annotated[
        float | None, typer.Option(help="Let it run this much faster than real time.", metavar="N")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the sandbox's time, or let it run faster."""

    async def work(system: "System") -> dict[str, Any]:
        if factor is not None:
            set_factor(system, factor)
        hands = simulated(system).clock
        return {"now": hands.now().isoformat(timespec="seconds"), "factor": hands.factor}

    found = run_system(work, as_json=as_json)
    if as_json:
        print_json(found)
    else:
        console().print(f"{found['now']}  [bright_black]{found['factor']:g} times as fast as real time[/]")


def simulated(system: "System") -> "Sandbox":
    """Return the sandbox; raise `InputError` where the cloud is the real one."""
    from infraai.errors import InputError

    if system.settings.cloud != "sandbox":
        raise InputError(
            "The cloud is Google's; nothing is simulated there.", next_step="Set INFRAAI_CLOUD=sandbox."
        )
    return system.sandbox


def set_factor(system: "System", factor: float) -> None:
    """Let the sandbox's clock run this much faster; raise `InputError` for a factor it cannot have."""
    from infraai.errors import InputError
    from sandbox.clock import SandboxClock

    hands = simulated(system).clock
    APART.set(factor != 1)  # from here on its times are marked
    try:
        if isinstance(hands, SandboxClock):
            hands.set_factor(factor)
    except ValueError as error:
        raise InputError(_sentence(str(error)), next_step="Such as --factor 60.") from error


async def _inject(system: "System", kind: str, resource: str, lasts_s: float | None) -> "Injected":
    """Begin the fault; a name that the cloud does not know is looked up in the registry. Raises `InjectError`."""
    from infraai.errors import AmbiguousError, NotFoundError
    from sandbox.faults.kind import InjectError
    from sandbox.faults.kinds import KINDS

    sandbox = simulated(system)
    try:
        return sandbox.inject(kind, resource, lasts_s)
    except InjectError:
        from api.cli.naming import resolve

        try:
            meant = await resolve(system.registry, resource, fits=KINDS[kind].fits if kind in KINDS else ())
        except (NotFoundError, AmbiguousError):
            meant = None
        if meant is None or resource in {meant.resource.id, meant.resource.name}:
            raise
    return sandbox.inject(kind, meant.resource.id, lasts_s)


def _kinds(*, as_json: bool) -> None:
    from sandbox.faults.kinds import KINDS

    if as_json:
        print_json({name: {"summary": one.summary, "fits": list(one.fits)} for name, one in KINDS.items()})
        return
    rows = [(name, one.summary) for name, one in KINDS.items()]
    print_listing(("kind", "what happens"), rows, fold=True)


def _document(fault: "Injected") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(fault) | {"over": fault.over}


def _stands(fault: "Injected") -> str:
    if fault.over:
        return f"over: {fault.ended_by}"
    from api.cli.spans import cloud_time

    return f"until {cloud_time(fault.until.timestamp())}" if fault.until else "until something ends it"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
