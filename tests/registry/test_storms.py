"""A body of many alerts is one thing to look at, and what was not helped becomes an incident of its own."""

from pathlib import Path

import pytest

from infraai.registry import witness
from infraai.registry.deployments import Deployment
from infraai.registry.locating import Unlocated
from infraai.registry.registry import Registry
from tests.registry.alerts import T0, closed, hear, opened, target
from tests.registry.test_control import forge


async def test_what_is_not_located_of_one_body_is_one_incident(registry: Registry) -> None:
    storm = [opened(f"i-{n}", resource=f"h{n}", policy_name=f"p{n % 7}") for n in range(200)]
    received = await registry.incidents.receive_all([(one, None, "cpu") for one in storm], T0)
    assert (sum(one.fresh for one in received), len({one.incident_id for one in received})) == (1, 1)
    incident = await registry.incidents.get(received[0].incident_id)
    assert (incident.alert_count, len(await registry.incidents.alerts_of(incident.incident_id))) == (200, 200)
    again = await registry.incidents.receive_all([(one, None, "cpu") for one in storm], T0 + 5)
    assert all(one.duplicate for one in again)
    over = [closed(f"i-{n}", resource=f"h{n}", policy_name=f"p{n % 7}") for n in range(200)]
    ended = await registry.incidents.receive_all([(one, None, "cpu") for one in over], T0 + 60)
    assert [one.closed for one in ended] == [False] * 199 + [True]


async def test_a_body_is_heard_as_its_alerts_one_by_one_would_be(registry: Registry) -> None:
    items = [
        (opened("1"), target("web"), "cpu"),
        (opened("2"), target("db"), "cpu"),
        (opened("1"), target("web"), "cpu"),
        (opened("3"), target("web"), "memory"),
        (opened("4"), None, "cpu"),
        (closed("3", started_at=T0), target("web"), "memory"),
        (opened("5"), target("web", "d-2"), "cpu"),
    ]
    heard = await registry.incidents.receive_all(items, T0)  # type: ignore[arg-type]
    ids = [one.incident_id for one in heard]
    assert [one.fresh for one in heard] == [True, False, False, True, True, False, True]
    assert [one.duplicate for one in heard] == [False, False, True, False, False, False, False]
    assert (ids[0], ids[5]) == (ids[1], ids[3])
    assert [one.closed for one in heard] == [False] * 5 + [True, False]
    assert (await registry.incidents.alert(heard[3].alert_id)).status == "resolved"
    assert len(await registry.incidents.list()) == 4


async def test_what_can_be_helped_is_taken_up_before_a_flood(registry: Registry) -> None:
    flood = [await hear(registry, opened(f"x-{n}", resource=f"x{n}", severity="critical")) for n in range(3)]
    warning = await hear(registry, opened("1"), T0 + 1, of=target("web"))
    critical = await hear(registry, opened("2", severity="critical"), T0 + 2, of=target("db", "d-2"))
    waiting = [one.incident_id for one in await registry.incidents.waiting()]
    assert waiting == [critical.incident_id, warning.incident_id, *(one.incident_id for one in flood)]


async def test_a_body_is_located_with_one_reading_of_what_stands(registry: Registry) -> None:
    resource = target("web").resource
    await registry.deployments.record(
        Deployment(deployment_id="d-1", status="active", project="p"), "r", [resource]
    )
    alerts = [opened("1"), opened("2", resource="nothing"), opened("3", project="q")]
    found = await registry.locator.locate_all(alerts)
    assert found == [await registry.locator.locate(one) for one in alerts]
    assert [isinstance(one, Unlocated) for one in found] == [False, True, True]
    assert await registry.locator.locate_all([]) == ()


async def test_what_is_left_becomes_an_incident_that_waits_by_itself(registry: Registry) -> None:
    first = await hear(registry, opened("1"), of=target("web"))
    second = await hear(registry, opened("2", severity="critical"), of=target("db"))
    shut = await hear(registry, opened("3"), of=target("old"))
    await hear(registry, closed("3"), T0 + 1)
    await registry.incidents.take(first.incident_id, "run-1")
    await registry.incidents.set_status(first.incident_id, "auto_executing", "It is being restarted.")
    moved = [second.alert_id, shut.alert_id]
    new = await registry.incidents.split(first.incident_id, moved, T0 + 9, resource="x.db", title="cpu on db")
    incident = await registry.incidents.get(new)
    assert (incident.status, incident.message, incident.run_id, incident.severity) == (
        "pending",
        "",
        "",
        "critical",
    )
    assert (incident.resource, incident.deployment_id, incident.alert_count) == ("x.db", "d-1", 1)
    assert incident.title == f"cpu on db (left of incident {first.incident_id[:8]})"
    await registry.incidents.set_status(first.incident_id, "resolved", "Restarted.")
    assert (await registry.incidents.alert(second.alert_id)).status == "pending"
    assert [one.incident_id for one in await registry.incidents.waiting()] == [new]
    assert await registry.incidents.split(first.incident_id, moved, T0 + 10) == ""
    again = await hear(registry, opened("2", severity="critical"), T0 + 20, of=target("db"))
    assert (again.duplicate, again.incident_id) == (True, new)


async def test_what_still_fires_is_located_as_things_stand(registry: Registry) -> None:
    await registry.deployments.record(
        Deployment(deployment_id="d-1", status="active", project="p"), "r", [target("web").resource]
    )
    heard = await hear(registry, opened("1"), of=target("web"))
    await hear(registry, opened("2", resource="gone"), of=target("gone"))
    await hear(registry, opened("3"), of=target("web"))
    await hear(registry, closed("3"), T0 + 1)
    firing = await registry.incidents.still_open(heard.incident_id)
    assert [(one.alert.source_id, its and its.resource.name) for one, its in firing] == [
        ("1", "web"),
        ("2", None),
    ]


async def test_a_secret_in_an_alert_is_not_kept(registry: Registry) -> None:
    labels = {"user_labels.api_token": "abc123", "resource.labels.zone": "z"}
    alert = opened(labels=labels, summary="login failed: password=hunter2, see https://h/?token=t0psecret")
    heard = await hear(registry, alert, of=target("web"))
    stored = (await registry.incidents.alert(heard.alert_id)).alert
    assert stored.labels == {"user_labels.api_token": "[not shown]", "resource.labels.zone": "z"}
    assert "hunter2" not in stored.summary
    assert "t0psecret" not in stored.summary
    assert (await hear(registry, alert, T0 + 1, of=target("web"))).duplicate


REWRITTEN = (
    "DELETE FROM audit WHERE seq = 3",
    "UPDATE heads SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2) WHERE name = 'audit'",
)


@pytest.mark.parametrize("goes_on", [False, True])
async def test_lines_cut_off_together_with_the_head_are_found_by_the_file_beside_the_database(
    registry: Registry, tmp_path: Path, *, goes_on: bool
) -> None:
    await registry.audit.append_all("a", "k", [(f"s{n}", {"n": n}) for n in range(3)])
    beside = tmp_path / witness.NAME
    assert (beside.stat().st_mode & 0o777, witness.kept(beside)) == (0o600, await registry.audit.head())
    for forgery in REWRITTEN:
        forge(tmp_path, forgery)
    if goes_on:
        await registry.audit.append("a", "k", "another third", {})
    assert await registry.audit.broken_at() == 3
    beside.unlink()  # what its owner can do as well: then the log is all there is
    assert await registry.audit.broken_at() is None
