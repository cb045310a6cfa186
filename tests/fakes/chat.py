"""A model that says what it was told to say, and remembers what it was asked."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from infraai.errors import ModelUnavailableError
from infraai.ports import Prompt

Reply = TypeVar("Reply", bound=BaseModel)
Scripted = BaseModel | Exception | Callable[[Mapping[str, Any]], BaseModel]


@dataclass
class FakeModel:
    """`infraai.ports.ChatModel`: per task, the replies in their order; the last one is said again.

    A reply is a value, an exception to raise, or a function from the prompt's JSON block to a value.
    """

    replies: dict[str, list[Scripted]] = field(default_factory=dict)
    name: str = "fake"
    prompts: list[Prompt] = field(default_factory=list)

    def says(self, task: str, *replies: Scripted) -> "FakeModel":
        """Add replies to a task; return the model."""
        self.replies.setdefault(task, []).extend(replies)
        return self

    def asked(self, task: str) -> list[Prompt]:
        """Return the prompts of one task, oldest first."""
        return [prompt for prompt in self.prompts if prompt.task == task]

    async def ask(self, prompt: Prompt, schema: type[Reply]) -> Reply:
        self.prompts.append(prompt)
        replies = self.replies.get(prompt.task)
        if not replies:
            raise ModelUnavailableError(self.name, f"nothing is scripted for {prompt.task}")
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = reply(block_of(prompt))
        return schema.model_validate_json(reply.model_dump_json())


def block_of(prompt: Prompt) -> dict[str, Any]:
    """Return the one typed JSON block of a prompt."""
    blocks = re.findall(r"^```json\n(.*?)\n```$", prompt.text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, f"{len(blocks)} JSON blocks in the prompt"
    block: dict[str, Any] = json.loads(blocks[0])
    return block
