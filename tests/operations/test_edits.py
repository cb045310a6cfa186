"""What an action changes in the files: one thing, and every other byte stays."""

import json

import pytest

from infraai.errors import ActionError
from infraai.operations.actions import following
from infraai.operations.edits import edit, going_back
from tests.operations.edited import VM, WEB, Files, main, vm
from tools.hcl import HclTreeSitter

MORE = {"machine_type": "e2-medium"}


def test_the_literal_changes_where_it_stands_and_no_other_byte() -> None:
    files = vm()

    after = files.edited("scale_up", **MORE)

    assert after.bundle.files == {"main.tf": VM.replace('"e2-small"', '"e2-medium"')}
    assert after.notes == ()
    assert after.replace == ()


def test_line_endings_and_byte_order_marks_stay() -> None:
    text = "\ufeff" + VM.replace("\n", "\r\n").replace("the front", "die Straße")

    after = main(text, WEB).edited("scale_up", **MORE).bundle.files["main.tf"]

    assert after == text.replace('"e2-small"', '"e2-medium"')


def test_a_machine_that_may_not_be_stopped_is_allowed_to_be() -> None:
    forbidden = vm(allow_stopping_for_update="allow_stopping_for_update = false")
    silent = vm(allow_stopping_for_update="can_ip_forward = true")

    assert "+ allow_stopping_for_update = true" in forbidden.changes("scale_up", **MORE)
    assert "+ allow_stopping_for_update = true" in silent.changes("scale_up", **MORE)
    assert "may be stopped" in silent.edited("scale_up", **MORE).notes[0]


def test_the_default_of_a_variable_changes_if_nothing_else_uses_it() -> None:
    size = 'variable "size" {\n  default = "e2-small"\n}\n'
    two = 'resource "google_compute_instance" "two" {\n  machine_type = var.size\n}\n'
    own = vm(machine_type="machine_type = var.size", more=size)
    shared = vm(machine_type="machine_type = var.size", more=size + two)

    assert own.changes("scale_up", **MORE) == ['- default = "e2-small"', '+ default = "e2-medium"']
    assert shared.changes("scale_up", **MORE) == ["- machine_type = var.size", '+ machine_type = "e2-medium"']
    assert "var.size is used elsewhere too" in shared.edited("scale_up", **MORE).notes[0]


def test_an_output_of_a_variable_does_not_keep_it_from_changing() -> None:
    more = 'variable "size" {\n  default = "e2-small"\n}\noutput "size" {\n  value = var.size\n}\n'

    assert "+ default" in vm(machine_type="machine_type = var.size", more=more).changes("scale_up", **MORE)[1]


def test_a_file_of_values_is_changed_before_the_default() -> None:
    text = vm(machine_type='machine_type = "${var.size}"').files["main.tf"]
    files = Files(
        {
            "main.tf": text + 'variable "size" {\n  default = "e2-micro"\n}\n',
            "terraform.tfvars": 'size = "e2-micro" # small\n',
            "z.auto.tfvars": 'size = "e2-small" # larger\n',
        },
        WEB,
    )

    assert files.changes("scale_up", **MORE) == [
        '- size = "e2-small" # larger',
        '+ size = "e2-medium" # larger',
    ]


def test_locals_are_followed() -> None:
    files = vm(
        machine_type="machine_type = local.sizes.web",
        more='locals {\n  sizes = { web = "e2-small", db = "e2-micro" }\n}\n',
    )

    assert files.changes("scale_up", **MORE)[1] == '+ sizes = { web = "e2-medium", db = "e2-micro" }'


COPIES = """
variable "machines" {
  default = {
    front = { size = "e2-small" }
    back  = { size = "e2-micro" }
  }
}
resource "google_compute_address" "web" {
  for_each = var.machines
  name     = each.key
}
resource "google_compute_instance" "web" {
  for_each                  = var.machines
  name                      = each.key
  machine_type              = each.value.size
  allow_stopping_for_update = true
}
"""


def test_one_copy_of_several_changes_where_its_value_is_its_own() -> None:
    files = main(COPIES, f'{WEB}["front"]')

    assert files.changes("scale_up", **MORE) == [
        '- front = { size = "e2-small" }',
        '+ front = { size = "e2-medium" }',
    ]
    assert files.edited("scale_up", **MORE).notes == ()


@pytest.mark.parametrize(
    "value", ['lookup(each.value, "size", "e2-micro")', 'try(each.value.size, "e2-micro")', "each.value.size"]
)
def test_what_is_looked_up_with_a_default_is_found(value: str) -> None:
    text = COPIES.replace("each.value.size", value).replace(
        "name      ", 'description = lookup(each.value, "what", "")\n  name'
    )
    front, back = (main(text, f'{WEB}["{name}"]') for name in ("front", "back"))

    assert front.changes("scale_up", **MORE)[1] == '+ front = { size = "e2-medium" }'
    assert back.parameters("scale_up") == [{"machine_type": "e2-small"}]
    bare = main(text.replace('{ size = "e2-micro" }', "{}"), f'{WEB}["back"]')
    if value != "each.value.size":
        assert bare.parameters("scale_up") == [{"machine_type": "e2-small"}]
    else:
        assert bare.parameters("scale_up") == []


def test_a_shared_block_changes_for_all_its_copies_and_says_so() -> None:
    files = main(VM.replace("  tags", "  count = 2\n  tags"), f"{WEB}[1]")

    assert files.changes("scale_up", **MORE)[1] == '+ machine_type = "e2-medium"'
    assert files.edited("scale_up", **MORE).notes == (f"{WEB} makes several: all of them change.",)


def test_a_copy_is_not_changed_alone_where_others_use_its_value() -> None:
    used = (
        COPIES
        + 'resource "google_compute_disk" "d" {\n  for_each = var.machines\n  type = each.value.size\n}\n'
    )

    with pytest.raises(ActionError, match="cannot be changed alone"):
        main(used, f'{WEB}["front"]').edited("scale_up", **MORE)


MODULE = 'module "%s" {\n  source = "./modules/vm"\n  size   = "%s"\n}\n'


def module(calls: str, inner: str = "var.size") -> dict[str, str]:
    text = VM.replace('"e2-small"', inner) + 'variable "size" {\n  default = "e2-small"\n}\n'
    return {"main.tf": calls, "modules/vm/main.tf": text}


def in_module(files: dict[str, str], name: str = "one") -> Files:
    return Files(files, f"module.{name}.{WEB}")


def test_what_a_module_is_called_with_is_changed_in_the_call() -> None:
    files = in_module(module(MODULE % ("one", "e2-small") + MODULE % ("two", "e2-micro")))

    assert files.changes("scale_up", **MORE) == ['- size = "e2-small"', '+ size = "e2-medium"']


def test_a_module_that_is_called_once_is_edited_and_one_called_twice_is_not() -> None:
    once = module(MODULE % ("one", "unused"), inner='"e2-small"')
    twice = module(MODULE % ("one", "x") + MODULE % ("two", "y"), inner='"e2-small"')

    assert in_module(once).changes("scale_up", **MORE)[1] == '+ machine_type = "e2-medium"'
    with pytest.raises(ActionError, match=r"used 2 times\. Change the files"):
        in_module(twice).edited("scale_up", **MORE)


def test_a_module_from_elsewhere_is_not_edited() -> None:
    files = Files({"main.tf": 'module "one" {\n  source = "acme/vm/google"\n}\n'}, f"module.one.{WEB}")

    with pytest.raises(ActionError, match="not one of the deployment's own files"):
        files.edited("scale_up", **MORE)


def test_json_is_edited_in_place_too() -> None:
    machine = {"name": "web", "machine_type": "${var.size}"}
    database = {"name": "db", "database_version": "POSTGRES_16", "settings": [{"tier": "db-custom-1-3840"}]}
    text = json.dumps(
        {
            "variable": {"size": {"default": "e2-small"}},
            "resource": {
                "google_compute_instance": {"web": machine},
                "google_sql_database_instance": {"db": database},
            },
        },
        indent=4,
    )
    files = Files({"main.tf.json": text}, WEB)
    after = files.edited("scale_up", **MORE).bundle.files["main.tf.json"]
    expected = json.loads(text)
    expected["variable"]["size"]["default"] = "e2-medium"
    expected["resource"]["google_compute_instance"]["web"]["allow_stopping_for_update"] = True
    assert json.loads(after) == expected
    assert files.changes("scale_up", **MORE)[:2] == ['- "default": "e2-small"', '+ "default": "e2-medium"']

    data = Files({"main.tf.json": text}, "google_sql_database_instance.db", name="db")
    after = data.edited("modify_config", max_connections=200).bundle.files["main.tf.json"]
    flags = json.loads(after)["resource"]["google_sql_database_instance"]["db"]["settings"][0]
    assert flags["database_flags"] == [{"name": "max_connections", "value": "200"}]


def test_a_number_stays_text_where_text_stood() -> None:
    files = main(
        'resource "google_compute_disk" "d" {\n  name = "d"\n  size = "10"\n}\n', "google_compute_disk.d"
    )

    assert files.changes("resize_disk", size_gb=40) == ['- size = "10"', '+ size = "40"']


def test_the_files_follow_a_boot_disk_that_was_grown_by_the_api() -> None:
    files = vm()
    request = files.checked("resize_disk")
    (after,) = following(request)

    assert (request.method, after.method) == ("api", "terraform")
    edited = edit(files.bundle, files.configuration, after, files.target)
    assert edited.bundle.files["main.tf"] == VM.replace("size  = 20", "size  = 30")
    assert following(files.checked("restart")) == ()


def test_a_flag_is_changed_or_added() -> None:
    start = 'resource "google_sql_database_instance" "db" {\n  settings {\n    tier = "db-custom-1-3840"\n'
    flag = '    database_flags {\n      name  = "max_connections"\n      value = "150"\n    }\n'
    address = "google_sql_database_instance.db"

    changed = main(f"{start}{flag}  }}\n}}\n", address).changes("modify_config", max_connections=2000)
    added = main(f"{start}  }}\n}}\n", address).changes("modify_config", max_connections=5000)

    assert changed == ['- value = "150"', '+ value = "2000"']
    assert added == ["+ database_flags {", '+ name = "max_connections"', '+ value = "5000"', "+ }"]


RUN = """
resource "google_cloud_run_v2_service" "api" {
  template {
    %s
    containers {
      image = "x"
    }
  }
}
"""


@pytest.mark.parametrize(
    ("written", "changes"),
    [
        ("", ['+ annotations = { infraai-redeploy = "1" }']),
        ("annotations = {}", ["- annotations = {}", '+ annotations = { infraai-redeploy = "1" }']),
        (
            'annotations = { a = "b" }',
            ['- annotations = { a = "b" }', '+ annotations = { a = "b", infraai-redeploy = "1" }'],
        ),
        (
            'annotations = {\n      a = "b" # kept\n    }',
            ['+ infraai-redeploy = "1"'],
        ),
        (
            "annotations = local.all",
            ["- annotations = local.all", '+ annotations = merge(local.all, { infraai-redeploy = "1" })'],
        ),
        (
            'annotations = { infraai-redeploy = "4" }',
            ['- annotations = { infraai-redeploy = "4" }', '+ annotations = { infraai-redeploy = "5" }'],
        ),
        (
            'revision = "api-r2"',
            ['- revision = "api-r2"', '+ revision = "api-r3"', '+ annotations = { infraai-redeploy = "1" }'],
        ),
    ],
)
def test_a_new_revision_comes_from_one_annotation(written: str, changes: list[str]) -> None:
    assert main(RUN % written, "google_cloud_run_v2_service.api").changes("redeploy") == changes


def test_a_template_with_a_fixed_name_can_stand_beside_itself() -> None:
    text = """
resource "google_compute_instance_template" "web" {
  name         = "web-template"
  machine_type = "e2-medium"
}
resource "google_compute_instance_group_manager" "web" {
  base_instance_name = "web"
  target_size        = 2
  version {
    instance_template = google_compute_instance_template.web.self_link
  }
  update_policy {
    type            = "OPPORTUNISTIC"
    minimal_action  = "REPLACE"
    max_surge_fixed = 2
  }
}
"""
    changes = main(text, "google_compute_instance_group_manager.web").changes(
        "scale_up", machine_type="e2-standard-4"
    )

    assert [one for one in changes if one.startswith("+")] == [
        '+ name_prefix = "web-template-"',
        '+ machine_type = "e2-standard-4"',
        "+ lifecycle {",
        "+ create_before_destroy = true",
        "+ }",
        '+ type = "PROACTIVE"',
    ]


def test_to_replace_a_machine_changes_no_file() -> None:
    after = vm().edited("recreate")

    assert after.bundle == vm().bundle
    assert after.replace == (WEB,)


def test_going_back_keeps_what_lets_terraform_go_back() -> None:
    earlier = vm(allow_stopping_for_update="can_ip_forward = true")
    standing = earlier.edited("scale_up", **MORE).bundle
    parse = HclTreeSitter().parse

    back = going_back(earlier.bundle, parse(earlier.bundle), parse(standing))

    assert 'machine_type              = "e2-small"' in back.bundle.files["main.tf"]
    assert "allow_stopping_for_update = true" in back.bundle.files["main.tf"]
    assert going_back(standing, parse(standing), parse(earlier.bundle)).bundle == standing
