"""Every setting, in one place, with the names people already use."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from infraai.errors import SettingsError


class Settings(BaseSettings):
    """Read from the environment and from `.env`; see `.env.example`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    home: Path = Field(default=Path("~/.infraai"), validation_alias="INFRAAI_HOME")
    cloud: Literal["sandbox", "gcp"] = Field(default="sandbox", validation_alias="INFRAAI_CLOUD")
    autonomy: Literal["observe", "supervised", "assisted", "autonomous"] = Field(
        default="assisted", validation_alias="INFRAAI_AUTONOMY"
    )
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")

    llm_provider: str = Field(default="google_genai", validation_alias="LLM_PROVIDER")
    gemini_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("GEMINI_API_KEY", "GOOGLE_API_KEY")
    )
    gemini_model: str = Field(default="gemini-2.5-pro", validation_alias="GEMINI_MODEL")
    model_timeout_s: float = Field(default=120, validation_alias="INFRAAI_MODEL_TIMEOUT_S", gt=0)

    project: str = Field(default="infraai-sandbox", validation_alias="GCP_PROJECT_ID")
    region: str = Field(default="us-central1", validation_alias="INFRAAI_REGION")
    google_credentials: Path | None = Field(default=None, validation_alias="GOOGLE_APPLICATION_CREDENTIALS")

    terraform_bin: str | None = Field(default=None, validation_alias="TERRAFORM_BIN")
    terraform_timeout_s: float = Field(default=3600, validation_alias="INFRAAI_TERRAFORM_TIMEOUT_S", gt=0)

    verify_attempts: int = Field(default=5, validation_alias="INFRAAI_VERIFY_ATTEMPTS", ge=1)
    verify_interval_s: float = Field(default=10, validation_alias="INFRAAI_VERIFY_INTERVAL_S", ge=0)
    verify_timeout_s: float = Field(default=5, validation_alias="INFRAAI_VERIFY_TIMEOUT_S", gt=0)
    verify_grace_s: float = Field(default=120, validation_alias="INFRAAI_VERIFY_GRACE_S", ge=0)
    approval_minutes: float = Field(default=30, validation_alias="INFRAAI_APPROVAL_MINUTES", gt=0)

    ops_webhook_token: SecretStr | None = Field(default=None, validation_alias="OPS_WEBHOOK_TOKEN")
    public_url: str | None = Field(default=None, validation_alias=AliasChoices("PUBLIC_URL", "NGROK_URL"))

    @property
    def home_dir(self) -> Path:
        """Return the directory everything of ours lives in, absolute."""
        return self.home.expanduser().absolute()

    @property
    def model_is_sandbox(self) -> bool:
        """Return whether the rule-based model of the sandbox answers: whenever Gemini has no key."""
        return self.llm_provider in {"google_genai", "sandbox"} and self.gemini_api_key is None


def load_settings() -> Settings:
    """Return the settings of this environment; raise `SettingsError` naming each one that does not fit."""
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)
        )
        raise SettingsError(f"The settings do not fit: {faults}.", next_step="See .env.example.") from None
