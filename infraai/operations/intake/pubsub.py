"""A Pub/Sub push envelope: https://cloud.google.com/pubsub/docs/push#receive_push."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from infraai.errors import AlertError
from infraai.operations.intake import reading
from infraai.operations.intake.loading import load

_NEXT = "Send what Pub/Sub pushes: {message: {data: BASE64}, subscription}."


def is_pubsub(body: Mapping[str, Any]) -> bool:
    """Tell whether the body is an envelope."""
    message = reading.mapping(body.get("message"))
    return "data" in message or ("subscription" in body and bool(message))


def unwrapped(body: Mapping[str, Any]) -> Any:
    """Return the JSON in the envelope; raise `AlertError` where there is none."""
    data = reading.mapping(body.get("message")).get("data")
    if not isinstance(data, str) or not data.strip():
        raise AlertError("The Pub/Sub message holds no data.", next_step=_NEXT)
    plain = "".join(data.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        inner = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise AlertError("The Pub/Sub message's data is not base64.", next_step=_NEXT) from None
    return load(inner, "The body in the Pub/Sub message")
