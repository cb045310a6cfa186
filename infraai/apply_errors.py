"""What an error of an apply means: it passes with time, a person must help, or the configuration is at fault.

The texts are those of Google's APIs and of the google provider (AIP-193 status codes, Compute's error reasons).
"""

import re
from typing import Literal

from infraai.models import Diagnostic

Kind = Literal["passing", "told", "stale", "exists", "mendable"]

PASSING = re.compile(
    r"Cannot find metric that matches type|resourceNotReady|operationInProgress|rateLimitExceeded|Error 429"
    r"|Error 503|Error 502|Error 500|backendError|internalError|UNAVAILABLE|try again (later|in)|retry your request"
    r"|is being enabled|Wait a few minutes|has not propagated|connection reset by peer|TLS handshake timeout"
    r"|concurrent policy changes|another operation was already in progress|is not ready",
    re.IGNORECASE,
)
ADVICE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"SERVICE_DISABLED|accessNotConfigured|has not been used in project|API .* is disabled",
            re.IGNORECASE,
        ),
        "Enable the API: gcloud services enable NAME --project PROJECT, wait a minute, then resume the run.",
    ),
    (
        re.compile(r"quotaExceeded|QUOTA_EXCEEDED|RESOURCE_EXHAUSTED|exceeded quota|Quota '", re.IGNORECASE),
        "Ask for more quota (IAM & Admin, Quotas) or choose something smaller, then resume the run.",
    ),
    (
        re.compile(r"ZONE_RESOURCE_POOL_EXHAUSTED|does not have enough resources available", re.IGNORECASE),
        "The zone is full: choose another zone or machine type, or resume the run later.",
    ),
    (
        re.compile(r"Error 403|PERMISSION_DENIED|Permission .* denied|forbidden", re.IGNORECASE),
        "Give the service account the role that is named, then resume the run.",
    ),
    (
        re.compile(
            r"Error 401|invalid_grant|could not find default credentials|Reauthentication", re.IGNORECASE
        ),
        "Sign in again: gcloud auth application-default login, then resume the run.",
    ),
    (
        re.compile(
            r"deletion_protection|deletion protection|DELETION_PROTECT|cannot be destroyed", re.IGNORECASE
        ),
        "Set deletion_protection = false and apply that first, if it really may go.",
    ),
    (
        re.compile(r"billing|BILLING_DISABLED", re.IGNORECASE),
        "Link a billing account to the project, then resume the run.",
    ),
)
STALE = re.compile(r"Saved plan is stale", re.IGNORECASE)
EXISTS = re.compile(r"Error 409.*already ?exists|alreadyExists|ALREADY_EXISTS", re.IGNORECASE | re.DOTALL)


def kind_of(diagnostic: Diagnostic) -> Kind:
    """Return what an error of `terraform apply` means."""
    text = f"{diagnostic.summary} {diagnostic.detail}"
    if STALE.search(text):
        return "stale"
    if advice_for(diagnostic):
        return "told"
    if EXISTS.search(text):
        return "exists"
    return "passing" if PASSING.search(text) else "mendable"


def advice_for(diagnostic: Diagnostic) -> str:
    """Return the next step for an error that only a person can help with, or nothing."""
    text = f"{diagnostic.summary} {diagnostic.detail}"
    return next((advice for pattern, advice in ADVICE if pattern.search(text)), "")
