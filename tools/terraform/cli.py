"""`infraai.ports.Terraform`, by running the program."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from infraai.errors import TerraformError
from infraai.models import Bundle, Report
from infraai.ports import Applied, Job, Planned, ProviderSession, SavedPlan, StateStore
from tools.terraform.apply import apply, conclude, restore_lock
from tools.terraform.engine import Engine
from tools.terraform.failures import broken
from tools.terraform.init import forget, init
from tools.terraform.parse import parse_validate
from tools.terraform.plan import plan
from tools.terraform.recover import recover
from tools.terraform.runner import Runner, Shell
from tools.terraform.state_server import StateServer


@asynccontextmanager
async def own_providers(job: Job) -> AsyncGenerator[Mapping[str, str]]:
    """Be a `ProviderSession` that adds nothing: Terraform installs and starts its providers itself."""
    del job
    yield {}


@dataclass(slots=True, kw_only=True)
class TerraformCli:
    """Terraform on the states of one `StateStore`; close it with `aclose` when done."""

    engine: Engine
    home: Path
    states: StateStore
    environ: Mapping[str, str] = field(repr=False)
    session: ProviderSession = own_providers
    timeouts_s: Mapping[str, float] = field(default_factory=dict[str, float])  # by command, over the defaults
    grace_s: float = 600  # between the one SIGINT and SIGKILL
    orphan_s: float = 60  # how long `recover` waits for a command that outlived its parent
    lock_timeout_s: int = 10
    _runner: Runner = field(init=False)
    _server: StateServer = field(init=False)

    def __post_init__(self) -> None:
        """Bind the parts; nothing is started yet."""
        self._server = StateServer(self.states)
        self._runner = Runner(
            engine=self.engine,
            home=self.home,
            server=self._server,
            session=self.session,
            environ=self.environ,
            timeouts_s=self.timeouts_s,
            grace_s=self.grace_s,
        )

    async def aclose(self) -> None:
        """Stop serving states."""
        await self._server.aclose()

    async def prepare(self, job: Job, bundle: Bundle) -> Path:
        """Lay the bundle out in the run's directory and return it; `DirectoryError` for unsafe names."""
        space = self._runner.space(job)
        space.lay_out(bundle)
        return space.folder

    async def init(self, job: Job) -> Report:
        """Return what `terraform init` found; no process where the last one still holds."""
        async with self._open(job) as shell:
            return await init(job, shell)

    async def validate(self, job: Job) -> Report:
        """Return what `terraform validate` found."""
        report = await self._validate(job)
        if forget(self._runner.space(job), report) and (await self.init(job)).passed:
            return await self._validate(job)
        return report

    async def plan(self, job: Job, *, destroy: bool = False, replace: Sequence[str] = ()) -> Planned:
        """Return a saved plan against the deployment's state, or why there is none."""
        options = [*(["-destroy"] if destroy else []), *(f"-replace={address}" for address in replace)]
        return await self._plan(job, options)

    async def drift(self, job: Job) -> Planned:
        """Return a plan that only takes up what changed outside Terraform (`-refresh-only`)."""
        return await self._plan(job, ["-refresh-only"])

    async def apply(self, job: Job, plan: SavedPlan) -> Applied:
        """Apply exactly that plan file.

        A cancelled call sends Terraform one SIGINT, waits for it and returns with `stopped`: what was
        completed is in the state. Where the state moved since the plan the report says "Saved plan is stale".
        Raises `StateLockedError` where another command holds it, `TerraformTimeoutError` where it ran past
        its time and was stopped.
        """
        async with self._open(job) as shell:
            restore_lock(shell.space, plan.file)
            report = await init(job, shell)
            if not report.passed:
                return Applied(report=report)
            try:
                ended = await apply(job, shell, plan, self.lock_timeout_s)
            finally:
                await self._settle(job)
            return conclude(job, shell, ended, await self.state(job))

    async def state(self, job: Job) -> Mapping[str, Any]:
        """Return the deployment's newest state as Terraform wrote it (version 4); {} where there is none."""
        current = await self.states.current(job.deployment_id)
        return cast("Mapping[str, Any]", json.loads(current.body)) if current else {}

    async def recover(self, job: Job) -> bool:
        """Save state that a killed command left in the directory, free its lock; True if there was any."""
        return await recover(job, self._runner.space(job), self.states, self.orphan_s)

    async def _validate(self, job: Job) -> Report:
        async with self._open(job) as shell:
            finished = await shell.read("validate", "-json")
        try:
            return parse_validate(finished.stdout)
        except (ValueError, KeyError) as fault:
            raise broken(finished) from fault

    async def _plan(self, job: Job, options: Sequence[str]) -> Planned:
        await self._settle(job)
        planned = await self._plan_once(job, options)
        if forget(self._runner.space(job), planned.report) and (await self.init(job)).passed:
            return await self._plan_once(job, options)
        return planned

    async def _plan_once(self, job: Job, options: Sequence[str]) -> Planned:
        async with self._open(job) as shell:
            report = await init(job, shell)
            if not report.passed:
                return Planned(report=report)
            try:
                return await plan(job, shell, options, self.lock_timeout_s)
            finally:
                await self._server.release(job)

    async def _settle(self, job: Job) -> None:
        """Leave neither a state unsaved nor a lock held by a command that is gone."""
        if self._runner.space(job).errored_state.is_file():
            await self.recover(job)
        await self._server.release(job)

    @asynccontextmanager
    async def _open(self, job: Job) -> AsyncGenerator[Shell]:
        space = self._runner.space(job)
        if not space.ready:
            raise TerraformError(
                "terraform",
                f"{space.folder} has no files of {job.deployment_id} yet",
                next_step="Call prepare() with the bundle first.",
            )
        async with self._runner.open(job) as shell:
            yield shell
