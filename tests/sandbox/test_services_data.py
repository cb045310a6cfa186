"""Databases, buckets, tables, topics, keys and secrets in the simulated cloud."""

from typing import Any

import pytest

from sandbox.services import ApiError, service_of
from tests.sandbox.console import Console

POSTGRES = {"database_version": "POSTGRES_15", "region": "us-central1"}
MYSQL = {"database_version": "MYSQL_8_0", "region": "us-central1"}
LEARN = "Learn more at https://cloud.google.com/sql/docs/postgres/create-instance#machine-types., invalid"


def settings(tier: str = "db-custom-2-7680", **more: Any) -> list[dict[str, Any]]:
    return [{"tier": tier, **more}]


def test_a_database_instance_gets_what_others_read_from_it(console: Console) -> None:
    made = console.create("sql_database_instance", name="db", **POSTGRES, settings=settings())
    assert made["connection_name"] == "acme:us-central1:db"
    assert made["ip_address"][0]["ip_address"] == made["public_ip_address"] == made["first_ip_address"]
    assert "BEGIN CERTIFICATE" in made["server_ca_cert"][0]["cert"]
    assert made["service_account_email_address"].endswith("@gcp-sa-cloud-sql.iam.gserviceaccount.com")
    assert made["settings"][0]["edition"] == "ENTERPRISE"
    console.create("sql_database", name="app", instance="db")
    user = console.create("sql_user", name="u", instance="db")
    assert user["id"] == "u//db"
    console.delete("sql_database_instance", made)
    assert console.cloud.status() == {}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {**POSTGRES, "database_version": "POSTGRES_99"},
            (
                "Invalid value at 'body.database_version'"
                ' (type.googleapis.com/google.cloud.sql.v1beta4.SqlDatabaseVersion), "POSTGRES_99", badRequest'
            ),
        ),
        (
            {**POSTGRES, "settings": settings("db-n1-standard-1")},
            (
                "googleapi: Error 400: Invalid request: Only custom or shared-core instance Billing Tier type allowed for"
                f" PostgreSQL database. {LEARN}"
            ),
        ),
        (
            {**POSTGRES, "database_version": "POSTGRES_16", "settings": settings("db-f1-micro")},
            (
                "Invalid Tier (db-f1-micro) for (ENTERPRISE_PLUS) Edition. Use a predefined Tier like db-perf-optimized-N-*"
                f" instead. {LEARN}"
            ),
        ),
        (
            {**MYSQL, "settings": settings("db-huge")},
            "Invalid request: Invalid Tier (db-huge) for (ENTERPRISE) Edition.",
        ),
        ({**POSTGRES, "settings": settings("db-custom-3-7680")}, "Invalid Tier (db-custom-3-7680)"),
        (
            {**MYSQL, "settings": settings("db-f1-micro", availability_type="REGIONAL")},
            "Automated backups and binary logging must be enabled for a regional (high-availability) instance.",
        ),
        (
            {**POSTGRES, "settings": settings(ip_configuration=[{"private_network": "default"}])},
            "Error, failed to create instance because the network doesn't have at least 1 private services connection.",
        ),
        (
            {**POSTGRES, "settings": settings(ip_configuration=[{"ipv4_enabled": False}])},
            "At least one of Public IP, Private IP or PSC connectivity must be enabled., invalid",
        ),
        (
            {**MYSQL, "master_instance_name": "gone"},
            "The Cloud SQL instance does not exist., instanceDoesNotExist",
        ),
    ],
)
def test_a_database_instance_that_cannot_be_is_refused(
    console: Console, values: dict[str, Any], words: str
) -> None:
    assert words in console.refusal(
        "sql_database_instance", **{"name": "db", "settings": settings(), **values}
    )


def test_the_edition_decides_which_tiers_there_are(console: Console) -> None:
    new = {**POSTGRES, "database_version": "POSTGRES_16"}
    console.create(
        "sql_database_instance", name="a", **new, settings=settings("db-f1-micro", edition="ENTERPRISE")
    )
    console.create("sql_database_instance", name="b", **new, settings=settings("db-perf-optimized-N-2"))
    console.create("sql_database_instance", name="c", **MYSQL, settings=settings("db-n1-standard-1"))


def test_point_in_time_recovery_is_not_for_mysql(console: Console) -> None:
    backup = [{"point_in_time_recovery_enabled": True}]
    config = {**MYSQL, "settings": settings(backup_configuration=backup)}
    context = console.context("google_sql_database_instance")
    with pytest.raises(ApiError, match=r"only available for the following \[POSTGRES SQLSERVER\]"):
        service_of("google_sql_database_instance").customise(context, None, {}, config)


def test_a_private_database_lives_in_the_range_set_aside_for_it(console: Console) -> None:
    network = console.network()
    address = console.create(
        "compute_global_address",
        name="psa",
        address_type="INTERNAL",
        purpose="VPC_PEERING",
        prefix_length=16,
        network=network["id"],
    )
    values = {"network": network["id"], "service": "servicenetworking.googleapis.com"}
    assert "Cannot find the allocated ranges [other]" in console.refusal(
        "service_networking_connection", **values, reserved_peering_ranges=["other"]
    )
    connection = console.create("service_networking_connection", **values, reserved_peering_ranges=["psa"])
    inside = [{"private_network": network["id"], "ipv4_enabled": False}]
    made = console.create(
        "sql_database_instance", name="db", **POSTGRES, settings=settings(ip_configuration=inside)
    )
    assert made["private_ip_address"].rsplit(".", 2)[0] == address["address"].rsplit(".", 2)[0]
    assert "Producer services (e.g. CloudSQL, Cloud Memstore, etc.) are still using this connection." in (
        console.refused_delete("service_networking_connection", connection)
    )
    console.delete("sql_database_instance", made)
    console.delete("service_networking_connection", connection)


def test_what_belongs_to_a_missing_database_instance_is_refused(console: Console) -> None:
    for kind in ("sql_database", "sql_user"):
        assert console.refusal(kind, name="x", instance="gone") == (
            "googleapi: Error 404: The Cloud SQL instance does not exist., instanceDoesNotExist"
        )


@pytest.mark.parametrize(
    "name", ["Upper", "ab", "-lead", "has space", "a" * 64, "goog-data", "my-google-data", "1.2.3.4"]
)
def test_a_bucket_name_follows_the_rules(console: Console, name: str) -> None:
    words = console.refusal("storage_bucket", name=name, location="US")
    assert words == f"googleapi: Error 400: Invalid bucket name: '{name}', invalid"


def test_a_bucket_that_is_not_empty_is_not_deleted(console: Console) -> None:
    bucket = console.create("storage_bucket", name="acme-data", location="europe-west1")
    assert (bucket["url"], bucket["self_link"]) == (
        "gs://acme-data",
        "https://www.googleapis.com/storage/v1/b/acme-data",
    )
    made = console.create("storage_bucket_object", name="a.txt", bucket="acme-data", content="hello")
    assert (made["md5hash"], made["crc32c"]) == ("XUFAKrxLKna5cZ2REBfFkg==", "mnG7TA==")
    assert console.refused_delete("storage_bucket", bucket) == (
        "Error trying to delete bucket acme-data containing objects without `force_destroy` set to true"
    )
    console.delete("storage_bucket", {**bucket, "force_destroy": True})
    assert console.cloud.status() == {}
    assert "The specified bucket does not exist., notFound" in console.refusal(
        "storage_bucket_object", name="a", bucket="acme-data", content="x"
    )
    assert "The specified location constraint is not valid., invalid" in console.refusal(
        "storage_bucket", name="acme-more", location="MARS"
    )


def test_a_subscription_needs_its_topic(console: Console) -> None:
    assert console.refusal("pubsub_subscription", name="orders-sub", topic="orders") == (
        "googleapi: Error 404: Resource not found (resource=orders)., notFound"
    )
    topic = console.create("pubsub_topic", name="orders")
    console.create("pubsub_subscription", name="orders-sub", topic=topic["id"])
    console.create("pubsub_subscription", name="theirs", topic="projects/other/topics/t")
    assert "Invalid resource name given (name=projects/acme/topics/1)." in console.refusal(
        "pubsub_topic", name="1"
    )


def test_a_dataset_with_tables_is_not_deleted(console: Console) -> None:
    dataset = console.create("bigquery_dataset", dataset_id="sales", location="EU")
    table = console.create(
        "bigquery_table", dataset_id="sales", table_id="t", schema='[{"name":"a","type":"STRING"}]'
    )
    assert (table["type"], table["location"]) == ("TABLE", "EU")
    assert console.refused_delete("bigquery_dataset", dataset) == (
        "googleapi: Error 400: Dataset acme:sales is still in use, resourceInUse"
    )
    console.delete("bigquery_dataset", {**dataset, "delete_contents_on_destroy": True})
    assert console.refusal("bigquery_table", dataset_id="sales", table_id="t") == (
        "googleapi: Error 404: Not found: Dataset acme:sales, notFound"
    )
    assert 'Invalid dataset ID "my-data"' in console.refusal("bigquery_dataset", dataset_id="my-data")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("[", "Invalid JSON payload received."),
        ('[{"name":"a","type":"TEXT"}]', "Invalid value for type: TEXT is not a valid value, invalid"),
        ('[{"name":"a","type":"DATE"},{"name":"A","type":"DATE"}]', "Duplicate field name: A."),
    ],
)
def test_a_table_schema_is_checked(console: Console, schema: str, words: str) -> None:
    console.create("bigquery_dataset", dataset_id="sales")
    assert words in console.refusal("bigquery_table", dataset_id="sales", table_id="t", schema=schema)


def test_a_key_ring_is_never_gone(console: Console) -> None:
    ring = console.create("kms_key_ring", name="ring", location="global")
    key = console.create("kms_crypto_key", name="key", key_ring=ring["id"])
    assert key["primary"] == [{"name": f"{key['id']}/cryptoKeyVersions/1", "state": "ENABLED"}]
    console.delete("kms_crypto_key", key)
    console.delete("kms_key_ring", ring)
    assert console.refusal("kms_key_ring", name="ring", location="global") == (
        "googleapi: Error 409: KeyRing projects/acme/locations/global/keyRings/ring already exists., alreadyExists"
    )
    missing = "projects/acme/locations/global/keyRings/none"
    assert f"KeyRing {missing} not found., notFound" in console.refusal(
        "kms_crypto_key", name="k", key_ring=missing
    )


def test_secret_versions_are_counted(console: Console) -> None:
    secret = console.create("secret_manager_secret", secret_id="pw", replication=[{"auto": [{}]}])
    names = [
        console.create("secret_manager_secret_version", secret=secret["id"], secret_data="x")["name"]
        for _ in range(2)
    ]
    assert names == [f"{secret['id']}/versions/1", f"{secret['id']}/versions/2"]
    assert "Secret [projects/acme/secrets/gone] not found., notFound" in console.refusal(
        "secret_manager_secret_version", secret="projects/acme/secrets/gone", secret_data="x"
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"memory_size_gb": 500}, "memory_size_gb must be between 1 and 300"),
        ({"redis_version": "REDIS_99"}, "Invalid redis_version 'REDIS_99'."),
        ({"location_id": "europe-west1-b"}, "is not in region 'us-central1'"),
        ({"connect_mode": "PRIVATE_SERVICE_ACCESS"}, "Google private service access is not enabled."),
        ({"authorized_network": "gone"}, "does not exist or cannot be used"),
    ],
)
def test_a_cache_that_cannot_be_is_refused(console: Console, values: dict[str, Any], words: str) -> None:
    assert words in console.refusal("redis_instance", **{"name": "cache", "memory_size_gb": 1, **values})


def test_a_cache_gets_a_host_and_a_port(console: Console) -> None:
    made = console.create(
        "redis_instance", name="cache", memory_size_gb=5, tier="STANDARD_HA", auth_enabled=True
    )
    assert made["host"].startswith("10.")
    assert made["port"] == 6379
    assert made["auth_string"]


def test_a_repository_has_a_format_google_keeps(console: Console) -> None:
    made = console.create(
        "artifact_registry_repository", repository_id="apps", location="us", format="DOCKER"
    )
    assert made["registry_uri"] == "us-docker.pkg.dev/acme/apps"
    assert 'invalid value "ZIP" for field "repository.format"' in console.refusal(
        "artifact_registry_repository", repository_id="zips", location="us", format="ZIP"
    )


def test_a_spanner_database_needs_its_instance(console: Console) -> None:
    assert "Instance not found: projects/acme/instances/gone" in console.refusal(
        "spanner_database", name="db", instance="gone"
    )
    made = console.create("spanner_instance", name="main", config="regional-us-central1", num_nodes=2)
    assert made["processing_units"] == 2000
    console.create("spanner_database", name="db", instance="main")
    assert "Instance config not found" in console.refusal(
        "spanner_instance", name="x", config="regional-mars1"
    )


def test_a_filestore_has_its_tiers_least_size(console: Console) -> None:
    values = {
        "name": "fs",
        "tier": "BASIC_HDD",
        "location": "us-central1-a",
        "networks": [{"network": "default"}],
    }
    assert "must be at least 1024 for tier BASIC_HDD" in console.refusal(
        "filestore_instance", **values, file_shares=[{"name": "a", "capacity_gb": 100}]
    )
    made = console.create("filestore_instance", **values, file_shares=[{"name": "a", "capacity_gb": 1024}])
    assert made["networks"][0]["ip_addresses"][0].startswith("10.")
