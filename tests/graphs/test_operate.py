"""The operate graph over fakes: what is asked, what is done, and what is remembered of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graphs.wiring import operate
from infraai.errors import AlertError, ApprovalError, InputError, ModelUnavailableError
from tests.graphs.operate_world import ADDRESS, PATH, Operated, body, open_operated, said


@pytest.fixture
async def vm(tmp_path: Path) -> AsyncIterator[Operated]:
    async with open_operated(tmp_path) as operated:
        yield operated


async def test_an_overloaded_machine_is_scaled_up_after_the_preview_is_approved(vm: Operated) -> None:
    vm.world.model.says("decide", said("scale_up", parameters={"machine_type": "e2-medium"}))
    vm.helped_by = {"terraform"}
    run = await vm.handled()
    assert run.status == "awaiting_approval"
    approval = (await vm.world.registry.approvals.pending(run.run_id))[0]
    assert approval.subject == "apply"
    shown = approval.card["action_requests"][0]["args"]
    assert shown["decision"]["recommended_action"] == "scale_up"
    assert shown["changes"][0]["address"] == ADDRESS
    assert vm.done() == {}
    run = await vm.decide(run)
    assert vm.done() == {"terraform": 1}
    incident = await vm.incident(run)
    assert incident.status == "resolved"
    assert incident.recheck is not None
    assert incident.recheck["value"] == pytest.approx(0.2)
    assert [one.resolved for one in await vm.world.registry.actions.of_incident(incident.incident_id)] == [
        True
    ]
    bundle = await vm.world.registry.artifacts.get_bundle(
        (await vm.world.registry.deployments.get(vm.deployed.deployment_id)).bundle_sha
    )
    assert 'machine_type = "e2-medium"' in bundle.files["main.tf"]


async def test_a_restart_is_asked_as_the_typed_request_it_is(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"))
    run = await vm.handled()
    approval = (await vm.world.registry.approvals.pending(run.run_id))[0]
    assert approval.subject == "action"
    assert vm.done() == {}
    vm.helped_by = {"reset"}
    run = await vm.decide(run)
    assert vm.done() == {"reset": 1}
    assert (await vm.incident(run)).status == "resolved"


async def test_a_model_that_is_down_leaves_the_question_to_a_person_with_the_evidence(vm: Operated) -> None:
    vm.world.model.says("decide", ModelUnavailableError("fake", "out of quota"))
    run = await vm.handled()
    approval = (await vm.world.registry.approvals.pending(run.run_id))[0]
    assert approval.subject == "question"
    shown = approval.card["action_requests"][0]["args"]
    assert shown["evidence"]
    assert "out of quota" in str(shown)
    assert any(one["action"] == "scale_up" for one in shown["options"])
    assert any(one.kind == "approval" for one in vm.world.notifier.told)


async def test_a_choice_of_an_api_action_is_its_approval(vm: Operated) -> None:
    vm.world.model.says("decide", ModelUnavailableError("fake", "out of quota"))
    vm.helped_by = {"reset"}
    run = await vm.decide(await vm.handled(), choice={"name": "restart", "args": {}})
    assert run.status == "completed"
    assert vm.done() == {"reset": 1}
    assert (await vm.incident(run)).status == "resolved"


async def test_a_choice_by_terraform_is_still_asked_at_its_preview(vm: Operated) -> None:
    vm.world.model.says("decide", ModelUnavailableError("fake", "out of quota"))
    choice = {"name": "scale_up", "args": {"machine_type": "e2-medium"}}
    run = await vm.decide(await vm.handled(), choice=choice)
    assert run.status == "awaiting_approval"
    assert vm.done() == {}
    assert (await vm.world.registry.approvals.pending(run.run_id))[0].subject == "apply"


async def test_a_citation_that_does_not_exist_is_no_decision(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart", evidence=("E1", "E99")))
    run = await vm.handled()
    assert (await vm.world.registry.approvals.pending(run.run_id))[0].subject == "question"
    assert vm.done() == {}


async def test_what_nobody_knows_is_never_acted_on(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"))
    run = await vm.handled(body(instance_id="42"))
    incident = await vm.incident(run)
    assert incident.status == "escalated"
    assert vm.done() == {}
    assert vm.world.model.asked("decide") == []


async def test_rejected_means_nothing_is_done(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"))
    run = await vm.decide(await vm.handled(), "reject", reason="not now")
    assert run.status == "rejected"
    assert (await vm.incident(run)).status == "rejected"
    assert vm.done() == {}


async def test_a_no_is_no_answer_to_an_alert_that_was_not_shown(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"))
    run = await vm.handled(json.dumps({"resource_id": "vm", "metric": "cpu", "value": 50}).encode())
    await vm.receive(body("0.real", severity="Critical"))
    await vm.decide(run, "reject")
    waiting = await vm.world.registry.incidents.waiting()
    assert [one.severity for one in waiting] == ["critical"]
    assert waiting[0].incident_id != run.request.incident_id


async def test_a_yes_to_starting_a_machine_never_resets_one_that_runs(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"))
    vm.world.compute.machines[PATH] = "TERMINATED"
    run = await vm.handled()
    vm.world.compute.machines[PATH] = "RUNNING"
    await vm.decide(run)
    assert vm.done() == {}


async def test_what_did_not_help_is_tried_once_more_and_then_left_to_a_person(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"), said("scale_up"))
    run = await vm.decide(await vm.handled())
    assert run.status == "awaiting_approval"
    run = await vm.decide(run)
    incident = await vm.incident(run)
    assert incident.status == "escalated"
    assert "restart" in incident.message
    assert "scale_up" in incident.message
    assert vm.done() == {"reset": 1, "terraform": 1}
    assert any(one.kind == "escalated" for one in vm.world.notifier.told)


async def test_an_approval_after_the_incident_closed_does_nothing(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"))
    run = await vm.handled()
    approval = (await vm.world.registry.approvals.pending(run.run_id))[0]
    vm.load = 0.2
    await vm.receive(body(state="closed"))
    assert (await vm.incident(run)).status == "resolved"
    with pytest.raises(ApprovalError):
        await vm.world.operations.decide(approval.approval_id, "approve", by="ada", channel="test")
    assert vm.done() == {}
    assert (await vm.world.registry.runs.get(run.run_id)).ended


async def test_a_source_that_closes_what_is_not_over_is_not_believed(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"))
    run = await vm.handled()
    await vm.receive(body(state="closed"))
    assert (await vm.incident(run)).status == "pending_approval"
    assert await vm.world.registry.approvals.pending(run.run_id)


async def test_stopped_autonomy_prevents_what_was_approved_and_asks_again_after_it(vm: Operated) -> None:
    vm.world.model.says("decide", said("restart"))
    vm.helped_by = {"reset"}
    run = await vm.handled()
    await vm.world.operations.stop("grace", "a freeze")
    run = await vm.decide(run)
    assert vm.done() == {}
    assert run.status == "halted"
    incident = await vm.incident(run)
    assert incident.status == "pending"
    await vm.world.operations.start("grace", "the freeze is over")
    run = await vm.world.operations.handle(incident.incident_id)
    assert run.status == "awaiting_approval"
    run = await vm.decide(run)
    assert vm.done() == {"reset": 1}


async def test_by_hand_while_stopped_needs_a_name_and_acts_once(vm: Operated) -> None:
    await vm.world.operations.stop("grace", "a freeze")
    with pytest.raises(InputError):
        await vm.world.operations.act("vm", "restart", {}, by=" ", yes=True, despite_stop=True)
    refused = await vm.world.operations.act("vm", "restart", {}, by="ada", yes=True)
    assert refused.status == "halted"
    assert vm.done() == {}
    run = await vm.world.operations.act("vm", "restart", {}, by="ada", yes=True, despite_stop=True)
    assert run.status == "completed", run.message
    assert vm.done() == {"reset": 1}


async def test_a_storm_is_one_incident(vm: Operated) -> None:
    names = {await vm.receive(body(f"0.s{number}")) for number in range(20)}
    assert len(names) == 1


async def test_a_refused_body_is_kept_in_the_audit_log(vm: Operated) -> None:
    with pytest.raises(AlertError):
        await vm.receive(b"{")
    assert [one.kind for one in await vm.world.registry.audit.lines(limit=1)] == ["alert_refused"]


async def test_the_exported_graph_has_no_checkpointer_and_the_documented_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFRAAI_HOME", str(tmp_path))
    async with operate() as graph:
        assert graph.checkpointer is None
        edges = {(edge.source, edge.target) for edge in graph.get_graph().edges}
    assert {source for source, target in edges if target == "act"} == {"hold"}
    assert {source for source, target in edges if target == "modifier"} == {"hold"}
    assert {source for source, target in edges if target == "executor"} == {"approval", "decision"}
    assert {source for source, target in edges if target == "__end__"} == {"closer"}
    assert ("recorder", "settle") in edges


WARNING = body(severity="Warning")


async def test_autonomous_restarts_what_does_not_answer_and_says_whose_word_it_was(tmp_path: Path) -> None:
    async with open_operated(tmp_path, autonomy="autonomous") as vm:
        vm.world.model.says("decide", said("restart"))
        vm.world.probe.answers = [None, None, 200]
        run = await vm.handled(body(metric="", policy_name="vm is down"))
        assert vm.done() == {"reset": 1}
        incident = await vm.incident(run)
        assert incident.status == "resolved", incident.message
        actions = await vm.world.registry.actions.of_incident(incident.incident_id)
        assert [one.allowed_by for one in actions] == ["policy"]


async def test_autonomous_scales_up_unasked_what_assisted_asks(tmp_path: Path) -> None:
    async with open_operated(tmp_path / "assisted") as vm:
        vm.world.model.says("decide", said("scale_up", parameters={"machine_type": "e2-medium"}))
        run = await vm.handled(WARNING)
        assert run.status == "awaiting_approval"
        assert vm.done() == {}
    async with open_operated(tmp_path / "autonomous", autonomy="autonomous") as vm:
        vm.world.model.says("decide", said("scale_up", parameters={"machine_type": "e2-medium"}))
        vm.helped_by = {"terraform"}
        run = await vm.handled(WARNING)
        assert vm.done() == {"terraform": 1}
        assert (await vm.incident(run)).status == "resolved"


async def test_what_is_over_by_itself_is_not_acted_on_unasked(tmp_path: Path) -> None:
    async with open_operated(tmp_path, autonomy="autonomous") as vm:
        vm.world.model.says("decide", said("scale_up", parameters={"machine_type": "e2-medium"}))
        vm.load = 0.3
        run = await vm.handled(WARNING)
        assert (await vm.incident(run)).status == "ignored"
        assert vm.done() == {}


async def test_rollback_brings_back_what_stood_before_with_preview_and_approval(vm: Operated) -> None:
    run = await vm.world.operations.act("vm", "scale_up", {"machine_type": "e2-medium"}, by="ada")
    run = await vm.decide(run)
    assert run.status == "completed", run.message
    back = await vm.world.operations.rollback(run.run_id, by="ada")
    assert back.status == "awaiting_approval", back.message
    back = await vm.decide(back)
    bundle = await vm.world.registry.artifacts.get_bundle(
        (await vm.world.registry.deployments.get(vm.deployed.deployment_id)).bundle_sha
    )
    assert 'machine_type = "e2-small"' in bundle.files["main.tf"]
    assert back.status in {"completed", "rolled_back"}


async def test_a_busy_deployment_is_waited_for(vm: Operated) -> None:
    holder = await vm.world.operations.act("vm", "scale_up", {"machine_type": "e2-medium"}, by="ada")
    assert holder.status == "awaiting_approval"
    vm.world.model.says("decide", said("scale_up", parameters={"machine_type": "e2-medium"}))
    run = await vm.handled()
    assert (await vm.incident(run)).status == "pending"
    await vm.decide(holder, "reject")
    assert [one.incident_id for one in await vm.world.registry.incidents.waiting()] == [
        run.request.incident_id
    ]
