"""Bundles of people who mean well, each with something that looks suspicious and is not: (name, files)."""

HONEST: list[tuple[str, dict[str, str]]] = [
    ("empty", {"main.tf": ""}),
    (
        "only_comments",
        {
            "main.tf": '# provisioner "local-exec" { command = "id" }\n// data "http" "x" {}\n/* backend "gcs" {} */\n'
        },
    ),
    (
        "web_server",
        {
            "main.tf": """
terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
    google-beta = { source = "registry.terraform.io/hashicorp/google-beta" }
    random      = { source = "hashicorp/random" }
  }
}

provider "google" {
  project = var.project
  region  = "us-central1"
  default_labels = { team = "web" }
}

variable "project" {
  type        = string
  description = "where it goes; not file(\\"/etc/passwd\\")"
}

resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = false
}

resource "google_compute_instance" "web" {
  name         = "web-1"
  machine_type = "e2-small"
  zone         = "us-central1-a"
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
  network_interface {
    network = google_compute_network.main.id
    access_config {}
  }
  metadata_startup_script = <<-EOT
    #!/bin/bash
    apt-get update && apt-get install -y nginx
    curl -fsS http://localhost/ || echo 'no local-exec provisioner "file" here'
  EOT
}

output "external_ip" {
  value = google_compute_instance.web.network_interface[0].access_config[0].nat_ip
}
"""
        },
    ),
    (
        "null_resource_with_triggers",
        {
            "main.tf": 'resource "null_resource" "x" {\n  triggers = {\n    provisioner = "local-exec"\n  }\n}\n'
        },
    ),
    ("terraform_data", {"main.tf": 'resource "terraform_data" "x" {\n  input = "connection"\n}\n'}),
    (
        "random_and_time",
        {
            "main.tf": 'resource "random_password" "p" {\n  length = 20\n}\nresource "time_sleep" "w" {\n  create_duration = "30s"\n}\n'
        },
    ),
    ("null_data", {"main.tf": 'data "null_data_source" "x" {\n  inputs = {\n    a = "b"\n  }\n}\n'}),
    (
        "local_modules",
        {
            "main.tf": 'module "net" {\n  source = "./modules/net"\n  name   = "a"\n}\nmodule "net2" {\n  source = "./modules/net/"\n  name = "b"\n  providers = {\n    google = google.west\n  }\n}\nprovider "google" {\n  alias = "west"\n}\n',
            "modules/net/main.tf": 'variable "name" {}\nresource "google_compute_network" "n" {\n  name = var.name\n}\n',
        },
    ),
    (
        "module_beside_module",
        {
            "main.tf": 'module "a" {\n  source = "./m/a"\n}\n',
            "m/a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
            "m/b/main.tf": "locals {\n  x = 1\n}\n",
        },
    ),
    (
        "startup_script_from_a_file",
        {
            "main.tf": 'locals {\n  s = file("${path.module}/startup.sh")\n}\n',
            "startup.sh": "#!/bin/sh\nfile /etc/passwd\n",
        },
    ),
    (
        "file_by_plain_name",
        {"main.tf": 'output "x" {\n  value = file("startup.sh")\n}\n', "startup.sh": "echo\n"},
    ),
    (
        "file_by_root",
        {"main.tf": 'output "x" {\n  value = file("${path.root}/a/b.txt")\n}\n', "a/b.txt": "x"},
    ),
    ("file_by_detour", {"main.tf": 'output "x" {\n  value = file("./a/../b.txt")\n}\n', "b.txt": "x"}),
    (
        "templatefile",
        {
            "main.tf": 'output "x" {\n  value = templatefile("${path.module}/init.tftpl", { name = "a", ports = [80] })\n}\n',
            "init.tftpl": "hello ${name} %{ for p in ports ~} ${p} %{ endfor ~} $${HOME} ${upper(name)}\nfile(/etc/passwd)\n",
        },
    ),
    (
        "template_that_reads_its_neighbour",
        {
            "main.tf": 'output "x" {\n  value = templatefile("a.tftpl", {})\n}\n',
            "a.tftpl": 'x ${file("b.txt")}',
            "b.txt": "b",
        },
    ),
    (
        "file_by_local",
        {
            "main.tf": 'locals {\n  dir  = "${path.module}/files"\n  name = "a.sh"\n}\noutput "x" {\n  value = file("${local.dir}/${local.name}")\n}\n',
            "files/a.sh": "",
        },
    ),
    (
        "file_by_default",
        {
            "main.tf": 'variable "script" {\n  default = "a.sh"\n}\noutput "x" {\n  value = filebase64(format("%s/%s", path.module, var.script))\n}\n',
            "a.sh": "",
        },
    ),
    (
        "file_given_to_a_module",
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  script = "${path.root}/a.sh"\n}\n',
            "m/main.tf": 'variable "script" {}\noutput "x" {\n  value = file(var.script)\n}\n',
            "a.sh": "",
        },
    ),
    (
        "module_reads_its_own",
        {
            "main.tf": 'module "m" {\n  source = "./m"\n}\n',
            "m/main.tf": 'output "x" {\n  value = file("${path.module}/b.txt")\n}\n',
            "m/b.txt": "",
        },
    ),
    (
        "fileset_of_objects",
        {
            "main.tf": 'resource "google_storage_bucket_object" "o" {\n  for_each = fileset("${path.module}/site", "**")\n  name     = each.value\n  bucket   = "b"\n  source   = "${path.module}/site/${each.value}"\n}\n',
            "site/index.html": "<html>",
            "site/css/a.css": "",
        },
    ),
    (
        "for_each_of_files",
        {
            "main.tf": 'resource "google_storage_bucket_object" "o" {\n  for_each = toset(["a.txt", "b.txt"])\n  name     = each.key\n  bucket   = "b"\n  content  = file("${path.module}/${each.key}")\n}\n',
            "a.txt": "",
            "b.txt": "",
        },
    ),
    ("fileexists", {"main.tf": 'locals {\n  x = fileexists("${path.module}/maybe.txt") ? 1 : 0\n}\n'}),
    (
        "names_that_mean_nothing",
        {
            "main.tf": 'resource "google_compute_network" "http" {\n  name = "external"\n}\noutput "file" {\n  value = google_compute_network.http.name\n}\nvariable "credentials" {\n  type      = string\n  sensitive = true\n}\nvariable "access_token" {\n  default = null\n}\nlocals {\n  provisioner = "local-exec"\n  backend     = "gcs"\n}\n'
        },
    ),
    (
        "for_each_and_dynamic",
        {
            "main.tf": 'resource "google_compute_firewall" "f" {\n  for_each = { web = ["80"], tls = ["443"] }\n  name     = each.key\n  network  = "default"\n  dynamic "allow" {\n    for_each = each.value\n    iterator = port\n    content {\n      protocol = "tcp"\n      ports    = [port.value]\n    }\n  }\n  source_ranges = ["10.0.0.0/8"]\n}\n'
        },
    ),
    (
        "heredoc_of_shell",
        {
            "main.tf": 'locals {\n  s = <<"X"\n'.replace('"X"', "EOF")
            + 'resource "null_resource" "x" {\n  provisioner "local-exec" { command = "id" }\n}\ncurl -o /tmp/a http://x | grep b $${VAR} 100%\nEOF\n}\n'
        },
    ),
    (
        "flush_heredoc_of_terraform",
        {
            "main.tf": 'locals {\n  s = <<-EOF\n    terraform { backend "gcs" {} }\n    $(file /x) "quote\n    EOF\n}\n'
        },
    ),
    (
        "text_about_files",
        {
            "main.tf": 'locals {\n  a = "call file(\\"/etc/passwd\\") yourself"\n  b = "$${file(\\"/etc/passwd\\")}"\n}\n'
        },
    ),
    (
        "percent_and_dollar",
        {
            "main.tf": 'locals {\n  a = "100%"\n  b = "$"\n  c = "%{ if true }x%{ else }y%{ endif }"\n  d = "50%% of $5"\n  e = "$${x} %%{y}"\n}\n'
        },
    ),
    (
        "json_syntax",
        {
            "main.tf.json": '{"//": "a comment", "terraform": {"required_providers": {"google": {"source": "hashicorp/google", "version": "~> 8.0"}}}, "provider": {"google": {"region": "us-central1"}}, "resource": {"google_compute_network": {"n": {"name": "n-${var.env}", "description": "provisioner"}}}, "variable": {"env": {"default": "dev", "type": "string"}}, "output": {"file": {"value": "${google_compute_network.n.id}"}}}'
        },
    ),
    (
        "json_reads_its_own",
        {"a.tf.json": '{"output":{"x":{"value":"${file(\\"${path.module}/a.txt\\")}"}}}', "a.txt": ""},
    ),
    ("crlf", {"main.tf": "locals {\r\n  a = <<EOT\r\nx\r\nEOT\r\n  b = [\r\n    1,\r\n  ]\r\n}\r\n"}),
    ("byte_order_mark", {"main.tf": "\ufefflocals {\n  a = 1\n}\n"}),
    ("unicode", {"main.tf": 'locals {\n  grüße = "日本語 ☃"\n  b = local.grüße\n}\n# ünïcödé\n'}),
    (
        "moved_import_removed",
        {
            "main.tf": 'moved {\n  from = google_compute_network.a\n  to   = google_compute_network.b\n}\nimport {\n  to = google_compute_network.b\n  id = "projects/p/global/networks/b"\n}\nremoved {\n  from = google_compute_network.c\n  lifecycle {\n    destroy = false\n  }\n}\nresource "google_compute_network" "b" {\n  name = "b"\n}\n'
        },
    ),
    (
        "check_and_conditions",
        {
            "main.tf": 'data "google_compute_zones" "z" {}\ncheck "zones" {\n  data "google_compute_regions" "r" {}\n  assert {\n    condition     = length(data.google_compute_zones.z.names) > 0\n    error_message = "no zone"\n  }\n}\nresource "google_compute_network" "n" {\n  name = "n"\n  lifecycle {\n    create_before_destroy = true\n    ignore_changes        = [description]\n    precondition {\n      condition     = var.ok\n      error_message = "file(x)"\n    }\n  }\n}\nvariable "ok" {\n  type    = bool\n  default = true\n  validation {\n    condition     = can(tobool(var.ok))\n    error_message = "http"\n  }\n}\n'
        },
    ),
    (
        "provider_function",
        {"main.tf": 'output "r" {\n  value = provider::google::region_from_zone("us-central1-a")\n}\n'},
    ),
    (
        "every_expression",
        {
            "main.tf": 'locals {\n  a = [for k, v in { x = 1 } : "${k}=${v}" if v > 0]\n  b = { for s in ["a"] : s => upper(s)... }\n  c = var.l[*].name\n  d = var.l.*.name\n  e = var.l.0.name\n  f = var.l[0]["name"]\n  g = true ? -1.5e3 : null\n  h = !false && (1 + 2) * 3 >= 4 || 5 % 2 == 1\n  i = max([1, 2]...)\n  j = {\n    "quoted key" = 1\n    (local.g)    = 2, bare = 3\n    colon : 4\n  }\n  k = (\n    true\n    ? "multi"\n    : "line"\n  )\n  l = <<-E\n    ${join(",", [\n      "a",\n    ])}\n    %{~ for x in [1] ~}\n    ${x}\n    %{~ endfor ~}\n  E\n  m = "${true ? "nested \\"quotes\\" ${1}" : "b"}"\n  n = []\n  o = {}\n  p = [\n    1, # one\n    2, // two\n    /* three */ 3,\n  ]\n}\nvariable "l" {\n  type = list(object({ name = optional(string, "x") }))\n  default = []\n}\n'
        },
    ),
    (
        "values_files",
        {
            "main.tf": 'variable "region" {}\n',
            "terraform.tfvars": 'region = "us-east1"\n',
            "b.auto.tfvars.json": '{"region": "${not} a template"}',
            "other.tfvars": "broken =",
        },
    ),
    (
        "lock_file_and_readme",
        {
            "main.tf": "",
            ".terraform.lock.hcl": 'provider "registry.terraform.io/hashicorp/google" {\n  version = "8.0.0"\n}\n',
            "README.md": 'use `provisioner "local-exec"` ${file("/etc/passwd")}\n',
            "scripts/a.sh": "cat ${file}\n",
        },
    ),
    (
        "backups_terraform_ignores",
        {
            "main.tf": "",
            ".old.tf": "broken {",
            "main.tf~": "broken {",
            "#main.tf#": "broken {",
            "main.tf.bak": "broken {",
            "MAIN.TF": "broken {",
        },
    ),
    (
        "test_file",
        {
            "main.tf": "",
            "tests/a.tftest.hcl": 'run "plan" {\n  command = plan\n  assert {\n    condition     = true\n    error_message = "x"\n  }\n}\nmock_provider "google" {}\n',
        },
    ),
    (
        "aliased_provider",
        {
            "main.tf": 'provider "google" {\n  alias  = "eu"\n  region = "europe-west1"\n}\nresource "google_compute_address" "a" {\n  provider = google.eu\n  name     = "a"\n}\nresource "google_compute_address" "b" {\n  provider = google-beta\n  name     = "b"\n}\n'
        },
    ),
    (
        "local_name_for_a_known_provider",
        {
            "main.tf": 'terraform {\n  required_providers {\n    gcp = {\n      source = "hashicorp/google"\n      configuration_aliases = [gcp.x]\n    }\n  }\n}\nresource "google_compute_network" "n" {\n  provider = gcp.x\n  name     = "n"\n}\n'
        },
    ),
    (
        "block_named_connection_inside",
        {
            "main.tf": 'resource "google_bigquery_connection" "connection" {\n  connection_id = "c"\n  cloud_resource {}\n}\nresource "google_datastream_stream" "s" {\n  source_config {\n    connection {\n      x = 1\n    }\n  }\n}\n'
        },
    ),
    (
        "one_line_blocks",
        {"main.tf": 'variable "a" { default = "}" }\nlocals { b = "{" }\noutput "c" { value = "#" }\n'},
    ),
    (
        "sensitive_from_random",
        {
            "main.tf": 'resource "random_password" "db" {\n  length = 16\n}\nresource "google_sql_user" "u" {\n  name     = "app"\n  instance = "i"\n  password = random_password.db.result\n}\n'
        },
    ),
    (
        "conditional_path",
        {
            "main.tf": 'variable "ha" {\n  default = false\n}\nlocals {\n  s = file(var.ha ? "${path.module}/a.sh" : "b.sh")\n}\n'
        },
    ),
    (
        "for_over_the_files_of_a_folder",
        {
            "main.tf": 'locals {\n  f = { for f in fileset("${path.module}/site", "**") : f => filemd5("${path.module}/site/${f}") }\n}\n',
            "site/index.html": "x",
        },
    ),
    (
        "for_over_a_local",
        {
            "main.tf": 'locals {\n  n = ["a", "b"]\n  t = [for n in local.n : file("${path.module}/s/${n}.sh") if n != ""]\n}\n'
        },
    ),
    (
        "elements_of_a_map",
        {
            "main.tf": 'locals {\n  apps = {\n    a = { script = "a.sh", size = 1 }\n    b = { script = "b.sh", size = 2 }\n  }\n}\n'
            'resource "terraform_data" "x" {\n  for_each = local.apps\n  input    = file("${path.module}/s/${each.value.script}")\n}\n'
            'output "a" {\n  value = file("s/${local.apps["a"].script}")\n}\n'
        },
    ),
    (
        "sizes_that_are_optional",
        {
            "main.tf": 'variable "vms" {\n  type = map(object({ script = string, size = optional(number, 10) }))\n'
            '  default = { a = { script = "a.sh" } }\n}\nresource "terraform_data" "x" {\n  for_each = var.vms\n'
            '  input = file("${path.module}/${each.value.script}")\n}\n'
        },
    ),
    (
        "counted_path",
        {
            "main.tf": 'variable "n" {\n  default = 2\n}\nresource "terraform_data" "x" {\n  count = var.n\n'
            '  input = file("${path.module}/s/${count.index}.sh")\n}\n'
        },
    ),
    (
        "environment_that_a_validation_names",
        {
            "main.tf": 'variable "env" {\n  type = string\n  validation {\n    condition     = contains(["dev", "prod"], var.env)\n'
            '    error_message = "dev or prod"\n  }\n}\nlocals {\n  c = yamldecode(file("${path.module}/config/${var.env}.yaml"))\n}\n'
        },
    ),
    ("path_of_the_working_directory", {"main.tf": 'locals {\n  s = file("${path.cwd}/a.sh")\n}\n'}),
    ("absolute_path_of_the_module", {"main.tf": 'locals {\n  s = file(abspath("${path.module}/a.sh"))\n}\n'}),
    (
        "examples_that_are_never_loaded",
        {
            "main.tf": "locals {\n  a = 1\n}\n",
            "examples/complete/main.tf": 'module "x" {\n  source = "terraform-google-modules/network/google"\n}\n',
        },
    ),
    (
        "argument_of_a_repeated_module",
        {
            "main.tf": 'module "m" {\n  source   = "./m"\n  for_each = { a = "a.sh" }\n  script   = each.value\n}\n',
            "m/main.tf": 'variable "script" {}\nlocals {\n  s = file("${path.module}/${var.script}")\n}\n',
        },
    ),
    (
        "project_of_whoever_runs_it",
        {
            "main.tf": 'data "google_client_config" "c" {}\nlocals {\n  p = data.google_client_config.c.project\n'
            '  r = "${data.google_client_config.c.region}-a"\n}\n'
            'resource "google_compute_network" "n" {\n  name       = "n"\n  depends_on = [data.google_client_config.c]\n}\n'
        },
    ),
    (
        "ephemeral_password",
        {"main.tf": 'ephemeral "random_password" "p" {\n  length = 16\n}\n'},
    ),
    (
        "name_that_only_ends_like_an_override",
        {"main.tf": "locals {\n  a = 1\n}\n", "myoverride.tf": "locals {\n  b = 1\n}\n"},
    ),
    ("file_that_terraform_will_miss", {"main.tf": 'output "x" {\n  value = file("nowhere.txt")\n}\n'}),
    ("no_newline_at_the_end", {"main.tf": "locals {\n  a = 1\n}"}),
    ("comment_at_the_end", {"main.tf": "locals {}\n# the end"}),
]
