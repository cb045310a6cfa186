"""The demonstration: from the sentence to a verified deployment, and from an alert to a closed incident."""

import asyncio
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.cli.ops_screen import OpsScreen
    from graphs.wiring import System
    from infraai.registry.approvals import Approval

GOAL = "Deploy a backend API for 10k users under $100/month"
HOME = Path(".infraai/demo")
FACTOR = 60  # an hour of the simulated cloud passes in a minute
PATIENCE_S = 90.0
NAME = "demo"


def main() -> None:
    """Run the demonstration from an empty home, and leave what it built to be looked at."""
    shutil.rmtree(HOME, ignore_errors=True)
    port = _free_port()
    os.environ.update(
        INFRAAI_HOME=str(HOME.absolute()),
        INFRAAI_CLOUD="sandbox",
        PUBLIC_URL=f"http://127.0.0.1:{port}",
    )
    from api.cli.app import app
    from api.cli.runtime import run_system

    try:
        app(["deploy", GOAL, "--yes", "--accept", "all"])
    except SystemExit as leaving:
        if leaving.code:
            sys.exit(int(leaving.code))
    if not run_system(lambda system: _operate(system, port)):
        sys.exit(1)
    _closing()


async def _operate(system: "System", port: int) -> bool:
    """Let a machine be overloaded, answer what is asked, and stop autonomy at the end; return whether it resolved."""
    from api.cli.ops_session import screen_of
    from api.receiver import receiving

    await system.warm()
    system.sandbox.clock.set_factor(FACTOR)
    stop = asyncio.Event()
    async with (
        screen_of(system) as screen,
        receiving(lambda body: system.operations.receive(body, channel="webhook"), port=port) as url,
    ):
        screen.out.print(f"\n[bold cyan]▲ INFRAai[/]  [bold]Watching[/]  [bright_black]{url}[/]")
        system.sandbox.start_alerting()
        watching = asyncio.create_task(system.operations.watch(stop=stop))
        try:
            resolved = await _spike(system, screen)
            if resolved:
                await _stop_autonomy(system, screen)
        finally:
            stop.set()
            await watching
            system.sandbox.stop_alerting()
            system.sandbox.clock.set_factor(1)
    return resolved


async def _spike(system: "System", screen: "OpsScreen") -> bool:
    machine = await _machine(system)
    system.sandbox.inject("cpu_spike", machine)
    screen.out.print(
        f"  [bright_black]The load on[/] {machine} [bright_black]is let rise: infraai sandbox inject cpu_spike"
        f" {machine}. Its own alert policy is to notice; the clock runs {FACTOR} times as fast.[/]"
    )
    approval = await _asked(system)
    if approval is None:
        screen.out.print("  [red]✗ The alert did not come in time.[/]")
        return False
    await screen.settled()
    screen.out.print(
        "\n  [green]✔[/] [bold]Approved[/] [bright_black]by the demonstration, as a person would:"
        f" infraai approvals approve {approval.approval_id}[/]"
    )
    run = await system.operations.decide(approval.approval_id, "approve", by=NAME, channel="demo")
    incident = await system.registry.incidents.get(run.request.incident_id)
    await screen.settled()
    return incident.status == "resolved"


async def _stop_autonomy(system: "System", screen: "OpsScreen") -> None:
    """Show what the kill-switch prevents, and that a person starts again by name."""
    machine = await _machine(system)
    await system.operations.stop(NAME, "to show it")
    screen.out.print(f"\n[bold red]■ STOP AUTONOMY[/]  [bright_black]infraai stop --reason …, by {NAME}[/]")
    refused = await system.operations.act(machine, "restart", {}, by=NAME, yes=True)
    await screen.settled()
    screen.out.print(
        f"\n  [yellow]■[/] The restart was [bold]{refused.status}[/]: nothing reached the cloud."
    )
    await system.operations.start(NAME, "it was shown")
    line = await system.registry.audit.broken_at()
    chain = "whole" if line is None else f"broken at line {line}"
    screen.out.print(
        f"  [green]▶[/] Started again by {NAME}, with a reason. The audit log's chain is [bold]{chain}[/]."
    )


async def _machine(system: "System") -> str:
    deployment = (await system.registry.deployments.list(status="active"))[0]
    resources = await system.registry.deployments.resources(deployment.deployment_id)
    return next(one.name for one in resources if one.type == "google_compute_instance")


async def _asked(system: "System") -> "Approval | None":
    """Return the approval that an incident waits with, or None where none comes in time."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_S
    while loop.time() < until:
        for approval in await system.registry.approvals.pending():
            run = await system.registry.runs.get(approval.run_id)
            if run.status == "awaiting_approval":
                return approval
        await asyncio.sleep(0.1)
    return None


def _closing() -> None:
    from api.cli.output import console

    out = console()
    out.print(
        "\nThis ran without keys and without a cloud account, on the real Terraform engine. To look around:"
    )
    out.print(f"  [cyan]export INFRAAI_HOME={HOME}[/]")
    out.print(
        "  [cyan].venv/bin/infraai incidents list[/]        what happened, and `incidents explain ID` why"
    )
    out.print("  [cyan].venv/bin/infraai deployments list[/]      what stands")
    out.print(
        "  [cyan].venv/bin/infraai audit verify[/]          who allowed what, in a chain nobody can edit"
    )
    out.print('  [cyan].venv/bin/infraai deploy "…"[/]            your own goal')


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
