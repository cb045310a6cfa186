import pytest

from infraai.mending.faithful import objection
from infraai.mending.original import dropped
from infraai.models import Bundle
from tools.hcl import HclTreeSitter

FIREWALL = """
resource "google_compute_firewall" "web" {
  name          = "web"
  network       = "default"
  source_ranges = ["10.0.0.0/8"]
  target_tags   = ["web"]
  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}
"""
DATABASE = """
resource "google_sql_database_instance" "db" {
  name                = "db"
  deletion_protection = true
  settings {
    tier = "db-f1-micro"
    ip_configuration {
      ipv4_enabled = false
      ssl_mode     = "ENCRYPTED_ONLY"
    }
    backup_configuration {
      enabled = true
    }
  }
}
"""
MACHINE = """
resource "google_compute_instance" "vm" {
  name = "vm"
  boot_disk {
    kms_key_self_link = var.key
  }
  shielded_instance_config {
    enable_secure_boot = true
  }
  lifecycle {
    prevent_destroy = true
  }
}
"""


def objected(before: str, after: str) -> str | None:
    hcl = HclTreeSitter()
    return objection(
        hcl.parse(Bundle(files={"main.tf": before})), hcl.parse(Bundle(files={"main.tf": after}))
    )


@pytest.mark.parametrize(
    ("before", "old", "new", "reason"),
    [
        (FIREWALL, '"10.0.0.0/8"', '"0.0.0.0/0"', "open to the whole internet"),
        (FIREWALL, '"10.0.0.0/8"', '"8.0.0.0/5"', "source ranges are wider"),
        (FIREWALL, '  source_ranges = ["10.0.0.0/8"]\n', "", "sources are gone"),
        (FIREWALL, '    ports    = ["443"]\n', "", "allows every port"),
        (FIREWALL, '"tcp"', '"all"', "allows every protocol"),
        (FIREWALL, '  target_tags   = ["web"]\n', "", "target_tags is gone"),
        (FIREWALL, FIREWALL, "", "drops google_compute_firewall.web"),
        (DATABASE, "deletion_protection = true", "deletion_protection = false", "deletion_protection is off"),
        (DATABASE, "  deletion_protection = true\n", "", "deletion_protection is off"),
        (
            DATABASE,
            "deletion_protection = true",
            "deletion_protection = var.protect",
            "deletion_protection is off",
        ),
        (DATABASE, "ipv4_enabled = false", "ipv4_enabled = true", "ipv4_enabled is on"),
        (DATABASE, "ENCRYPTED_ONLY", "ALLOW_UNENCRYPTED_AND_ENCRYPTED", "no longer ENCRYPTED_ONLY"),
        (DATABASE, "    backup_configuration {\n      enabled = true\n    }\n", "", "backup_configuration"),
        (MACHINE, "    kms_key_self_link = var.key\n", "", "kms_key_self_link is gone"),
        (MACHINE, "enable_secure_boot = true", "enable_secure_boot = false", "enable_secure_boot is off"),
        (MACHINE, "  lifecycle {\n    prevent_destroy = true\n  }\n", "", "prevent_destroy is off"),
        (
            MACHINE,
            "  lifecycle",
            '  provisioner "local-exec" {\n    command = "id"\n  }\n  lifecycle',
            "adds a provisioner",
        ),
    ],
)
def test_a_mend_that_makes_something_less_safe_is_objected_to(
    before: str, old: str, new: str, reason: str
) -> None:
    assert old in before
    found = objected(before, before.replace(old, new))

    assert found
    assert reason in found


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"10.0.0.0/8"', '"0.0.0.0/0"', "opens something to everybody"),
        ("default = true", "default = false", "turns off var.deletion_protection"),
    ],
)
def test_a_default_that_opens_or_unguards_is_objected_to(old: str, new: str, reason: str) -> None:
    text = 'variable "ranges" {\n  default = ["10.0.0.0/8"]\n}\nvariable "deletion_protection" {\n  default = true\n}\n'
    found = objected(text, text.replace(old, new))

    assert found
    assert reason in found


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ('data "external" "x" {\n  program = ["id"]\n}\n', "outside the configuration"),
        ('resource "local_file" "x" {\n  filename = "/tmp/x"\n}\n', "outside the configuration"),
        ('module "x" {\n  source = "github.com/x/y"\n}\n', "comes from elsewhere"),
        ('resource "google_service_account_key" "x" {\n  service_account_id = "x"\n}\n', "a key"),
        (
            'resource "google_storage_bucket_iam_member" "x" {\n  bucket = "b"\n  member = "allUsers"\n}\n',
            "access to everybody",
        ),
        (
            'resource "google_project_iam_member" "x" {\n  role = "roles/owner"\n  member = "user:x"\n}\n',
            "a stronger role",
        ),
        (
            'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n',
            "adds the provider hashicorp/aws",
        ),
        ('terraform {\n  backend "s3" {}\n}\n', "adds a backend"),
    ],
)
def test_a_mend_may_not_bring_in_what_nobody_asked_for(added: str, reason: str) -> None:
    found = objected(FIREWALL, FIREWALL + added)

    assert found
    assert reason in found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FIREWALL, FIREWALL.replace("10.0.0.0/8", "10.1.0.0/16")),
        (FIREWALL.replace("google_compute_firewall", "google_compute_firewal"), FIREWALL),
        (FIREWALL.replace('"web" {', '"my web" {'), FIREWALL.replace('"web" {', '"my_web" {')),
        (FIREWALL + FIREWALL, FIREWALL),
        (MACHINE.replace("shielded_instance_config", "shieled_instance_config"), MACHINE),
        (DATABASE, DATABASE + FIREWALL),
    ],
    ids=["narrower", "type put right", "name put right", "twins merged", "block put right", "added"],
)
def test_an_honest_mend_meets_no_objection(before: str, after: str) -> None:
    assert objected(before, after) is None


def test_two_resources_of_one_name_that_differ_are_both_kept() -> None:
    other = FIREWALL.replace("443", "22")

    assert objected(FIREWALL + other, FIREWALL) == "it drops google_compute_firewall.web"


def test_what_could_not_be_parsed_is_not_dropped_either() -> None:
    broken = Bundle(files={"main.tf": 'resource "google_compute_network" "main" {\n  name = \n' + FIREWALL})
    after = HclTreeSitter().parse(Bundle(files={"main.tf": FIREWALL}))

    assert dropped(broken, after) == ["google_compute_network.main"]
