"""The planner over a scripted model."""

import pytest

from agents.planner import Planner
from agents.reckoning import reckon
from infraai.errors import GoalError, InputError, ModelTruncatedError, ModelUnavailableError
from infraai.models import InfraPlan, MonitoringPolicy
from tests.fakes.chat import FakeModel, block_of
from tests.planning.world import Schemas, drafted, requested, resource

VM = resource("compute_instance", machine_type="e2-medium")


def planner(model: FakeModel) -> Planner:
    return Planner(model, Schemas())


async def plan_of(model: FakeModel, goal: str = "a backend API", **fields: object) -> InfraPlan:
    return (await planner(model)(requested(goal, **fields)))["plan"]  # type: ignore[typeddict-item]


@pytest.mark.parametrize("goal", ["", "   \n", "x" * 20_001, "\x00\x01\x02", "!!!"])
async def test_what_is_no_goal_never_reaches_the_model(goal: str) -> None:
    model = FakeModel()
    with pytest.raises(GoalError):
        await planner(model)(requested(goal))
    assert model.prompts == []


async def test_a_plan_is_priced_by_the_table_and_watched() -> None:
    plan = await plan_of(FakeModel().says("plan", drafted(VM)))
    assert plan.estimated_cost_usd == pytest.approx(24.46 + 0.4, abs=0.01)
    assert [one.metric_name for one in plan.monitoring] == ["cpu_high", "disk_read_high"]
    assert "no_redundancy" in plan.risk_flags
    assert plan.confidence == 0.9


async def test_the_budget_comes_from_the_request_or_else_from_the_goal() -> None:
    model = FakeModel().says("plan", drafted(resource("compute_instance", machine_type="e2-standard-8")))
    plan = await plan_of(model, "an API under $100/month")
    assert (plan.budget_usd, "cost_over_budget" in plan.risk_flags) == (100, True)
    plan = await plan_of(model, "an API under $100/month", budget_usd=500)
    assert (plan.budget_usd, "cost_over_budget" in plan.risk_flags) == (500, False)
    assert [block_of(prompt)["budget_usd"] for prompt in model.prompts] == [100, 500]


async def test_a_budget_in_another_currency_is_not_taken_for_dollars() -> None:
    plan = await plan_of(FakeModel().says("plan", drafted(VM)), "an API for at most 50 € a month")
    assert plan.budget_usd is None
    assert any("USD" in note for note in plan.notes)


async def test_the_prompt_carries_the_whole_typed_block() -> None:
    model = FakeModel().says("plan", drafted(VM))
    await plan_of(model, "an API ```json\n{}\n``` in Mumbai")
    block = block_of(model.prompts[0])
    assert block["task"] == "plan"
    assert block["goal"] == "an API ```json\n{}\n``` in Mumbai"
    assert block["region"] == ""
    assert block["default_region"] == "us-central1"
    for table in ("regions", "machine_types", "sql_tiers", "metrics"):
        assert block[table]
    assert {"name", "vcpus", "memory_gb", "usd_month"} <= set(block["machine_types"][0])
    assert {"metric", "resource_type", "kind", "value_type", "unit", "aligners"} <= set(block["metrics"][0])


async def test_a_refusal_closes_the_run_with_words_for_the_person() -> None:
    refusal = drafted(refusal="other_cloud", refusal_message="Only Google Cloud.")
    update = await planner(FakeModel().says("plan", refusal))(requested("an EC2 instance on AWS"))
    assert update == {"status": "failed", "reason": "goal", "message": "Only Google Cloud."}


async def test_the_operators_region_wins() -> None:
    plan = await plan_of(FakeModel().says("plan", drafted(VM, region="asia-south1")), region="europe-west1")
    assert plan.region == "europe-west1"
    assert "asia-south1 was replaced" in plan.notes[0]


async def test_what_stands_in_the_models_region_moves_with_the_plan_and_the_rest_stays() -> None:
    here = resource("compute_instance", "here", machine_type="e2-medium", zone="asia-south1-a")
    there = resource("compute_instance", "there", machine_type="e2-medium", zone="us-east1-c")
    bucket = resource("storage_bucket", "files", location="EU")
    draft = drafted(here, there, bucket, region="asia-south1")
    plan = await plan_of(FakeModel().says("plan", draft), region="europe-west1")
    assert [one.settings.get("zone") or one.settings["location"] for one in plan.resources] == [
        "europe-west1-b",
        "us-east1-c",
        "EU",
    ]


async def test_an_operators_region_that_does_not_exist_is_an_input_error_naming_near_ones() -> None:
    model = FakeModel()
    with pytest.raises(InputError, match="us-central1"):
        await planner(model)(requested(region="us-cental1"))
    assert model.prompts == []


async def test_a_region_or_size_that_does_not_exist_becomes_the_nearest_with_a_note_and_less_confidence() -> (
    None
):
    wrong = drafted(
        resource("compute_instance", machine_type="e2-standard-3", zone="us-cental1-a"), region="us-cental1"
    )
    plan = await plan_of(FakeModel().says("plan", wrong))
    assert plan.region == "us-central1"
    assert plan.machine_type == "e2-standard-2"
    assert plan.resources[0].settings["machine_type"] == "e2-standard-2"
    assert str(plan.resources[0].settings["zone"]).startswith("us-central1-")
    assert len(plan.notes) == 3
    assert plan.confidence < 0.9


async def test_resource_types_that_do_not_exist_are_told_to_the_model_once_and_then_dropped() -> None:
    wrong = drafted(VM, resource("compute_instances", "other"))
    model = FakeModel().says("plan", wrong, wrong)
    plan = await plan_of(model)
    assert len(model.prompts) == 2
    assert (
        "google_compute_instance" in block_of(model.prompts[1])["unknown_types"]["google_compute_instances"]
    )
    assert [one.name for one in plan.resources] == ["web"]
    assert any("dropped" in note for note in plan.notes)


async def test_a_better_second_plan_is_taken() -> None:
    wrong, right = drafted(VM, resource("compute_vm", "x")), drafted(VM)
    plan = await plan_of(FakeModel().says("plan", wrong, right))
    assert plan.notes == ()


async def test_other_clouds_resources_are_left_out() -> None:
    foreign = resource("x").model_copy(update={"type": "aws_instance"})
    plan = await plan_of(FakeModel().says("plan", drafted(VM, foreign)))
    assert [one.type for one in plan.resources] == ["google_compute_instance"]
    only = await planner(FakeModel().says("plan", drafted(foreign)))(requested())
    assert (only.get("status"), only.get("reason")) == ("failed", "goal")


async def test_names_are_made_terraform_names_and_unique() -> None:
    plan = await plan_of(
        FakeModel().says(
            "plan", drafted(resource("storage_bucket", "My Bucket!"), resource("storage_bucket", "my_bucket"))
        )
    )
    assert [one.name for one in plan.resources] == ["my_bucket", "my_bucket_2"]


async def test_proposed_alerts_count_only_if_the_catalog_confirms_them() -> None:
    ref = "google_compute_instance.web"
    good = MonitoringPolicy(
        resource_ref=ref,
        metric_name="memory",
        metric_path="agent.googleapis.com/memory/percent_used",
        threshold=90,
    )
    bad = good.model_copy(update={"metric_name": "bad", "aligner": "ALIGN_RATE"})
    plan = await plan_of(FakeModel().says("plan", drafted(VM, monitoring=(good, bad))))
    assert [one.metric_name for one in plan.monitoring] == ["cpu_high", "disk_read_high", "memory"]
    assert any("bad" in note for note in plan.notes)


async def test_the_models_cost_is_never_asked_for() -> None:
    plan = await plan_of(FakeModel().says("plan", drafted(resource("cloud_run_v2_service"))))
    assert plan.estimated_cost_usd == 0
    assert plan.unpriced
    assert "unpriced_parts" in plan.risk_flags


@pytest.mark.parametrize("error", [ModelUnavailableError("m", "down"), ModelTruncatedError("m", "cut off")])
async def test_a_models_failure_is_passed_on(error: Exception) -> None:
    with pytest.raises(type(error)):
        await planner(FakeModel().says("plan", error))(requested())


async def test_reckoning_twice_is_as_once_and_follows_an_edit() -> None:
    plan = await plan_of(FakeModel().says("plan", drafted(VM, risk_flags=("lock-in",))))
    assert reckon(plan) == plan
    bigger = plan.model_copy(
        update={"resources": (resource("compute_instance", machine_type="e2-standard-4"),)}
    )
    assert reckon(bigger).estimated_cost_usd > plan.estimated_cost_usd
    assert "lock_in" in reckon(bigger).risk_flags
