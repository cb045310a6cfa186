"""The sandbox's model: rules that answer from the prompt's typed block, and say that they are rules."""

import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.gemini.wire import Json, RequestError, prompt_text, tokens, typed_block

Task = Callable[[Json], Json]
TASKS: Mapping[str, str] = {
    "plan": "sandbox.gemini.planner.plan:plan",
    "write": "sandbox.gemini.writer.write:write",
    "mend": "sandbox.gemini.mender:mend",
    "decide": "sandbox.gemini.decider.decide:decide",
}


def task_of(name: Any) -> Task:
    """Return what answers a task; raise `RequestError` where nothing does."""
    if not isinstance(name, str) or name not in TASKS:
        known = ", ".join(TASKS)
        raise RequestError(400, f"sandbox-rules has no rules for the task {name!r}; it knows: {known}")
    module, function = TASKS[name].split(":")
    task: Task = getattr(importlib.import_module(module), function)
    return task


def respond(request: Mapping[str, Any]) -> tuple[int, str]:
    """Return (prompt tokens, answer as JSON text) for a GenerateContentRequest; raise `RequestError`."""
    text = prompt_text(request)
    schema = reply_schema(request)
    block = typed_block(text)
    try:
        reply = task_of(block.get("task"))(block)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RequestError(
            400, f"the typed block does not fit its task: {type(error).__name__}: {error}"
        ) from error
    wanted = schema.get("properties")
    if isinstance(wanted, dict):
        reply = {name: value for name, value in reply.items() if name in wanted}
    return tokens(text) + tokens(json.dumps(schema)), json.dumps(reply, ensure_ascii=False)


def reply_schema(request: Mapping[str, Any]) -> Json:
    """Return the JSON schema the reply must fit, {} where the request names none."""
    config = request.get("generationConfig")
    found = (
        config.get("responseJsonSchema") or config.get("responseSchema") if isinstance(config, dict) else None
    )
    return found if isinstance(found, dict) else {}
