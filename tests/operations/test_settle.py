"""What came of a change: told, kept, and undone by itself only where nothing is lost by that."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.operate.settle import Settle, changes_of, unsafe_to_undo
from infraai.models import Answer, Change, Diagnostic, Finding, Outcome, Preview, Report, Verdict
from infraai.operations.shapes import ActionRequest, ActionResult
from infraai.policy import Autonomy
from infraai.state import OperateState
from tests.operations.acting import ASK, RUN, VM, Scene, begun_of, open_scene, restart, state_of

SCALE = ActionRequest(
    action_type="scale_up",
    resource_id=VM.address,
    run_id=RUN,
    deployment_id=state_of()["deployment_id"],
    parameters={"machine_type": "e2-medium"},
)
RESIZED = Change(
    address=VM.address,
    type=VM.type,
    name="vm-1",
    action="update",
    changed=("machine_type",),
    before={"machine_type": "e2-small"},
    after={"machine_type": "e2-medium"},
)
FAILED = Report(diagnostics=(Diagnostic(summary="Quota", detail="CPUS exceeded"),))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as opened:
        yield opened


def settle(scene: Scene, autonomy: Autonomy = "assisted") -> Settle:
    registry = scene.registry
    return Settle(registry.actions, registry.incidents, registry.audit, scene.clock, scene.journal, autonomy)


def changed_state(outcome: Outcome | None, *changes: Change, **more: Any) -> OperateState:
    known: dict[str, Any] = {
        "action": SCALE,
        "action_verdict": ASK,
        "preview": Preview(changes=changes or (RESIZED,), plan_digest="d"),
        "verdict": Verdict(decision="ask"),
        "answer": Answer(decision="approve", by="ada"),
        "outcome": outcome,
        "before": "sha-before",
        "report": Report(),
        "findings": [],
    }
    return state_of(**(known | more))


def half(*applied: str) -> Outcome:
    return Outcome(ending="told", applied=applied, report=FAILED)


async def test_a_change_that_was_applied_tells_what_it_changed(scene: Scene) -> None:
    incident = await scene.incident()
    applied = Outcome(ending="applied", applied=(VM.address,))
    update = await settle(scene)(changed_state(applied, incident_id=incident))
    (result,) = update["results"]
    assert (result.success, result.method, result.new_run_id) == (True, "terraform", RUN)
    assert result.changes_applied == {
        VM.address: {"action": "update", "machine_type": {"before": "e2-small", "after": "e2-medium"}}
    }
    assert update["action"] is None
    assert "tries" not in update
    (record,) = await scene.registry.actions.of_incident(incident)
    assert (record.status, record.allowed_by, record.before_bundle) == ("success", "ada", "sha-before")
    by_itself = changed_state(applied, answer=Answer(decision="approve", by="policy"), results=[result])
    assert (await settle(scene)(by_itself))["tries"] == 1


async def test_the_next_step_follows_a_success_and_no_failure(scene: Scene) -> None:
    queue = [restart()]
    update = await settle(scene)(changed_state(Outcome(ending="applied"), queue=queue))
    assert (update["action"], update["queue"], update["way"]) == (queue[0], [], "action_approval")
    update = await settle(scene)(changed_state(half(VM.address), queue=queue))
    assert update["action"] is not None
    assert (update["action"].action_type, update["queue"]) == ("rollback", [])


async def test_a_change_that_failed_half_way_is_undone(scene: Scene) -> None:
    incident = await scene.incident()
    update = await settle(scene)(changed_state(half(VM.address), incident_id=incident))
    assert update["undoing"] is True
    assert update["way"] == "modifier"
    assert update["action"] is not None
    assert (update["action"].action_type, update["action"].parameters) == ("rollback", {})
    assert update["action_verdict"] is not None
    assert update["action_verdict"].decision == "auto"
    assert "Quota CPUS exceeded" in update["results"][0].error
    assert "1 of its changes" in update["results"][0].error
    undone = changed_state(
        Outcome(ending="applied"), incident_id=incident, **{**update, "status": None, "queue": []}
    )
    ended = await settle(scene)(undone)
    assert (ended["action"], ended["undoing"]) == (None, False)
    assert (ended["results"][0].success, ended["results"][0].rolled_back) == (False, True)
    assert "rolled back to the configuration from before" in ended["results"][0].error
    statuses = [one.status for one in await scene.registry.actions.of_incident(incident)]
    assert statuses == ["rolled_back", "rolled_back"]


async def test_an_undoing_that_fails_is_told(scene: Scene) -> None:
    first = ActionResult(success=False, method="terraform", error="It failed.", action=SCALE)
    state = changed_state(half(), undoing=True, results=[first], action=SCALE)
    update = await settle(scene)(state)
    assert (update["action"], update["results"][0].rolled_back) == (None, False)
    assert "Rolling it back failed too" in update["results"][0].error


async def test_a_supervised_undoing_is_asked(scene: Scene) -> None:
    update = await settle(scene, "supervised")(changed_state(half(VM.address)))
    assert update["action_verdict"] is not None
    assert update["action_verdict"].decision == "ask"


DATA = Change(
    address="google_sql_database_instance.db",
    type="google_sql_database_instance",
    name="db",
    action="create",
    stateful=True,
)
GROWN = Change(
    address="google_compute_disk.data",
    type="google_compute_disk",
    name="data",
    action="update",
    stateful=True,
    changed=("size",),
    before={"size": 20},
    after={"size": 40},
)
OPENED = RESIZED.model_copy(update={"rules": ("iam",)})


@pytest.mark.parametrize(
    ("change", "why"),
    [(DATA, "holds data"), (GROWN, "grown a disk"), (OPENED, "rule iam")],
)
async def test_what_would_lose_data_is_not_undone_by_itself(scene: Scene, change: Change, why: str) -> None:
    update = await settle(scene)(changed_state(half(change.address), change))
    assert update["action"] is None
    assert "undoing" not in update
    assert why in update["results"][0].error
    assert f"infraai rollback {RUN[:8]}" in update["results"][0].error
    untouched = await settle(scene)(changed_state(half(), change))
    assert untouched["undoing"] is True  # that part was never made


async def test_a_change_on_the_hard_floor_is_not_undone_by_itself(scene: Scene) -> None:
    floor = Verdict(decision="ask", rules=("open_firewall",), hard_floor=("open_firewall",))
    update = await settle(scene)(changed_state(half(VM.address), verdict=floor))
    assert update["action"] is None
    assert "hard floor" in update["results"][0].error


async def test_what_never_reached_google_needs_no_undoing(scene: Scene) -> None:
    refused = [Finding(rule="provisioner", file="main.tf", line=3, message="runs code")]
    update = await settle(scene)(changed_state(None, findings=refused))
    assert (update["action"], update["status"]) == (None, None)
    assert "runs code" in update["results"][0].error


async def test_a_no_leaves_no_result(scene: Scene) -> None:
    update = await settle(scene)(changed_state(None, answer=Answer(decision="reject", by="ada")))
    assert update == {"action": None, "queue": []}
    assert await scene.registry.actions.of_run(RUN) == []


async def test_a_stop_halts(scene: Scene) -> None:
    stopped = Outcome(ending="stopped", applied=(VM.address,), message="Stopped; 1 change was completed.")
    update = await settle(scene)(changed_state(stopped))
    assert (update["status"], update["reason"]) == ("halted", "stopped")
    assert update["message"] == stopped.message


async def test_settled_twice_it_is_one_action(scene: Scene) -> None:
    for _ in range(2):
        await settle(scene)(changed_state(Outcome(ending="applied")))
    assert len(await scene.registry.actions.of_run(RUN)) == 1


async def test_it_is_the_word_written_down_before_the_apply_that_counts(scene: Scene) -> None:
    incident = await scene.incident()
    state = changed_state(half(VM.address), incident_id=incident)
    action_id = await begun_of(scene)(state, "policy")
    kept = await scene.registry.incidents.get(incident)
    assert (kept.tries, kept.status) == (1, "auto_executing")
    assert (await scene.registry.actions.get(action_id)).status == "started"
    update = await settle(scene)(state)
    assert update["tries"] == 1
    (record,) = await scene.registry.actions.of_incident(incident)
    assert (record.action_id, record.status, record.allowed_by) == (action_id, "failed", "policy")


async def test_each_run_that_begins_is_a_try_however_it_ends(scene: Scene) -> None:
    incident = await scene.incident()
    begun = begun_of(scene)
    for number in range(1, 4):
        state = changed_state(None, incident_id=incident, run_id=f"run-{number}")
        state["action"] = SCALE.model_copy(update={"run_id": f"run-{number}"})
        for _ in range(2):
            await begun(state, "policy")
        assert (await scene.registry.incidents.get(incident)).tries == number
    await begun(changed_state(None, incident_id=incident, run_id="run-4"), "ada")
    assert (await scene.registry.incidents.get(incident)).tries == 3
    assert (await scene.registry.incidents.get(incident)).status == "approved"


async def test_nothing_begins_for_what_is_over_except_to_complete_or_undo(scene: Scene) -> None:
    incident = await scene.incident()
    begun, state = begun_of(scene), changed_state(None, incident_id=incident)
    assert await begun.over(state) == ""
    await scene.registry.incidents.set_status(incident, "resolved", "Its source closed it.")
    assert "resolved meanwhile" in await begun.over(state)
    assert await begun.over(changed_state(None, incident_id=incident, undoing=True)) == ""
    grown = restart(action_type="resize_disk", parameters={"size_gb": 40})
    done = ActionResult(success=True, method="api", action=grown)
    files = grown.model_copy(update={"method": "terraform"})
    assert await begun.over(state_of(incident_id=incident, action=files, results=[done])) == ""
    assert await begun.over(state_of(incident_id=incident, action=SCALE, results=[done]))


async def test_an_action_that_a_stop_cut_off_is_written_down_as_failed(scene: Scene) -> None:
    stopped = Outcome(ending="stopped", applied=(VM.address,), message="Stopped; 1 change was completed.")
    await begun_of(scene)(changed_state(stopped), "policy")
    await settle(scene)(changed_state(stopped))
    (record,) = await scene.registry.actions.of_run(RUN)
    assert (record.status, record.result and record.result.error) == ("failed", stopped.message)


def test_growing_is_found_within_blocks() -> None:
    boot = RESIZED.model_copy(
        update={
            "changed": ("boot_disk",),
            "before": {"boot_disk": [{"initialize_params": [{"size": 20}]}]},
            "after": {"boot_disk": [{"initialize_params": [{"size": 30}]}]},
        }
    )
    assert "grown" in unsafe_to_undo(boot)
    assert unsafe_to_undo(RESIZED) == ""
    tier = RESIZED.model_copy(
        update={
            "changed": ("settings",),
            "before": {"settings": [{"tier": "db-f1-micro", "disk_size": 10}]},
            "after": {"settings": [{"tier": "db-custom-2-7680", "disk_size": 10}]},
        }
    )
    assert unsafe_to_undo(tier) == ""


def test_only_what_was_made_is_told() -> None:
    preview = Preview(changes=(RESIZED, GROWN), plan_digest="d")
    assert list(changes_of(preview, (GROWN.address,))) == [GROWN.address]
