"""A home of an earlier version goes on: nothing that it remembers is lost."""

import json
import sqlite3
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from infraai.registry.database import migrate
from infraai.registry.registry import Registry

SHA = "b" * 64


def first_version(home: Path) -> Path:
    """Make a database as the first version made it, with rows in it."""
    file = home / "registry.db"
    config = Config()
    config.set_main_option("script_location", str(files("infraai.registry").joinpath("migrations")))
    config.attributes["url"] = f"sqlite:///{file}"
    command.upgrade(config, "0001")
    connection = sqlite3.connect(file)
    connection.execute(
        "INSERT INTO approvals (approval_id, run_id, interrupt_id, plan_digest, state_lineage, state_serial,"
        " policy_version, hard_floor, status, reason, decided_by, channel, epoch, created_at, expires_at)"
        " VALUES ('a-1', 'run-1', '', ?, 'l', 3, 'v', '[]', 'pending', '', '', '', 0, 1, 9e9)",
        (SHA,),
    )
    for deployment, status in (("d-1", "active"), ("d-2", "destroyed")):
        connection.execute(
            "INSERT INTO deployments (deployment_id, status, user_id, cloud, project, region, goal, bundle_sha,"
            " outputs, monitoring, graph, cost_usd_month, created_at, updated_at)"
            " VALUES (?, ?, '', 'gcp', 'p', 'r', 'g', ?, '{}', '[]', '{}', 1, 1, 2)",
            (deployment, status, SHA),
        )
        connection.execute(
            "INSERT INTO state_versions (deployment_id, run_id, serial, lineage, sha256, body, created_at)"
            " VALUES (?, 'run-9', 7, 'l', ?, ?, 1)",
            (deployment, SHA, json.dumps({"serial": 7}).encode()),
        )
    connection.commit()
    connection.close()
    return file


async def test_an_older_home_keeps_its_approvals_deployments_and_chain(tmp_path: Path) -> None:
    first_version(tmp_path)
    registry = await Registry.open(tmp_path)
    try:
        approval = await registry.approvals.get("a-1")
        assert (approval.subject, approval.choices, approval.choice, approval.card) == ("apply", (), None, {})
        assert (await registry.deployments.get("d-1")).status == "active"
        standing = await registry.revisions.last("d-1")
        assert standing is not None
        assert (standing.bundle_sha, standing.run_id, standing.serial) == (SHA, "run-9", 7)
        assert await registry.revisions.last("d-2") is None
        await registry.approvals.decide("a-1", "approve", by="ada", channel="t")
        assert await registry.audit.broken_at() is None
    finally:
        await registry.close()


@pytest.mark.parametrize("lines", [0, 4])
async def test_the_audit_chain_goes_on_where_it_was(tmp_path: Path, lines: int) -> None:
    made = await Registry.open(tmp_path / "made")
    for number in range(lines):
        await made.audit.append("a", "k", "s", {"n": number})
    await made.close()
    file = first_version(tmp_path)
    connection = sqlite3.connect(file)
    connection.execute("ATTACH ? AS made", (str(tmp_path / "made" / "registry.db"),))
    connection.execute("INSERT INTO audit SELECT * FROM made.audit")
    connection.commit()
    connection.close()
    migrate(f"sqlite:///{file}")
    registry = await Registry.open(tmp_path)
    try:
        assert await registry.audit.broken_at() is None
        await registry.audit.append("a", "k", "s", {})
        assert (await registry.audit.broken_at(), (await registry.audit.head())[0]) == (None, lines + 1)
    finally:
        await registry.close()
