"""The outcome is kept: the next decision sees it, and the audit log has all of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.operate.learn import Learn
from infraai.operations.shapes import ActionResult, Evidence, Recheck
from tests.operations.acting import ASK, RUN, VM, Scene, open_scene, restart, state_of


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as opened:
        yield opened


def learn(scene: Scene) -> Learn:
    registry = scene.registry
    return Learn(registry.actions, registry.incidents, registry.model_calls, registry.audit, scene.journal)


async def done(
    scene: Scene, incident: str, *, run_id: str = RUN, step: int = 0, by: str = "policy"
) -> ActionResult:
    at = scene.clock.now().timestamp() + step
    request = restart(run_id=run_id)
    result = ActionResult(success=True, method="api", action=request, ended_at=at)
    action_id = await scene.registry.actions.start(
        request,
        op_key=f"{run_id}:{step}",
        resource_type=VM.type,
        cause="cpu",
        allowed_by=by,
        at=at,
        incident_id=incident,
    )
    await scene.registry.actions.finish(action_id, result)
    return result


async def test_whether_it_helped_is_kept_with_action_and_incident(scene: Scene) -> None:
    incident = await scene.incident()
    result = await done(scene, incident)
    found = Recheck(resolved=True, looks=2, value=0.3, threshold=0.8, detail="After 90 s it is within.")
    evidence = [Evidence(id="E1", kind="series", summary="cpu is high")]
    state = state_of(
        incident_id=incident, results=[result], recheck=found, evidence=evidence, tries=1, action_verdict=ASK
    )
    await learn(scene)(state)
    kept = await scene.registry.incidents.get(incident)
    assert kept.recheck is not None
    assert kept.decision is not None
    assert (kept.recheck["resolved"], kept.decision["recommended_action"]) == (True, "restart")
    assert (kept.evidence[0]["id"], kept.results[0]["resolved"], kept.tries) == ("E1", True, 1)
    (record,) = await scene.registry.actions.like(cause="cpu", resource_type=VM.type)
    assert record.resolved is True
    (line,) = [one for one in await scene.registry.audit.lines() if one.kind == "incident_learned"]
    assert line.data["approver"] == ["policy"]
    assert line.data["commands"][0]["action_type"] == "restart"
    assert line.data["rules"] == ["critical_alert"]
    assert set(line.data) >= {
        "decision",
        "evidence",
        "model",
        "prompt_sha256",
        "usage",
        "confidence",
        "recheck",
    }


async def test_a_later_success_does_not_make_an_earlier_try_good(scene: Scene) -> None:
    incident = await scene.incident()
    first = await done(scene, incident)
    await learn(scene)(
        state_of(incident_id=incident, results=[first], recheck=Recheck(resolved=False), tries=1)
    )
    second = await done(scene, incident, step=1)
    both = state_of(incident_id=incident, results=[first, second], recheck=Recheck(resolved=True), tries=2)
    for _ in range(2):  # cut off, it runs again
        await learn(scene)(both)
    kept = await scene.registry.incidents.get(incident)
    assert [one["resolved"] for one in kept.results] == [False, True]
    assert [one.resolved for one in await scene.registry.actions.of_incident(incident)] == [False, True]
    assert kept.tries == 2


async def test_tries_of_earlier_runs_count_and_those_of_people_do_not(scene: Scene) -> None:
    incident = await scene.incident()
    await done(scene, incident, run_id="earlier")
    await done(scene, incident, run_id="by-hand", by="ada")
    result = await done(scene, incident, by="ada")
    await learn(scene)(state_of(incident_id=incident, results=[result], recheck=Recheck(resolved=False)))
    assert (await scene.registry.incidents.get(incident)).tries == 1


async def test_an_action_by_hand_is_learned_from_too(scene: Scene) -> None:
    result = await done(scene, "", by="ada")
    await learn(scene)(state_of(alert=None, results=[result], recheck=Recheck(resolved=True)))
    (record,) = await scene.registry.actions.of_run(RUN)
    assert record.resolved is True
