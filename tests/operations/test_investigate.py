"""Investigating: every source is a numbered piece, and none can stop the others."""

import asyncio
import json
from pathlib import Path

import pytest

from agents.operate.evidence.case import Case
from agents.operate.evidence.figures import trend
from agents.operate.evidence.intent import from_configuration
from infraai.errors import CloudError
from infraai.models import Bundle, RecordedResource
from infraai.operations.shapes import ActionRequest, ActionResult, Target
from infraai.registry.deployments import Deployment
from tests.operations.incident import CPU, MAIN, WEB, Shape, high_since, piece, scene, steady
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
    def silent_for(minutes: float) -> Shape:
        return lambda minute: None if minute < minutes else 0.2

    async with scene(tmp_path) as at:
        alert = at.alert(absent=True, value=None, threshold=None, started_at=at.now - 120)
        at.metrics.shapes[CPU] = silent_for(8)
        evidence = (await at.investigated(alert))["evidence"]
        assert piece(evidence, "series", role="alerted").data["over_now"] is True
        at.metrics.shapes[CPU] = steady(0.2)
        evidence = (await at.investigated(alert))["evidence"]
        assert piece(evidence, "series", role="alerted").data["over_now"] is False


async def test_by_hand_a_change_is_told_by_its_age_and_not_by_an_alert(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        found = piece((await at.investigated(None))["evidence"], "changes").summary
    assert "alert" not in found
    assert found.endswith("ago.")


async def test_what_could_be_done_is_named(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        found = piece((await at.investigated(at.alert()))["evidence"], "config").summary
    assert "could be done: machine type e2-small" in found


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([0.0] * 58 + [8.35, 8.35], "just rose"),
        ([0.0, 8.35], "just rose"),
        ([8.35] * 20 + [0.0], "falling"),
        ([8.35] * 58 + [0.0, 0.0], "just fell"),
        ([0.2, 0.21] * 20, "steady"),
        ([0.1] * 20 + [0.9] + [0.1] * 20, "steady"),
        ([0.1] * 20 + [0.9] * 20, "rising"),
        ([0.5], "steady"),
        ([0.0] * 10, "steady"),
    ],
)
def test_a_sudden_change_at_the_end_is_not_called_steady(values: list[float], word: str) -> None:
    assert trend(values) == word


BALANCED = """resource "google_compute_firewall" "checks" {{
  name          = "checks"
  network       = "default"
  source_ranges = ["130.211.0.0/22", "35.191.0.0/16"]
  {more}
  allow {{
    protocol = "tcp"
    ports    = ["8080"]
  }}
}}
resource "google_compute_global_forwarding_rule" "web" {{
  name       = "web"
  target     = {target}
  {ports}
}}
"""
PROXY = "google_compute_target_http_proxy.web.id"


@pytest.mark.parametrize(
    ("target", "ports", "more", "blocked"),
    [
        (PROXY, 'port_range = "80"', "", False),
        (PROXY, 'port_range = "80-80"', "", False),
        (PROXY, "port_range = 80", "", False),
        (PROXY, "", "", False),
        (PROXY, "port_range = var.port", "", False),
        (PROXY, 'port_range = "80"', "disabled = true", True),
        (PROXY, 'port_range = "8443"', "", True),
        ("google_compute_target_pool.web.id", 'port_range = "80"', "", True),
    ],
)
def test_a_proxy_answers_on_its_port_and_is_let_in_by_the_ranges_of_health_checks(
    target: str, ports: str, more: str, blocked: bool
) -> None:
    files = {"main.tf": MAIN + BALANCED.format(target=target, ports=ports, more=more)}
    case = Case(
        alert=None,
        target=Target(deployment_id="dep-1", resource=WEB, matched_by="name"),
        cause="unavailable",
        deployment=Deployment(deployment_id="dep-1", status="active", plan=PLAN),
        resources=[WEB],
        configuration=HclTreeSitter().parse(Bundle(files=files)),
        incident_id="",
        now=1.8e9,
    )
    assert any("blocked_ports" in one.data for one in from_configuration(case, ())) is blocked


async def test_no_port_is_called_closed_while_the_address_answers(tmp_path: Path) -> None:
    rule = 'resource "google_compute_firewall" "ssh" {\n  name = "ssh"\n  allow {\n    protocol = "tcp"\n    ports = ["22"]\n  }\n}\n'
    async with scene(tmp_path, main=MAIN + rule, plan=PLAN, outputs={"external_ip": "203.0.113.7"}) as at:
        answering = (await at.investigated(at.alert()))["evidence"]
        at.probe.answers = [None]
        silent = (await at.investigated(at.alert()))["evidence"]
    assert not any("blocked_ports" in one.data for one in answering)
    assert [one.id for one in answering] == [f"E{number}" for number in range(1, len(answering) + 1)]
    assert any("blocked_ports" in one.data for one in silent)


GROUP = RecordedResource(
    type="google_compute_instance_group_manager",
    name="web",
    id="projects/p/zones/us-central1-a/instanceGroupManagers/web",
    address="google_compute_instance_group_manager.web",
    metadata={"project": "p", "zone": "us-central1-a", "base_instance_name": "front"},
)
ENTRY = RecordedResource(
    type="google_compute_global_forwarding_rule",
    name="web",
    id="projects/p/global/forwardingRules/web",
    address="google_compute_global_forwarding_rule.web",
    metadata={"project": "p"},
)
CHAIN = """resource "google_compute_global_forwarding_rule" "web" {
  name   = "web"
  target = google_compute_target_http_proxy.web.id
}
resource "google_compute_target_http_proxy" "web" {
  name    = "web"
  url_map = google_compute_url_map.web.id
}
resource "google_compute_url_map" "web" {
  name            = "web"
  default_service = google_compute_backend_service.web.id
}
resource "google_compute_backend_service" "web" {
  name = "web"
  backend {
    group = google_compute_instance_group_manager.web.instance_group
  }
}
resource "google_compute_instance_group_manager" "web" {
  name               = "web"
  zone               = "us-central1-a"
  base_instance_name = "front"
  version {
    instance_template = "t"
  }
}
"""


@pytest.mark.parametrize("target", [GROUP, ENTRY])
async def test_the_zone_is_that_of_what_stands_behind_and_its_machines_are_its_own(
    tmp_path: Path, target: RecordedResource
) -> None:
    async with scene(tmp_path, main=CHAIN, resources=(ENTRY, GROUP), target=target) as at:
        at.metrics.labels = {"metric.labels.instance_name": "front-x1y2"}
        at.metrics.shapes[CPU] = lambda minute: None if minute < 5 else 0.2
        data = piece((await at.investigated(at.alert()))["evidence"], "resource", zone="us-central1-a").data
    assert (data["silent"], data["peers"][0]["own"]) == (1, True)
