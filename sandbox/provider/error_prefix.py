"""How the google provider introduces an error of Google's."""

import re

from sandbox.provider.codec import Fault, Values

_OWN: dict[tuple[str, str], str] = {
    ("google_compute_instance", "create"): "Error creating instance",
    ("google_compute_instance", "delete"): "Error deleting instance",
    ("google_sql_database_instance", "create"): "Error, failed to create instance {name}",
    ("google_sql_database_instance", "update"): "Error, failed to update instance settings for {name}",
    ("google_sql_database_instance", "delete"): "Error, failed to delete instance {name}",
    ("google_sql_user", "create"): "Error, failed to insert user {name} into instance {instance}",
    ("google_service_account", "create"): "Error creating service account",
    ("google_container_cluster", "create"): "",
    ("google_container_node_pool", "create"): "error creating NodePool",
    ("google_bigquery_dataset", "create"): "Error creating Dataset",
    ("google_storage_bucket", "create"): "",
    ("google_storage_bucket", "delete"): "",
}
_PRODUCTS = re.compile(
    r"google_(access_context_manager|artifact_registry|big_?query|binary_authorization|certificate_manager|cloud_run_v2"
    r"|cloud_run|cloud_scheduler|cloud_tasks|cloudfunctions2|cloudfunctions|cloudbuild|compute_region|compute_global"
    r"|compute|container|data_catalog|dataplex|dataproc|dns|eventarc|filestore|firestore|gke_hub|iam|kms|logging"
    r"|monitoring|network_connectivity|network_security|network_services|privateca|pubsub|redis|secret_manager|spanner"
    r"|sql|storage|tags|vertex_ai|vpc_access|[a-z0-9]+)_(.+)"
)
_VERBS = {"create": "creating", "update": "updating", "delete": "deleting"}


def failed(resource_type: str, verb: str, values: Values, text: str) -> Fault:
    """Return the diagnostic for a create, update or delete that failed with `text`."""
    prefix = _OWN.get((resource_type, verb))
    if prefix is None:
        prefix = f"Error {_VERBS[verb]} {_kind(resource_type)}"
    prefix = prefix.format(name=values.get("name"), instance=values.get("instance"))
    return Fault(f"{prefix}: {text}" if prefix else text)


def _kind(resource_type: str) -> str:
    found = _PRODUCTS.fullmatch(resource_type)
    return "".join(word.capitalize() for word in (found[2] if found else resource_type).split("_"))
