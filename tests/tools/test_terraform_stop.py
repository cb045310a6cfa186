"""Stopping an apply: once, gracefully, whatever ends the caller."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from infraai.errors import StateLockedError, TerraformError, TerraformTimeoutError
from infraai.models import Event
from tests.tools.engines import bundle, engine, job, of_run, planned, present, terraform
from tools.terraform import MemoryStates, TerraformCli

SLOW = """
resource "terraform_data" "quick" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]
  provisioner "local-exec" {
    command = "sleep 1.2"
  }
}
resource "terraform_data" "never" {
  depends_on = [terraform_data.slow]
}
"""
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.tools.engines import job, planned, terraform

async def main():
    async with terraform(sys.argv[1], Path(sys.argv[2])) as cli:
        work = job()
        plan = await planned(cli, work, sys.stdin.read())
        started = type(work)(
            run_id=work.run_id,
            deployment_id=work.deployment_id,
            on_event=lambda event: event.data.get("type") == "provision_start" and os.kill(os.getpid(), signal.SIGKILL),
        )
        await cli.apply(started, plan)

asyncio.run(main())
"""


@pytest.fixture(params=present())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def killed_while_applying(name: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, name, str(home)],
        check=False,
        input=SLOW,
        text=True,
        capture_output=True,
        cwd=Path(__file__).parents[2],
    )


async def until(events: list[Event], kind: str) -> None:
    while not any(event.data.get("type") == kind for event in events):  # noqa: ASYNC110 - the list is the record
        await asyncio.sleep(0.01)


def addresses(state: bytes | None) -> set[str]:
    read = json.loads(state or b'{"resources": []}')
    return {f"{one['type']}.{one['name']}" for one in read["resources"]}


async def test_a_cancelled_apply_ends_with_its_state_saved_and_its_lock_free(
    name: str, tmp_path: Path
) -> None:
    states = MemoryStates()
    events: list[Event] = []
    work = job(events=events)
    async with terraform(name, tmp_path, states) as cli:
        plan = await planned(cli, work, SLOW)
        apply = asyncio.create_task(cli.apply(work, plan))
        await until(events, "provision_start")

        apply.cancel()
        applied = await apply

        assert applied.stopped
        assert "terraform_data.quick" in applied.completed
        assert "terraform_data.never" not in applied.completed
        current = await states.current("dep-1")
        assert current is not None
        assert "terraform_data.quick" in addresses(current.body)
        assert "terraform_data.never" not in addresses(current.body)
        assert states.locks == {}
        rest = await cli.plan(work)
        assert rest.plan is not None


async def test_a_late_apply_is_stopped_with_what_it_completed_saved(name: str, tmp_path: Path) -> None:
    states = MemoryStates()
    cli = TerraformCli(
        engine=engine(name), home=tmp_path, states=states, environ=os.environ, timeouts_s={"apply": 0.5}
    )
    plan = await planned(cli, job(), SLOW)

    with pytest.raises(TerraformTimeoutError, match=r"stopped after 0\.5 s, with 1 changes completed"):
        await cli.apply(job(), plan)

    current = await states.current("dep-1")
    assert current is not None
    assert "terraform_data.quick" in addresses(current.body)
    assert states.locks == {}
    await cli.aclose()


async def test_a_cancelled_plan_leaves_no_lock(name: str, tmp_path: Path) -> None:
    states = MemoryStates()
    async with terraform(name, tmp_path, states) as cli:
        await planned(cli, job(), SLOW)
        plan = asyncio.create_task(cli.plan(job()))
        await asyncio.sleep(0.03)
        plan.cancel()
        with pytest.raises(asyncio.CancelledError):
            await plan
        assert states.locks == {}


async def test_another_runs_command_is_told_who_holds_the_state(name: str, tmp_path: Path) -> None:
    states = MemoryStates()
    info = {
        "ID": "1",
        "Operation": "OperationTypeApply",
        "Who": "ada@host",
        "Created": "2026-11-23T03:03:56Z",
        "Info": "run run-0",
    }
    async with terraform(name, tmp_path, states) as cli:
        cli.lock_timeout_s = 0
        plan = await planned(cli, job(), SLOW)
        await states.lock("dep-1", "run-0", json.dumps(info))

        with pytest.raises(
            StateLockedError, match=r"dep-1 is held by run run-0 \(ada@host\) since 2026-11-23"
        ):
            await cli.plan(job())
        with pytest.raises(StateLockedError, match="run-0"):
            await cli.apply(job(), plan)

        assert await cli.recover(of_run(job(), "run-9")) is False
        assert await cli.recover(of_run(job(), "run-0")) is True
        assert (await cli.plan(job())).plan is not None


async def test_a_killed_process_loses_nothing_that_was_built(name: str, tmp_path: Path) -> None:
    child = await asyncio.to_thread(killed_while_applying, name, tmp_path)
    assert child.returncode == -signal.SIGKILL, child.stderr
    states = MemoryStates()
    await states.lock("dep-1", "run-1", json.dumps({"ID": "of the dead"}))
    async with terraform(name, tmp_path, states) as cli:
        assert await cli.recover(job()) is True

        current = await states.current("dep-1")
        assert current is not None
        assert "terraform_data.quick" in addresses(current.body)
        assert "terraform_data.never" not in addresses(current.body)
        assert states.locks == {}
        assert not (tmp_path / "runs" / "dep-1" / "errored.tfstate").exists()
        await cli.prepare(job(), bundle(SLOW.replace("sleep 1.2", "true")))
        rest = await cli.plan(job())
        assert rest.plan is not None
        assert (await cli.apply(job(), rest.plan)).report.passed
        assert await cli.recover(job()) is False


async def test_an_engine_killed_in_mid_apply_frees_its_lock_and_names_what_it_could_not_save(
    name: str, tmp_path: Path
) -> None:
    states = MemoryStates()

    def kill(event: Event) -> None:
        if event.data.get("type") == "provision_start":
            pid = int((tmp_path / "runs/dep-1/.infraai/running").read_text().split()[0])
            for child in psutil.Process(pid).children():
                child.kill()

    async with terraform(name, tmp_path, states) as cli:
        plan = await planned(cli, job(), SLOW)
        with pytest.raises(TerraformError, match=r"not in the state: terraform_data.quick \([0-9a-f-]{36}\)"):
            await cli.apply(replace(job(), on_event=kill), plan)

    assert states.locks == {}


async def test_a_state_of_another_history_is_not_taken_over(name: str, tmp_path: Path) -> None:
    states = MemoryStates()
    async with terraform(name, tmp_path, states) as cli:
        await cli.apply(job(), await planned(cli, job(), 'resource "terraform_data" "a" {}'))
        left = tmp_path / "runs" / "dep-1" / "errored.tfstate"
        left.write_text(json.dumps({"version": 4, "serial": 9, "lineage": "another", "resources": []}))

        with pytest.raises(TerraformError, match="does not follow the newest one"):
            await cli.recover(job())

        assert left.exists()
        assert len(states.versions["dep-1"]) == 1
