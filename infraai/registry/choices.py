"""Choices: what a person says to a question, read before it counts."""

import json
from collections.abc import Mapping
from typing import Any

from infraai.errors import InputError


def read_choice(choice: Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """Return (name or id, parameters) of a choice; both are empty where it names nothing.

    Raises `InputError` for one that has not the form of a choice.
    """
    said: Any = choice or {}
    inner: Any = said.get("edited_action") or said if isinstance(said, Mapping) else None
    if not isinstance(inner, Mapping):
        raise _no_choice("it is no object")
    names = [inner[key] for key in ("id", "name", "action", "action_type") if inner.get(key)]
    given: Any = next((inner[key] for key in ("args", "parameters") if inner.get(key)), {})
    if not all(isinstance(name, str) for name in names):
        raise _no_choice("its name is no text")
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise _no_choice("its parameters are no object")
    try:
        json.dumps(dict(said), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise _no_choice(f"it is no JSON ({error})") from None
    return (names[0] if names else ""), dict(given)


def _no_choice(why: str) -> InputError:
    return InputError(
        f"The choice cannot be read: {why}.",
        next_step='Send {"id": "O1"}, or {"action": "restart", "parameters": {}}.',
    )
