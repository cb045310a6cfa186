"""Every way in which a model answers or fails, through the real client and over the wire."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from infraai.calls import ModelCall
from infraai.errors import (
    ModelError,
    ModelMalformedError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelTruncatedError,
    ModelUnavailableError,
    ModelUnknownError,
    SettingsError,
)
from infraai.ports import Prompt
from tools.chat import ChatLangchain
from tools.chat_clients import ChatOptions

KEY = "AIzaSyNotARealKeyButItLooksLikeOne0001"


class Machine(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    vcpus: int = 1


GOOD = {"name": "web", "vcpus": 2}
PROMPT = Prompt(run_id="run-1", task="plan", text="plan a machine")


class Gemini:
    """A server that speaks Gemini's wire format and says what it was told, the last thing again and again."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, str, str]] = []
        self.requests: list[dict[str, Any]] = []
        self.release = threading.Event()
        handler = type("Handler", (_Handler,), {"gemini": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.http.block_on_close = False
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def says(self, text: str, finish: str = "STOP") -> None:
        candidate = {
            "content": {"role": "model", "parts": [{"text": text}]},
            "finishReason": finish,
            "index": 0,
        }
        self.answers({"candidates": [candidate]})

    def answers(self, body: dict[str, Any]) -> None:
        usage = {
            "promptTokenCount": 11,
            "candidatesTokenCount": 7,
            "thoughtsTokenCount": 5,
            "totalTokenCount": 23,
        }
        whole = {"usageMetadata": usage, "modelVersion": "gemini-2.5-pro", **body}
        self.replies.append((200, "application/json", json.dumps(whole)))

    def fails(self, code: int, status: str, message: str) -> None:
        error = {"error": {"code": code, "message": message, "status": status}}
        self.replies.append((code, "application/json", json.dumps(error)))

    def next_reply(self) -> tuple[int, str, str]:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Handler(BaseHTTPRequestHandler):
    gemini: Gemini

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.gemini.requests.append(
            {"path": self.path, "key": self.headers["x-goog-api-key"], **json.loads(body)}
        )
        self._reply()

    def _reply(self) -> None:
        code, kind, text = self.gemini.next_reply()
        if kind == "silence":
            self.gemini.release.wait(5)
            return
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def gemini() -> Iterator[Gemini]:
    server = Gemini()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.release.set()
    server.http.shutdown()
    server.http.server_close()
    thread.join()


class Recorder:
    def __init__(self) -> None:
        self.calls: list[ModelCall] = []
        self.slept: list[float] = []

    async def on_call(self, call: ModelCall) -> None:
        self.calls.append(call)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


def model(
    gemini: Gemini, seen: Recorder, *, timeout_s: float = 10, name: str = "gemini-2.5-pro"
) -> ChatLangchain:
    options = ChatOptions(model=name, api_key=SecretStr(KEY), base_url=gemini.url, timeout_s=timeout_s)
    return ChatLangchain(options=options, on_call=seen.on_call, sleep=seen.sleep)


async def test_a_whole_reply_is_a_value_and_its_cost_is_recorded(gemini: Gemini, seen: Recorder) -> None:
    gemini.says(json.dumps(GOOD))
    assert await model(gemini, seen).ask(PROMPT, Machine) == Machine(name="web", vcpus=2)
    (call,) = seen.calls
    assert (call.run_id, call.task, call.model, call.outcome) == ("run-1", "plan", "gemini-2.5-pro", "ok")
    assert (call.input_tokens, call.output_tokens) == (11, 12)  # thinking is paid as output
    assert call.cost_usd == pytest.approx((11 * 1.25 + 12 * 10) / 1e6)
    assert len(call.prompt_sha256) == 64


async def test_the_schema_and_the_key_go_over_the_wire(gemini: Gemini, seen: Recorder) -> None:
    gemini.says(json.dumps(GOOD))
    await model(gemini, seen).ask(PROMPT, Machine)
    (request,) = gemini.requests
    assert request["path"] == "/v1beta/models/gemini-2.5-pro:generateContent"
    assert request["key"] == KEY
    config = request["generationConfig"]
    assert "name" in (config.get("responseJsonSchema") or config["response_json_schema"])["properties"]


async def test_an_answer_that_was_cut_off_is_never_taken_though_it_parses(
    gemini: Gemini, seen: Recorder
) -> None:
    gemini.says(json.dumps(GOOD)[:-4], "MAX_TOKENS")
    gemini.says(json.dumps(GOOD), "MAX_TOKENS")
    with pytest.raises(ModelTruncatedError):
        await model(gemini, seen).ask(PROMPT, Machine)
    assert [call.outcome for call in seen.calls] == ["truncated", "truncated"]


async def test_a_spoilt_answer_is_asked_for_once_more(gemini: Gemini, seen: Recorder) -> None:
    gemini.says('{"name": "we')
    gemini.says(json.dumps(GOOD))
    assert (await model(gemini, seen).ask(PROMPT, Machine)).name == "web"
    assert [call.outcome for call in seen.calls] == ["malformed", "ok"]


@pytest.mark.parametrize(
    "text", ['{"name": ', '{"vcpus": 2}', '{"name": "a", "extra": 1}', "", "[]", "certainly!"]
)
async def test_what_does_not_fit_the_schema_is_malformed(gemini: Gemini, seen: Recorder, text: str) -> None:
    gemini.says(text)
    with pytest.raises(ModelMalformedError):
        await model(gemini, seen).ask(PROMPT, Machine)


@pytest.mark.parametrize("finish", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT"])
async def test_a_filtered_answer_is_a_refusal_and_is_not_asked_again(
    gemini: Gemini, seen: Recorder, finish: str
) -> None:
    gemini.answers({"candidates": [{"finishReason": finish, "index": 0}]})
    with pytest.raises(ModelRefusedError):
        await model(gemini, seen).ask(PROMPT, Machine)
    assert [call.outcome for call in seen.calls] == ["refused"]


async def test_a_blocked_prompt_is_a_refusal(gemini: Gemini, seen: Recorder) -> None:
    gemini.answers({"promptFeedback": {"blockReason": "SAFETY"}})
    with pytest.raises(ModelRefusedError, match="SAFETY"):
        await model(gemini, seen).ask(PROMPT, Machine)


async def test_out_of_quota_is_tried_again_with_backoff_and_then_told(gemini: Gemini, seen: Recorder) -> None:
    gemini.fails(429, "RESOURCE_EXHAUSTED", "quota")
    with pytest.raises(ModelUnavailableError, match="quota"):
        await model(gemini, seen).ask(PROMPT, Machine)
    assert len(gemini.requests) == 3
    assert seen.slept == [1, 2]


@pytest.mark.parametrize(("delay", "slept"), [("17s", [17, 17]), ("3600s", [])])
async def test_the_wait_that_the_provider_asks_for_is_kept_unless_it_is_too_long(
    gemini: Gemini, seen: Recorder, delay: str, slept: list[float]
) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    error = {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED", "details": [info]}
    gemini.replies.append((429, "application/json", json.dumps({"error": error})))
    with pytest.raises(ModelUnavailableError):
        await model(gemini, seen).ask(PROMPT, Machine)
    assert seen.slept == slept


async def test_a_model_that_comes_back_answers(gemini: Gemini, seen: Recorder) -> None:
    gemini.fails(503, "UNAVAILABLE", "overloaded")
    gemini.says(json.dumps(GOOD))
    assert (await model(gemini, seen).ask(PROMPT, Machine)).vcpus == 2
    assert [call.outcome for call in seen.calls] == ["unavailable", "ok"]


async def test_a_web_page_instead_of_an_answer_is_unavailable(gemini: Gemini, seen: Recorder) -> None:
    gemini.replies.append((200, "text/html", "<html>bad gateway</html>"))
    with pytest.raises(ModelUnavailableError):
        await model(gemini, seen).ask(PROMPT, Machine)


async def test_silence_ends_in_a_timeout(gemini: Gemini, seen: Recorder) -> None:
    gemini.replies.append((0, "silence", ""))
    with pytest.raises(ModelTimeoutError):
        await model(gemini, seen, timeout_s=0.3).ask(PROMPT, Machine)
    assert {call.outcome for call in seen.calls} == {"timeout"}


async def test_an_unknown_model_is_told_by_name(gemini: Gemini, seen: Recorder) -> None:
    gemini.fails(404, "NOT_FOUND", "models/gemini-9 is not found")
    with pytest.raises(ModelUnknownError, match="gemini-9"):
        await model(gemini, seen, name="gemini-9").ask(PROMPT, Machine)
    assert len(gemini.requests) == 1


async def test_a_key_that_is_not_valid_is_told_once_and_never_shown(gemini: Gemini, seen: Recorder) -> None:
    gemini.fails(400, "INVALID_ARGUMENT", f"API key not valid: {KEY}")
    with pytest.raises(ModelError) as caught:
        await model(gemini, seen).ask(PROMPT, Machine)
    assert KEY not in str(caught.value)
    assert "GEMINI_API_KEY" in caught.value.next_step
    assert caught.value.__cause__ is None
    assert len(gemini.requests) == 1


async def test_a_server_that_is_not_there_is_unavailable(seen: Recorder, gemini: Gemini) -> None:
    gone = ChatOptions(api_key=SecretStr(KEY), base_url="http://127.0.0.1:9", timeout_s=2, attempts=1)
    with pytest.raises(ModelUnavailableError):
        await ChatLangchain(options=gone, on_call=seen.on_call).ask(PROMPT, Machine)


async def test_the_start_check_names_the_nearest_models(gemini: Gemini, seen: Recorder) -> None:
    listed = [
        {"name": f"models/{one}"} for one in ("gemini-2.5-pro", "gemini-2.5-flash", "text-embedding-004")
    ]
    gemini.replies.append((200, "application/json", json.dumps({"models": listed})))
    await model(gemini, seen).check_model()
    with pytest.raises(ModelUnknownError, match="gemini-2") as caught:
        await model(gemini, seen, name="gemini-2.5-prro").check_model()
    assert "GEMINI_MODEL" in caught.value.next_step


async def test_the_start_check_reads_every_page_and_leaves_out_what_cannot_answer(
    gemini: Gemini, seen: Recorder
) -> None:
    embedding = {"name": "models/gemini-2.5-pro", "supportedGenerationMethods": ["embedContent"]}
    first = {"models": [embedding], "nextPageToken": "2"}
    second = {
        "models": [{"name": "models/gemini-2.5-flash", "supportedGenerationMethods": ["generateContent"]}]
    }
    gemini.replies += [(200, "application/json", json.dumps(one)) for one in (first, second)]
    with pytest.raises(ModelUnknownError, match="flash"):
        await model(gemini, seen).check_model()


@pytest.mark.parametrize("code", [400, 403])
async def test_the_start_check_tells_a_bad_key_from_a_bad_model(
    gemini: Gemini, seen: Recorder, code: int
) -> None:
    gemini.fails(code, "INVALID_ARGUMENT", "API key not valid")
    with pytest.raises(ModelError, match="key") as caught:
        await model(gemini, seen).check_model()
    assert not isinstance(caught.value, ModelUnknownError)


async def test_a_missing_key_or_package_is_a_setting(seen: Recorder) -> None:
    with pytest.raises(SettingsError, match="key"):
        await ChatLangchain(options=ChatOptions(), on_call=seen.on_call).ask(PROMPT, Machine)
    other = ChatOptions(provider="no_such_provider", model="x")
    with pytest.raises(SettingsError, match="no_such_provider"):
        await ChatLangchain(options=other, on_call=seen.on_call).ask(PROMPT, Machine)
