"""Prompts: instructions in a markdown file, material in one fenced, typed JSON block at the end."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

_SLOT = re.compile(r"\{\{(\w+)\}\}")


def render(name: str, block: Mapping[str, Any], **words: str) -> str:
    """Return the text of `prompts/<name>` with `{{word}}` filled in, ending in the block as fenced JSON.

    What comes from people or from the cloud belongs in the block, never in a word: backticks in it are
    escaped, so that it cannot end the fence. Raises `KeyError` for a slot that nobody fills.
    """
    text = _SLOT.sub(lambda slot: words[slot[1]], _template(name))
    return f"{text.rstrip()}\n\n```json\n{_as_json(block)}\n```\n"


def _as_json(block: Mapping[str, Any]) -> str:
    return json.dumps(block, ensure_ascii=False, default=_plain).replace("`", "\\u0060")


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not belong in a prompt")


@cache
def _template(name: str) -> str:
    return (files("agents") / "prompts" / name).read_text(encoding="utf-8")
