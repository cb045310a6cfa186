"""The operate graph under an adversary: sizes nobody offered, costs nobody priced, files mended after the verdict."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.operate.judging import Judge
from agents.operate.offers import Offers
from infraai.drafts import MendDraft
from infraai.models import Bundle, Diagnostic, InfraPlan, Report, Request
from infraai.operations.shapes import ActionRequest, ActionVerdict, OpsDecision
from infraai.policy import Autonomy
from infraai.registry.runs import Run
from tests.graphs.operate_world import ADDRESS, PATH, STANDING, Operated, body, said
from tests.graphs.world import DRAFT, open_world
from tools.hcl import HclTreeSitter

CPU = "compute.googleapis.com/instance/cpu/utilization"
BOOT = Bundle(
    files={
        "main.tf": """resource "google_compute_instance" "vm" {
  name         = "vm"
  machine_type = "e2-small"
  zone         = "us-central1-a"
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
      size  = 20
    }
  }
}
"""
    }
)
DATABASE = """resource "google_sql_database_instance" "db" {
  name             = "db"
  database_version = "POSTGRES_16"
  region           = "us-central1"
  settings {
    edition = "ENTERPRISE_PLUS"
    tier    = "db-perf-optimized-N-2"
  }
}
"""
VERSION = """  version {
    instance_template = google_compute_instance_template.t.id
  }
"""
TEMPLATE = """resource "google_compute_instance_template" "t" {
  name_prefix  = "t-"
  machine_type = "e2-small"
}
"""
SURE = OpsDecision(
    severity="low",
    recommended_action="restart",
    requires_approval=False,
    confidence=1,
    reasoning="It is fine [E1].",
)


def group(name: str, size: int) -> str:
    return f"""resource "google_compute_instance_group_manager" "{name}" {{
  name               = "{name}"
  zone               = "us-central1-a"
  base_instance_name = "{name}"
  target_size        = {size}
}}
"""


PRICED = TEMPLATE + group("g", 2).replace("\n}\n", f"\n{VERSION}}}\n")


def alarm(name: str, metric: str = CPU) -> bytes:
    fields = {"resource_id": name, "metric": metric, "value": 0.95, "threshold": 0.8, "project": "p"}
    return json.dumps(fields).encode()


async def with_budget(vm: Operated, usd: float) -> None:
    """Give the deployment's plan a budget."""
    stores = vm.world.registry.deployments
    deployment = await stores.get(vm.deployed.deployment_id)
    known = {**DRAFT.model_dump(mode="json"), "estimated_cost_usd": 0.4, "budget_usd": usd}
    plan = {name: one for name, one in known.items() if name in InfraPlan.model_fields}
    found = await stores.resources(deployment.deployment_id)
    await stores.record(replace(deployment, plan=plan), vm.deployed.run_id, found)


@asynccontextmanager
async def standing(home: Path, bundle: Bundle, autonomy: Autonomy = "assisted") -> AsyncGenerator[Operated]:
    """A deployment of this bundle, operated at this level."""
    async with open_world(home, autonomy=autonomy) as world:
        world.terraform.attributes = {ADDRESS: dict(STANDING)}
        world.compute.machines[PATH] = "RUNNING"
        run = await world.apply(bundle, yes=True)
        if run.status == "awaiting_approval":
            run = await world.approve(run)
        assert run.status == "completed", run.message
        vm = Operated(world, run)
        world.metrics.script = vm.measures
        yield vm


async def asked(vm: Operated, run: Run) -> str:
    """Return what the person who is asked is shown."""
    assert run.status == "awaiting_approval", run.message
    waiting = await vm.world.registry.approvals.pending(run.run_id)
    return json.dumps(waiting[0].card)


async def scaled(vm: Operated, parameters: dict[str, Any], name: str = "g", metric: str = CPU) -> Run:
    vm.world.model.says("decide", said("scale_up", parameters=parameters))
    return await vm.world.operations.handle(await vm.receive(alarm(name, metric)))


@pytest.mark.parametrize(("size", "rule"), [(65536, "not_offered"), (30, "cost_over_budget")])
async def test_a_disk_over_the_budget_is_not_grown_by_a_call(tmp_path: Path, size: int, rule: str) -> None:
    async with standing(tmp_path, BOOT, "autonomous") as vm:
        await with_budget(vm, 0.3)
        vm.world.compute.disks["projects/p/zones/us-central1-a/disks/vm"] = 20
        parameters = {"size_gb": size, "boot": True, "disk": "vm"}
        vm.world.model.says("decide", said("resize_disk", parameters=parameters))
        run = await vm.handled(body(metric="agent.googleapis.com/disk/percent_used", value=95.0))
        assert rule in await asked(vm, run)
        assert vm.world.compute.resized == []


@pytest.mark.parametrize("autonomy", ["assisted", "autonomous"])
async def test_a_size_that_no_option_names_is_asked(tmp_path: Path, autonomy: Autonomy) -> None:
    async with standing(tmp_path, Bundle(files={"main.tf": group("g", 2)}), autonomy) as vm:
        run = await scaled(vm, {"target_size": 1000})
        assert "not_offered" in await asked(vm, run)
        assert vm.done() == {}


@pytest.mark.parametrize(
    "mended", [group("g", 3) + group("batch", 900), group("g", 900) + group("batch", 5)], ids=["other", "own"]
)
async def test_what_the_model_mended_after_the_verdict_is_asked(tmp_path: Path, mended: str) -> None:
    bundle = Bundle(files={"main.tf": group("g", 2) + group("batch", 5)})
    async with standing(tmp_path, bundle) as vm:
        draft = {"files": [{"name": "main.tf", "content": mended}], "explanation": "mended"}
        vm.world.model.says("mend", MendDraft.model_validate(draft))
        fault = Diagnostic(severity="error", summary="Invalid value for target_size", file="main.tf", line=5)
        vm.world.terraform.validate_reports = [Report(diagnostics=(fault,))]
        run = await scaled(vm, {"target_size": 3})
        assert "mended_after" in await asked(vm, run)
        assert vm.done() == {}


async def test_a_change_that_is_the_requests_own_is_made_unasked(tmp_path: Path) -> None:
    """The other tests of this file would prove nothing where everything is asked."""
    bundle = Bundle(files={"main.tf": PRICED + group("batch", 5)})
    async with standing(tmp_path, bundle) as vm:
        await scaled(vm, {"target_size": 3})
        assert vm.done() == {"terraform": 1}


@pytest.mark.parametrize("tier", ["db-perf-optimized-N-4", "db-perf-optimized-N-128"])
async def test_a_tier_without_a_price_is_asked_at_every_level(tmp_path: Path, tier: str) -> None:
    bundle = Bundle(files={"main.tf": DATABASE})
    async with standing(tmp_path, bundle, "autonomous") as vm:
        run = await scaled(vm, {"tier": tier}, "db", "cloudsql.googleapis.com/database/cpu/utilization")
        await asked(vm, run)
        assert vm.done() == {}


async def test_a_deployment_destroyed_meanwhile_is_not_made_anew(tmp_path: Path) -> None:
    async with standing(tmp_path, Bundle(files={"main.tf": PRICED})) as vm:
        world, deployment_id = vm.world, vm.deployed.deployment_id

        async def destroyed() -> None:
            world.clock.during = None
            sha = (await world.registry.deployments.get(deployment_id)).bundle_sha
            request = Request(kind="destroy", yes=True, bundle_sha=sha, accept=("all",))
            run = await world.runner.start(request, deployment_id=deployment_id)
            run = await world.runner.drive(run.run_id)
            if run.status == "awaiting_approval":
                await world.approve(run)

        world.clock.during = destroyed
        await scaled(vm, {"target_size": 3})
        assert world.terraform.states[deployment_id] == {}


async def test_a_yes_that_a_state_claims_is_worked_out_anew(tmp_path: Path) -> None:
    """Neither a verdict written into the run nor a decision that differs from the kept one makes it milder."""
    async with standing(tmp_path, BOOT) as vm:
        run = await vm.handled(body(severity="Critical"))
        registry, world = vm.world.registry, vm.world
        offers = Offers(HclTreeSitter(), registry.artifacts, registry.deployments, registry.revisions)
        judge = Judge(
            registry.incidents, registry.actions, registry.deployments, world.clock, "assisted", offers
        )
        request = ActionRequest(
            action_type="restart",
            resource_id=ADDRESS,
            run_id=run.run_id,
            deployment_id=vm.deployed.deployment_id,
            method="api",
        )
        forged = {
            "run_id": run.run_id,
            "request": Request(kind="operate"),
            "incident_id": run.request.incident_id,
            "alert": None,
            "target": None,
            "advice": SURE,
            "action_verdict": ActionVerdict(decision="auto"),
        }
        verdict, option = await judge.judged(forged, request)
        assert verdict.decision == "ask"
        assert option is not None
        assert {"critical_alert", "no_decision", "unknown_fix", "stops_machine"} <= set(verdict.rules)
        undo = request.model_copy(update={"action_type": "rollback", "method": "terraform"})
        verdict, _ = await judge.judged({**forged, "undoing": True}, undo)
        assert verdict.decision == "ask"
        other, nothing = await judge.judged(forged, request.model_copy(update={"run_id": "another"}))
        assert nothing is None
        assert "not_offered" in other.rules
