"""The terraform and provider blocks and the variables that every bundle has."""

from collections.abc import Iterable

from infraai.blocks.hcl import Expression, Raw, Written
from infraai.labels import DEPLOYMENT_LABEL, label_value
from infraai.models import DeploymentId

_VERSIONS = {
    "google": "~> 8.0",
    "google-beta": "~> 8.0",
    "random": "~> 3.7",
    "null": "~> 3.2",
    "time": "~> 0.13",
}
STANDARD_VARIABLES = frozenset({"project", "region", "zone"})
WEBHOOK_VARIABLES = frozenset({"alert_webhook_url", "alert_webhook_token"})


def versions_blocks(providers: Iterable[str], deployment_id: DeploymentId) -> tuple[Written, ...]:
    """Return the `terraform` block and the google providers; others than google's need no block."""
    named = [one for one in _VERSIONS if one in {"google", *providers}]
    required: dict[str, Expression] = {
        one: {"source": f"hashicorp/{one}", "version": _VERSIONS[one]} for one in named
    }
    terraform = Written(
        "terraform",
        (),
        {"required_version": ">= 1.5"},
        (Written("required_providers", (), required),),
    )
    google = tuple(_google(one, deployment_id) for one in named if one.startswith("google"))
    return (terraform, *google)


def variable_blocks(*, project: str, region: str, zone: str, webhook_url: str = "") -> tuple[Written, ...]:
    """Return the variables' declarations with these defaults; those of the webhook where there is one."""
    found = [
        _variable("project", "Google Cloud project to build in", project),
        _variable("region", "Region of what names none itself", region),
        _variable("zone", "Zone of what names none itself", zone),
    ]
    if webhook_url:
        found += [
            _variable("alert_webhook_url", "Where Cloud Monitoring sends its notifications", webhook_url),
            _variable("alert_webhook_token", "Token by which the webhook knows them", "", sensitive=True),
        ]
    return tuple(found)


def _variable(name: str, description: str, default: str, *, sensitive: bool = False) -> Written:
    attributes: dict[str, Expression] = {"description": description, "type": Raw("string")}
    if default or sensitive:
        attributes["default"] = default
    if sensitive:
        attributes["sensitive"] = True
    return Written("variable", (name,), attributes)


def _google(name: str, deployment_id: DeploymentId) -> Written:
    return Written(
        "provider",
        (name,),
        {
            "project": Raw("var.project"),
            "region": Raw("var.region"),
            "zone": Raw("var.zone"),
            "default_labels": {DEPLOYMENT_LABEL: label_value(deployment_id)},
        },
    )
