"""The environment a Terraform command gets: only what it needs, by name."""

from collections.abc import Mapping
from pathlib import Path

from infraai.ports import Job

# What the engine and Google's provider read. Nothing else of ours reaches them: no model key, no bot token.
# https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides/provider_reference
NAMES = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
        "SSL_CERT_FILE", "SSL_CERT_DIR",
        "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON",
        "GCLOUD_KEYFILE_JSON", "GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
        "GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "GOOGLE_REGION", "GCLOUD_REGION",
        "GOOGLE_ZONE", "GCLOUD_ZONE", "GOOGLE_BILLING_PROJECT", "USER_PROJECT_OVERRIDE",
        "GOOGLE_UNIVERSE_DOMAIN", "GOOGLE_BACKEND_CREDENTIALS", "GCE_METADATA_HOST",
        "TF_PLUGIN_CACHE_DIR",
    }
)  # fmt: skip
PREFIXES = ("CLOUDSDK_",)
FILES = frozenset(
    {
        "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON",
        "GCLOUD_KEYFILE_JSON", "GOOGLE_BACKEND_CREDENTIALS", "CLOUDSDK_CONFIG",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "TF_PLUGIN_CACHE_DIR",
    }
)  # fmt: skip


def command_environment(
    inherited: Mapping[str, str], cli_config: Path, job: Job, *added: Mapping[str, str]
) -> dict[str, str]:
    """Return the whole environment of one command; what stands later in `added` wins."""
    allowed = {
        name: _from_anywhere(value) if name in FILES else value
        for name, value in inherited.items()
        if name in NAMES or name.startswith(PREFIXES)
    }
    fixed = {
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(cli_config),
    }
    variables = {f"TF_VAR_{name}": value for name, value in job.variables.items()}
    environment = allowed | variables | fixed
    for more in added:
        environment |= more
    return environment


def _from_anywhere(value: str) -> str:
    """Return a path that still leads there from the command's directory; a key given as JSON stays."""
    if value.startswith("{") or not (path := Path(value).expanduser()).exists():
        return value
    return str(path.absolute())
