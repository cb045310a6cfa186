"""What operating remembers: actions and how they ended, silences, and what stood before."""

import asyncio
from typing import Any

import pytest

from infraai.errors import InputError, NotFoundError
from infraai.operations.shapes import ActionRequest, ActionResult
from infraai.registry.registry import Registry
from infraai.registry.revisions import Revision
from tests.registry.alerts import T0, opened, target

KEEPER: dict[str, Any] = {"by": "ada", "reason": "upgrade"}


def request(action: str = "scale_up", resource: str = "google_compute_instance.web") -> ActionRequest:
    return ActionRequest.model_validate(
        {"action_type": action, "resource_id": resource, "run_id": "run-1", "deployment_id": "d-1"}
    )


async def begun(registry: Registry, key: str, at: float = T0, **said: Any) -> str:
    asked = request(said.pop("action", "scale_up"))
    said = {"resource_type": "google_compute_instance", "cause": "cpu", "allowed_by": "ada"} | said
    return await registry.actions.start(asked, op_key=key, at=at, **said)


async def test_an_action_is_begun_once_under_its_key(registry: Registry) -> None:
    ids = await asyncio.gather(*(begun(registry, "key", incident_id="i-1") for _ in range(10)))
    assert len(set(ids)) == 1
    record = (await registry.actions.list())[0]
    assert (record.status, record.resolved, record.result) == ("started", None, None)
    assert (record.request, record.resource) == (request(), "google_compute_instance.web")


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (ActionResult(success=True, method="api", ended_at=T0 + 9), "success"),
        (ActionResult(success=False, method="api", error="quota"), "failed"),
        (ActionResult(success=False, method="terraform", rolled_back=True), "rolled_back"),
    ],
)
async def test_how_an_action_ended_is_kept_and_whether_it_helped(
    registry: Registry, result: ActionResult, status: str
) -> None:
    action_id = await begun(registry, "key", incident_id="i-1")
    await registry.actions.finish(action_id, result)
    await registry.actions.set_resolved(action_id, resolved=False)
    record = await registry.actions.get(action_id)
    assert (record.status, record.result, record.resolved) == (status, result, False)
    assert await registry.actions.of_incident("i-1") == [record]
    assert await registry.actions.of_run("run-1") == [record]
    with pytest.raises(NotFoundError):
        await registry.actions.finish("nothing", result)


async def test_the_nearest_precedents_come_first(registry: Registry) -> None:
    cases = [
        ("other cause", "disk_full", "google_compute_instance", "resize_disk"),
        ("same cause", "cpu", "google_sql_database_instance", "scale_up"),
        ("nothing", "disk_full", "google_sql_database_instance", "resize_disk"),
        ("older twin", "cpu", "google_compute_instance", "scale_up"),
        ("twin", "cpu", "google_compute_instance", "restart"),
        ("running", "cpu", "google_compute_instance", "scale_up"),
    ]
    for number, (key, cause, resource_type, action) in enumerate(cases):
        action_id = await begun(
            registry, key, T0 + number, cause=cause, resource_type=resource_type, action=action
        )
        if key != "running":
            await registry.actions.finish(action_id, ActionResult(success=True, method="api"))
    names = {T0 + number: case[0] for number, case in enumerate(cases)}

    async def like(**said: Any) -> list[str]:
        said = {"cause": "cpu", "resource_type": "google_compute_instance"} | said
        return [names[one.started_at] for one in await registry.actions.like(**said)]

    assert await like() == ["twin", "older twin", "same cause", "other cause"]
    assert await like(action="scale_up") == ["older twin", "same cause"]
    assert await like(limit=1) == ["twin"]


async def test_recent_actions_are_those_on_the_resource_since_then(registry: Registry) -> None:
    for number in range(3):
        await begun(registry, str(number), T0 + number)
    found = await registry.actions.recent("d-1", "google_compute_instance.web", T0 + 1)
    assert [one.started_at for one in found] == [T0 + 2, T0 + 1]
    assert await registry.actions.recent("d-2", "google_compute_instance.web", T0) == []


@pytest.mark.parametrize(
    ("scope", "silent"),
    [
        ({"deployment_id": "d-1"}, True),
        ({"deployment_id": "d-2"}, False),
        ({"resource": "web"}, True),
        ({"resource": "google_compute_instance.web"}, True),
        ({"resource": "db"}, False),
        ({"policy": "cpu high"}, True),
        ({"policy": "disk"}, False),
        ({"deployment_id": "d-1", "resource": "web", "policy": "disk"}, False),
    ],
)
async def test_a_silence_covers_what_it_names_while_it_lasts(
    registry: Registry, scope: dict[str, Any], *, silent: bool
) -> None:
    added = await registry.silences.add(starts_at=T0, ends_at=T0 + 60, **KEEPER, **scope)
    for at, lasts in ((T0 - 1, False), (T0, True), (T0 + 59, True), (T0 + 60, False)):
        found = await registry.silences.matching(opened(), target(), at)
        assert found == (added if silent and lasts else None)


async def test_what_is_not_located_is_in_no_deployments_silence(registry: Registry) -> None:
    await registry.silences.add(deployment_id="d-1", starts_at=T0, ends_at=T0 + 60, **KEEPER)
    assert await registry.silences.matching(opened(), None, T0) is None


async def test_a_silence_ends_early_and_is_somebodys(registry: Registry) -> None:
    added = await registry.silences.add(
        resource="web", starts_at=T0, ends_at=T0 + 60, maintenance=True, **KEEPER
    )
    assert await registry.silences.list(at=T0 + 1) == [added]
    ended = await registry.silences.end(added.silence_id, by="bob", at=T0 + 5)
    assert (ended.ends_at, ended.maintenance) == (T0 + 5, True)
    assert (await registry.silences.end(added.silence_id, by="bob", at=T0 + 9)).ends_at == T0 + 5
    assert await registry.silences.list(at=T0 + 6) == []
    assert [line.actor for line in await registry.audit.lines(subject=added.silence_id)] == ["bob", "ada"]
    with pytest.raises(NotFoundError):
        await registry.silences.end("nothing", by="bob", at=T0)


@pytest.mark.parametrize(
    "unfit",
    [
        {"by": " "},
        {"reason": ""},
        {"ends_at": T0},
        {"resource": ""},
    ],
)
async def test_a_silence_of_everything_or_of_nobody_is_refused(
    registry: Registry, unfit: dict[str, Any]
) -> None:
    whole: dict[str, Any] = {"resource": "web", "starts_at": T0, "ends_at": T0 + 60, **KEEPER}
    with pytest.raises(InputError):
        await registry.silences.add(**(whole | unfit))


async def test_there_is_something_to_go_back_to(registry: Registry) -> None:
    steps = [("run-1", "a"), ("run-2", "b"), ("run-2", "c"), ("run-3", "a")]
    for number, (run_id, sha) in enumerate(steps):
        one = Revision(deployment_id="d-1", run_id=run_id, bundle_sha=sha * 64, serial=number, at=T0 + number)
        await registry.revisions.add(one)
        await registry.revisions.add(one)
        await registry.revisions.add(
            Revision(deployment_id="d-2", run_id="x", bundle_sha=sha * 64, serial=number, at=T0)
        )
    assert [one.serial for one in await registry.revisions.of("d-1")] == [0, 1, 2, 3]
    assert await registry.revisions.before("run-1") is None
    before = [await registry.revisions.before(run_id) for run_id in ("run-2", "run-3")]
    assert [one.bundle_sha[0] for one in before if one] == ["a", "c"]
    last = await registry.revisions.last("d-1")
    assert last is not None
    assert (last.run_id, last.serial) == ("run-3", 3)
    assert (await registry.revisions.before("nothing"), await registry.revisions.last("d-9")) == (None, None)
