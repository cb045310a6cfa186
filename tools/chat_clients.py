"""The clients behind the model: Gemini's, or that of any provider LangChain knows."""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pydantic import SecretStr

from infraai.errors import ModelError, ModelUnavailableError, SettingsError
from tools.chat_errors import translate

GEMINI_PROVIDERS = frozenset({"google_genai", "gemini", "sandbox"})
_GEMINI_URL = "https://generativelanguage.googleapis.com"
_HTTP_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """Which model, where, and how patiently it is asked."""

    provider: str = "google_genai"
    model: str = "gemini-2.5-pro"
    api_key: SecretStr | None = field(default=None, repr=False)
    base_url: str | None = None  # the sandbox's address; None: Google's own
    timeout_s: float = 120
    attempts: int = 3  # in all, ours: the client itself tries once
    backoff_s: float = 1
    longest_wait_s: float = 60  # a provider that asks for more is given up at once
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what may appear in no message."""
        return (self.api_key.get_secret_value(),) if self.api_key else ()


def build_client(options: ChatOptions) -> Any:
    """Return a LangChain chat model; raise `SettingsError` where its key or its package is missing."""
    if options.provider in GEMINI_PROVIDERS:
        return _build_gemini(options)
    try:
        init_chat_model = import_module("langchain.chat_models").init_chat_model  # the extra `providers`
    except ImportError:
        raise SettingsError(
            f"LLM_PROVIDER={options.provider} needs the package langchain.",
            next_step="Install infraai[providers] and the provider's package, or unset LLM_PROVIDER.",
        ) from None
    settings: dict[str, Any] = {"timeout": options.timeout_s, "max_retries": 0, **options.extra}
    if options.base_url:
        settings["base_url"] = options.base_url
    try:
        return init_chat_model(f"{options.provider}:{options.model}", **settings)
    except (ImportError, ValueError) as error:
        raise SettingsError(
            f"LLM_PROVIDER={options.provider} cannot be used: {error}",
            next_step=f"Install the LangChain package for {options.provider} and set its key.",
        ) from None


def _build_gemini(options: ChatOptions) -> Any:
    if options.api_key is None:
        raise SettingsError(
            "Gemini needs a key.",
            next_step="Set GEMINI_API_KEY, or unset LLM_PROVIDER to use the sandbox's model.",
        )
    from langchain_google_genai import ChatGoogleGenerativeAI

    # max_retries counts all attempts: 1 is none again, 0 would mean the client's default of 6
    return ChatGoogleGenerativeAI(
        model=options.model,
        api_key=options.api_key,
        base_url=options.base_url,
        timeout=options.timeout_s,
        max_retries=1,
        **options.extra,
    )


async def list_gemini_models(options: ChatOptions) -> frozenset[str]:
    """Return the names of the models that can answer, by `GET /v1beta/models`; raise a `ModelError`.

    Source: https://ai.google.dev/api/models#method:-models.list
    """
    import httpx

    names: set[str] = set()
    query: dict[str, str] = {"pageSize": "1000"}
    key = options.api_key.get_secret_value() if options.api_key else ""
    try:
        async with httpx.AsyncClient(
            base_url=options.base_url or _GEMINI_URL,
            timeout=options.timeout_s,
            headers={"x-goog-api-key": key},
        ) as client:
            while True:
                page = _page(options.model, await client.get("/v1beta/models", params=query))
                names |= {_short(one) for one in page.get("models", ()) if _answers(one)}
                if not page.get("nextPageToken"):
                    return frozenset(names)
                query["pageToken"] = str(page["nextPageToken"])
    except (httpx.HTTPError, ValueError) as error:
        told = translate(options.model, error, options.secrets)
        if told is None:
            raise
        raise told from None


def _page(model: str, response: Any) -> dict[str, Any]:
    if response.status_code in {400, 401, 403}:
        raise ModelError(
            model,
            f"it does not accept the key (HTTP {response.status_code}).",
            next_step="Check GEMINI_API_KEY.",
        )
    if response.status_code != _HTTP_OK:
        raise ModelUnavailableError(
            model,
            f"its list of models answers HTTP {response.status_code}.",
            next_step="Try again in a while.",
        )
    page: dict[str, Any] = response.json()
    return page


def _short(model: dict[str, Any]) -> str:
    return str(model.get("name", "")).removeprefix("models/")


def _answers(model: dict[str, Any]) -> bool:
    methods = model.get("supportedGenerationMethods")
    return methods is None or "generateContent" in methods
