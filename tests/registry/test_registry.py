"""The registry: approvals are won once, audit lines are chained, names are never guessed."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from infraai.errors import (
    AmbiguousError,
    ApprovalExpiredError,
    ApprovalUsedError,
    ConflictError,
    InputError,
    NotFoundError,
    SealBrokenError,
    StoppedError,
    TerraformError,
)
from infraai.models import Preview, RecordedResource, Request, Verdict
from infraai.registry.approvals import seal_of
from infraai.registry.database import HEAD, migrate
from infraai.registry.deployments import Deployment
from infraai.registry.registry import Registry
from infraai.registry.tables import METADATA
from tests.registry.conftest import Time

PREVIEW = Preview(plan_digest="d" * 64, state_lineage="l", state_serial=3)
SEAL = seal_of(PREVIEW)
ASK = Verdict(decision="ask", policy_version="v")


def vm(name: str, project: str = "p") -> RecordedResource:
    google_id = f"projects/{project}/zones/z/instances/{name}"
    return RecordedResource(
        type="google_compute_instance", name=name, id=google_id, address=f"google_compute_instance.{name}"
    )


async def test_of_fifty_decisions_at_once_one_wins(registry: Registry) -> None:
    approval = await registry.approvals.open("run-1", SEAL, ASK, epoch=0, minutes=30)
    ends = await asyncio.gather(
        *(
            registry.approvals.decide(
                approval.approval_id, "approve" if n % 2 else "reject", by=f"u{n}", channel="t"
            )
            for n in range(50)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(end, BaseException) for end in ends) == 1
    assert sum(isinstance(end, ApprovalUsedError) for end in ends) == 49


async def test_a_permission_is_spent_once(registry: Registry) -> None:
    approval = await registry.approvals.open("run-1", SEAL, ASK, epoch=0, minutes=30)
    await registry.approvals.decide(approval.approval_id, "approve", by="ada", channel="t")
    assert (
        await registry.approvals.use(approval.approval_id, "run-1", SEAL, policy_version="v", epoch=0)
    ).status == "used"
    with pytest.raises(ApprovalUsedError):
        await registry.approvals.use(approval.approval_id, "run-1", SEAL, policy_version="v", epoch=0)


@pytest.mark.parametrize(
    ("changed", "epoch"),
    [
        (PREVIEW.model_copy(update={"plan_digest": "e" * 64}), 0),
        (PREVIEW.model_copy(update={"state_serial": 4}), 0),
        (PREVIEW.model_copy(update={"state_lineage": "m"}), 0),
        (PREVIEW, 1),
    ],
)
async def test_a_permission_fits_one_plan_one_state_and_one_epoch(
    registry: Registry, changed: Preview, epoch: int
) -> None:
    approval = await registry.approvals.open("run-1", SEAL, ASK, epoch=0, minutes=30)
    await registry.approvals.decide(approval.approval_id, "approve", by="ada", channel="t")
    with pytest.raises(SealBrokenError):
        await registry.approvals.use(
            approval.approval_id, "run-1", seal_of(changed), policy_version="v", epoch=epoch
        )


async def test_a_late_press_is_told_so(registry: Registry, now: Time) -> None:
    approval = await registry.approvals.open("run-1", SEAL, ASK, epoch=0, minutes=30)
    now.at += 1801
    with pytest.raises(ApprovalExpiredError):
        await registry.approvals.decide(approval.approval_id, "approve", by="ada", channel="t")


async def test_a_newer_question_voids_the_older_one(registry: Registry) -> None:
    older = await registry.approvals.open("run-1", SEAL, ASK, epoch=0, minutes=30)
    await registry.approvals.open(
        "run-1", seal_of(PREVIEW.model_copy(update={"state_serial": 4})), ASK, epoch=0, minutes=30
    )
    with pytest.raises(SealBrokenError, match="newer"):
        await registry.approvals.decide(older.approval_id, "approve", by="ada", channel="t")


async def test_audit_lines_written_at_once_are_one_chain(registry: Registry) -> None:
    await asyncio.gather(*(registry.audit.append("a", "k", "s", {"n": n}) for n in range(30)))
    assert [line.seq for line in await registry.audit.lines()] == list(range(30, 0, -1))
    assert await registry.audit.broken_at() is None


@pytest.mark.parametrize(
    "forgery", ["UPDATE audit SET data = '{}' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2"]
)
async def test_a_changed_or_missing_audit_line_is_found(
    registry: Registry, tmp_path: Path, forgery: str
) -> None:
    for number in range(3):
        await registry.audit.append("a", "k", "s", {"n": number})
    with sqlite3.connect(tmp_path / "registry.db") as connection:
        connection.execute(forgery)
    connection.close()
    assert await registry.audit.broken_at() == 2


async def test_two_deployments_with_the_same_machine_are_told_apart_never_guessed(registry: Registry) -> None:
    for number, project in enumerate(("a", "b")):
        deployment = Deployment(deployment_id=f"deployment-{number}", status="active")
        await registry.deployments.record(
            deployment, "run", [vm("vm-1", project), vm(f"only-{number}", project)]
        )
    with pytest.raises(AmbiguousError, match="deployment-0, deployment-1"):
        await registry.deployments.owner_of("vm-1")
    found = await registry.deployments.owner_of("projects/b/zones/z/instances/vm-1")
    assert found.deployment_id == "deployment-1"
    assert (await registry.deployments.owner_of("only-0")).deployment_id == "deployment-0"
    with pytest.raises(NotFoundError, match="manual resource"):
        await registry.deployments.owner_of("somebody-elses")


async def test_recording_twice_changes_nothing(registry: Registry) -> None:
    deployment = Deployment(deployment_id="deployment-0", status="active")
    for _ in range(2):
        await registry.deployments.record(deployment, "run", [vm("vm-1")])
    assert await registry.deployments.resources("deployment-0") == [vm("vm-1")]


async def test_an_effect_is_begun_once(registry: Registry) -> None:
    begun = await asyncio.gather(*(registry.effects.begin("key", "run", "apply", {}) for _ in range(20)))
    assert begun.count(None) == 1
    await registry.effects.finish("key", "done", {"n": 1})
    known = await registry.effects.begin("key", "run", "apply", {})
    assert known is not None
    assert (known.status, known.detail) == ("done", {"n": 1})


def state(serial: int, lineage: str = "l") -> bytes:
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage, "resources": []}).encode()


async def test_every_state_version_is_kept_and_strangers_are_refused(registry: Registry) -> None:
    await registry.states.save("d", "run", state(1))
    await registry.states.save("d", "run", state(2))
    with pytest.raises(TerraformError, match="older"):
        await registry.states.save("d", "run", state(1))
    with pytest.raises(TerraformError, match="lineage"):
        await registry.states.save("d", "run", state(3, "other"))
    current = await registry.states.current("d")
    assert current is not None
    assert current.serial == 2


async def test_a_held_state_names_its_holder(registry: Registry) -> None:
    assert await registry.states.lock("d", "run-1", '{"ID": "1", "Who": "ada"}') is None
    held = await registry.states.lock("d", "run-2", '{"ID": "2"}')
    assert held is not None
    assert "ada" in held
    assert not await registry.states.unlock("d", "2")
    assert await registry.states.unlock("d", "1")


async def test_a_registry_that_cannot_be_read_counts_as_stopped(registry: Registry) -> None:
    async with registry.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE control")
    with pytest.raises(StoppedError, match="cannot be read"):
        await registry.kill_switch.check()


async def test_only_a_person_by_name_and_with_a_reason_starts_again(registry: Registry) -> None:
    await registry.kill_switch.stop("ada", "odd plan")
    with pytest.raises(InputError):
        await registry.kill_switch.start("", "fine")
    with pytest.raises(InputError):
        await registry.kill_switch.start("ada", " ")
    flag = await registry.kill_switch.start("ada", "it was fine")
    assert (flag.stopped, flag.epoch) == (False, 1)


async def test_a_deployment_is_held_by_one_run(registry: Registry) -> None:
    await registry.runs.claim("d", "run-1", "me", lambda _: True)
    with pytest.raises(ConflictError, match="run-1"):
        await registry.runs.claim("d", "run-2", "me", lambda _: True)
    await registry.runs.release("d", "run-1")
    await registry.runs.claim("d", "run-2", "me", lambda _: True)


async def test_a_run_is_found_by_its_beginning_if_only_one_has_it(registry: Registry) -> None:
    for run_id in ("aaaaaa11-0000-0000-0000-000000000000", "aaaaaa22-0000-0000-0000-000000000000"):
        await registry.runs.create(run_id, run_id, Request(kind="deploy", goal="g"), "me")
    assert (await registry.runs.get("aaaaaa1")).run_id.startswith("aaaaaa11")
    with pytest.raises(AmbiguousError):
        await registry.runs.get("aaaaaa")
    with pytest.raises(NotFoundError, match="runs list"):
        await registry.runs.get("%%%%%%")


def test_the_migrations_make_the_tables_the_code_uses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    migrate(url)
    with sqlite3.connect(tmp_path / "registry.db") as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in METADATA.sorted_tables:
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
            assert columns == {column.name for column in table.columns}, table.name
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    assert names >= {table.name for table in METADATA.sorted_tables}
    assert version == (HEAD,)


def test_the_database_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'home' / 'registry.db'}")
    assert (tmp_path / "home" / "registry.db").stat().st_mode & 0o077 == 0
