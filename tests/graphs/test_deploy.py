"""The deploy graph over fakes: planning, reviews, mending, crashes, the kill-switch during an apply."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from graphs.driver import drive, snapshot
from graphs.report import run_report
from graphs.wiring import STATE_TYPES, deploy
from infraai.drafts import FileText, MendDraft, PlanDraft
from infraai.errors import ModelUnavailableError
from infraai.models import Diagnostic, Report, Request
from tests.graphs.world import DRAFT, WRITTEN, World, open_world
from tools.hcl import HclTreeSitter

GOAL = Request(kind="deploy", goal="a small machine")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


def invalid(summary: str = "Unusual fault") -> Report:
    return Report(diagnostics=(Diagnostic(summary=summary, file="main.tf", line=1),))


async def test_a_goal_is_planned_written_and_asked(world: World) -> None:
    run = await world.run(GOAL)
    assert run.status == "awaiting_approval"
    assert [prompt.task for prompt in world.model.prompts] == ["plan", "write"]
    assert (await world.approve(run)).status == "completed"


async def test_no_infrastructure_ends_before_anything_is_written(world: World) -> None:
    world.model.replies["plan"] = [PlanDraft(refusal="not_infrastructure", refusal_message="A poem is none.")]
    run = await world.run(GOAL)
    assert (run.status, run.reason, run.message) == ("failed", "goal", "A poem is none.")
    assert world.terraform.prepared == []


async def test_a_model_that_is_down_fails_the_run_and_resume_goes_on_there(world: World) -> None:
    world.model.replies["write"] = [ModelUnavailableError("gemini", "down"), WRITTEN]
    run = await world.run(GOAL)
    assert (run.status, run.reason) == ("failed", "model")
    run = await world.runner.resume(run.run_id)
    assert run.status == "awaiting_approval"
    assert [prompt.task for prompt in world.model.prompts] == ["plan", "write", "write"]


async def test_the_model_mends_what_code_cannot(world: World) -> None:
    world.terraform.validate_reports = [invalid()]
    mended = FileText(name="main.tf", content=WRITTEN.main_tf + "# mended\n")
    world.model.says("mend", MendDraft(files=(mended,), explanation="mended"))
    run = await world.run(GOAL)
    assert run.status == "awaiting_approval"
    assert "fix_attempt_1" in await world.phases(run)


async def test_a_mend_that_adds_a_provisioner_is_refused(world: World) -> None:
    world.terraform.validate_reports = [invalid()]
    evil = WRITTEN.main_tf.replace("}", '  provisioner "local-exec" {\n    command = "id"\n  }\n}')
    world.model.says("mend", MendDraft(files=(FileText(name="main.tf", content=evil),)))
    run = await world.run(GOAL)
    assert run.status == "failed"
    assert len(world.terraform.validated) == 1


async def test_five_answers_of_nonsense_end_the_mending(world: World) -> None:
    world.terraform.validate_reports = [invalid(f"Fault {number}") for number in range(20)]
    replies = [MendDraft(files=(FileText(name="notes.md", content=f"nonsense {n}"),)) for n in range(20)]
    world.model.says("mend", *replies)
    run = await world.run(GOAL)
    assert (run.status, run.reason) == ("failed", "validation_exhausted")
    assert len(world.model.asked("mend")) == 3


async def test_the_same_errors_twice_end_it_as_not_converging(world: World) -> None:
    world.terraform.validate_reports = [invalid() for _ in range(20)]
    world.model.says("mend", *[MendDraft(files=(FileText(name="x.md", content=str(n)),)) for n in range(9)])
    run = await world.run(GOAL)
    assert (run.status, run.reason) == ("failed", "not_converging")
    assert "LLM fix not converging" in run.message


async def test_errors_of_the_plan_are_mended_like_those_of_validate(world: World) -> None:
    world.terraform.plan_reports = [invalid("Error at plan")]
    mended = FileText(name="main.tf", content=WRITTEN.main_tf + "# mended\n")
    world.model.says("mend", MendDraft(files=(mended,)))
    assert (await world.run(GOAL)).status == "awaiting_approval"


async def test_a_reviewed_plan_goes_on_as_edited(world: World) -> None:
    run = await world.run(GOAL.model_copy(update={"reviews": True}))
    assert run.status == "awaiting_review"
    report = await run_report(world.registry, HclTreeSitter(), world.runner.graphs["deploy"], run)
    assert [node["id"] for node in report["graph"]["nodes"]] == [
        "google_compute_instance.vm"
    ]  # from the plan alone
    state = await snapshot(world.runner.graphs["deploy"], run.run_id)
    plan = state.interrupts[0].value["plan"] | {"summary": "Edited."}
    run = await world.runner.drive(run.run_id, {state.interrupts[0].id: {"plan": plan}})
    assert run.status == "awaiting_review"
    state = await snapshot(world.runner.graphs["deploy"], run.run_id)
    assert state.values["plan"].summary == "Edited."
    edited = {"files": {"extra.tf": 'resource "google_compute_network" "n" {\n  name = "n"\n}\n'}}
    run = await world.runner.drive(run.run_id, {state.interrupts[0].id: edited})
    assert run.status == "awaiting_approval"
    assert "extra.tf" in world.terraform.validated[-1].files


async def test_the_kill_switch_stops_a_running_apply_gracefully(world: World) -> None:
    run = await world.run(GOAL)
    world.terraform.hold = True
    deciding = asyncio.create_task(world.approve(run))
    await world.terraform.applying.wait()
    await world.registry.kill_switch.stop("ada", "looks wrong")
    run = await deciding
    assert (run.status, run.reason) == ("halted", "stopped")
    assert len(world.terraform.stopped) == 1
    assert world.terraform.applied == []


async def test_an_interrupted_apply_is_recovered_previewed_and_asked_again(world: World) -> None:
    run = await world.run(GOAL)
    world.terraform.hold = True
    deciding = asyncio.create_task(world.approve(run))
    await world.terraform.applying.wait()
    deciding.cancel()
    await asyncio.gather(deciding, return_exceptions=True)
    world.terraform.hold = False
    run = await world.runner.resume(run.run_id)
    assert run.status == "awaiting_approval"
    assert world.terraform.recovered == [run.deployment_id]
    assert (await world.approve(run)).status == "completed"


async def test_what_an_interrupted_apply_had_created_is_adopted(world: World) -> None:
    run = await world.run(GOAL)
    world.terraform.hold = True
    deciding = asyncio.create_task(world.approve(run))
    await world.terraform.applying.wait()
    deciding.cancel()
    await asyncio.gather(deciding, return_exceptions=True)
    world.terraform.hold = False
    address = "google_compute_instance.vm"
    exists = Diagnostic(summary="Error 409: The resource 'vm' already exists, alreadyExists", address=address)
    world.terraform.apply_reports = [Report(diagnostics=(exists,))]
    run = await world.approve(await world.runner.resume(run.run_id))
    assert run.status == "awaiting_approval"
    adopted = world.terraform.validated[-1].files["adopted.tf"]
    assert 'id = "projects/p/google_compute_instance/vm"' in adopted
    assert f"to = {address}" in adopted


async def test_what_somebody_else_made_is_never_adopted(world: World) -> None:
    run = await world.run(GOAL)
    exists = Diagnostic(
        summary="Error 409: The resource 'vm' already exists, alreadyExists",
        address="google_compute_instance.vm",
    )
    world.terraform.apply_reports = [Report(diagnostics=(exists,))]
    world.model.says("mend", MendDraft(files=()))
    run = await world.approve(run)
    assert run.status == "failed"
    assert all("adopted.tf" not in bundle.files for bundle in world.terraform.validated)


class Die(BaseException):
    """The process ends here."""


class Crashy(InMemorySaver):
    """Dies before a write, once."""

    left = 10**9

    def tick(self) -> None:
        self.left -= 1
        if self.left < 0:
            self.left = 10**9
            raise Die

    async def aput(self, *arguments: Any, **options: Any) -> Any:
        self.tick()
        return await super().aput(*arguments, **options)

    async def aput_writes(self, *arguments: Any, **options: Any) -> None:
        self.tick()
        await super().aput_writes(*arguments, **options)


async def test_a_crash_before_any_checkpoint_write_loses_nothing_and_applies_once(tmp_path: Path) -> None:
    saver = Crashy(serde=JsonPlusSerializer(allowed_msgpack_modules=STATE_TYPES))
    crashes = 0
    async with open_world(tmp_path, saver=saver) as world:
        for writes in range(200):
            saver.left = writes
            died = await journey(world)
            run = (await world.registry.runs.list(limit=1))[0]
            assert run.status == "completed", f"crash before write {writes}: {run.message}"
            assert len(world.terraform.applied) == writes + 1, f"crash before write {writes}"
            world.now[0] += 1
            if not died:
                break
            crashes += 1
    assert crashes > 20


async def journey(world: World) -> bool:
    """Deploy and approve; after a death take the run up again. Return whether there was one."""
    run = await world.runner.start(GOAL)
    died = False
    for _ in range(8):
        try:
            now = await world.registry.runs.get(run.run_id)
            if now.ended:
                return died
            if now.status == "awaiting_approval" and await world.registry.approvals.pending(run.run_id):
                await world.approve(now)
            else:
                await world.runner.resume(run.run_id)
        except Die:
            died = True
    return died


async def test_a_drive_of_an_ended_thread_changes_nothing(world: World) -> None:
    run = await world.approve(await world.run(GOAL))
    parked = await drive(world.runner.graphs["deploy"], run.run_id, {})
    assert parked.interrupts == ()
    assert len(world.terraform.applied) == 1


async def test_the_exported_graph_has_no_checkpointer_and_the_documented_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFRAAI_HOME", str(tmp_path))
    async with deploy() as graph:
        assert graph.checkpointer is None
        edges = {(edge.source, edge.target) for edge in graph.get_graph().edges}
    assert ("fixer", "guard") in edges
    assert ("fixer", "validator") not in edges
    assert ("approval", "executor") in edges
    assert {source for source, target in edges if target == "executor"} == {"approval", "decision"}
    assert {source for source, target in edges if target == "__end__"} == {"closer"}
    assert DRAFT.resources
