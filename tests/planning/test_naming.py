"""Names: a new deployment never takes one that stands already."""

import pytest

from infraai.models import Bundle
from infraai.naming import Renamed, free_names
from sandbox.schema.describe import ShippedSchemas
from tools.hcl import HclTreeSitter

VALUES = {"var.project": "p", "var.region": "us-central1", "var.zone": "us-central1-a"}


def free(text: str, *taken: str) -> Renamed:
    configuration = HclTreeSitter().parse(Bundle(files={"main.tf": text}))
    return free_names(text, configuration, taken, ShippedSchemas(), values=VALUES, suffix="ab12cd34")


@pytest.mark.parametrize(
    ("text", "taken", "name"),
    [
        (
            'resource "google_compute_network" "n" {\n  name = "net"\n}\n',
            "projects/p/global/networks/net",
            '"net-ab12"',
        ),
        (
            'resource "google_storage_bucket" "b" {\n  name = "${var.project}-site"\n}\n',
            "p-site",
            '"${var.project}-site-ab12"',
        ),
        (
            'resource "google_compute_instance" "v" {\n  count = 2\n  name  = "vm-${count.index}"\n  zone = var.zone\n}\n',
            "projects/p/zones/us-central1-a/instances/vm-1",
            '"vm-${count.index}-ab12"',
        ),
        (
            'resource "google_bigquery_dataset" "d" {\n  dataset_id = "events"\n}\n',
            "projects/p/datasets/events",
            '"events_ab12"',
        ),
        (
            'resource "google_service_account" "s" {\n  account_id = "an-account-of-thirty-characters"\n}\n',
            "projects/p/serviceAccounts/an-account-of-thirty-characters@p.iam.gserviceaccount.com",
            '"an-account-of-thirty-char-ab12"',
        ),
    ],
)
def test_a_taken_name_gets_a_suffix(text: str, taken: str, name: str) -> None:
    found = free(text, taken)
    assert name in found.text
    assert len(found.notes) == 1
    assert free(found.text, taken).notes == ()


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (
            'resource "google_compute_network" "n" {\n  name = "net"\n}\n',
            "projects/other/global/networks/net",
        ),
        (
            'resource "google_storage_bucket_object" "i" {\n  name = "index.html"\n  bucket = "b"\n}\n',
            "b-index.html",
        ),
        (
            'resource "google_compute_network" "n" {\n  name = random_id.x.hex\n}\n',
            "projects/p/global/networks/net",
        ),
    ],
)
def test_what_does_not_collide_keeps_its_name(text: str, taken: str) -> None:
    assert free(text, taken).text == text
