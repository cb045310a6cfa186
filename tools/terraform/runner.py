"""Commands on one deployment: their environment, their providers for as long as they run, their time."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infraai.errors import TerraformTimeoutError
from infraai.ports import Job, ProviderSession
from tools.terraform.engine import Engine
from tools.terraform.environment import command_environment
from tools.terraform.orphan import mark
from tools.terraform.process import Command, Finished, run
from tools.terraform.state_server import StateServer
from tools.terraform.workspace import Workspace, workspace, write_private

CLI_CONFIG = "terraform.rc"
DEFAULT_TIMEOUTS_S: Mapping[str, float] = {
    "init": 300,
    "validate": 120,
    "plan": 900,
    "show": 120,
    "apply": 3600,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """One deployment's directory with its providers at hand."""

    engine: Engine
    space: Workspace
    environment: Mapping[str, str] = field(repr=False)  # holds the state's token and the cloud's credentials
    timeouts_s: Mapping[str, float]
    grace_s: float
    holder: Callable[[], str]  # the info of who held the lock when this job was refused it

    async def run(self, *arguments: str, on_line: Callable[[bytes], None] | None = None) -> Finished:
        """Return the finished command, interrupted or not; the first argument is its name."""
        return await run(
            Command(
                engine=self.engine,
                arguments=arguments,
                folder=self.space.folder,
                environment=self.environment,
                tethered=arguments[0] == "apply",
                on_start=self._mark if arguments[0] == "apply" else None,
                timeout_s=self.timeouts_s[arguments[0]],
                grace_s=self.grace_s,
            ),
            on_line,
        )

    async def read(self, *arguments: str, on_line: Callable[[bytes], None] | None = None) -> Finished:
        """As `run`, for a command that changes nothing: a cancelled one raises, a late one too."""
        finished = await self.run(*arguments, on_line=on_line)
        if finished.interrupted == "cancelled":
            raise asyncio.CancelledError
        if finished.interrupted == "timeout":
            raise self.late(arguments[0])
        return finished

    def _mark(self, pid: int) -> None:
        mark(self.space, pid)

    def late(self, command: str, so_far: str = "") -> TerraformTimeoutError:
        """Return the error of a command that ran past its time."""
        return TerraformTimeoutError(
            "terraform",
            f"`{command}` was stopped after {self.timeouts_s[command]:g} s{so_far}",
            next_step="Give it more time (INFRAAI_TERRAFORM_TIMEOUT_S), or look at what it waits for.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """What every command needs, whoever's work it does."""

    engine: Engine
    home: Path
    server: StateServer
    session: ProviderSession
    environ: Mapping[str, str] = field(repr=False)
    timeouts_s: Mapping[str, float] = field(default_factory=dict[str, float])
    grace_s: float = 600

    def space(self, job: Job) -> Workspace:
        """Return the deployment's directory."""
        return workspace(self.home, job.deployment_id)

    @asynccontextmanager
    async def open(self, job: Job) -> AsyncGenerator[Shell]:
        """Yield a shell whose commands reach this job's state and providers."""
        config = self.home / CLI_CONFIG
        write_private(config, b"disable_checkpoint = true\n")
        state = await self.server.open(job)
        async with self.session(job) as providers:
            yield Shell(
                engine=self.engine,
                space=self.space(job),
                environment=command_environment(self.environ, config, job, state, providers),
                timeouts_s={**DEFAULT_TIMEOUTS_S, **self.timeouts_s},
                grace_s=self.grace_s,
                holder=lambda: self.server.holder(job),
            )
