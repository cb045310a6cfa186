"""What may exist once only, and what Google says to a second one."""

import re

from sandbox.provider.codec import Values
from sandbox.schema.archive import IdFormat
from sandbox.services.service import ApiError

_SHARED = re.compile(
    r"google_(project_service|project_service_identity|compute_project_metadata(_item)?|\w+_default_acl|\w+_acl"
    r"|compute_project_default_network_tier|project_iam_audit_config|service_networking_connection|container_registry"
    r"|\w+_iam_audit_config|storage_bucket_object|\w*settings|\w*_config|firebase_project|app_engine_application"
    r"|compute_shared_vpc_\w+|project_organization_policy|\w*org_policy\w*|\w*_attachment|tags_\w*binding"
    r"|compute_network_peering_routes_config|compute_router_interface|compute_router_peer|logging_project_bucket_config)"
)


def shared(resource_type: str, formats: IdFormat) -> bool:
    """Return whether to create what is there is no error: grants, enabled services, a project's settings."""
    return "_iam_" in resource_type or formats.id_source == "iam" or bool(_SHARED.fullmatch(resource_type))


_WORDS: dict[str, tuple[str, str]] = {
    "google_storage_bucket": (
        "Your previous request to create the named bucket succeeded and you already own it.",
        "conflict",
    ),
    "google_sql_database_instance": ("The Cloud SQL instance already exists.", "instanceAlreadyExists"),
    "google_bigquery_dataset": ("Already Exists: Dataset {project}:{dataset_id}", "duplicate"),
    "google_pubsub_topic": ("Resource already exists in the project (resource={name}).", "alreadyExists"),
    "google_service_account": (
        "Service account {account_id} already exists within project projects/{project}.",
        "alreadyExists",
    ),
}
_COMPUTE = ("The resource '{id}' already exists", "alreadyExists")
_OTHERS = ("Resource '{id}' already exists", "alreadyExists")


def duplicate(resource_type: str, values: Values) -> ApiError:
    """Return the 409 that the type's API answers."""
    usual = _COMPUTE if resource_type.startswith("google_compute_") else _OTHERS
    words, reason = _WORDS.get(resource_type, usual)
    return ApiError(409, words.format_map({key: str(value) for key, value in values.items()}), reason)
