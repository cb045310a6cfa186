"""What instances and instance templates share: machine type, scheduling, labels, tags, service account."""

import base64
import hashlib
import json
import re
from typing import Any

from sandbox.catalog.machines import Machine, machine
from sandbox.services.product import check_compute_name
from sandbox.services.references import invalid_value, name_of
from sandbox.services.service import ApiError, Context, Values

_LABEL_KEY = re.compile(r"[\w-]{1,63}", re.UNICODE)
_HYPERDISK_ONLY = {"n4", "n4a", "n4d", "c4", "c4a", "c4d", "h4d", "m4", "x4", "a4", "a4x", "g4"}
_NO_STANDARD = {"c3", "c3d", "h3", "z3", "a3"}
_GPU_FAMILIES = {"a2", "a3", "a4", "a4x", "g2", "g4"}


def check_machine_type(name: object, zone: str, field: str = "resource.machineType") -> Machine | None:
    """Return the machine type; raise Compute's answer where there is none of that name."""
    short = name_of(str(name or ""))
    found = machine(short)
    if found is None:
        link = name if "/" in str(name) else f"zones/{zone}/machineTypes/{name}"
        raise invalid_value(field, link, f"Machine type with name '{short}' does not exist in zone '{zone}'.")
    return found


def check_disk_fits(found: Machine | None, kind: object) -> None:
    """Raise Compute's answer to a disk type that the machine family does not take."""
    if found is None or not kind:
        return
    short = name_of(str(kind))
    if (found.family in _HYPERDISK_ONLY and short.startswith("pd-")) or (
        found.family in _NO_STANDARD and short == "pd-standard"
    ):
        raise ApiError(
            400,
            f"[{short}] features and [machine type: {found.name}] features are not compatible for creating"
            " instance.",
            "badRequest",
        )


def check_scheduling(values: Values, found: Machine | None, *, template: bool = False) -> None:
    """Raise Compute's answers to scheduling that contradicts itself or the machine.

    A template that leaves maintenance open is taken: what it needs is asked of the machines made from it.
    """
    scheduling: Values = next(iter(values.get("scheduling") or []), {})
    spot = scheduling.get("provisioning_model") == "SPOT"
    preemptible = scheduling.get("preemptible") is True
    if spot and not preemptible:
        raise invalid_value(
            "resource.scheduling.preemptible",
            "false",
            "Preemptible must be true when provisioning model is SPOT.",
        )
    if preemptible and scheduling.get("automatic_restart") is not False:
        raise ApiError(
            400, "Scheduling must have automaticRestart be false when preemptible is true.", "badRequest"
        )
    maintenance = scheduling.get("on_host_maintenance")
    if preemptible and maintenance == "MIGRATE":
        raise ApiError(
            400, "Scheduling must have onHostMaintenance be TERMINATE when preemptible is true.", "badRequest"
        )
    if template and not maintenance:
        return
    accelerated = bool([one for one in values.get("guest_accelerator") or [] if one.get("count")])
    if (accelerated or (found and found.family in _GPU_FAMILIES)) and not (
        maintenance == "TERMINATE" or preemptible
    ):
        raise ApiError(400, "Instances with guest accelerators do not support live migration.", "badRequest")


def check_labels(labels: object, field: str = "resource.labels") -> None:
    """Raise Compute's answer to a label out of format."""
    for key, value in (labels if isinstance(labels, dict) else {}).items():
        if not _LABEL_KEY.fullmatch(key) or key != key.lower() or not key[0].isalpha():
            raise invalid_value(
                field,
                "",
                f"Label key '{key}' violates format constraints. The key must start with a lowercase"
                " character,"
                " can only contain lowercase letters, numeric characters, underscores and dashes. The key"
                " can be"
                " at most 63 characters long. International characters are allowed.",
            )
        text = str(value or "")
        if text and (not _LABEL_KEY.fullmatch(text) or text != text.lower()):
            raise invalid_value(
                field,
                "",
                f"Label value '{text}' violates format constraints. The value can only contain lowercase"
                " letters,"
                " numeric characters, underscores and dashes. The value can be at most 63 characters long."
                " International characters are allowed.",
            )


def check_tags(tags: object, field: str = "resource.tags") -> None:
    """Raise Compute's answer to a network tag out of pattern."""
    for position, tag in enumerate(tags if isinstance(tags, list) else []):
        check_compute_name(tag, f"{field}.items[{position}]")


def check_account(context: Context, values: Values) -> None:
    """Raise the answer to a service account of this project that does not exist."""
    for position, block in enumerate(values.get("service_account") or []):
        email = context.given(values, "service_account", position, "email")
        if email and not account_exists(context, str(email), str(values.get("project") or context.project)):
            raise ApiError(
                404,
                f"The resource 'projects/{values.get('project')}/serviceAccounts/{block.get('email')}' of"
                " type"
                " 'serviceAccount' was not found.",
                "notFound",
            )


def account_exists(context: Context, email: str, project: str) -> bool:
    """Return whether a service account may exist: only one of this very project is known not to."""
    name, _, domain = email.partition("@")
    if domain != f"{project}.iam.gserviceaccount.com" or not name:
        return True
    return (
        context.cloud.get("google_service_account", f"projects/{project}/serviceAccounts/{email}") is not None
    )


def default_account(context: Context, values: Values) -> str:
    """Return the project's default compute service account."""
    project = str(values.get("project") or context.project)
    return f"{context.cloud.project_number(project)}-compute@developer.gserviceaccount.com"


def fingerprint(value: Any) -> str:
    """Return a fingerprint as Compute prints them."""
    digest = hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).digest()
    return base64.b64encode(digest[:8]).decode()
