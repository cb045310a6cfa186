"""An action by Google's API is done once, by exactly the permission it was given, and not while autonomy is stopped."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.operate.act import Act
from agents.operate.action_approval import OpenAction, action_card
from infraai.errors import CloudError, InputError, NotFoundError
from infraai.models import Request
from infraai.operations.shapes import ActionVerdict, Target
from infraai.state import OperateState
from tests.operations.acting import (
    ALERT,
    ASK,
    AUTO,
    DEPLOYMENT,
    GROUP,
    RUN,
    VM,
    FakeJudge,
    KilledError,
    Scene,
    act_of,
    kill,
    open_scene,
    restart,
    state_of,
)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as opened:
        yield opened


def act(scene: Scene, judge: FakeJudge | None = None) -> Act:
    return act_of(scene, judge)


async def asked(scene: Scene, state: OperateState) -> dict[str, Any]:
    registry = scene.registry
    opened = OpenAction(registry.approvals, registry.incidents, registry.kill_switch, 30)
    return {**state, **await opened(state)}


async def approved(scene: Scene, state: OperateState, by: str = "ada") -> OperateState:
    update = await asked(scene, state)
    await scene.registry.approvals.decide(update["approval_id"], "approve", by=by, channel="test")
    return state_of(**update)


async def test_what_policy_allows_is_done_and_written_down(scene: Scene) -> None:
    incident = await scene.incident()
    update = await act(scene)(state_of(incident_id=incident))
    (result,) = update["results"]
    assert scene.done == [("reset", "vm-1")]
    assert (result.success, result.method, update["action"], update["tries"]) == (True, "api", None, 1)
    assert result.changes_applied["vm-1"]["call"] == "reset"
    (record,) = await scene.registry.actions.of_incident(incident)
    assert (record.status, record.allowed_by, record.resource) == ("success", "policy", VM.address)
    assert (await scene.registry.incidents.get(incident)).status == "executed"
    assert [one for one in await scene.audited() if one.startswith("action")] == [
        "action_started",
        "action_ended",
    ]


@pytest.mark.parametrize(
    ("status", "call"), [("RUNNING", "reset"), ("TERMINATED", "start"), ("STOPPED", "start")]
)
async def test_a_machine_is_reset_or_started_as_it_stands(scene: Scene, status: str, call: str) -> None:
    scene.machines.machines[VM.id] = status
    await act(scene)(state_of())
    assert scene.done == [(call, "vm-1")]


async def test_a_machine_on_its_way_is_left_alone(scene: Scene) -> None:
    scene.machines.machines[VM.id] = "STAGING"
    update = await act(scene)(state_of())
    assert scene.done == []
    assert "STAGING" in update["results"][0].error


async def test_a_running_machine_is_not_reset_by_itself_for_standing_still(scene: Scene) -> None:
    silent = ALERT.model_copy(update={"absent": True})
    update = await act(scene)(state_of(alert=silent))
    assert scene.done == []
    assert update["results"][0].changes_applied["vm-1"]["call"] == "nothing"
    later = {"alert": silent, "action_verdict": ASK, "results": update["results"]}
    await act(scene)(await approved(scene, state_of(**later)))
    assert scene.done == [("reset", "vm-1")]


async def test_only_the_machine_of_a_group_that_the_alert_names_is_made_anew(scene: Scene) -> None:
    target = Target(deployment_id=DEPLOYMENT, resource=GROUP, matched_by="group", member="web-b")
    update = await act(scene)(state_of(target=target, action=restart(GROUP)))
    assert [one.rpartition("/")[2] for one in scene.machines.recreated] == ["web-b"]
    gone = target.model_copy(update={"member": "web-z"})
    done = update["results"]
    update = await act(scene)(state_of(target=gone, action=restart(GROUP), results=done))
    assert len(scene.machines.recreated) == 1
    assert "no machine web-z" in update["results"][0].error


async def test_a_boot_disk_grows_by_its_own_name(scene: Scene) -> None:
    request = restart(action_type="resize_disk", parameters={"size_gb": 40, "boot": True})
    await act(scene)(state_of(action=request))
    assert scene.done == [("resize_disk", "vm-1-boot")]
    assert list(scene.machines.disks.values()) == [40]


async def test_what_needs_an_approval_is_not_done_without_one(scene: Scene) -> None:
    update = await act(scene)(state_of(action_verdict=ASK))
    assert update == {"way": "action_approval"}
    pending = state_of(**await asked(scene, state_of(action_verdict=ASK)))
    assert (await act(scene)(pending))["way"] == "action_approval"
    assert scene.done == []


async def test_an_approval_is_for_exactly_one_request_and_one_time(scene: Scene) -> None:
    state = await approved(scene, state_of(action_verdict=ASK))
    other = restart(parameters={"member": "x"})
    assert await act(scene)(state_of(**{**state, "action": other})) == {"way": "action_approval"}
    update = await act(scene)(state)
    assert update["results"][0].success
    assert "tries" not in update
    again = state_of(**{**state, "results": update["results"]})
    assert await act(scene)(again) == {"way": "action_approval"}
    assert scene.done == [("reset", "vm-1")]
    (record,) = await scene.registry.actions.of_run(RUN)
    assert record.allowed_by == "ada"


async def test_nothing_is_done_while_stopped_and_no_approval_is_spent(scene: Scene) -> None:
    state = await approved(scene, state_of(action_verdict=ASK))
    await scene.registry.kill_switch.stop("ada", "trouble")
    update = await act(scene)(state)
    assert (update["status"], update["reason"]) == ("halted", "stopped")
    assert scene.done == []
    assert (await scene.registry.approvals.get(state["approval_id"])).status == "approved"
    await scene.registry.kill_switch.start("ada", "over")
    assert await act(scene)(state) == {"way": "action_approval"}  # given before the stop: asked again
    assert scene.done == []


async def test_a_stop_on_the_last_step_still_keeps_the_call_from_being_sent(scene: Scene) -> None:
    """The flag is read once more right before the call; what was not sent may be done after the stop, asked anew."""
    node, registry = act(scene), scene.registry
    stopping = await approved(scene, state_of(action_verdict=ASK))
    audit = registry.audit.append

    class Stopping:
        async def append(self, actor: str, kind: str, subject: str, data: Any) -> None:
            await audit(actor, kind, subject, data)
            if kind == "action_started":
                await registry.kill_switch.stop("ada", "now")

    update = await replace(node, audit=Stopping())(stopping)  # type: ignore[arg-type]
    assert update["status"] == "halted"
    assert scene.done == []
    await registry.kill_switch.start("ada", "over")
    assert (await node(state_of()))["results"][0].success
    assert scene.done == [("reset", "vm-1")]


async def by_hand(scene: Scene, by: str = "grace", epoch: int | None = None) -> OperateState:
    """A run of an action by hand, with a yes beforehand, as its channel recorded it."""
    flag = await scene.registry.kill_switch.read()
    request = Request(
        kind="operate",
        requested_by=by,
        yes=True,
        despite_stop=True,
        stop_epoch=flag.epoch if epoch is None else epoch,
        action=restart().model_dump(mode="json"),
    )
    run_id = str(uuid.uuid4())
    await scene.registry.runs.create(run_id, DEPLOYMENT, request, "test")
    return state_of(run_id=run_id, action=restart(run_id=run_id), request=request, alert=None)


async def test_a_person_may_act_by_hand_and_by_name_while_stopped(scene: Scene) -> None:
    await scene.registry.kill_switch.stop("ada", "trouble")
    state = await by_hand(scene)
    update = await act(scene)(state)
    assert update["results"][0].success
    assert "tries" not in update
    (record,) = await scene.registry.actions.of_run(state["run_id"])
    assert record.allowed_by == "grace"
    assert (await scene.audited()).count("acted_while_stopped") == 1


async def test_a_word_given_despite_one_stop_does_not_hold_under_the_next(scene: Scene) -> None:
    switch = scene.registry.kill_switch
    await switch.stop("ada", "one")
    state = await by_hand(scene)
    await switch.start("ada", "over")
    await switch.stop("ada", "two")
    assert (await act(scene)(state))["status"] == "halted"
    assert scene.done == []


@pytest.mark.parametrize("name", ["policy", " Policy ", "\uff50olicy", "graph", "alert", ""])
async def test_nobody_acts_by_hand_under_a_name_of_the_system(scene: Scene, name: str) -> None:
    await scene.registry.kill_switch.stop("ada", "trouble")
    state = await by_hand(scene, name)
    with pytest.raises(InputError, match="nobody who can act"):
        await act(scene)(state)
    assert scene.done == []


async def test_what_no_channel_recorded_is_not_done(scene: Scene) -> None:
    """A thread can be started, or its state changed, past every channel."""
    state = await by_hand(scene)
    with pytest.raises(NotFoundError, match="no run"):
        await act(scene)(state_of(**{**state, "run_id": "33333333-3333-4333-8333-333333333333"}))
    with pytest.raises(NotFoundError, match="no run"):
        await act(scene)(state_of(run_id=RUN[:8]))
    with pytest.raises(InputError, match="something else"):
        await act(scene)(state_of(request=state["request"]))
    assert scene.done == []


async def test_a_yes_in_the_state_is_judged_anew(scene: Scene) -> None:
    update = await act(scene, FakeJudge(ASK))(state_of())
    assert update["way"] == "action_approval"
    state = await approved(scene, state_of(action_verdict=ASK))
    update = await act(scene, FakeJudge(ASK))(state_of(**{**state, "action_verdict": AUTO}))
    assert update["results"][0].success  # a person's word on the very request
    (record,) = await scene.registry.actions.of_run(RUN)
    assert (record.allowed_by, scene.done) == ("ada", [("reset", "vm-1")])


async def test_what_is_refused_now_is_not_done(scene: Scene) -> None:
    refused = ActionVerdict(decision="refuse", rules=("too_many_tries",), messages=("too many",))
    update = await act(scene, FakeJudge(refused))(state_of())
    assert (update["results"][0].success, update["action"]) == (False, None)
    assert "too many" in update["results"][0].error
    assert scene.done == []


async def test_a_try_is_counted_and_told_before_the_call(scene: Scene) -> None:
    incident = await scene.incident()
    kill(scene, "reset", "before")
    with pytest.raises(KilledError):
        await act(scene)(state_of(incident_id=incident))
    kept = await scene.registry.incidents.get(incident)
    assert (kept.tries, kept.status) == (1, "auto_executing")
    assert (await scene.registry.actions.of_incident(incident))[0].status == "started"
    await act(scene)(state_of(incident_id=incident))
    assert (await scene.registry.incidents.get(incident)).tries == 1


async def test_a_stop_that_came_and_went_keeps_the_call_from_being_sent(scene: Scene) -> None:
    registry, audit = scene.registry, scene.registry.audit.append

    class Stopping:
        async def append(self, actor: str, kind: str, subject: str, data: Any) -> None:
            await audit(actor, kind, subject, data)
            if kind == "action_started":
                await registry.kill_switch.stop("ada", "now")
                await registry.kill_switch.start("ada", "over")

    update = await replace(act(scene), audit=Stopping())(state_of())  # type: ignore[arg-type]
    assert (update["status"], scene.done) == ("halted", [])


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_anywhere_it_is_done_once(scene: Scene, moment: str) -> None:
    kill(scene, "start", moment)
    scene.machines.machines[VM.id] = "TERMINATED"
    with pytest.raises(KilledError):
        await act(scene)(state_of())
    scene.machines.machines[VM.id] = "RUNNING"  # what it had begun to do shows by now
    update = await act(scene)(state_of())
    assert update["results"][0].success
    assert scene.done == [("start", "vm-1")]
    again = await act(scene)(state_of())
    assert again["results"] == update["results"]
    assert again["tries"] == 1
    assert len(await scene.registry.actions.of_run(RUN)) == 1


async def test_what_a_stop_cut_off_is_not_repeated(scene: Scene) -> None:
    kill(scene, "reset", "after")
    with pytest.raises(KilledError):
        await act(scene)(state_of())
    await scene.registry.kill_switch.stop("ada", "x")
    assert (await act(scene)(state_of()))["status"] == "halted"
    await scene.registry.kill_switch.start("ada", "y")
    update = await act(scene)(state_of())
    assert "not known" in update["results"][0].error
    assert scene.done == [("reset", "vm-1")]


async def test_a_call_that_google_refuses_is_a_result(scene: Scene) -> None:
    scene.machines.faults["reset"] = CloudError("compute", "403 forbidden")
    update = await act(scene)(state_of(queue=[restart()]))
    assert (update["results"][0].success, update["action"], update["queue"]) == (False, None, [])
    assert "403" in update["results"][0].error
    assert (await scene.registry.actions.of_run(RUN))[0].status == "failed"


async def test_what_was_destroyed_a_moment_ago_is_not_acted_on(scene: Scene) -> None:
    gone = restart(resource_id="google_compute_instance.gone")
    update = await act(scene)(state_of(action=gone))
    assert "no resource" in update["results"][0].error
    del scene.machines.machines[VM.id]
    update = await act(scene)(state_of())
    assert "was not found" in update["results"][0].error


async def test_what_is_over_needs_no_action(scene: Scene) -> None:
    incident = await scene.incident()
    await scene.registry.incidents.set_status(incident, "resolved", "Its source closed it.")
    update = await act(scene)(state_of(incident_id=incident))
    assert (update["ended"], update["action"]) == ("resolved", None)
    assert scene.done == []


async def test_a_deployment_that_another_run_holds_is_waited_for(scene: Scene) -> None:
    scene.held.other = "deploying"
    update = await act(scene)(state_of())
    assert (update["status"], update["ended"]) == ("halted", "pending")
    assert scene.done == []


async def test_several_steps_go_on_one_by_one_by_their_own_way(scene: Scene) -> None:
    then = restart(GROUP)
    update = await act(scene)(state_of(queue=[then]))
    assert (update["action"], update["queue"], update["way"]) == (then, [], "act")
    again = {"action_verdict": ASK, "queue": [then], "results": update["results"]}
    asked_for = await act(scene)(await approved(scene, state_of(**again)))
    assert asked_for["way"] == "action_approval"
    assert scene.done == [("reset", "vm-1")] * 2
    change = restart(action_type="scale_up", method="terraform")
    update = await act(scene)(state_of(queue=[change], results=update["results"] * 2))
    assert update["way"] == "modifier"


async def test_the_card_shows_the_alert_the_decision_and_the_exact_request(scene: Scene) -> None:
    incident = await scene.incident()
    state = state_of(**await asked(scene, state_of(action_verdict=ASK, incident_id=incident)))
    arguments = action_card(state)["action_requests"][0]["args"]
    assert arguments["approval_id"] == state["approval_id"]
    assert arguments["action"]["digest"] == restart().digest
    assert arguments["alert"]["policy_name"] == "cpu"
    assert arguments["confidence"] == 0.9
    row = await scene.registry.approvals.get(state["approval_id"])
    assert row.subject == "action"
    assert row.seal.digest == restart().digest
    kept = await scene.registry.incidents.get(incident)
    assert kept.decision is not None
    assert (kept.status, kept.decision["reasoning"]) == ("pending_approval", "[E1]")
