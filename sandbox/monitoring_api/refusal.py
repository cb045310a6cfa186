"""An answer of the Monitoring API that is not a success."""

from typing import Literal

Code = Literal["INVALID_ARGUMENT", "NOT_FOUND"]


class Refusal(Exception):  # noqa: N818 - it is an answer, as StopIteration is
    """Becomes the gRPC status of the same name."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message


def invalid(message: str) -> Refusal:
    """Return INVALID_ARGUMENT (400 over HTTP)."""
    return Refusal("INVALID_ARGUMENT", message)


def not_found(message: str) -> Refusal:
    """Return NOT_FOUND (404 over HTTP)."""
    return Refusal("NOT_FOUND", message)
