"""What the provider refuses to delete, in its own words."""

from sandbox.provider.codec import Fault, Values

_TERRAFORM = "without setting deletion_protection=false and running `terraform apply`"
_PROTECTED: dict[str, str] = {
    "google_compute_instance": "Cannot delete instance {name}: instance Deletion Protection is enabled."
    ' Set deletion_protection to false for this resource and run "terraform apply" before attempting to'
    " delete it.",
    "google_container_cluster": "Cannot destroy cluster because deletion_protection is set to true. Set it to"
    " false to proceed with cluster deletion.",
    "google_sql_database_instance": "Error, failed to delete instance because deletion_protection is set to"
    " true. Set it to false to proceed with instance deletion",
    "google_bigquery_table": f"cannot destroy table {{id}} {_TERRAFORM}",
    "google_cloud_run_v2_service": f"cannot destroy service {_TERRAFORM}",
    "google_cloud_run_v2_job": f"cannot destroy job {_TERRAFORM}",
    "google_cloud_run_v2_worker_pool": f"cannot destroy workerpool {_TERRAFORM}",
    "google_bigtable_instance": f"cannot destroy instance {_TERRAFORM}",
    "google_folder": f"cannot destroy Folder {_TERRAFORM}",
    "google_privateca_certificate_authority": f"cannot destroy CertificateAuthority {_TERRAFORM}",
    "google_alloydb_cluster": f"cannot destroy cluster {_TERRAFORM}",
}

_SPELT = {
    "ai": "AI",
    "bigquery": "BigQuery",
    "dns": "DNS",
    "gke": "GKE",
    "iam": "IAM",
    "kms": "KMS",
    "sql": "SQL",
    "tpu": "TPU",
    "vpc": "VPC",
}


def protection(resource_type: str, values: Values) -> Fault | None:
    """Return why a resource must not be deleted, or None where it may."""
    if values.get("deletion_policy") == "PREVENT":
        if resource_type == "google_project":
            return Fault("Cannot destroy project as deletion_policy is set to PREVENT.")
        return Fault(
            f'cannot destroy {_class_of(resource_type)} without setting deletion_policy="DELETE" and running'
            " `terraform apply`"
        )
    if values.get("deletion_protection") is not True:
        return None
    text = (
        _PROTECTED.get(resource_type)
        or f'cannot destroy {resource_type} resource with id : "{{id}}" {_TERRAFORM}'
    )
    return Fault(text.format(id=values.get("id"), name=values.get("name")))


def _class_of(resource_type: str) -> str:
    """Return a type as the provider's own code names it: google_dns_managed_zone is DNSManagedZone."""
    words = resource_type.removeprefix("google_").split("_")
    return "".join(_SPELT.get(word, word.capitalize()) for word in words)
