"""The sandbox's Gemini over the wire, asked by Google's own client and by plain HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from langchain_google_genai import ChatGoogleGenerativeAI

from infraai.drafts import PlanDraft
from sandbox.gemini.server import FAULT_VARIABLE, GeminiServer
from tests.sandbox.goals import plan_block

MODEL = "gemini-2.5-pro"


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    made = GeminiServer()
    made.start()
    yield made
    made.stop()


def prompt(block: dict[str, Any]) -> str:
    return f"Plan this, please.\n\n```json\n{json.dumps(block, indent=1)}\n```\n"


def ask(server: GeminiServer, text: str, *, model: str = MODEL, **config: Any) -> httpx.Response:
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}], "generationConfig": config}
    url = f"{server.base_url}/v1beta/models/{model}:generateContent"
    return httpx.post(url, json=body, headers={"x-goog-api-key": "any"}, timeout=5)


def test_googles_client_gets_a_plan_and_knows_who_answered(server: GeminiServer) -> None:
    model = ChatGoogleGenerativeAI(model=MODEL, api_key="any", base_url=server.base_url, max_retries=1)
    asked = model.with_structured_output(PlanDraft, method="json_schema", include_raw=True)
    reply: dict[str, Any] = asked.invoke(prompt(plan_block("a vm in Tokyo")))  # type: ignore[assignment]
    assert reply["parsed"].region == "asia-northeast1"
    assert reply["raw"].response_metadata["finish_reason"] == "STOP"
    assert reply["raw"].response_metadata["model_name"] == "sandbox-rules"
    assert reply["raw"].usage_metadata["input_tokens"] > 100


def test_the_same_question_gets_the_same_answer(server: GeminiServer) -> None:
    first, second = (ask(server, prompt(plan_block("web app with postgres"))).json() for _ in range(2))
    assert first["candidates"] == second["candidates"]


def test_tokens_are_counted_from_the_text(server: GeminiServer) -> None:
    short = ask(server, prompt(plan_block("a vm"))).json()["usageMetadata"]
    long = ask(server, "words " * 400 + prompt(plan_block("a vm"))).json()["usageMetadata"]
    assert long["promptTokenCount"] - short["promptTokenCount"] == 600
    assert short["totalTokenCount"] == short["promptTokenCount"] + short["candidatesTokenCount"]


def test_a_goal_with_a_fence_in_it_is_still_one_block(server: GeminiServer) -> None:
    goal = 'a bucket\n```\n```json\n{"task": "write"}\n```'
    reply = ask(server, prompt(plan_block(goal))).json()
    assert json.loads(reply["candidates"][0]["content"]["parts"][0]["text"])["resources"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "```json"),
        ("```json\n{broken\n```", "not JSON"),
        ("```json\n[]\n```", "object"),
        ('```json\n{"task": "sing"}\n```', "sing"),
        ('```json\n{"task": "plan"}\n```', "goal"),
    ],
)
def test_a_prompt_it_cannot_answer_is_a_clear_400(server: GeminiServer, text: str, says: str) -> None:
    reply = ask(server, text)
    assert reply.status_code == 400
    assert says in reply.json()["error"]["message"]
    assert reply.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_models_are_listed_and_unknown_ones_are_not_found(server: GeminiServer) -> None:
    base = f"{server.base_url}/v1beta/models"
    names = [one["name"] for one in httpx.get(base).json()["models"]]
    assert f"models/{MODEL}" in names
    assert httpx.get(f"{base}/{MODEL}").json()["name"] == f"models/{MODEL}"
    assert httpx.get(f"{base}/gemini-99").status_code == 404
    assert ask(server, "x", model="gemini-99").json()["error"]["status"] == "NOT_FOUND"


def test_a_stream_carries_the_same_answer(server: GeminiServer) -> None:
    text = prompt(plan_block("a vm"))
    body = {"contents": [{"parts": [{"text": text}]}]}
    url = f"{server.base_url}/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    event = httpx.post(url, json=body).text
    assert json.loads(event.removeprefix("data: "))["candidates"] == ask(server, text).json()["candidates"]


def test_an_answer_longer_than_asked_for_is_cut(server: GeminiServer) -> None:
    reply = ask(server, prompt(plan_block("a vm")), maxOutputTokens=20).json()
    assert reply["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert reply["usageMetadata"]["candidatesTokenCount"] == 20


@pytest.mark.parametrize(
    ("way", "status", "seen"),
    [
        ("429", 429, "RESOURCE_EXHAUSTED"),
        ("503", 503, "UNAVAILABLE"),
        ("500", 500, "INTERNAL"),
        ("403", 403, "PERMISSION_DENIED"),
        ("truncated", 200, "MAX_TOKENS"),
        ("empty", 200, "MAX_TOKENS"),
        ("refused", 200, "SAFETY"),
        ("blocked", 200, "blockReason"),
        ("malformed", 200, "STOP"),
        ("html", 200, "<html>"),
        ("slow:0.1", 200, "STOP"),
    ],
)
def test_it_fails_as_told_and_then_answers_again(
    server: GeminiServer, way: str, status: int, seen: str
) -> None:
    server.fail(way)
    text = prompt(plan_block("a vm"))
    failed = ask(server, text)
    assert failed.status_code == status
    assert seen in failed.text
    assert ask(server, text).json()["candidates"][0]["finishReason"] == "STOP"


def test_a_malformed_answer_does_not_parse(server: GeminiServer) -> None:
    server.fail("malformed")
    text = ask(server, prompt(plan_block("a vm"))).json()["candidates"][0]["content"]["parts"][0]["text"]
    with pytest.raises(ValueError, match="JSON"):
        PlanDraft.model_validate_json(text)


def test_nonsense_fits_the_schema_and_means_nothing(server: GeminiServer) -> None:
    server.fail("nonsense")
    reply = ask(server, prompt(plan_block("a vm")), responseJsonSchema=PlanDraft.model_json_schema()).json()
    draft = PlanDraft.model_validate_json(reply["candidates"][0]["content"]["parts"][0]["text"])
    assert draft.stack_type == "lorem ipsum"


def test_it_fails_as_often_as_told_over_http(server: GeminiServer) -> None:
    url = f"{server.base_url}/sandbox/faults"
    assert httpx.post(url, json={"fault": "503", "times": 2}).json() == {"accepted": True}
    text = prompt(plan_block("a vm"))
    assert [ask(server, text).status_code for _ in range(3)] == [503, 503, 200]
    assert httpx.post(url, json={"fault": "sulk"}).status_code == 400
    httpx.post(url, json={"fault": "429", "times": None})
    httpx.delete(url)
    assert ask(server, text).status_code == 200


def test_the_environment_can_make_it_fail() -> None:
    made = GeminiServer(environment={FAULT_VARIABLE: "429:1"})
    made.start()
    try:
        text = prompt(plan_block("a vm"))
        assert [ask(made, text).status_code for _ in range(2)] == [429, 200]
    finally:
        made.stop()


def test_a_stopped_server_drops_a_slow_answer_and_can_start_again(server: GeminiServer) -> None:
    server.stop()
    server.start()
    assert ask(server, prompt(plan_block("a vm"))).status_code == 200
