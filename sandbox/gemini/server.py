"""A server that speaks Gemini's `generateContent` over HTTP, on loopback, answered by rules."""

import json
import os
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.gemini.faults import FaultQueue, failed_reply, parse_fault
from sandbox.gemini.responder import reply_schema, respond
from sandbox.gemini.wire import (
    CHARACTERS_PER_TOKEN,
    MODELS,
    Json,
    Reply,
    RequestError,
    answer,
    error_reply,
    json_reply,
    model_entry,
    prompt_text,
    tokens,
)

FAULT_VARIABLE = "INFRAAI_SANDBOX_MODEL_FAULT"
FAULT_PATH = "/sandbox/faults"
MAX_BODY_BYTES = 20_000_000


class GeminiServer:
    """Answers on a free loopback port between `start` and `stop`; `calls` counts the questions asked."""

    def __init__(self, *, port: int = 0, environment: Mapping[str, str] = os.environ) -> None:
        self.calls = 0
        self.stopping = threading.Event()
        self.faults = FaultQueue()
        self._port = port
        self._http: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.base_url = ""  # while it runs
        told = environment.get(FAULT_VARIABLE, "")
        if told:
            self.faults.add(parse_fault(told))

    def start(self) -> str:
        """Serve in a thread of its own and return the base URL."""
        self.stopping.clear()
        handler = type("Handler", (_Handler,), {"gemini": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            kwargs={"poll_interval": 0.02},
            name="sandbox-gemini",
            daemon=True,
        )
        self._thread.start()
        self.base_url = f"http://127.0.0.1:{self._http.server_address[1]}"
        return self.base_url

    def stop(self) -> None:
        """Close the port; a slow answer under way is dropped."""
        self.stopping.set()
        if self._http is not None and self._thread is not None:
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()
            self._http = self._thread = None
            self.base_url = ""

    def fail(self, way: str, *, times: int | None = 1) -> None:
        """Fail the next calls (None: all) by a status such as "429", or by a way of `faults.WAYS`."""
        self.faults.add(parse_fault(way, times))

    def heal(self) -> None:
        """Forget all faults."""
        self.faults.clear()

    def get(self, path: str) -> Reply:
        """Return the models, or one of them."""
        parts = unquote(urlsplit(path).path).strip("/").split("/")
        if parts[1:] == ["models"]:
            return json_reply({"models": [model_entry(name) for name in MODELS]})
        if parts[1:2] == ["models"] and parts[2:3] and parts[2] in MODELS:
            return json_reply(model_entry(parts[2]))
        return error_reply(404, f"{'/'.join(parts[1:])} is not found for API version v1beta.")

    def post(self, path: str, body: Json) -> Reply:
        """Answer a question, count its tokens, or take an order to fail."""
        clean = unquote(urlsplit(path).path)
        if clean == FAULT_PATH:
            return self._take_order(body)
        model, _, method = clean.rpartition("/")[2].partition(":")
        if "/models/" not in clean or model not in MODELS:
            message = f"models/{model} is not found for API version v1beta, or is not supported for {method}."
            return error_reply(404, f"{message} Call ListModels to see the list of available models.")
        if method == "countTokens":
            return json_reply({"totalTokens": tokens(prompt_text(body))})
        if method not in ("generateContent", "streamGenerateContent"):
            return error_reply(404, f"the sandbox has no method {method!r} for models")
        reply = self._generate(model, body)
        return _streamed(reply) if method == "streamGenerateContent" else reply

    def _take_order(self, body: Json) -> Reply:
        try:
            times = body.get("times", 1)
            self.faults.add(parse_fault(str(body.get("fault", "")), None if times is None else int(times)))
        except (ValueError, TypeError) as error:
            return error_reply(400, str(error))
        return json_reply({"accepted": True})

    def _generate(self, model: str, body: Json) -> Reply:
        self.calls += 1
        fault = self.faults.take()
        if fault is not None and fault.way == "slow":
            self.stopping.wait(fault.seconds)
            fault = None
        try:
            prompt_tokens, text = respond(body)
        except RequestError as error:
            if fault is None:
                return error_reply(error.status, str(error))
            prompt_tokens, text = tokens(prompt_text(body)), "{}"
        if fault is not None:
            return failed_reply(fault, model, prompt_tokens, text, reply_schema(body))
        return json_reply(_within_limit(body, prompt_tokens, text))


def _within_limit(body: Json, prompt_tokens: int, text: str) -> Json:
    """Return the answer, cut where the request's own `maxOutputTokens` cuts it."""
    config = body.get("generationConfig")
    limit = config.get("maxOutputTokens") if isinstance(config, dict) else None
    if isinstance(limit, int) and tokens(text) > limit:
        return answer(prompt_tokens, text[: limit * CHARACTERS_PER_TOKEN], "MAX_TOKENS")
    return answer(prompt_tokens, text)


def _streamed(reply: Reply) -> Reply:
    """Return a success as one server-sent event."""
    if reply.status != 200 or not reply.content_type.startswith("application/json"):  # noqa: PLR2004
        return reply
    return Reply(200, b"data: " + reply.body + b"\r\n\r\n", "text/event-stream")


class _Handler(BaseHTTPRequestHandler):
    """One request; the class made in `start` carries the server it belongs to."""

    gemini: GeminiServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(self.gemini.get(self.path))

    def do_DELETE(self) -> None:
        if urlsplit(self.path).path != FAULT_PATH:
            self._send(error_reply(404, f"nothing at {self.path} can be deleted"))
            return
        self.gemini.heal()
        self._send(json_reply({"accepted": True}))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self._send(error_reply(400, f"the request is larger than {MAX_BODY_BYTES} bytes"))
            return
        try:
            body: Any = json.loads(self.rfile.read(length) or b"{}")
        except ValueError as error:
            self._send(error_reply(400, f"Invalid JSON payload received: {error}"))
            return
        if not isinstance(body, dict):
            self._send(error_reply(400, "Invalid JSON payload received: not an object"))
            return
        self._send(self.gemini.post(self.path, body))

    def _send(self, reply: Reply) -> None:
        self.close_connection = True
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client gave up waiting

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the service logs its own calls."""
