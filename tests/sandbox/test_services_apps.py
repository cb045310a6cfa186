"""Access, applications, monitoring and names in the simulated cloud."""

import base64
import json
from typing import Any

import pytest

from sandbox.schema.archive import shipped
from sandbox.services import service_of
from sandbox.services.product import Product
from sandbox.services.registry import written_types
from tests.sandbox.configurations import minimal
from tests.sandbox.console import Console, names_in, names_of

CPU = "compute.googleapis.com/instance/cpu/utilization"
LATENCY = "run.googleapis.com/request_latencies"


def test_at_least_sixty_types_are_written_by_hand() -> None:
    assert len(written_types()) >= 60
    assert type(service_of("google_pubsub_topic_iam_member")).__name__ == "Grant"
    assert type(service_of("google_something_new")).__name__ == "Service"


@pytest.mark.parametrize("kind", written_types())
def test_no_service_sets_what_its_schema_lacks(console: Console, kind: str) -> None:
    schema, service = shipped().resource(kind), service_of(kind)
    if schema is None or not isinstance(service, Product):
        pytest.skip("not in this provider's schema")
    attributes = schema.block.attributes
    values = minimal(schema.block, shipped().facts(kind))
    own = {
        "project": "acme",
        "region": "us-central1",
        "location": "us-central1",
        "zone": "us-central1-a",
        "name": "x",
    }
    values |= {name: value for name, value in own.items() if name in attributes}
    values |= {name: "e2-medium" for name in ("machine_type",) if name in attributes}
    values["id"] = f"projects/acme/x/{kind}"
    if kind == "google_sql_database":
        console.create("sql_database_instance", name=values["instance"], database_version="MYSQL_8_0")
    before = names_in(values)
    service.settle(console.context(kind), values)
    assert not names_in(values) - before - names_of(schema.block)


@pytest.mark.parametrize("account", ["short", "x" * 31, "1number", "Upper-case"])
def test_a_service_account_id_has_six_to_thirty_characters(console: Console, account: str) -> None:
    assert f'The account ID "{account}" does not match' in console.refusal(
        "service_account", account_id=account
    )


def test_a_service_account_and_its_key(console: Console) -> None:
    made = console.create("service_account", account_id="app-runner")
    assert made["email"] == "app-runner@acme.iam.gserviceaccount.com"
    assert made["id"] == made["name"] == f"projects/acme/serviceAccounts/{made['email']}"
    key = console.create("service_account_key", service_account_id=made["name"])
    text = json.loads(base64.b64decode(key["private_key"]))
    assert (text["client_email"], text["type"]) == (made["email"], "service_account")
    ghost = "projects/acme/serviceAccounts/ghost@acme.iam.gserviceaccount.com"
    assert f"Service account {ghost} does not exist., notFound" in console.refusal(
        "service_account_key", service_account_id=ghost
    )


@pytest.mark.parametrize(
    ("role", "member", "words"),
    [
        (
            "roles/storage.reader",
            "allUsers",
            "Role roles/storage.reader is not supported for this resource., badRequest",
        ),
        ("storage.admin", "allUsers", 'The role name must be in the form "roles/{role}"'),
        (
            "projects/acme/roles/none",
            "allUsers",
            "Role (projects/acme/roles/none) does not exist in the resource's",
        ),
        ("roles/viewer", "person:a@b.co", "The member person:a@b.co is of an unknown type."),
        ("roles/viewer", "user:nobody", "Invalid user (nobody)., badRequest"),
        (
            "roles/viewer",
            "serviceAccount:app-runer@acme.iam.gserviceaccount.com",
            "Service account app-runer@acme.iam.gserviceaccount.com does not exist., badRequest",
        ),
    ],
)
def test_a_grant_that_cannot_be_is_refused(console: Console, role: str, member: str, words: str) -> None:
    console.create("service_account", account_id="app-runner")
    said = console.refusal("project_iam_member", role=role, member=member)
    assert said.startswith(
        'Error applying IAM policy for project "acme": Error setting IAM policy for project "acme": '
    )
    assert words in said


@pytest.mark.parametrize(
    "member",
    [
        "user:a@b.co",
        "serviceAccount:x@other.iam.gserviceaccount.com",
        "serviceAccount:made-by-hand@acme.iam.gserviceaccount.com",
        "serviceAccount:acme.svc.id.goog[ns/ksa]",
        "group:g@b.co",
        "domain:b.co",
        "allAuthenticatedUsers",
        "projectEditor:acme",
        "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/*",
    ],
)
def test_every_kind_of_member_may_be_granted_a_role(console: Console, member: str) -> None:
    console.create("storage_bucket", name="acme-data", location="US")
    console.create(
        "storage_bucket_iam_member", bucket="acme-data", role="roles/storage.objectViewer", member=member
    )


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("storage_bucket", {"bucket": "none"}, "The specified bucket does not exist., notFound"),
        ("pubsub_topic", {"topic": "none"}, "Resource not found (resource=none)., notFound"),
        ("secret_manager_secret", {"secret_id": "none"}, "Resource not found (resource=none)."),
        (
            "cloud_run_service",
            {"service": "none", "location": "us-central1"},
            "'none' of kind 'SERVICE' in region",
        ),
        (
            "service_account",
            {"service_account_id": "projects/acme/serviceAccounts/none@acme.iam.gserviceaccount.com"},
            "none@acme.iam.gserviceaccount.com does not exist., notFound",
        ),
    ],
)
def test_a_role_is_given_on_what_is_there(
    console: Console, kind: str, values: dict[str, Any], words: str
) -> None:
    said = console.refusal(f"{kind}_iam_member", **values, role="roles/viewer", member="allUsers")
    assert words in said


def test_members_are_checked_by_the_provider_too() -> None:
    faults = service_of("google_project_iam_binding").validate(
        {"members": ["user:a@b.co", "nobody", "deleted:user:x"]}
    )
    assert [fault[0].partition(" (")[0] for fault in faults] == ["invalid value for members"] * 2
    assert "IAM members must have one of the values outlined here" in faults[0][0]


def run_service(**container: Any) -> dict[str, Any]:
    return {
        "name": "web",
        "location": "us-central1",
        "template": [{"containers": [{"image": "us-docker.pkg.dev/cloudrun/container/hello", **container}]}],
    }


def test_a_run_service_gets_an_address(console: Console) -> None:
    made = console.create("cloud_run_v2_service", **run_service())
    assert made["uri"].startswith("https://web-")
    assert made["uri"].endswith("-uc.a.run.app")
    assert made["uri"] in made["urls"]
    assert "/revisions/web-00001-" in made["latest_ready_revision"]
    spec = {"containers": [{"image": "gcr.io/cloudrun/hello"}]}
    old = console.create(
        "cloud_run_service", name="old", location="europe-west1", template=[{"spec": [spec]}]
    )
    assert old["status"][0]["url"].endswith("-ew.a.run.app")


@pytest.mark.parametrize(
    ("container", "words"),
    [
        (
            {"image": "ghcr.io/a/b:1"},
            "but obtained ghcr.io/a/b:1. To deploy container images from other public",
        ),
        ({"image": "us-docker.pkg.dev/acme/none/app"}, "Image 'us-docker.pkg.dev/acme/none/app' not found."),
        ({"ports": [{"container_port": 70000}]}, "Port must be between 1 and 65535 inclusive."),
        ({"env": [{"name": "PORT", "value": "1"}]}, "The following reserved env names were provided: PORT."),
        ({"resources": [{"limits": {"cpu": "3"}}]}, "Invalid value specified for cpu."),
        (
            {"resources": [{"limits": {"cpu": "1", "memory": "8Gi"}}]},
            "For 8Gi memory, CPU must be 2 or greater.",
        ),
        ({"volume_mounts": [{"name": "v", "mount_path": "/v"}]}, "No volume with name v found."),
    ],
)
def test_a_run_service_that_cannot_run_is_refused(
    console: Console, container: dict[str, Any], words: str
) -> None:
    assert words in console.refusal("cloud_run_v2_service", **run_service(**container))


def test_a_run_service_refers_to_what_is_there(console: Console) -> None:
    values = run_service()
    values["template"][0]["service_account"] = "ghost@acme.iam.gserviceaccount.com"
    assert "Permission 'iam.serviceaccounts.actAs' denied on service account ghost@acme" in console.refusal(
        "cloud_run_v2_service", **values
    )
    values = run_service()
    values["template"][0]["vpc_access"] = [{"connector": "gone"}]
    assert (
        "VPC connector projects/acme/locations/us-central1/connectors/gone does not exist"
        in console.refusal("cloud_run_v2_service", **values)
    )


def test_a_function_needs_source_and_trigger(console: Console) -> None:
    values = {"name": "f", "runtime": "python312", "trigger_http": True, "source_archive_object": "s.zip"}
    assert "Failed to retrieve function source code" in console.refusal(
        "cloudfunctions_function", **values, source_archive_bucket="acme-src"
    )
    console.create("storage_bucket", name="acme-src", location="US")
    console.create("storage_bucket_object", name="s.zip", bucket="acme-src", content="x")
    made = console.create("cloudfunctions_function", **values, source_archive_bucket="acme-src")
    assert made["https_trigger_url"] == "https://us-central1-acme.cloudfunctions.net/f"
    faults = service_of("google_cloudfunctions_function").validate(
        {"trigger_http": None, "event_trigger": []}
    )
    assert faults[0][0].startswith("One of `event_trigger` or `trigger_http` is required")


def test_a_cluster_gets_an_endpoint_and_its_pool_needs_it(console: Console) -> None:
    assert "Not found: projects/acme/locations/us-central1/clusters/gke., notFound" in console.refusal(
        "container_node_pool", name="np", cluster="gke", location="us-central1"
    )
    made = console.create("container_cluster", name="gke", location="us-central1", initial_node_count=1)
    assert made["endpoint"]
    assert b"BEGIN CERTIFICATE" in base64.b64decode(made["master_auth"][0]["cluster_ca_certificate"])
    pool = console.create(
        "container_node_pool", name="np", cluster="gke", location="us-central1", node_count=2
    )
    assert len(pool["instance_group_urls"]) == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"initial_node_count": None}, "Cluster.initial_node_count must be greater than zero., badRequest"),
        ({"location": "mars1"}, 'Location "mars1" does not exist., badRequest'),
        ({"network": "gone"}, 'Project "acme" has no network named "gone"., badRequest'),
        ({"min_master_version": "2.0"}, 'Master version "2.0" is unsupported., badRequest'),
        (
            {"node_config": [{"machine_type": "e2-huge"}]},
            "Machine type with name 'e2-huge' does not exist in zone",
        ),
        (
            {"subnetwork": "default", "ip_allocation_policy": [{"cluster_secondary_range_name": "pods"}]},
            'Secondary range "pods" does not exist in subnetwork "default"., badRequest',
        ),
    ],
)
def test_a_cluster_that_cannot_be_is_refused(console: Console, values: dict[str, Any], words: str) -> None:
    asked = {"name": "gke", "location": "us-central1", "initial_node_count": 1, **values}
    assert words in console.refusal("container_cluster", **asked)


def policy(metric: str, resource: str = "gce_instance", **more: Any) -> dict[str, Any]:
    text = f'metric.type="{metric}"' + (f' AND resource.type="{resource}"' if resource else "")
    aggregation = {"alignment_period": "60s", "per_series_aligner": more.pop("aligner", "ALIGN_MEAN"), **more}
    threshold = {
        "filter": text,
        "duration": "60s",
        "comparison": "COMPARISON_GT",
        "aggregations": [aggregation],
    }
    return {"display_name": "p", "conditions": [{"display_name": "c", "condition_threshold": [threshold]}]}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (policy(CPU, ""), 'must specify a restriction on "resource.type" in the filter'),
        (
            policy(CPU, aligner="ALIGN_RATE"),
            (
                'per_series_aligner had an invalid value of "ALIGN_RATE": The aligner cannot be applied to metrics with kind'
                " GAUGE and value type DOUBLE."
            ),
        ),
        (policy(LATENCY, "cloud_run_revision"), "with kind DELTA and value type DISTRIBUTION."),
        (policy(LATENCY, "cloud_run_revision", aligner="ALIGN_DELTA"), "use a percentile aligner"),
        (policy(CPU, alignment_period="10s"), "must be at least 60 seconds."),
        (
            policy("compute.googleapis.com/instance/memory/utilization"),
            'Cannot find metric that matches type = "compute.googleapis.com/instance/memory/utilization".',
        ),
        (
            {**policy(CPU), "notification_channels": ["projects/acme/notificationChannels/1"]},
            "The notification channel 'projects/acme/notificationChannels/1' was not found., notFound",
        ),
    ],
)
def test_an_alert_policy_that_cannot_work_is_refused(
    console: Console, values: dict[str, Any], words: str
) -> None:
    assert words in console.refusal("monitoring_alert_policy", **values)


def test_an_alert_policy_names_its_conditions_and_holds_its_channel(console: Console) -> None:
    channel = console.create(
        "monitoring_notification_channel", type="email", labels={"email_address": "a@b.co"}
    )
    made = console.create("monitoring_alert_policy", **policy(CPU), notification_channels=[channel["name"]])
    assert made["conditions"][0]["name"].startswith(made["name"] + "/conditions/")
    assert (
        "There are alerting policies that depend on the specified notification channel"
        in console.refused_delete("monitoring_notification_channel", channel)
    )
    console.create(
        "monitoring_alert_policy", **policy(LATENCY, "cloud_run_revision", aligner="ALIGN_PERCENTILE_99")
    )
    delta = {"aligner": "ALIGN_DELTA", "cross_series_reducer": "REDUCE_PERCENTILE_95"}
    console.create("monitoring_alert_policy", **policy(LATENCY, "cloud_run_revision", **delta))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"type": "pigeon"}, 'Field notification_channel.type had an invalid value of "pigeon"'),
        ({"type": "email", "labels": {}}, 'The label "email_address" is required for type "email".'),
        ({"type": "webhook_tokenauth", "labels": {"url": "example"}}, "must be a valid URL."),
    ],
)
def test_a_channel_that_cannot_notify_is_refused(
    console: Console, values: dict[str, Any], words: str
) -> None:
    assert words in console.refusal("monitoring_notification_channel", **values)


def test_dns_names_end_with_a_dot(console: Console) -> None:
    assert console.refusal("dns_managed_zone", name="z", dns_name="example.com") == (
        "googleapi: Error 400: Invalid value for 'entity.managedZone.dnsName': 'example.com', invalid"
    )
    assert "The 'parameters.managedZone' resource named 'z' does not exist., notFound" in console.refusal(
        "dns_record_set", name="www.example.com.", managed_zone="z", type="A", rrdatas=["1.2.3.4"]
    )
    zone = console.create("dns_managed_zone", name="z", dns_name="example.com.")
    assert len(zone["name_servers"]) == 4
    for name, data in (
        ("www.example.com", "1.2.3.4"),
        ("www.other.com.", "1.2.3.4"),
        ("www.example.com.", "host"),
    ):
        assert "Invalid value for 'entity.change.additions[" in console.refusal(
            "dns_record_set", name=name, managed_zone="z", type="A", rrdatas=[data]
        )
    record = {"name": "www.example.com.", "managed_zone": "z", "type": "A", "rrdatas": ["1.2.3.4"]}
    console.create("dns_record_set", **record)
    assert "containerNotEmpty" in console.refused_delete("dns_managed_zone", zone)


def test_a_slip_in_an_apis_name_is_refused(console: Console) -> None:
    console.create("project_service", service="compute.googleapis.com")
    console.create("project_service", service="somethingnew.googleapis.com")
    assert "Not found or permission denied for service(s): computee.googleapis.com." in console.refusal(
        "project_service", service="computee.googleapis.com"
    )
    assert service_of("google_project_service").validate({"service": "Compute Engine"})


@pytest.mark.parametrize(
    ("schedule", "honest"),
    [
        ("*/5 * * * *", True),
        ("0 9 * * 1-5", True),
        ("every 24 hours", True),
        ("5 4 * * SUN", True),
        ("* * * *", False),
        ("61 * * * *", False),
        ("soon", False),
    ],
)
def test_a_schedule_is_checked(console: Console, schedule: str, *, honest: bool) -> None:
    values = {"name": "job", "schedule": schedule, "http_target": [{"uri": "https://example.com"}]}
    if honest:
        assert console.create("cloud_scheduler_job", **values)["state"] == "ENABLED"
    else:
        assert "Schedule or time zone is invalid., badRequest" in console.refusal(
            "cloud_scheduler_job", **values
        )


def test_a_sink_writes_as_an_account_of_its_own(console: Console) -> None:
    console.create("storage_bucket", name="acme-logs", location="US")
    made = console.create("logging_project_sink", name="s", destination="storage.googleapis.com/acme-logs")
    assert made["writer_identity"].startswith("serviceAccount:service-")
    words = console.refusal("logging_project_sink", name="s", destination="gs://acme-logs")
    assert "'gs://acme-logs' is not a supported sink destination., badRequest" in words


def test_a_connector_has_a_free_range_of_sixteen(console: Console) -> None:
    assert "must be a valid range with a /28 netmask" in console.refusal(
        "vpc_access_connector", name="conn", ip_cidr_range="10.8.0.0/24", network="default"
    )
    assert "Invalid IP CIDR range was provided. It conflicts with an existing subnetwork." in console.refusal(
        "vpc_access_connector", name="conn", ip_cidr_range="10.128.0.0/28", network="default"
    )
    made = console.create("vpc_access_connector", name="conn", ip_cidr_range="10.8.0.0/28", network="default")
    assert made["state"] == "READY"
