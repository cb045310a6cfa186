"""The language model, by LangChain: Gemini, or whatever `init_chat_model` names."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from infraai.calls import CallOutcome, ModelCall
from infraai.errors import (
    ModelError,
    ModelMalformedError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelTruncatedError,
    ModelUnavailableError,
    ModelUnknownError,
)
from infraai.ports import Prompt
from tools.chat_clients import GEMINI_PROVIDERS, ChatOptions, build_client, list_gemini_models
from tools.chat_errors import OutOfQuotaError, translate
from tools.chat_prices import cost_usd

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Reply = TypeVar("Reply", bound=BaseModel)
OnCall = Callable[[ModelCall], Awaitable[None]]
_REFUSALS = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"})
_WHOLE = frozenset({"STOP", "stop", "end_turn", "completed"})
_CUT_OFF = frozenset({"MAX_TOKENS", "length", "max_tokens"})
_OUTCOMES: tuple[tuple[type[ModelError], CallOutcome], ...] = (
    (ModelUnavailableError, "unavailable"),
    (ModelTimeoutError, "timeout"),
    (ModelRefusedError, "refused"),
    (ModelTruncatedError, "truncated"),
    (ModelMalformedError, "malformed"),
    (ModelUnknownError, "unknown_model"),
)


async def record_nothing(call: ModelCall) -> None:
    """Keep no record of a call."""
    del call


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLangchain:
    """`infraai.ports.ChatModel` by LangChain; each attempt is told to `on_call`."""

    options: ChatOptions
    on_call: OnCall = record_nothing
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _built: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self.options.model

    async def ask(self, prompt: Prompt, schema: type[Reply]) -> Reply:
        """Return a whole reply that fits the schema, or raise a `ModelError`.

        Down, out of quota and silent are tried again with backoff, `options.attempts` times in all; an answer
        that was cut off or does not fit is asked for once more.
        """
        spoilt = 0
        for attempt in range(1, self.options.attempts + 1):
            try:
                return await self._attempt(prompt, schema)
            except (ModelMalformedError, ModelTruncatedError):
                spoilt += 1
                if spoilt > 1 or attempt == self.options.attempts:
                    raise
            except (ModelUnavailableError, ModelTimeoutError) as error:
                asked_for = error.retry_after_s if isinstance(error, OutOfQuotaError) else 0
                if attempt == self.options.attempts or asked_for > self.options.longest_wait_s:
                    raise
                await self.sleep(max(asked_for, self.options.backoff_s * 2 ** (attempt - 1)))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def check_model(self) -> None:
        """Raise `ModelUnknownError` where the provider's own list lacks the model, with the nearest names.

        Providers other than Google have no such list; for them nothing is checked.
        """
        if self.options.provider not in GEMINI_PROVIDERS:
            return
        known = await list_gemini_models(self.options)
        if self.options.model not in known:
            raise ModelUnknownError(
                self.options.model,
                "the provider has no model of this name that can answer.",
                next_step=f"Set GEMINI_MODEL to one of: {', '.join(_nearest(self.options.model, known))}.",
            )

    async def _attempt(self, prompt: Prompt, schema: type[Reply]) -> Reply:
        started = time.monotonic()
        raw: BaseMessage | None = None
        outcome: CallOutcome = "failed"
        try:
            raw = await self._invoke(prompt, schema)
            reply = _read(self.name, raw, schema)
            outcome = "ok"
        except ModelError as error:
            outcome = _outcome(error)
            raise
        finally:
            await self.on_call(self._call(prompt, raw, outcome, time.monotonic() - started))
        return reply

    async def _invoke(self, prompt: Prompt, schema: type[BaseModel]) -> "BaseMessage":
        asking = self._structured(schema)
        try:
            async with asyncio.timeout(self.options.timeout_s):
                answer = await asking.ainvoke(prompt.text)
        except Exception as error:
            told = translate(self.name, error, self.options.secrets)
            if told is None:
                raise
            # `from None`: the provider's exception may carry the request, and with it the key
            raise told from None
        raw: BaseMessage = answer["raw"]
        return raw

    def _structured(self, schema: type[BaseModel]) -> Any:
        if "client" not in self._built:
            self._built["client"] = build_client(self.options)
        key = f"{schema.__module__}.{schema.__qualname__}"
        if key not in self._built:
            self._built[key] = self._built["client"].with_structured_output(
                schema, method="json_schema", include_raw=True
            )
        return self._built[key]

    def _call(
        self, prompt: Prompt, raw: "BaseMessage | None", outcome: CallOutcome, seconds: float
    ) -> ModelCall:
        usage: dict[str, Any] = getattr(raw, "usage_metadata", None) or {}
        said: dict[str, Any] = getattr(raw, "response_metadata", None) or {}
        model = str(said.get("model_name") or self.name)  # what really answered
        taken, given = int(usage.get("input_tokens", 0)), int(usage.get("output_tokens", 0))
        return ModelCall(
            run_id=prompt.run_id,
            task=prompt.task,
            model=model,
            input_tokens=taken,
            output_tokens=given,
            cost_usd=cost_usd(model, taken, given),
            seconds=round(seconds, 3),
            outcome=outcome,
            prompt_sha256=hashlib.sha256(prompt.text.encode()).hexdigest(),
        )


def _read(model: str, raw: "BaseMessage", schema: type[Reply]) -> Reply:
    """Return the reply; LangChain accepts JSON that was cut off, so the raw text is read again, strictly."""
    said: dict[str, Any] = raw.response_metadata
    finish = str(said.get("finish_reason") or said.get("stop_reason") or said.get("status") or "")
    feedback: dict[str, Any] = said.get("prompt_feedback") or {}
    blocked = str(feedback.get("block_reason") or "")
    if finish in _CUT_OFF:
        raise ModelTruncatedError(model, "the answer was cut off.", next_step="Ask for less at once.")
    if finish in _REFUSALS or (blocked and blocked not in {"0", "BLOCK_REASON_UNSPECIFIED"}):
        raise ModelRefusedError(
            model, f"it would not answer ({blocked or finish}).", next_step="Say the goal in other words."
        )
    text = str(raw.text)
    if finish not in _WHOLE:
        raise ModelMalformedError(
            model, f"the answer did not end as it should ({finish or 'no reason'}).", next_step="Try again."
        )
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        raise ModelMalformedError(model, _told(error, schema), next_step="Try again.") from None


def _told(error: ValidationError, schema: type[BaseModel]) -> str:
    faults = error.errors(include_url=False, include_input=False, include_context=False)[:3]
    words = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the text'}: {one['msg']}" for one in faults)
    return f"the answer is no {schema.__name__}: {words}."


def _outcome(error: ModelError) -> CallOutcome:
    for kind, outcome in _OUTCOMES:
        if isinstance(error, kind):
            return outcome
    return "failed"


def _nearest(name: str, known: frozenset[str]) -> list[str]:
    from rapidfuzz import process

    return [match[0] for match in process.extract(name, sorted(known), limit=5)]
