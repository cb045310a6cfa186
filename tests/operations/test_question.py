"""Where nobody but a person can say what to do, they choose, it is checked, and their choice is the approval of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.operate.offers import Offers
from agents.operate.question import Choose, OpenQuestion, parse_choice, question_card
from infraai.errors import InputError
from infraai.models import Bundle
from infraai.registry.deployments import Deployment
from infraai.state import OperateState, OperateUpdate
from tests.operations.acting import ADVICE, DEPLOYMENT, GROUP, RUN, VM, Scene, act_of, open_scene, state_of
from tools.hcl import HclTreeSitter

FILES = Bundle(
    files={
        "main.tf": """
resource "google_compute_instance" "vm" {
  name         = "vm-1"
  machine_type = "e2-small"
  zone         = "us-central1-a"
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
      size  = 20
    }
  }
  network_interface {
    network = "default"
  }
}
"""
    }
)
UNSURE = ADVICE.model_copy(
    update={"recommended_action": "ask", "fallback": "the model is down", "reasoning": "[E1]"}
)


@pytest.fixture
def at() -> list[float]:
    """What the registry's clock says, in epoch seconds."""
    return [1_800_000_000.0]


@pytest.fixture
async def scene(tmp_path: Path, at: list[float]) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path, now=lambda: at[0]) as opened:
        registry = opened.registry
        deployment = Deployment(
            deployment_id=DEPLOYMENT,
            status="active",
            project="p",
            region="us-central1",
            bundle_sha=await registry.artifacts.put_bundle(FILES),
        )
        await registry.deployments.record(deployment, RUN, [VM, GROUP])
        yield opened


def offers(scene: Scene) -> Offers:
    return Offers(
        HclTreeSitter(), scene.registry.artifacts, scene.registry.deployments, scene.registry.revisions
    )


async def opened(scene: Scene, **changed: Any) -> OperateState:
    registry = scene.registry
    node = OpenQuestion(offers(scene), registry.approvals, registry.incidents, registry.kill_switch, 30)
    state = state_of(**({"advice": UNSURE, "action": None, "action_verdict": None} | changed))
    return state_of(**{**state, **await node(state)})


async def answered(
    scene: Scene, state: OperateState, decision: str = "approve", choice: dict[str, Any] | None = None
) -> OperateUpdate:
    registry = scene.registry
    words = {"approve": "approve", "reject": "reject"}
    await registry.approvals.decide(
        state["approval_id"],
        "reject" if decision == "reject" else "approve",
        by="ada",
        channel="test",
        choice=choice,
    )
    answer = parse_choice({"decisions": [{"type": words[decision], "by": "ada"}]}, state["approval_id"])
    node = Choose(offers(scene), registry.approvals, scene.journal, 30)
    return await node(state_of(**{**state, "answer": answer}))


async def test_the_question_lists_every_option_with_an_id(scene: Scene) -> None:
    incident = await scene.incident()
    state = await opened(scene, incident_id=incident)
    row = await scene.registry.approvals.get(state["approval_id"])
    assert row.subject == "question"
    assert row.choices[0]["id"] == "O1"
    assert {"scale_up", "restart", "resize_disk"} <= {one["action"] for one in row.choices}
    shown = question_card(state)["action_requests"][0]["args"]
    assert shown["note"] == "the model is down"
    assert shown["approval_id"] == state["approval_id"]
    kept = await scene.registry.incidents.get(incident)
    assert kept.decision is not None
    assert (kept.status, kept.decision["reasoning"]) == ("pending_approval", "[E1]")


async def test_a_chosen_call_is_the_approval_of_exactly_that_call(scene: Scene) -> None:
    state = await opened(scene)
    update = await answered(scene, state, choice={"action": "restart_instance", "parameters": {}})
    assert update["way"] == "act"
    action = update["action"]
    assert action is not None
    assert (action.action_type, action.method, action.resource_id) == ("restart", "api", VM.address)
    registry = scene.registry
    row = await registry.approvals.get(update["approval_id"])
    assert (row.status, row.decided_by, row.subject, row.seal.digest) == (
        "approved",
        "ada",
        "action",
        action.digest,
    )
    act = act_of(scene)
    done = await act(state_of(**{**state, **update}))
    assert done["results"][0].success
    assert scene.done == [("reset", "vm-1")]
    assert (await registry.actions.of_run(RUN))[0].allowed_by == "ada"


async def test_a_choice_made_before_a_stop_is_asked_again(scene: Scene) -> None:
    state = await opened(scene)
    await scene.registry.kill_switch.stop("ada", "x")
    await scene.registry.kill_switch.start("ada", "y")
    update = await answered(scene, state, choice={"id": "O1", "action": "restart"})
    assert update.get("epoch", 0) == 0  # the time of the question: whoever acts compares it


async def test_an_option_may_be_chosen_by_its_id(scene: Scene) -> None:
    state = await opened(scene)
    row = await scene.registry.approvals.get(state["approval_id"])
    option = next(one for one in row.choices if one["action"] == "scale_up")
    update = await answered(scene, state, choice={"id": option["id"]})
    action = update["action"]
    assert action is not None
    assert (action.action_type, dict(action.parameters)) == ("scale_up", option["parameters"])
    assert update["way"] == "modifier"  # its preview asks
    assert "approval_id" not in update
    assert update["advice"].reasoning.startswith("ada chose it.")
    assert update["action_verdict"] is not None
    assert update["action_verdict"].decision == "ask"


async def test_yes_is_the_recommended_action_where_there_is_one(scene: Scene) -> None:
    update = await answered(scene, await opened(scene, advice=ADVICE))
    assert update["action"] is not None
    assert update["action"].action_type == "restart"
    update = await answered(scene, await opened(scene))
    assert update["way"] == "question"
    assert "Choose one of the options" in update["message"]


@pytest.mark.parametrize(
    "choice",
    [
        {"action": "delete_everything"},
        {"action": "scale_up", "parameters": {"machine_type": "e9-gigantic"}},
        {"action": "scale_up", "parameters": {"machine_type": "e2-micro"}},
        {"action": "scale_up", "parameters": {"resource": "google_compute_instance.of_others"}},
        {"id": "O99"},
    ],
)
async def test_what_cannot_be_done_is_told_and_asked_again(scene: Scene, choice: dict[str, Any]) -> None:
    update = await answered(scene, await opened(scene), choice=choice)
    assert (update["way"], update["action"]) == ("question", None)
    assert update["message"]
    again = await opened(scene, message=update["message"])
    assert question_card(again)["action_requests"][0]["args"]["note"] == update["message"]


async def test_no_and_too_late_end_it(scene: Scene) -> None:
    update = await answered(scene, await opened(scene), "reject")
    assert (update["way"], update["ended"]) == ("closer", "rejected")
    state = await opened(scene, message="again")
    answer = parse_choice({"decisions": [{"type": "expire"}]}, state["approval_id"])
    node = Choose(offers(scene), scene.registry.approvals, scene.journal, 30)
    update = await node(state_of(**{**state, "answer": answer}))
    assert (update["way"], update["ended"]) == ("closer", "escalated")


async def test_a_person_may_choose_to_do_nothing(scene: Scene) -> None:
    update = await answered(scene, await opened(scene), choice={"action": "ignore"})
    assert (update["way"], update["ended"]) == ("closer", "ignored")


async def test_a_yes_that_the_registry_does_not_know_is_none(scene: Scene) -> None:
    """A thread can be resumed past every channel; what counts is the row."""
    state = await opened(scene, advice=ADVICE)
    answer = parse_choice({"decisions": [{"type": "approve", "by": "eve"}]}, state["approval_id"])
    node = Choose(offers(scene), scene.registry.approvals, scene.journal, 30)
    update = await node(state_of(**{**state, "answer": answer}))
    assert (update["way"], update["action"]) == ("question", None)


RESTART = {"action": "restart", "parameters": {}}


async def chosen(scene: Scene, state: OperateState) -> OperateUpdate:
    """What a process makes of a question that was answered before it took the run up."""
    answer = parse_choice({"decisions": [{"type": "approve", "by": "ada"}]}, state["approval_id"])
    node = Choose(offers(scene), scene.registry.approvals, scene.journal, 30)
    return await node(state_of(**{**state, "answer": answer}))


async def test_an_answer_is_not_carried_out_long_after_it_was_given(scene: Scene, at: list[float]) -> None:
    approvals, state = scene.registry.approvals, await opened(scene)
    await approvals.decide(state["approval_id"], "approve", by="ada", channel="t", choice=RESTART)
    at[0] += 2 * 86400
    update = await chosen(scene, state)
    assert (update["way"], update["action"]) == ("question", None)
    assert "in its time" in update["message"]
    assert [one.subject for one in await approvals.of_run(RUN)] == ["question"]


async def test_what_an_answer_allows_ends_with_its_time(scene: Scene, at: list[float]) -> None:
    approvals, state = scene.registry.approvals, await opened(scene)
    decided = await approvals.decide(state["approval_id"], "approve", by="ada", channel="t", choice=RESTART)
    at[0] += 1200
    update = await chosen(scene, state)
    sealed = await approvals.get(update["approval_id"])
    assert decided.decided_at is not None
    assert sealed.expires_at == decided.decided_at + 1800
    at[0] += 601
    late = await act_of(scene)(state_of(**{**state, **update}))
    assert (late, scene.done) == ({"way": "action_approval"}, [])


async def test_an_answer_is_for_one_time(scene: Scene) -> None:
    approvals, state = scene.registry.approvals, await opened(scene)
    await approvals.decide(state["approval_id"], "approve", by="ada", channel="t", choice=RESTART)
    first = await chosen(scene, state)
    assert (await approvals.get(state["approval_id"])).status == "used"
    again = await chosen(scene, state)  # the process died before its checkpoint
    assert again["approval_id"] == first["approval_id"]
    assert (await act_of(scene)(state_of(**{**state, **first})))["results"][0].success
    replayed = state_of(**{**state, **await chosen(scene, state)})
    await act_of(scene)(replayed)
    assert scene.done == [("reset", "vm-1")]


async def test_an_answer_to_another_runs_question_is_none(scene: Scene) -> None:
    state = await opened(scene)
    await scene.registry.approvals.decide(
        state["approval_id"], "approve", by="ada", channel="t", choice=RESTART
    )
    other = state_of(**{**state, "run_id": "33333333-3333-4333-8333-333333333333"})
    assert (await chosen(scene, other))["way"] == "question"


@pytest.mark.parametrize(
    "choice",
    [
        {"name": "restart", "args": "x"},
        {"edited_action": "restart"},
        {"name": 5},
        {"name": "restart", "args": {1: 2}},
        {"name": "restart", "args": {"x": float("nan")}},
        {"name": "restart", "args": {"x": object()}},
    ],
)
async def test_a_choice_that_cannot_be_read_decides_nothing(scene: Scene, choice: dict[str, Any]) -> None:
    approvals, state = scene.registry.approvals, await opened(scene)
    with pytest.raises(InputError, match="cannot be read"):
        await approvals.decide(state["approval_id"], "approve", by="ada", channel="t", choice=choice)
    assert (await approvals.get(state["approval_id"])).status == "pending"


@pytest.mark.parametrize("name", ["policy", "POLICY ", "graph"])
async def test_nobody_decides_under_a_name_of_the_system(scene: Scene, name: str) -> None:
    approvals, state = scene.registry.approvals, await opened(scene)
    with pytest.raises(InputError, match="no person's name"):
        await approvals.decide(state["approval_id"], "approve", by=name, channel="api")
    assert (await approvals.get(state["approval_id"])).status == "pending"


def test_an_answer_is_one_decision() -> None:
    edit = {"decisions": [{"type": "edit", "edited_action": {"name": "restart", "args": {}}}]}
    assert parse_choice(edit, "a").decision == "edit"
    with pytest.raises(InputError):
        parse_choice("yes", "a")
    with pytest.raises(InputError):
        parse_choice({"decisions": []}, "a")
