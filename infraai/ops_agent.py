"""The Ops Agent, which alone writes memory and disk percentages.

Source: https://cloud.google.com/stackdriver/docs/solutions/agents/ops-agent/install-index.
"""

MARK = "add-google-cloud-ops-agent-repo"
INSTALL = (
    "curl -sSO https://dl.google.com/cloudagents/add-google-cloud-ops-agent-repo.sh\n"
    "bash add-google-cloud-ops-agent-repo.sh --also-install\n"
)


def appended(script: str) -> str:
    """Return the startup script with the installation at its end: the service starts first."""
    if not script.strip():
        return f"#!/bin/bash\n{INSTALL}"
    return f"{script.rstrip()}\n{INSTALL}"
