"""infraai watch: the loop live, from the alert to the closed incident."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from api.cli.options import Json
from api.cli.runtime import fail, run_system

if TYPE_CHECKING:
    from api.cli.ops_screen import OpsScreen
    from graphs.wiring import System
    from infraai.registry.approvals import Approval

PORT = 8080
LOOK_EVERY_S = 0.3


def watch(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the webhook on 127.0.0.1; 0 takes a free one.")
    ] = PORT,
    factor: Annotated[
        float | None, typer.Option(help="Let the sandbox's clock run this much faster.", metavar="N")
    ] = None,
    for_: Annotated[
        str, typer.Option("--for", help="End after this time, such as 10m.", metavar="SPAN")
    ] = "",
    as_json: Json = False,
) -> None:
    """Take alerts, handle incidents and ask you where a person has to decide, until Ctrl-C.

    With --json each event is one JSON object in a line. Exit codes: 0 ended, 2 the port or a setting does not fit.
    """
    from api.cli.spans import parse_span
    from infraai.errors import InfraError

    try:
        lasts_s = parse_span(for_) if for_ else None
    except InfraError as error:
        fail(error, as_json=as_json)

    async def work(system: "System") -> None:
        from api.cli.sandbox import set_factor

        if factor is not None:
            set_factor(system, factor)
        await _watch(system, port=port, lasts_s=lasts_s, as_json=as_json)

    run_system(work, as_json=as_json)


async def _watch(system: "System", *, port: int, lasts_s: float | None, as_json: bool) -> None:
    from api.cli.ops_session import screen_of
    from api.cli.stopping import on_signals
    from api.receiver import receiving

    stop, operations = asyncio.Event(), system.operations
    secret = system.settings.ops_webhook_token
    token = secret.get_secret_value() if secret else ""
    async with (
        screen_of(system, as_json=as_json, lines=as_json) as screen,
        receiving(lambda body: operations.receive(body, channel="webhook"), port=port, token=token) as url,
    ):
        await _opening(system, screen, url)
        await system.warm()
        with on_signals(stop.set), _alerting(system):
            if lasts_s is not None:
                asyncio.get_running_loop().call_later(lasts_s, stop.set)
            await _both(system, screen, stop)
        await screen.settled()
        if not as_json:
            screen.out.print("\n[bright_black]Ended. What waits, waits: infraai status[/]")


async def _both(system: "System", screen: "OpsScreen", stop: asyncio.Event) -> None:
    """Handle incidents and ask about them side by side until `stop` is set."""
    asking = asyncio.create_task(Questions(system, screen).run())
    try:
        await system.operations.watch(stop=stop)
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


@contextmanager
def _alerting(system: "System") -> Generator[None]:
    """Let the simulated cloud evaluate its alert policies while inside; Google does so by itself."""
    if system.settings.cloud != "sandbox":
        yield
        return
    system.sandbox.start_alerting()
    try:
        yield
    finally:
        system.sandbox.stop_alerting()


async def _opening(system: "System", screen: "OpsScreen", url: str) -> None:
    if screen.lines:
        return
    from rich.markup import escape

    out, registry = screen.out, system.registry
    stands = [one for one in await registry.deployments.list() if one.status == "active"]
    flag = await registry.kill_switch.read()
    said = f"autonomy {system.settings.autonomy} · {len(stands)} deployment{'' if len(stands) == 1 else 's'}"
    if system.settings.cloud == "sandbox" and system.sandbox.clock.factor != 1:
        said += f" · clock {system.sandbox.clock.factor:g} times as fast"
    out.print()
    out.print("[bold cyan]▲ INFRAai[/]  [bold]Watching[/]")
    out.print(f"  [bright_black]{escape(system.describe())}[/]")
    out.print(f"  [bright_black]{escape(url)} · {escape(said)}[/]")
    elsewhere = _elsewhere(system, url)
    if elsewhere:
        out.print(f"  [yellow]![/] {escape(elsewhere)}")
    if flag.stopped:
        out.print(f"  [red]■ Autonomy is stopped[/] by {escape(flag.by)}: {escape(flag.reason)}")
    out.print("  [bright_black]Ctrl-C ends it.[/]")


def _elsewhere(system: "System", url: str) -> str:
    """Return a word of warning where the deployed policies post to another port than this one."""
    if system.settings.cloud != "sandbox":
        return ""
    posted = urlsplit(system.settings.public_url or f"http://127.0.0.1:{PORT}")
    here = urlsplit(url)
    if posted.hostname not in {"127.0.0.1", "localhost"} or posted.port == here.port:
        return ""
    return f"Deployed alert policies post to port {posted.port}: set PUBLIC_URL=http://{here.netloc} before deploying."


@dataclass(slots=True)
class Questions:
    """Puts every approval that waits to the person at the terminal, one after the other."""

    system: "System"
    screen: "OpsScreen"
    left: set[str] = field(default_factory=set[str])  # approvals that were put already
    driving: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    async def run(self) -> None:
        """Ask until cancelled; what was answered is driven on beside the next question."""
        try:
            while True:
                waiting = await self._next()
                if waiting is None:
                    await asyncio.sleep(LOOK_EVERY_S)
                else:
                    await self._put(waiting)
        finally:
            for task in self.driving:
                task.cancel()
            await asyncio.gather(*self.driving, return_exceptions=True)

    async def _next(self) -> "Approval | None":
        """Return the oldest question that its run waits with."""
        for one in await self.system.registry.approvals.pending():
            run = await self.system.registry.runs.get(one.run_id)
            if one.approval_id not in self.left and run.status == "awaiting_approval":
                return one
        return None

    async def _put(self, approval: "Approval") -> None:
        from api.cli.asking import Asker
        from api.cli.ops_screen import about
        from api.cli.ops_session import waits
        from api.cli.runtime import at_terminal

        self.left.add(approval.approval_id)
        await self.screen.settled()
        if self.screen.lines:
            return
        named = await about(self.system.registry, approval.run_id)
        if not at_terminal():
            waits(approval, (), named)
            return
        try:
            reply = await Asker(self.system, self.screen).ask(approval)
        except EOFError:
            waits(approval, (), named)
            return
        if reply is not None:
            task = asyncio.create_task(self._decide(approval, reply.decision, reply.choice or None))
            self.driving.add(task)
            task.add_done_callback(self.driving.discard)

    async def _decide(self, approval: "Approval", word: str, choice: object) -> None:
        from typing import Any, cast

        from api.cli.output import print_error
        from api.cli.session import whoami
        from infraai.errors import InfraError

        try:
            await self.system.operations.decide(
                approval.approval_id,
                cast("Any", word),
                by=whoami(),
                channel="cli",
                choice=cast("Any", choice),
            )
        except InfraError as error:
            print_error(error)
