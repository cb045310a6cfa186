"""Incidents: a storm is one, a repeat is none, and what closes closes, in whatever order it comes."""

import asyncio
from pathlib import Path

import pytest

from infraai.errors import AmbiguousError, NotFoundError, RegistryError
from infraai.models import Request
from infraai.operations.shapes import OVER, ActionResult, Evidence, Recheck
from infraai.registry.registry import Registry
from tests.registry.alerts import T0, closed, hear, opened, target

WEB, DB = target("web"), target("db")


async def test_an_alert_opens_an_incident_and_its_repeat_changes_nothing(registry: Registry) -> None:
    first = await hear(registry, opened(severity="critical"), of=WEB)
    before = await registry.incidents.get(first.incident_id)
    again = await hear(registry, opened(), T0 + 5, of=WEB)
    assert (first.fresh, first.duplicate, again.fresh, again.duplicate) == (True, False, False, True)
    assert (again.alert_id, again.incident_id) == (first.alert_id, first.incident_id)
    assert await registry.incidents.get(first.incident_id) == before
    assert (before.deployment_id, before.resource) == ("d-1", "google_compute_instance.web")
    assert (before.status, before.severity, before.title) == ("pending", "critical", "cpu high on web")


async def test_a_storm_from_two_processes_is_one_incident(registry: Registry, tmp_path: Path) -> None:
    other = await Registry.open(tmp_path)
    try:
        heard = await asyncio.gather(
            *(
                hear(one, opened(f"i-{number}"), T0 + number, of=target(f"vm-{number}"))
                for number in range(25)
                for one in (registry, other)
            )
        )
    finally:
        await other.close()
    assert sum(one.fresh for one in heard) == 1
    assert sum(one.duplicate for one in heard) == 25
    assert len({one.incident_id for one in heard}) == 1
    incident = await registry.incidents.get(heard[0].incident_id)
    assert incident.alert_count == 25
    assert len(await registry.incidents.alerts_of(incident.incident_id)) == 25


async def test_other_causes_and_deployments_are_other_incidents(registry: Registry) -> None:
    heard = [
        await hear(registry, opened("1"), of=WEB),
        await hear(registry, opened("2"), of=WEB, cause="memory"),
        await hear(registry, opened("3"), of=target("web", "d-2")),
    ]
    assert all(one.fresh for one in heard)


async def test_what_is_not_located_is_grouped_by_its_name_and_policy(registry: Registry) -> None:
    first = await hear(registry, opened("1"))
    same = await hear(registry, opened("2"))
    others = [opened("3", resource="db"), opened("4", project="q"), opened("5", policy_name="disk")]
    assert same.incident_id == first.incident_id
    assert [(await hear(registry, one)).fresh for one in others] == [True, True, True]


async def test_after_the_window_another_resource_is_another_incident_and_the_same_one_is_not(
    registry: Registry,
) -> None:
    first = await hear(registry, opened("1"), of=WEB)
    joined = await hear(registry, opened("2", severity="critical"), T0 + 900, of=DB)
    late = await hear(registry, opened("3"), T0 + 1801, of=DB)
    same = await hear(registry, opened("4"), T0 + 9000, of=WEB)
    assert (joined.incident_id, same.incident_id) == (first.incident_id, first.incident_id)
    assert late.fresh
    assert (await registry.incidents.get(first.incident_id)).severity == "critical"


async def test_an_incident_closes_with_its_last_alert(registry: Registry) -> None:
    first = await hear(registry, opened("1"), of=WEB)
    await hear(registry, opened("2"), of=DB)
    one = await hear(registry, closed("1", ended_at=T0 + 60), T0 + 60)
    two = await hear(registry, closed("2", ended_at=T0 + 70), T0 + 70)
    assert [(one.closed, one.incident_id), (two.closed, two.incident_id)] == [
        (False, first.incident_id),
        (True, first.incident_id),
    ]
    again = await hear(registry, closed("2", ended_at=T0 + 70), T0 + 71)
    assert (again.duplicate, again.closed) == (True, False)
    stored = await registry.incidents.alert(first.alert_id)
    assert (stored.status, stored.alert.state, stored.alert.ended_at) == ("resolved", "closed", T0 + 60)
    assert (
        await registry.incidents.get(first.incident_id)
    ).status == "pending"  # whose end is the caller's word


async def test_an_open_after_its_closed_opens_nothing(registry: Registry) -> None:
    early = await hear(registry, closed(started_at=T0, ended_at=T0 + 60), T0 + 60, of=WEB)
    late = await hear(registry, opened(started_at=T0), T0 + 61, of=WEB)
    again = await hear(registry, opened(started_at=T0), T0 + 62, of=WEB)
    assert [early.fresh, early.closed, late.fresh, late.duplicate, again.duplicate] == [
        False,
        False,
        False,
        False,
        True,
    ]
    assert await registry.incidents.list() == []
    stored = await registry.incidents.alert(early.alert_id)
    assert (stored.status, stored.alert.state) == ("resolved", "closed")


@pytest.mark.parametrize("source", ["simple", "alertmanager", "grafana"])
async def test_a_sender_without_ids_of_occurrences_is_heard_each_time(
    registry: Registry, source: str
) -> None:
    first = await hear(registry, opened("same", source), of=WEB)
    repeat = await hear(registry, opened("same", source), T0 + 10, of=WEB)
    shut = await hear(registry, closed("same", source), T0 + 20, of=WEB)
    await registry.incidents.set_status(first.incident_id, "resolved")
    twice = await hear(registry, closed("same", source), T0 + 21, of=WEB)
    second = await hear(registry, opened("same", source), T0 + 30, of=WEB)
    assert [repeat.duplicate, shut.closed, twice.duplicate] == [True, True, True]
    assert second.fresh
    assert second.alert_id != first.alert_id
    assert (await registry.incidents.get(second.incident_id)).reopened == 1


async def test_an_id_of_google_is_one_occurrence(registry: Registry) -> None:
    await hear(registry, opened(started_at=T0), of=WEB)
    await hear(registry, closed(started_at=T0, ended_at=T0 + 60), T0 + 60)
    assert (await hear(registry, opened(started_at=T0), T0 + 5000, of=WEB)).duplicate


async def test_deliveries_of_a_fingerprint_find_their_occurrence_by_its_beginning(registry: Registry) -> None:
    am = "alertmanager"
    one = await hear(registry, opened("f", am, started_at=T0), of=WEB)
    assert (await hear(registry, closed("f", am, started_at=T0, ended_at=T0 + 60), T0 + 60)).closed
    two = await hear(registry, opened("f", am, started_at=T0 + 100), T0 + 100, of=WEB)
    assert two.alert_id != one.alert_id
    assert (await hear(registry, opened("f", am, started_at=T0), T0 + 101, of=WEB)).alert_id == one.alert_id
    stale = await hear(registry, closed("f", am, started_at=T0, ended_at=T0 + 60), T0 + 102)
    assert (stale.duplicate, stale.alert_id) == (True, one.alert_id)
    # the closing of the second was lost, and that of a third overtook its opening: nothing of it fires any more
    third = await hear(registry, closed("f", am, started_at=T0 + 500, ended_at=T0 + 560), T0 + 600)
    assert (third.closed, third.alert_id) == (True, two.alert_id)
    assert (await hear(registry, opened("f", am, started_at=T0 + 500), T0 + 601, of=WEB)).duplicate
    assert (await hear(registry, opened("f", am, started_at=T0 + 700), T0 + 700, of=WEB)).duplicate is False


@pytest.mark.parametrize(
    ("status", "after_s", "value", "heard"),
    [
        ("resolved", 100, 0.9, False),  # the same body again
        ("resolved", 100, 0.95, True),  # it is bad again
        ("resolved", 1000, 0.9, True),
        ("rejected", 100, 0.95, False),  # somebody has just said no
        ("rejected", 1000, 0.95, True),
        ("escalated", 100, 0.95, False),
    ],
)
async def test_a_sender_that_never_closes_is_heard_again_once_the_incident_is_over(
    registry: Registry, status: str, after_s: float, value: float, *, heard: bool
) -> None:
    first = await hear(registry, opened("s", "simple", value=0.9), of=WEB)
    await registry.incidents.set_status(first.incident_id, status)  # type: ignore[arg-type]
    again = await hear(registry, opened("s", "simple", value=value), T0 + after_s, of=WEB)
    assert (again.fresh, again.duplicate) == (heard, not heard)


async def test_what_is_over_takes_no_alert_and_what_comes_back_is_counted(registry: Registry) -> None:
    for number in range(3):
        heard = await hear(registry, opened(f"i-{number}"), T0 + number * 60, of=WEB)
        incident = await registry.incidents.get(heard.incident_id)
        assert (heard.fresh, incident.reopened) == (True, number)
        await registry.incidents.set_status(heard.incident_id, "resolved")
    later = await hear(registry, opened("i-9"), T0 + 7200, of=WEB)
    assert (await registry.incidents.get(later.incident_id)).reopened == 0


async def test_a_connection_test_is_kept_and_left_alone(registry: Registry) -> None:
    heard = await hear(registry, opened("t", "gcp-test", test=True))
    assert (heard.fresh, heard.incident_id) == (False, "")
    assert (await registry.incidents.alert(heard.alert_id)).status == "ignored"
    assert (await hear(registry, opened("t", "gcp-test", test=True))).duplicate
    assert await registry.incidents.list() == []


@pytest.mark.parametrize("final", sorted(OVER))
async def test_a_final_status_stays(registry: Registry, final: str) -> None:
    heard = await hear(registry, opened(), of=WEB)
    assert await registry.incidents.set_status(heard.incident_id, final, "it is over")  # type: ignore[arg-type]
    for status in ("pending", "executed", "resolved", "escalated", "rejected"):
        assert not await registry.incidents.set_status(heard.incident_id, status, "no")
    incident = await registry.incidents.get(heard.incident_id)
    assert (incident.status, incident.message, incident.closed_at is not None) == (final, "it is over", True)
    assert (await registry.incidents.alert(heard.alert_id)).status == final
    shut = await hear(registry, closed(), T0 + 60)
    allowed = final == "escalated"
    assert shut.closed
    assert await registry.incidents.set_status(heard.incident_id, "resolved", "by itself") == allowed
    assert not await registry.incidents.set_status(heard.incident_id, "pending")


async def test_one_run_takes_an_incident_up(registry: Registry) -> None:
    heard = await hear(registry, opened(), of=WEB)
    taken = await asyncio.gather(*(registry.incidents.take(heard.incident_id, f"r{n}") for n in range(8)))
    assert sum(taken) == 1
    incident = await registry.incidents.get(heard.incident_id)
    assert await registry.incidents.of_run(incident.run_id) == incident
    assert not await registry.incidents.take(heard.incident_id, "r9")
    assert await registry.incidents.take(heard.incident_id, "r9", instead_of=incident.run_id)
    await registry.incidents.set_status(heard.incident_id, "resolved")
    assert not await registry.incidents.take(heard.incident_id, "r10", instead_of="r9")


async def test_what_waits_is_new_or_was_halted(registry: Registry) -> None:
    heard = await hear(registry, opened(), of=WEB)
    other = await hear(registry, opened("2"), of=WEB, cause="memory")
    assert [one.incident_id for one in await registry.incidents.waiting()] == [
        heard.incident_id,
        other.incident_id,
    ]
    await registry.runs.create("run-1", "d-1", Request(kind="operate", goal="g"), "me")
    await registry.incidents.take(heard.incident_id, "run-1")
    assert [one.incident_id for one in await registry.incidents.waiting()] == [other.incident_id]
    await registry.runs.mark("run-1", "halted")
    assert len(await registry.incidents.waiting()) == 2
    assert await registry.incidents.of_run("") is None


async def test_the_story_is_kept(registry: Registry) -> None:
    heard = await hear(registry, opened(), of=WEB)
    await registry.incidents.write(
        heard.incident_id,
        evidence=[Evidence(id="E1", kind="series", summary="it rose")],
        decision={"recommended_action": "scale_up"},
        recheck=Recheck(resolved=True, looks=2),
        results=[ActionResult(success=True, method="api")],
        tries=1,
    )
    incident = await registry.incidents.get(heard.incident_id[:6])
    assert incident.evidence[0]["id"] == "E1"
    assert (incident.decision or {})["recommended_action"] == "scale_up"
    assert (incident.recheck or {})["looks"] == 2
    assert (incident.results[0]["method"], incident.tries) == ("api", 1)
    with pytest.raises(NotFoundError, match="no incident"):
        await registry.incidents.write("nothing", tries=1)
    with pytest.raises(NotFoundError, match="no alert"):
        await registry.incidents.alert("a%")


async def test_an_ambiguous_beginning_is_not_guessed(registry: Registry) -> None:
    for number in range(2):
        await hear(registry, opened(str(number)), of=target("web", f"d-{number}"))
    async with registry.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE incidents SET incident_id = 'aaaaaaa' || deployment_id")
    with pytest.raises(AmbiguousError):
        await registry.incidents.get("aaaaaa")


async def test_active_alerts_are_those_that_fire_and_are_not_done_with(registry: Registry) -> None:
    heard = [
        await hear(registry, opened(str(number)), T0 + number, of=target("web", f"d-{number}"))
        for number in range(4)
    ]
    await registry.incidents.set_status(heard[0].incident_id, "escalated")
    await registry.incidents.set_status(heard[1].incident_id, "rejected")
    await hear(registry, closed("2"), T0 + 60)
    active = {one.alert_id for one in await registry.incidents.list_alerts(open_only=True)}
    assert active == {heard[0].alert_id, heard[3].alert_id}
    assert [one.alert_id for one in await registry.incidents.list_alerts("rejected")] == [heard[1].alert_id]
    recent = await registry.incidents.recent("d-3", "cpu", T0)
    assert [one.incident_id for one in recent] == [heard[3].incident_id]


async def test_an_alert_that_cannot_be_kept_is_not_swallowed(registry: Registry) -> None:
    async with registry.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE incidents")
    with pytest.raises(RegistryError, match="alert cannot be written"):
        await hear(registry, opened(), of=WEB)
