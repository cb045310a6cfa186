"""Data sources say what the cloud has, and refuse what it has not."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.cloud import Cloud
from sandbox.provider.codec import Refused, Values, conform
from sandbox.provider.google import GoogleProvider
from sandbox.provider.identity import Places
from sandbox.schema.archive import shipped

PLACES = Places(project="demo-project", region="europe-west1", zone="europe-west1-b")


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path / "cloud.db")


def read(cloud: Cloud, name: str, /, **config: Any) -> Values:
    schema = shipped().data_source(name)
    assert schema is not None
    session = GoogleProvider(cloud=cloud, places=PLACES).configure({})
    return session.read_data(name, conform(schema.block, config))


def test_the_project_is_the_providers_own(cloud: Cloud) -> None:
    found = read(cloud, "google_project")
    assert found["project_id"] == "demo-project"
    assert found["number"] == cloud.project_number("demo-project")
    config = read(cloud, "google_client_config")
    assert (config["region"], config["zone"]) == ("europe-west1", "europe-west1-b")


def test_zones_are_those_of_the_region(cloud: Cloud) -> None:
    assert "europe-west1-b" in read(cloud, "google_compute_zones")["names"]
    assert all(
        one.startswith("us-east1-") for one in read(cloud, "google_compute_zones", region="us-east1")["names"]
    )


def test_what_every_project_has_is_found_and_what_it_has_not_is_refused(cloud: Cloud) -> None:
    network = read(cloud, "google_compute_network", name="default")
    assert network["self_link"].endswith("/projects/demo-project/global/networks/default")
    with pytest.raises(Refused, match="projects/demo-project/global/networks/gone not found"):
        read(cloud, "google_compute_network", name="gone")


def test_a_resource_is_found_by_name_or_self_link(cloud: Cloud) -> None:
    key = "projects/demo-project/regions/europe-west1/subnetworks/inner"
    link = f"https://www.googleapis.com/compute/v1/{key}"
    values = {
        "id": key,
        "name": "inner",
        "region": "europe-west1",
        "project": "demo-project",
        "self_link": link,
    }
    cloud.put("google_compute_subnetwork", key, {**values, "ip_cidr_range": "10.9.0.0/24"}, "create")
    assert read(cloud, "google_compute_subnetwork", name="inner")["ip_cidr_range"] == "10.9.0.0/24"
    assert read(cloud, "google_compute_subnetwork", self_link=link)["name"] == "inner"


def test_a_policy_is_the_json_of_its_bindings_each_role_once(cloud: Cloud) -> None:
    binding = [
        {"role": "roles/viewer", "members": ["user:b@x.com"]},
        {"role": "roles/viewer", "members": ["user:a@x.com"]},
    ]
    policy = json.loads(read(cloud, "google_iam_policy", binding=binding)["policy_data"])
    assert policy == {"bindings": [{"members": ["user:a@x.com", "user:b@x.com"], "role": "roles/viewer"}]}


def test_the_newest_version_of_a_secret_is_read(cloud: Cloud) -> None:
    with pytest.raises(Refused, match="Error 404"):
        read(cloud, "google_secret_manager_secret_version", secret="s")
    for version in (1, 2):
        key = f"projects/1/secrets/s/versions/{version}"
        values = {"id": key, "name": key, "secret_data": f"value {version}"}
        cloud.put("google_secret_manager_secret_version", key, values, "create")
    assert read(cloud, "google_secret_manager_secret_version", secret="s")["secret_data"] == "value 2"
    assert (
        read(cloud, "google_secret_manager_secret_version", secret="s", version="1")["secret_data"]
        == "value 1"
    )


def test_an_image_family_is_a_public_one(cloud: Cloud) -> None:
    image = read(cloud, "google_compute_image", family="debian-12", project="debian-cloud")
    assert "/projects/debian-cloud/global/images/" in image["self_link"]
    with pytest.raises(Refused, match="was not found"):
        read(cloud, "google_compute_image", name="mine", project="demo-project")


@pytest.mark.parametrize("name", shipped().data_source_types()[::60])
def test_any_data_source_answers_by_its_schema_or_refuses(cloud: Cloud, name: str) -> None:
    schema = shipped().data_source(name)
    assert schema is not None
    required: Values = {
        key: {"string": "x", "number": 1}.get(str(one.type), [])
        for key, one in schema.block.attributes.items()
        if one.required
    }
    try:
        found, refused = read(cloud, name, **required), ""
    except Refused as error:
        found, refused = {}, str(error)
    assert "not found" in refused or (found and conform(schema.block, found) == found)
