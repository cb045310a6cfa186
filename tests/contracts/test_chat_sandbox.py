"""The real client against the sandbox's Gemini: the plan and write tasks, and each way to fail."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from agents.generator import Generator
from agents.planner import Planner
from infraai.calls import ModelCall
from infraai.drafts import PlanDraft
from infraai.errors import (
    ModelError,
    ModelMalformedError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelTruncatedError,
    ModelUnavailableError,
    ModelUnknownError,
)
from infraai.models import PlannedResource
from infraai.ports import Prompt
from sandbox.gemini.server import GeminiServer
from sandbox.schema.describe import ShippedSchemas
from tests.fakes.outside import FakeSchemas, nothing_taken
from tests.planning.world import MemoryArtifacts, requested
from tools.chat import ChatLangchain
from tools.chat_clients import ChatOptions
from tools.hcl import HclTreeSitter


@pytest.fixture
def gemini() -> Iterator[tuple[GeminiServer, str]]:
    server = GeminiServer()
    url = server.start()
    yield server, url
    server.stop()


def model(url: str, calls: list[ModelCall], **options: object) -> ChatLangchain:
    async def record(call: ModelCall) -> None:
        calls.append(call)

    async def sleep(seconds: float) -> None:
        del seconds

    given = {"api_key": SecretStr("sandbox"), "base_url": url, "timeout_s": 10, **options}
    return ChatLangchain(options=ChatOptions(**given), on_call=record, sleep=sleep)  # type: ignore[arg-type]


async def test_a_goal_becomes_a_priced_plan_and_files_that_can_be_read(
    gemini: tuple[GeminiServer, str],
) -> None:
    calls: list[ModelCall] = []
    asked = model(gemini[1], calls)
    await asked.check_model()
    state = requested("Deploy a backend API with PostgreSQL for 10k users under $100/month")
    plan = (await Planner(asked, ShippedSchemas())(state))["plan"]
    assert plan.budget_usd == 100
    assert 0 < plan.estimated_cost_usd <= 100
    artifacts = MemoryArtifacts()
    generator = Generator(
        asked, ShippedSchemas(), HclTreeSitter(), artifacts, FakeSchemas(), nothing_taken, "my-project"
    )
    update = await generator({**state, "plan": plan})
    written = HclTreeSitter().parse(await artifacts.get_bundle(update["bundle"]))
    assert written.faults == ()
    there = {block.address for block in written.resources}
    assert {f"{one.type}.{one.name}" for one in plan.resources if isinstance(one, PlannedResource)} <= there
    assert [(call.task, call.model, call.cost_usd, call.outcome) for call in calls] == [
        ("plan", "sandbox-rules", 0, "ok"),
        ("write", "sandbox-rules", 0, "ok"),
    ]


async def test_an_answer_that_fits_the_schema_and_means_nothing_builds_nothing(
    gemini: tuple[GeminiServer, str],
) -> None:
    gemini[0].fail("nonsense", times=None)
    update = await Planner(model(gemini[1], []), ShippedSchemas())(requested("a VM"))
    assert (update.get("status"), update.get("reason")) == ("failed", "goal")


@pytest.mark.parametrize(
    ("way", "error"),
    [
        ("truncated", ModelTruncatedError),
        ("refused", ModelRefusedError),
        ("blocked", ModelRefusedError),
        ("malformed", ModelMalformedError),
        ("empty", ModelTruncatedError),
        ("html", ModelUnavailableError),
        ("429", ModelUnavailableError),
        ("503", ModelUnavailableError),
        ("404", ModelUnknownError),
        ("400", ModelError),
        ("slow:2", ModelTimeoutError),
    ],
)
async def test_every_way_to_fail_is_told_as_what_it_is(
    gemini: tuple[GeminiServer, str], way: str, error: type[ModelError]
) -> None:
    server, url = gemini
    server.fail(way, times=None)
    prompt = Prompt(run_id="r", task="plan", text='```json\n{"task": "plan", "goal": "a VM"}\n```\n')
    timeout_s = 0.2 if way.startswith("slow") else 10.0
    with pytest.raises(error):
        await model(url, [], timeout_s=timeout_s).ask(prompt, PlanDraft)
