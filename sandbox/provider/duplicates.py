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
    """Return whether creating what is already there is no error: grants, enabled services, settings of a project."""
    return formats.id_source == "iam" or bool(_SHARED.fullmatch(resource_type))


def duplicate(resource_type: str, values: Values) -> ApiError:
    """Return the 409 that the type's API answers."""
    identity, name = values.get("id"), values.get("name")
    if resource_type == "google_storage_bucket":
        return ApiError(
            409,
            "Your previous request to create the named bucket succeeded and you already own it.",
            "conflict",
        )
    if resource_type == "google_sql_database_instance":
        return ApiError(409, "The Cloud SQL instance already exists.", "instanceAlreadyExists")
    if resource_type == "google_bigquery_dataset":
        return ApiError(
            409, f"Already Exists: Dataset {values.get('project')}:{values.get('dataset_id')}", "duplicate"
        )
    if resource_type.startswith("google_compute_"):
        return ApiError(409, f"The resource '{identity}' already exists", "alreadyExists")
    if resource_type == "google_pubsub_topic":
        return ApiError(409, f"Resource already exists in the project (resource={name}).", "alreadyExists")
    if resource_type == "google_service_account":
        return ApiError(
            409,
            f"Service account {values.get('account_id')} already exists within project projects/{values.get('project')}.",
            "alreadyExists",
        )
    return ApiError(409, f"Resource '{identity}' already exists", "alreadyExists")
