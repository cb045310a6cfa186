"""Approvals of every subject: sealed, used once, and void once nothing is left to decide."""

from typing import Any

import pytest

from infraai.errors import ApprovalUsedError, InputError, RegistryError, SealBrokenError
from infraai.models import Preview, Verdict
from infraai.registry.approvals import Approval, Seal, seal_of
from infraai.registry.registry import Registry

ASK = Verdict(decision="ask", policy_version="v")
ACTION = Seal("a" * 64)


async def asked(registry: Registry, run_id: str = "run-1", seal: Seal = ACTION) -> Approval:
    return await registry.approvals.open(run_id, seal, ASK, epoch=0, minutes=30, subject="action")


def test_a_preview_is_sealed_by_its_plan_and_its_state() -> None:
    preview = Preview(plan_digest="d" * 64, state_lineage="l", state_serial=3)
    assert seal_of(preview) == Seal("d" * 64, "l", 3)


async def test_what_was_shown_is_kept_for_every_channel(registry: Registry) -> None:
    choices: list[dict[str, Any]] = [{"action": "restart", "parameters": {}}, {"action": "ignore"}]
    opened = await registry.approvals.open(
        "run-1",
        ACTION,
        ASK,
        epoch=0,
        minutes=30,
        subject="question",
        card={"title": "cpu"},
        choices=choices,
    )
    assert (opened.subject, opened.card, list(opened.choices)) == ("question", {"title": "cpu"}, choices)
    assert await registry.approvals.list("pending") == [opened]
    assert await registry.approvals.of_run("run-1") == [opened]
    assert await registry.approvals.list("approved") == []


async def test_a_person_chooses_only_where_a_question_was_asked(registry: Registry) -> None:
    action = await asked(registry)
    with pytest.raises(InputError, match="nothing to choose"):
        await registry.approvals.decide(
            action.approval_id, "approve", by="ada", channel="t", choice={"action": "rollback"}
        )
    assert (await registry.approvals.get(action.approval_id)).status == "pending"
    question = await registry.approvals.open(
        "run-2", ACTION, ASK, epoch=0, minutes=30, subject="question", choices=[{"action": "restart"}]
    )
    decided = await registry.approvals.decide(
        question.approval_id, "approve", by="ada", channel="t", choice={"action": "restart"}
    )
    assert decided.choice == {"action": "restart"}
    assert (await registry.audit.lines(kind="approval_approved"))[0].data["choice"] == {"action": "restart"}


async def test_the_same_seal_for_another_subject_is_another_question(registry: Registry) -> None:
    question = await registry.approvals.open("r", ACTION, ASK, epoch=0, minutes=30, subject="question")
    action = await asked(registry, "r")
    assert action.approval_id != question.approval_id
    assert (await asked(registry, "r")).approval_id == action.approval_id
    with pytest.raises(SealBrokenError, match="newer"):
        await registry.approvals.decide(question.approval_id, "approve", by="ada", channel="t")


@pytest.mark.parametrize("given", [False, True])
async def test_nothing_waits_and_nothing_is_allowed_once_the_incident_is_over(
    registry: Registry, *, given: bool
) -> None:
    approval, other = await asked(registry), await asked(registry, "run-2")
    if given:
        await registry.approvals.decide(approval.approval_id, "approve", by="ada", channel="t")
    assert await registry.approvals.void("run-1") == (approval.approval_id,)
    with pytest.raises(SealBrokenError, match="the incident is over"):
        await registry.approvals.decide(approval.approval_id, "approve", by="ada", channel="t")
    with pytest.raises(SealBrokenError, match="the incident is over"):
        await registry.approvals.use(approval.approval_id, "run-1", ACTION, policy_version="v", epoch=0)
    assert [one.approval_id for one in await registry.approvals.pending()] == [other.approval_id]
    assert await registry.approvals.void("run-1") == ()


async def test_what_was_used_stays_used(registry: Registry) -> None:
    approval = await asked(registry)
    await registry.approvals.decide(approval.approval_id, "approve", by="ada", channel="t")
    await registry.approvals.use(approval.approval_id, "run-1", ACTION, policy_version="v", epoch=0)
    assert await registry.approvals.void("run-1") == ()
    with pytest.raises(ApprovalUsedError):
        await registry.approvals.use(approval.approval_id, "run-1", ACTION, policy_version="v", epoch=0)


async def test_a_yes_that_cannot_be_written_down_is_no_yes(registry: Registry) -> None:
    approval = await asked(registry)
    async with registry.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE audit")
    with pytest.raises(RegistryError):
        await registry.approvals.decide(approval.approval_id, "approve", by="ada", channel="t")
    assert (await registry.approvals.get(approval.approval_id)).status == "pending"
