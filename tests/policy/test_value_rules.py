"""Whom a change lets in, by its values."""

from typing import Any

import pytest

from infraai.exposure import value_rules

SQL = "google_sql_database_instance"
GKE = "google_container_cluster"
ALLOY = "google_alloydb_instance"


def created(kind: str, after: dict[str, Any], unknown: dict[str, Any] | None = None) -> tuple[str, ...]:
    return value_rules(kind, "create", {}, after, unknown or {})


def updated(kind: str, before: dict[str, Any], after: dict[str, Any], **unknown: Any) -> tuple[str, ...]:
    return value_rules(kind, "update", before, after, unknown)


def sql(*ranges: str | None, on: bool | None = True) -> dict[str, Any]:
    networks = [{"value": one, "name": ""} for one in ranges]
    return {"settings": [{"ip_configuration": [{"ipv4_enabled": on, "authorized_networks": networks}]}]}


def test_a_database_that_authorizes_the_internet_is_public() -> None:
    assert created(SQL, sql("0.0.0.0/0")) == ("public_database",)
    assert created(SQL, sql("0.0.0.0/1", "128.0.0.0/1", on=None)) == ("public_database",)
    assert updated(SQL, sql("203.0.113.4/32"), sql("::/0")) == ("public_database",)
    assert created(SQL, sql(None), {"settings": [{"ip_configuration": [{"authorized_networks": True}]}]})
    value = {"settings": [{"ip_configuration": [{"authorized_networks": [{"value": True}]}]}]}
    assert created(SQL, sql(None), value) == ("public_database",)


def test_a_database_that_authorizes_few_is_not_public() -> None:
    assert created(SQL, sql()) == ()
    assert created(SQL, sql("203.0.113.4/32")) == ()
    assert created(SQL, sql("0.0.0.0/0", on=False)) == ()
    assert created(SQL, {"settings": [{}]}, {"settings": [{"ip_configuration": True}]}) == ()
    assert updated(SQL, sql("0.0.0.0/0"), sql("0.0.0.0/0")) == ()
    assert value_rules(SQL, "delete", sql("0.0.0.0/0"), {}, {}) == ()


@pytest.mark.parametrize(
    ("public", "expected"), [(True, ("public_database",)), (None, ("public_database",)), (False, ())]
)
def test_alloydb_is_public_by_its_external_networks(public: bool | None, expected: tuple[str, ...]) -> None:
    config = {"enable_public_ip": public, "authorized_external_networks": [{"cidr_range": "0.0.0.0/0"}]}
    assert created(ALLOY, {"network_config": [config]}) == expected
    assert created(ALLOY, {"network_config": [{**config, "authorized_external_networks": []}]}) == ()


def test_a_control_plane_is_public_by_its_authorized_networks() -> None:
    def cluster(*ranges: str, **more: Any) -> dict[str, Any]:
        blocks = [{"cidr_block": one} for one in ranges]
        return {"master_authorized_networks_config": [{"cidr_blocks": blocks, **more}]}

    assert created(GKE, cluster("0.0.0.0/0")) == ("public_control_plane",)
    assert updated(GKE, cluster("10.0.0.0/8"), cluster("10.0.0.0/8", "0.0.0.0/1")) == (
        "public_control_plane",
    )
    assert created(GKE, cluster("10.0.0.0/8", gcp_public_cidrs_access_enabled=True)) == (
        "public_control_plane",
    )
    assert created(GKE, cluster("10.0.0.0/8")) == ()
    assert created(GKE, {}, {"master_authorized_networks_config": True}) == ()


@pytest.mark.parametrize("action", ["create", "update", "replace", "delete"])
@pytest.mark.parametrize(
    "kind",
    [
        "google_project_iam_member",
        "google_pubsub_topic_iam_policy",
        "google_folder_iam_audit_config",
        "google_project_iam_custom_role",
        "google_storage_bucket_acl",
        "google_storage_default_object_acl",
        "google_storage_object_access_control",
        "google_bigquery_dataset_access",
        "google_cloud_identity_group_membership",
        "google_privileged_access_manager_entitlement",
        "google_org_policy_policy",
        "google_project_organization_policy",
        "google_iam_workload_identity_pool_provider",
        "google_access_context_manager_service_perimeter",
        "google_iap_settings",
    ],
)
def test_a_type_that_gives_permissions_is_iam_whatever_is_done(kind: str, action: str) -> None:
    assert value_rules(kind, action, {}, {"role": "x"}, {}) == ("iam",)


@pytest.mark.parametrize(
    "kind", ["google_service_account_key", "google_storage_hmac_key", "google_apikeys_key"]
)
def test_making_a_credential_is_told(kind: str) -> None:
    assert created(kind, {"name": "x"}) == ("service_account_key",)
    assert value_rules(kind, "delete", {"name": "x"}, {}, {}) == ()


def test_ordinary_resources_meet_no_rule() -> None:
    for kind in (
        "google_compute_network",
        "google_kms_crypto_key",
        "google_service_account",
        "google_dns_policy",
    ):
        assert created(kind, {"name": "x"}) == ()


def test_access_blocks_of_a_dataset_are_iam_when_they_change() -> None:
    kind, access = "google_bigquery_dataset", [{"role": "READER", "special_group": "allAuthenticatedUsers"}]
    assert created(kind, {"dataset_id": "x", "access": access}) == ("iam",)
    assert created(kind, {"dataset_id": "x"}, {"access": True}) == ()
    assert updated(kind, {"access": access}, {"access": access, "description": "new"}) == ()
    assert updated(kind, {"access": []}, {"access": access}) == ("iam",)
    assert updated(kind, {"access": access}, {"access": []}) == ("iam",)
    assert updated(kind, {"access": access}, {}, access=True) == ("iam",)
    assert updated(kind, {"access": access}, {"access": access}, access=[{}]) == ()


def test_keys_in_metadata_are_logins() -> None:
    keys = {"ssh-keys": "eve:ssh-ed25519 AAAA"}
    assert created("google_compute_instance", {"metadata": keys}) == ("iam",)
    assert created("google_compute_instance", {"metadata": {}}, {"metadata": {"ssh-keys": True}}) == ("iam",)
    assert created("google_compute_instance", {}, {"metadata": True}) == ("iam",)
    assert created("google_compute_project_metadata", {"metadata": keys}) == ("iam",)
    assert created("google_compute_project_metadata_item", {"key": "ssh-keys", "value": "x"}) == ("iam",)
    pool = {"node_config": [{"metadata": {"sshKeys": "x"}}]}
    assert created("google_container_node_pool", pool) == ("iam",)


def test_other_metadata_is_no_login() -> None:
    machine = {"metadata": {"startup-script": "echo", "enable-oslogin": "TRUE"}}
    assert created("google_compute_instance", machine) == ()
    assert created("google_compute_instance", machine, {"metadata": {"startup-script": True}}) == ()
    assert created("google_cloud_run_service", {"name": "x"}, {"metadata": True}) == ()
    assert created("google_compute_project_metadata_item", {"key": "colour", "value": "x"}) == ()
    same = {"metadata": {"ssh-keys": "x"}}
    assert updated("google_compute_instance", same, {**same, "labels": {"a": "b"}}) == ()


def test_taking_a_guard_of_logins_away_is_iam() -> None:
    on, off = ({"metadata": {"enable-oslogin": value}} for value in ("TRUE", "FALSE"))
    assert updated("google_compute_instance", on, off) == ("iam",)
    assert updated("google_compute_instance", off, on) == ()
    item = {"key": "enable-oslogin", "value": "TRUE"}
    assert value_rules("google_compute_project_metadata_item", "delete", item, {}, {}) == ("iam",)


def test_a_service_that_anybody_may_call_is_iam() -> None:
    kind = "google_cloud_run_v2_service"
    assert created(kind, {"invoker_iam_disabled": True}) == ("iam",)
    assert created(kind, {}, {"invoker_iam_disabled": True}) == ("iam",)
    assert created(kind, {"invoker_iam_disabled": False}) == ()
    assert updated(kind, {"invoker_iam_disabled": True}, {"invoker_iam_disabled": False}) == ()
    annotated = {"metadata": [{"annotations": {"run.googleapis.com/invoker-iam-disabled": "true"}}]}
    assert created("google_cloud_run_service", annotated) == ("iam",)


def test_database_logins_of_cloud_identities_are_iam() -> None:
    assert created("google_sql_user", {"type": "CLOUD_IAM_USER"}) == ("iam",)
    assert created("google_sql_user", {}, {"type": True}) == ("iam",)
    assert created("google_sql_user", {"type": "BUILT_IN"}) == ()
    assert created("google_sql_user", {"type": None}) == ()
    assert created("google_alloydb_user", {"user_type": "ALLOYDB_IAM_USER"}) == ("iam",)
