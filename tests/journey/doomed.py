"""A process that runs a deployment in the sandbox and is killed before its Nth checkpoint write, or in a node."""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from graphs import wiring
from infraai.models import Bundle, Event, Request
from infraai.settings import Settings

RUN_OPTIONS = {"kind": "apply", "yes": True, "accept": ("all",)}


def settings_of(home: Path) -> Settings:
    return Settings(INFRAAI_HOME=home, GCP_PROJECT_ID="test", _env_file=None)  # type: ignore[call-arg]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def count_down(writes: int) -> None:
    """Make the saver kill this process before its write number `writes`."""
    left = [writes]
    put, put_writes = AsyncSqliteSaver.aput, AsyncSqliteSaver.aput_writes

    def tick() -> None:
        left[0] -= 1
        if left[0] < 0:
            die()

    class Doomed(AsyncSqliteSaver):
        async def aput(self, *arguments: Any, **options: Any) -> Any:
            tick()
            return await put(self, *arguments, **options)

        async def aput_writes(
            self, config: Any, writes: Sequence[Any], *arguments: Any, **options: Any
        ) -> Any:
            tick()
            await put_writes(self, config, writes, *arguments, **options)

    import langgraph.checkpoint.sqlite.aio as module

    module.AsyncSqliteSaver = Doomed  # type: ignore[misc]


async def journey(home: Path, bundle: Bundle, kill_at_event: str) -> None:
    async with wiring.open_system(settings_of(home)) as system:

        def watch(run_id: str, event: Event) -> None:
            del run_id
            if kill_at_event and kill_at_event in f"{event.kind}:{event.message}":
                die()

        system.journal.watchers.append(watch)
        run = await system.runner.start(Request.model_validate(RUN_OPTIONS), bundle=bundle)
        run = await system.runner.drive(run.run_id)
        while run.status == "awaiting_approval":
            approval = (await system.registry.approvals.pending(run.run_id))[0]
            run = await system.runner.decide(approval.approval_id, "approve", by="test", channel="test")


def live(home: str, bundle: str, writes: int, kill_at_event: str) -> None:
    """Run the journey in this process, which ends by SIGKILL if the moment comes."""
    if writes >= 0:
        count_down(writes)
    asyncio.run(journey(Path(home), Bundle.model_validate_json(bundle), kill_at_event))
