"""Bytes that anybody may have sent, as JSON or a clear refusal."""

import json
import math
from typing import Any

from infraai.errors import AlertError

MAX_BODY_BYTES = 1_000_000
_LONGEST_NUMBER = 300
_NEXT = "Send one JSON object, as the monitoring system writes it."


def load(body: bytes | str, what: str = "The webhook body") -> Any:
    """Return the JSON value of a body; infinities, NaN and endless numbers in it are None.

    Raises `AlertError` where the body is empty, longer than `MAX_BODY_BYTES`, not UTF-8, not JSON, nested too
    deeply, or says two different things under one name.
    """
    text = _text(body, what)
    if not text.strip():
        raise AlertError(f"{what} is empty.", next_step=_NEXT)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise AlertError(
            f"{what} is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            next_step=_NEXT,
        ) from None
    except RecursionError:
        raise AlertError(f"{what} is nested too deeply.", next_step=_NEXT) from None
    except _SaidTwiceError as error:
        raise AlertError(
            f"{what} says two different things under the name {error.name!r}.",
            next_step="Send each name once in an object.",
        ) from None


class _SaidTwiceError(Exception):
    """One name of an object has two values."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name[:80]


def _text(body: bytes | str, what: str) -> str:
    size = len(body)
    if isinstance(body, str) and size <= MAX_BODY_BYTES:
        size = len(body.encode("utf-8", "surrogatepass"))
    if size > MAX_BODY_BYTES:
        raise AlertError(
            f"{what} is too large: more than {MAX_BODY_BYTES:,} bytes.",
            next_step="Send fewer alerts in one body.",
        )
    if isinstance(body, str):
        return body.removeprefix("\ufeff")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AlertError(f"{what} is not UTF-8: byte {error.start}.", next_step=_NEXT) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; a name said twice counts only where it says the same."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found and found[name] != value:
            raise _SaidTwiceError(name)
        found[name] = value
    return found


def _integer(digits: str) -> int | None:
    # Python refuses to read thousands of digits, and no measured value has hundreds
    return int(digits) if len(digits) <= _LONGEST_NUMBER else None


def _fraction(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _constant(_: str) -> None:
    """`NaN` and the infinities are no JSON, and no measurement."""
