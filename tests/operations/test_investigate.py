"""Investigating: every source is a numbered piece, and none can stop the others."""

import asyncio
import json
from pathlib import Path
from typing import Any

from agents.operate.evidence.case import Case
from agents.operate.evidence.intent import from_configuration
from infraai.errors import CloudError
from infraai.models import Bundle
from infraai.operations.shapes import ActionRequest, ActionResult, Target
from infraai.registry.deployments import Deployment
from tests.operations.incident import CPU, MAIN, WEB, high_since, piece, scene, steady
from tools.hcl import HclTreeSitter

PLAN = {
    "stack_type": "backend_api",
    "region": "us-central1",
    "machine_type": "e2-small",
    "estimated_cost_usd": 20,
    "confidence": 0.9,
    "budget_usd": 50,
    "resources": [{"type": "google_compute_firewall", "name": "http", "settings": {"ports": ["80"]}}],
}


async def test_every_piece_has_an_id_of_its_own_in_order(tmp_path: Path) -> None:
    async with scene(tmp_path, plan=PLAN, outputs={"external_ip": "203.0.113.7"}) as at:
        at.metrics.shapes[CPU] = high_since(6, low=0.3, high=0.93)
        evidence = (await at.investigated(at.alert()))["evidence"]
    assert [one.id for one in evidence] == [f"E{number}" for number in range(1, len(evidence) + 1)]
    kinds = {one.kind for one in evidence}
    assert kinds == {"alert", "series", "resource", "probe", "changes", "precedent", "intent", "config"}
    assert piece(evidence, "probe").data["healthy"] is True
    assert piece(evidence, "resource", status="RUNNING")
    assert piece(evidence, "intent").data["public_ports"] == [80]
    assert piece(evidence, "intent").data["budget_usd"] == 50
    assert piece(evidence, "config").data["vcpus"] == 2


async def test_the_metric_is_measured_for_this_resource_with_the_right_aligner(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.metrics.shapes[CPU] = high_since(6, low=0.3, high=0.93)
        evidence = (await at.investigated(at.alert()))["evidence"]
        wanted, alignment = at.metrics.asked[0]
    assert 'resource.type = "gce_instance"' in wanted
    assert 'resource.labels.instance_id = "4242"' in wanted
    assert alignment is not None
    assert (alignment.aligner, alignment.period_s) == ("ALIGN_MEAN", 60)
    data = piece(evidence, "series", role="alerted").data
    assert (data["min"], data["max"], data["last"]) == (0.3, 0.93, 0.93)
    assert (data["over_now"], data["over_for_s"], data["trend"]) == (True, 300, "rising")
    assert len(data["points"]) <= 60


async def test_no_data_is_said_as_such(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        evidence = (await at.investigated(at.alert()))["evidence"]
    found = piece(evidence, "series", role="alerted")
    assert found.data["no_data"] is True
    assert "has no data" in found.summary


async def test_a_source_that_fails_or_hangs_is_a_piece_and_stops_nothing(tmp_path: Path) -> None:
    async def hang() -> None:
        await asyncio.sleep(60)

    async with scene(tmp_path) as at:
        at.compute.fails = CloudError("Compute Engine", "projects/p: quota", next_step="Wait.")
        at.metrics.hangs = hang
        at.timeout_s = 0.5
        evidence = (await at.investigated(at.alert()))["evidence"]
    failed = [one for one in evidence if one.data.get("failed")]
    assert {one.kind for one in failed} == {"series", "resource"}
    assert any("quota" in one.summary for one in failed)
    assert any("no answer within 0.5 s" in one.summary for one in failed)
    assert piece(evidence, "alert")


async def test_the_last_change_is_told_with_its_time_before_the_alert_and_what_it_touched(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as at:
        await at.changed(Bundle(files={"main.tf": MAIN.replace("e2-small", "e2-micro")}), before_alert_s=240)
        data = piece((await at.investigated(at.alert()))["evidence"], "changes").data
    assert data["last_change_before_alert_s"] == 240
    assert data["can_go_back"] is True
    newest = data["changes"][0]
    assert newest["touched"] == [WEB.address]
    assert newest["touches_target"] is True
    assert newest["first"] is False
    assert data["changes"][1]["first"] is True


async def test_precedents_say_what_was_done_and_whether_it_helped(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        request = ActionRequest(
            action_type="scale_up",
            resource_id=WEB.address,
            run_id="run-0",
            deployment_id="dep-1",
            parameters={"machine_type": "e2-medium"},
        )
        action = await at.registry.actions.start(
            request,
            op_key="k",
            resource_type=WEB.type,
            cause="cpu",
            allowed_by="ann",
            at=at.now - 7200,
        )
        done = ActionResult(success=True, method="terraform", ended_at=at.now - 7100)
        await at.registry.actions.finish(action, done)
        await at.registry.actions.set_resolved(action, True)
        evidence = (await at.investigated(at.alert()))["evidence"]
    found = piece(evidence, "precedent", action="scale_up")
    assert found.data["same_resource"] is True
    assert "it helped" in found.summary
    changes = piece(evidence, "changes").data["changes"]
    assert [one["kind"] for one in changes] == ["action", "revision"]


async def test_text_from_outside_is_bounded_and_its_secrets_are_masked(tmp_path: Path) -> None:
    key = "AIza" + "x" * 35
    async with scene(tmp_path) as at:
        alert = at.alert(policy_name=f"p {key} \n\x00" + "long " * 500, labels={"note": f"token {key}"})
        evidence = (await at.investigated(alert))["evidence"]
    text = json.dumps([one.model_dump(mode="json") for one in evidence])
    assert key not in text
    data = piece(evidence, "alert").data
    assert len(data["policy"]) <= 500
    assert "\n" not in data["policy"]


def test_a_port_meant_to_be_public_that_no_rule_opens_is_a_piece() -> None:
    def rule(*lines: str, action: str = "allow", name: str = "http") -> str:
        inner = "\n  ".join(lines)
        ports = f'{action} {{\n    protocol = "tcp"\n    ports = ["80"]\n  }}'
        return (
            f'resource "google_compute_firewall" "{name}" {{\n  name = "{name}"\n  {inner}\n  {ports}\n}}\n'
        )

    world = 'source_ranges = ["0.0.0.0/0"]'
    cases = {
        rule(world): None,
        rule(world, "disabled = true"): [80],
        rule('source_ranges = ["10.0.0.0/8"]'): [80],
        rule(world) + rule(world, "priority = 900", action="deny", name="no"): [80],
        rule(world) + rule(world, "priority = 2000", action="deny", name="no"): None,
    }
    for rules, blocked in cases.items():
        case = Case(
            alert=None,
            target=Target(deployment_id="dep-1", resource=WEB, matched_by="name"),
            cause="unavailable",
            deployment=Deployment(deployment_id="dep-1", status="active", plan=PLAN),
            resources=[WEB],
            configuration=HclTreeSitter().parse(Bundle(files={"main.tf": MAIN + rules})),
            incident_id="",
            now=1.8e9,
        )
        evidence = from_configuration(case, ())
        found = [one.data["blocked_ports"] for one in evidence if "blocked_ports" in one.data]
        assert found == ([blocked] if blocked else []), rules


async def test_a_sender_whose_clock_is_wrong_does_not_move_the_beginning(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        for started in (at.now + 86_400, 12.0):
            data = piece((await at.investigated(at.alert(started_at=started)))["evidence"], "alert").data
            assert data["clocks_agree"] is False
            assert data["started_at"] == at.now


async def test_an_alert_on_absence_is_over_only_when_data_came_after_it(tmp_path: Path) -> None:
    def silent_for(minutes: float) -> Any:
        return lambda minute: None if minute < minutes else 0.2

    async with scene(tmp_path) as at:
        alert = at.alert(absent=True, value=None, threshold=None, started_at=at.now - 120)
        at.metrics.shapes[CPU] = silent_for(8)
        evidence = (await at.investigated(alert))["evidence"]
        assert piece(evidence, "series", role="alerted").data["over_now"] is True
        at.metrics.shapes[CPU] = steady(0.2)
        evidence = (await at.investigated(alert))["evidence"]
        assert piece(evidence, "series", role="alerted").data["over_now"] is False
