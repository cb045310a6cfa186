"""Failures the sandbox's Gemini can be told to give, in the shapes the real one gives them."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.gemini.wire import Json, Reply, answer, error_reply, json_reply

STATUS_MESSAGES = {
    400: "API key not valid. Please pass a valid API key.",
    401: "Request had invalid authentication credentials.",
    403: "Permission denied: the API key may not use the Generative Language API.",
    404: "models/{model} is not found for API version v1beta, or is not supported for generateContent.",
    429: "You exceeded your current quota, please check your plan and billing details.",
    500: "An internal error has occurred. Please retry.",
    503: "The model is overloaded. Please try again later.",
    504: "The request timed out. Please try again.",
}
_LOREM = "lorem ipsum"
WAYS = ("truncated", "refused", "blocked", "malformed", "nonsense", "html", "empty", "slow")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail; `times` is how many calls it still hits, None for all."""

    way: str
    seconds: float = 0
    times: int | None = None


def parse_fault(text: str, times: int | None = None) -> Fault:
    """Return the fault named by `WAY[:TIMES]` or `slow:SECONDS[:TIMES]`; raise `ValueError` if unknown."""
    way, *rest = text.strip().lower().split(":")
    known = way in WAYS or (way.isdigit() and int(way) in STATUS_MESSAGES)
    if not known:
        ways = ", ".join([*map(str, STATUS_MESSAGES), *WAYS])
        raise ValueError(f"the sandbox's model cannot fail by {way!r}; it can by: {ways}")
    seconds = float(rest.pop(0)) if way == "slow" and rest else (5.0 if way == "slow" else 0.0)
    return Fault(way, seconds, int(rest[0]) if rest else times)


@dataclass(slots=True)
class FaultQueue:
    """The faults to come, oldest first. Safe to use from several threads."""

    _faults: list[Fault] = field(default_factory=list[Fault])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Queue a fault for the next calls."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Go back to answering."""
        with self._lock:
            self._faults.clear()

    def take(self) -> Fault | None:
        """Return the fault of this call and count it."""
        with self._lock:
            if not self._faults:
                return None
            fault = self._faults.pop(0)
            if fault.times is None:
                self._faults.insert(0, fault)
            elif fault.times > 1:
                self._faults.insert(0, Fault(fault.way, fault.seconds, fault.times - 1))
            return fault


def failed_reply(fault: Fault, model: str, prompt_tokens: int, text: str, schema: Json) -> Reply:
    """Return the reply in the fault's shape; `text` is what the whole answer would have been."""
    if fault.way.isdigit():
        status = int(fault.way)
        return error_reply(status, STATUS_MESSAGES[status].format(model=model))
    if fault.way == "html":
        return Reply(200, b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html; charset=UTF-8")
    return json_reply(_failed_answer(fault.way, prompt_tokens, text, schema))


def _failed_answer(way: str, prompt_tokens: int, text: str, schema: Json) -> Json:
    """Return a well-formed response that holds no usable answer."""
    if way == "truncated":
        return answer(prompt_tokens, text[: max(1, len(text) * 3 // 5)], "MAX_TOKENS")
    if way == "empty":
        return answer(prompt_tokens, "", "MAX_TOKENS")
    if way == "malformed":
        return answer(prompt_tokens, text[: max(1, len(text) // 2)])
    if way == "nonsense":
        return answer(prompt_tokens, json.dumps(nonsense(schema, schema)))
    if way == "blocked":
        body = answer(prompt_tokens, None)
        del body["candidates"]
        return {"promptFeedback": {"blockReason": "SAFETY"}, **body}
    body = answer(prompt_tokens, None, "SAFETY")
    rating = {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}
    body["candidates"][0]["safetyRatings"] = [rating]
    return body


def nonsense(schema: Any, root: Json) -> Any:
    """Return a value that fits the JSON schema and means nothing."""
    if not isinstance(schema, dict):
        return _LOREM
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return nonsense(root.get("$defs", {}).get(name), root)
    if schema.get("enum"):
        return schema["enum"][-1]
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    return nonsense(choices[0], root) if choices else _plain_nonsense(schema, root)


def _plain_nonsense(schema: Json, root: Json) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {name: nonsense(one, root) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [nonsense(schema.get("items"), root)]
    if kind in ("number", "integer"):
        return schema.get("minimum", 0)
    return True if kind == "boolean" else _LOREM
