"""Every type of the provider is decided: permissions or not, data or not."""

from fnmatch import filter as filter_names
from pathlib import Path

import pytest

from infraai.exposure import is_stateful, kinds
from infraai.exposure.kinds import LOOKS_LIKE_ACCESS, decided, permission
from sandbox.schema.archive import shipped

STATEFUL = [
    "google_container_cluster",
    "google_kms_crypto_key",
    "google_kms_key_ring",
    "google_secret_manager_secret",
    "google_secret_manager_secret_version",
    "google_storage_bucket",
    "google_storage_bucket_object",
    "google_sql_database_instance",
    "google_sql_database",
    "google_spanner_instance",
    "google_compute_disk",
    "google_compute_region_disk",
    "google_compute_snapshot",
    "google_compute_image",
    "google_compute_machine_image",
    "google_filestore_instance",
    "google_bigquery_dataset",
    "google_bigquery_table",
    "google_logging_project_bucket_config",
    "google_memorystore_instance",
    "google_redis_instance",
    "google_redis_cluster",
    "google_memcache_instance",
    "google_project",
    "google_folder",
    "google_netapp_volume",
    "google_lustre_instance",
    "google_healthcare_fhir_store",
    "google_dataproc_cluster",
    "google_composer_environment",
    "google_workbench_instance",
    "google_vertex_ai_dataset",
    "google_backup_dr_backup_vault",
    "google_managed_kafka_cluster",
    "google_managed_kafka_topic",
    "google_oracle_database_autonomous_database",
    "google_privateca_certificate_authority",
    "google_dns_managed_zone",
    "google_pubsub_subscription",
    "google_artifact_registry_repository",
    "google_firestore_database",
    "google_alloydb_cluster",
    "google_bigtable_table",
    "google_something_new",
    "other_thing",
]
STATELESS = [
    "google_compute_network",
    "google_compute_subnetwork",
    "google_compute_firewall",
    "google_compute_global_address",
    "google_compute_forwarding_rule",
    "google_compute_global_forwarding_rule",
    "google_compute_health_check",
    "google_compute_backend_service",
    "google_compute_url_map",
    "google_compute_target_https_proxy",
    "google_compute_managed_ssl_certificate",
    "google_compute_instance",
    "google_compute_instance_template",
    "google_compute_region_instance_group_manager",
    "google_compute_router_nat",
    "google_compute_autoscaler",
    "google_container_node_pool",
    "google_cloud_run_v2_service",
    "google_cloudfunctions2_function",
    "google_dns_record_set",
    "google_project_service",
    "google_service_account",
    "google_project_iam_member",
    "google_storage_bucket_iam_binding",
    "google_monitoring_alert_policy",
    "google_monitoring_dashboard",
    "google_cloud_scheduler_job",
    "google_pubsub_topic",
    "google_sql_user",
    "google_vpc_access_connector",
    "google_service_networking_connection",
    "random_id",
    "time_sleep",
]


@pytest.mark.parametrize("beta", [False, True])
def test_every_type_whose_name_looks_like_access_is_decided(beta: bool) -> None:
    undecided = [
        one
        for one in shipped(beta=beta).resource_types()
        if LOOKS_LIKE_ACCESS.search(one) and decided(one) is None
    ]
    assert undecided == []


def test_every_type_that_sets_permissions_of_another_is_iam() -> None:
    ends = ("_iam_member", "_iam_binding", "_iam_policy", "_iam_audit_config", "_iam_custom_role")
    types = [one for one in shipped(beta=True).resource_types() if one.endswith(ends)]
    assert len(types) > 400
    assert {permission(one) for one in types} == {"iam"}


def test_no_decision_is_about_types_that_do_not_exist() -> None:
    types = shipped(beta=True).resource_types()
    data = Path(kinds.__file__).parent.parent / "data"
    for name in ("permission_types.tsv", "stateless_types.tsv"):
        patterns = [line.split("\t")[0] for line in (data / name).read_text().splitlines()[1:]]
        of_google = [one for one in patterns if one.startswith(("google", "*"))]
        assert [one for one in of_google if not filter_names(types, one)] == []
        assert len(set(patterns)) == len(patterns)


def test_a_new_type_that_looks_like_access_is_asked_about() -> None:
    assert permission("google_new_service_access_grant") == "iam"
    assert permission("google_new_service_widget") == "no"
    assert permission("google_oracle_database_db_system") == "no"


@pytest.mark.parametrize("kind", STATEFUL)
def test_what_holds_data_is_stateful_and_so_is_the_unknown(kind: str) -> None:
    assert is_stateful(kind)


@pytest.mark.parametrize("kind", STATELESS)
def test_what_an_apply_makes_again_is_stateless(kind: str) -> None:
    assert not is_stateful(kind)


def test_a_machine_holds_data_by_its_disks() -> None:
    def boot(size: int, *, auto_delete: bool = True) -> dict[str, object]:
        return {"boot_disk": [{"auto_delete": auto_delete, "initialize_params": [{"size": size}]}]}

    kind = "google_compute_instance"
    assert not is_stateful(kind, boot(20))
    assert is_stateful(kind, boot(100))
    assert not is_stateful(kind, boot(500, auto_delete=False))
    assert is_stateful(kind, {**boot(20), "attached_disk": [{"source": "data"}]})
    assert is_stateful(kind, {**boot(20), "scratch_disk": [{"interface": "NVME"}]})
    assert not is_stateful(kind, {**boot(20), "attached_disk": [], "scratch_disk": None})


def test_a_topic_holds_data_where_it_keeps_messages() -> None:
    assert is_stateful("google_pubsub_topic", {"message_retention_duration": "86400s"})
    assert not is_stateful("google_pubsub_topic", {"message_retention_duration": ""})
