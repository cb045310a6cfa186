"""Gemini's wire shapes: replies, errors, the list of models (https://ai.google.dev/api)."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Json = dict[str, Any]

MODEL_VERSION = "sandbox-rules"
MODELS = (
    "gemini-2.0-flash",
    "gemini-2.0-flash-lite",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-2.5-pro",
    MODEL_VERSION,
    "gemini-3-flash-preview",
    "gemini-3-pro-preview",
    "gemini-3.1-flash-lite",
    "gemini-3.1-pro-preview",
    "gemini-3.5-flash",
    "gemini-3.5-flash-lite",
    "gemini-3.6-flash",
    "gemini-3.7-flash",
    "gemini-3.8-flash",
    "gemini-4-argon",
    "gemini-flash-latest",
    "gemini-flash-lite-latest",
    MODEL_VERSION,
)
CHARACTERS_PER_TOKEN = 4
STATUS_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_BLOCK = re.compile(r"^```json[ \t]*\r?\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


class Reply(NamedTuple):
    """What goes back over HTTP."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = {}


class RequestError(Exception):
    """The request cannot be answered; `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def tokens(text: str) -> int:
    """Return about how many tokens the text is."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def json_reply(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return the body as a JSON reply."""
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), headers=headers or {})


def error_reply(status: int, message: str) -> Reply:
    """Return an error as Google's APIs shape it; a 429 says when to come back."""
    error: Json = {"code": status, "message": message, "status": STATUS_WORDS.get(status, "UNKNOWN")}
    headers: dict[str, str] = {}
    if status == 429:  # noqa: PLR2004
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}]
        headers["Retry-After"] = "1"
    return json_reply({"error": error}, status, headers)


def answer(prompt_tokens: int, text: str | None, finish_reason: str = "STOP") -> Json:
    """Return a GenerateContentResponse; without text the candidate has no content."""
    candidate: Json = {"finishReason": finish_reason, "index": 0}
    if text is not None:
        candidate["content"] = {"role": "model", "parts": [{"text": text}] if text else []}
    written = tokens(text or "")
    usage = {
        "promptTokenCount": prompt_tokens,
        "candidatesTokenCount": written,
        "totalTokenCount": prompt_tokens + written,
    }
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": MODEL_VERSION,
        "responseId": MODEL_VERSION,
    }


def _part_texts(content: Any) -> list[str]:
    """Return the texts of one Content."""
    if not isinstance(content, dict):
        return []
    parts = content.get("parts") or []
    return [str(part["text"]) for part in parts if isinstance(part, dict) and "text" in part]


def prompt_text(request: Mapping[str, Any]) -> str:
    """Return all the words of a GenerateContentRequest: the system's, then the turns'."""
    contents: Sequence[Any] = [request.get("systemInstruction") or {}, *(request.get("contents") or [])]
    return "\n".join(text for content in contents for text in _part_texts(content))


def typed_block(text: str) -> Json:
    """Return the object in the prompt's last fenced ```json block; raise `RequestError` without one."""
    found = _BLOCK.findall(text)
    if not found:
        raise RequestError(
            400, "sandbox-rules answers prompts that end in one fenced ```json block; there is none"
        )
    try:
        block = json.loads(found[-1])
    except ValueError as error:
        raise RequestError(400, f"the prompt's ```json block is not JSON: {error}") from error
    if not isinstance(block, dict):
        raise RequestError(400, "the prompt's ```json block must hold an object")
    return block


def model_entry(name: str) -> Json:
    """Return one model as the list of models shows it."""
    return {
        "name": f"models/{name}",
        "version": name.removeprefix("gemini-"),
        "displayName": name.replace("-", " ").title(),
        "description": "Answered by the sandbox's rules.",
        "inputTokenLimit": 1048576,
        "outputTokenLimit": 65536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }
