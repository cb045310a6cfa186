"""What a provider's failures mean, in the words of `infraai.errors`.

The rows are those measured with langchain-google-genai 4.4; other providers' packages raise the same
classes of langchain-core, or an httpx or json error.
"""

import json
import re

from infraai.errors import (
    ModelError,
    ModelMalformedError,
    ModelTimeoutError,
    ModelUnavailableError,
    ModelUnknownError,
)

_KEY_LIKE = re.compile(r"AIza[\w-]{10,}|AQ\.[\w-]{10,}|sk-[\w-]{10,}|(?<=key=)[^&\s\"']+|(?<=Bearer )\S+")
_RETRY_DELAY = re.compile(r"(?:retryDelay\W+|retry in )(\d+(?:\.\d+)?)s", re.IGNORECASE)
_LONGEST_DETAIL = 400
_TRY_LATER = "Try again in a while, or set GEMINI_MODEL to another model."
_CHECK_KEY = "Check GEMINI_API_KEY (and its restrictions), or unset it to use the sandbox's model."


class OutOfQuotaError(ModelUnavailableError):
    """The model is out of quota, and may have said for how long."""

    retry_after_s: float = 0


def translate(model: str, error: Exception, secrets: tuple[str, ...]) -> ModelError | None:
    """Return what happened as a `ModelError` without secrets in it, or None for a fault of our own."""
    detail = without_secrets(str(error) or type(error).__name__, secrets).rstrip(". ")
    for names, kind, words, next_step in _ROWS:
        if names & {parent.__name__ for parent in type(error).__mro__}:
            told = kind(model, f"{words}: {detail}.", next_step=next_step)
            if isinstance(told, OutOfQuotaError):
                told.retry_after_s = _retry_after_s(str(error))
            return told
    if isinstance(error, TimeoutError):
        return ModelTimeoutError(model, "no answer in time.", next_step=_TRY_LATER)
    if isinstance(error, json.JSONDecodeError):
        return ModelUnavailableError(
            model, "the answer is not the provider's JSON.", next_step="Is a proxy in the way? Try again."
        )
    if isinstance(error, OSError):
        return ModelUnavailableError(model, f"not reachable: {detail}.", next_step=_TRY_LATER)
    return None


def _retry_after_s(text: str) -> float:
    """Return how long the provider asks to wait (google.rpc.RetryInfo), 0 where it does not say."""
    found = _RETRY_DELAY.search(text)
    return float(found[1]) if found else 0


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """Return the text, shortened, with our keys and whatever looks like a key blanked."""
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    text = _KEY_LIKE.sub("***", text)
    return text if len(text) <= _LONGEST_DETAIL else text[:_LONGEST_DETAIL] + " …"


_Row = tuple[frozenset[str], type[ModelError], str, str]
_ROWS: tuple[_Row, ...] = (
    (
        frozenset({"ContextOverflowError"}),
        ModelError,
        "the prompt is too long for it",
        "Ask for less at once.",
    ),
    (frozenset({"ModelAuthenticationError"}), ModelError, "it does not accept the key", _CHECK_KEY),
    (frozenset({"ModelPermissionDeniedError"}), ModelError, "the key may not use it", _CHECK_KEY),
    (
        frozenset({"ModelNotFoundError"}),
        ModelUnknownError,
        "no such model",
        "Set GEMINI_MODEL to one it has.",
    ),
    (frozenset({"ModelRateLimitError"}), OutOfQuotaError, "out of quota", _TRY_LATER),
    (frozenset({"ModelInvalidRequestError"}), ModelError, "it refused the request", _CHECK_KEY),
    (frozenset({"ModelAPIError", "ModelConnectionError"}), ModelUnavailableError, "it is down", _TRY_LATER),
    (frozenset({"ServerError"}), ModelUnavailableError, "it is down", _TRY_LATER),
    (
        frozenset({"ModelTimeoutError", "TimeoutException"}),
        ModelTimeoutError,
        "no answer in time",
        _TRY_LATER,
    ),
    (frozenset({"TransportError"}), ModelUnavailableError, "not reachable", _TRY_LATER),
    (frozenset({"OutputParserException"}), ModelMalformedError, "its answer cannot be read", "Try again."),
    (frozenset({"ChatGoogleGenerativeAIError", "LangChainException"}), ModelError, "it failed", _TRY_LATER),
)
