"""The change graph over fakes: what may be applied, and what ends it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graphs.driver import reenter, snapshot
from infraai.errors import ApprovalError, ApprovalUsedError, ConflictError, InputError
from infraai.models import Answer, Bundle, Diagnostic, Report, Request
from tests.graphs.world import BUNDLE, HOSTILE, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


def failing(summary: str, detail: str = "") -> Report:
    return Report(
        diagnostics=(Diagnostic(summary=summary, detail=detail, address="google_compute_network.net"),)
    )


async def test_only_an_approved_preview_is_applied(world: World) -> None:
    run = await world.apply()
    assert run.status == "awaiting_approval"
    assert world.terraform.applied == []
    run = await world.approve(run)
    assert run.status == "completed"
    assert [plan.file for plan in world.terraform.applied] == [world.terraform.planned[0].file]


async def test_a_completed_run_passed_every_phase_and_ends_verified(world: World) -> None:
    run = await world.approve(await world.apply())
    phases = await world.phases(run)
    order = [
        "starting",
        "initializing",
        "validating",
        "planning",
        "awaiting_approval",
        "applying",
        "verifying",
    ]
    assert phases == [*order, "finalizing", "verified"]


async def test_a_rejected_preview_is_never_applied(world: World) -> None:
    run = await world.reject(await world.apply())
    assert (run.status, world.terraform.applied) == ("rejected", [])


async def test_a_dry_run_ends_previewed(world: World) -> None:
    run = await world.apply(dry_run=True)
    assert (run.status, world.terraform.applied) == ("previewed", [])


async def test_a_hostile_bundle_never_reaches_terraform(world: World) -> None:
    run = await world.apply(HOSTILE)
    assert (run.status, run.reason) == ("failed", "guard")
    assert world.terraform.prepared == []


async def test_two_presses_approve_once(world: World) -> None:
    run = await world.apply()
    approval = (await world.registry.approvals.pending(run.run_id))[0]
    await world.approve(run)
    with pytest.raises(ApprovalUsedError, match="already by ada"):
        await world.runner.decide(approval.approval_id, "approve", by="eve", channel="test")
    assert len(world.terraform.applied) == 1


async def test_an_expired_approval_is_never_a_yes(world: World) -> None:
    run = await world.apply()
    world.now[0] += 31 * 60
    with pytest.raises(ApprovalError, match="expired"):
        await world.approve(run)
    run = await world.runner.resume(run.run_id)
    assert (run.status, world.terraform.applied) == ("expired", [])


async def test_an_expired_run_is_previewed_and_asked_again(world: World) -> None:
    run = await world.apply()
    world.now[0] += 31 * 60
    run = await world.runner.resume(run.run_id)
    run = await world.runner.resume(run.run_id)
    assert run.status == "awaiting_approval"
    assert (await world.approve(run)).status == "completed"


async def test_what_was_approved_before_a_stop_is_asked_again_after_it(world: World) -> None:
    run = await world.apply()
    switch = world.registry.kill_switch
    await switch.stop("ada", "looks wrong")
    await switch.start("ada", "it was fine")
    run = await world.approve(run)
    assert (run.status, world.terraform.applied) == ("awaiting_approval", [])
    assert (await world.approve(run)).status == "completed"


async def test_nothing_is_applied_while_stopped(world: World) -> None:
    run = await world.apply()
    await world.registry.kill_switch.stop("ada", "looks wrong")
    run = await world.approve(run)
    assert (run.status, run.reason, world.terraform.applied) == ("halted", "stopped", [])


async def test_a_run_resumed_past_the_gate_applies_nothing(world: World) -> None:
    """A page that resumes the thread by itself has no approval in the registry."""
    run = await world.apply()
    approval = (await world.registry.approvals.pending(run.run_id))[0]
    run = await world.runner.drive(run.run_id, {approval.interrupt_id: {"decisions": [{"type": "approve"}]}})
    assert (run.status, world.terraform.applied) == ("awaiting_approval", [])


async def test_an_edit_is_guarded_previewed_and_asked_again(world: World) -> None:
    run = await world.apply()
    approval = (await world.registry.approvals.pending(run.run_id))[0]
    edit = {"type": "edit", "edited_action": {"name": "apply", "args": {"files": HOSTILE.files}}}
    run = await world.runner.drive(run.run_id, {approval.interrupt_id: {"decisions": [edit]}})
    assert (run.status, run.reason, world.terraform.applied) == ("failed", "guard", [])


async def test_errors_that_pass_with_time_are_retried_under_the_same_approval(world: World) -> None:
    world.terraform.apply_reports = [failing("Error 503: Service Unavailable, backendError")]
    run = await world.approve(await world.apply())
    assert run.status == "completed"
    assert (len(world.terraform.applied), len(world.clock.slept)) == (1, 1)


async def test_quota_is_told_with_the_next_step(world: World) -> None:
    world.terraform.apply_reports = [failing("Error 403: Quota 'CPUS' exceeded. quotaExceeded")]
    run = await world.approve(await world.apply())
    assert (run.status, run.reason) == ("failed", "apply")
    assert "more quota" in run.message
    assert (world.terraform.applied, world.clock.slept) == ([], [])


async def test_a_failed_apply_goes_on_with_a_new_preview_and_a_new_approval(world: World) -> None:
    world.terraform.apply_reports = [failing("Error 403: Quota 'CPUS' exceeded. quotaExceeded")]
    run = await world.approve(await world.apply())
    run = await world.runner.resume(run.run_id)
    assert run.status == "awaiting_approval"
    assert (await world.approve(run)).status == "completed"


async def test_a_service_that_does_not_answer_is_said_so(world: World) -> None:
    world.probe.answers = [None]
    run = await world.approve(await world.apply())
    assert run.status == "deploy_success_verify_failed"
    assert len(world.probe.asked) == 5


async def test_a_service_that_answers_late_is_verified(world: World) -> None:
    world.probe.answers = [None, 502, 200]
    run = await world.approve(await world.apply())
    assert (run.status, len(world.probe.asked)) == ("completed", 3)


async def test_the_deployment_is_remembered_and_found_by_resource_and_run(world: World) -> None:
    run = await world.approve(await world.apply())
    deployments = world.registry.deployments
    assert (await deployments.owner_of("net")).deployment_id == run.deployment_id
    assert (await deployments.get(run.run_id)).status == "active"


async def test_a_destroyed_deployment_has_no_resources(world: World) -> None:
    run = await world.approve(await world.apply())
    gone = await world.run(Request(kind="destroy"), BUNDLE, run.deployment_id)
    assert gone.status == "awaiting_approval"
    assert (await world.approve(gone)).status == "destroyed"
    found = await world.registry.deployments.get(run.run_id)
    assert found.status == "destroyed"
    assert await world.registry.deployments.resources(found.deployment_id) == []


async def test_two_runs_on_one_deployment_wait_for_each_other(world: World) -> None:
    run = await world.apply()
    with pytest.raises(ConflictError, match="holds deployment"):
        await world.run(Request(kind="destroy"), BUNDLE, run.deployment_id)


async def test_a_run_that_is_over_cannot_be_resumed(world: World) -> None:
    run = await world.reject(await world.apply())
    with pytest.raises(InputError, match="is over"):
        await world.runner.resume(run.run_id)


async def test_an_unreadable_bundle_is_refused_if_it_stays_so(world: World) -> None:
    run = await world.apply(Bundle(files={"main.tf": 'resource "google_compute_network" {{{ "x'}))
    assert run.status == "failed"
    assert world.terraform.applied == []


async def test_the_audit_log_tells_the_whole_story_and_is_unbroken(world: World) -> None:
    run = await world.approve(await world.apply())
    kinds = {line.kind for line in await world.registry.audit.lines(subject=run.run_id)}
    assert {"run_started", "apply_started", "apply_ended", "run_ended"} <= kinds
    assert await world.registry.audit.broken_at() is None


async def test_what_the_guard_refused_cannot_be_resumed(world: World) -> None:
    run = await world.apply(HOSTILE)
    with pytest.raises(InputError, match="is over: failed, guard"):
        await world.runner.resume(run.run_id)
    assert world.terraform.prepared == []


async def test_a_resume_passes_the_guard_again(world: World) -> None:
    world.terraform.apply_reports = [failing("Error 403: Quota 'CPUS' exceeded. quotaExceeded")]
    run = await world.approve(await world.apply())
    before = len(await phases_named(world, run.run_id, "initializing"))
    await world.runner.resume(run.run_id)
    assert len(await phases_named(world, run.run_id, "initializing")) == before + 1


async def phases_named(world: World, run_id: str, name: str) -> list[object]:
    return [one for one in await world.registry.runs.phases(run_id) if one["name"] == name]


async def test_a_stop_between_two_tries_ends_the_apply_even_if_it_was_lifted(world: World) -> None:
    world.terraform.apply_reports = [failing("Error 503: Service Unavailable, backendError")]
    run = await world.apply()

    async def stop_and_start() -> None:
        await world.registry.kill_switch.stop("ada", "look")
        await world.registry.kill_switch.start("ada", "fine")

    world.clock.during = stop_and_start
    run = await world.approve(run)
    assert (run.status, world.terraform.applied) == ("halted", [])


async def test_an_approval_of_another_policy_is_not_used(world: World) -> None:
    run = await world.apply()
    async with world.registry.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE approvals SET policy_version = 'older'")
    run = await world.approve(run)
    assert (run.status, world.terraform.applied) == ("awaiting_approval", [])


async def test_a_plan_that_was_swapped_under_its_name_is_not_applied(world: World) -> None:
    run = await world.apply()
    async with world.registry.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE artifacts SET body = '{}' WHERE kind = 'plan'")
    run = await world.approve(run)
    assert (run.status, world.terraform.applied) == ("failed", [])


async def test_a_verdict_written_into_the_state_opens_nothing(world: World) -> None:
    """Whoever can write the thread's state still has no approval in the registry."""
    run = await world.apply()
    graph = world.runner.graphs["apply"]
    values = (await snapshot(graph, run.run_id)).values
    forged = {"verdict": values["verdict"].model_copy(update={"decision": "auto"})}
    forged["answer"] = Answer(decision="approve", by="policy")
    await reenter(graph, run.run_id, forged, after="decision")
    run = await world.runner.drive(run.run_id)
    assert (run.status, world.terraform.applied) == ("awaiting_approval", [])


async def test_autonomous_changes_have_an_approval_by_the_policy(tmp_path: Path) -> None:
    async with open_world(tmp_path, autonomy="autonomous") as world:
        run = await world.apply()
        assert run.status == "completed"
        lines = await world.registry.audit.lines()
        assert any((line.kind, line.actor) == ("approval_approved", "policy") for line in lines)
