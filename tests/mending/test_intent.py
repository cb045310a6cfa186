"""What somebody wrote stays said, and what nobody wrote is not made up."""

from typing import Literal

import pytest

from infraai.drafts import FileText, MendDraft
from infraai.mending.faithful import objection
from infraai.models import Bundle, Diagnostic, Report, Request
from infraai.state import Validated
from sandbox.schema.describe import ShippedSchemas
from tests.fakes.chat import FakeModel
from tests.mending.loop import Kept, fixer, mended
from tools.hcl import HclTreeSitter

MACHINE = """resource "google_compute_instance" "v" {
  name    = "v"
  colour  = "blue"
  spare   = false
  boot_disk {
    disk_size_gb = 100
  }
  network_interface {
    network = "default"
    access_config {}
  }
  scheduling {
    automatic_restart = false
    preemptible       = false
  }
}
"""
USER = """variable "login" {
  type = string
}
resource "google_sql_user" "u" {
  name     = "u"
  instance = "db"
  password = %s
}
"""
TWO = {
    "a.tf": 'resource "google_storage_bucket" "data" {\n  name = "one"\n}\n',
    "b.tf": 'resource "google_storage_bucket" "data" {\n  name = "two"\n}\n'
    'output "b" {\n  value = google_storage_bucket.data.url\n}\n',
}


def objected(before: Bundle | str, after: Bundle | str) -> str:
    hcl = HclTreeSitter()
    old, new = (Bundle(files={"main.tf": one}) if isinstance(one, str) else one for one in (before, after))
    return objection(hcl.parse(old), hcl.parse(new), ShippedSchemas()) or ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('  colour  = "blue"\n', "", 'drops colour = "blue"'),
        ('  colour  = "blue"\n', '  colour = ""\n', 'drops colour = "blue"'),
        ("    disk_size_gb = 100\n", "", "drops boot_disk.disk_size_gb = 100"),
        ("    access_config {}\n", "", "drops the block network_interface.access_config"),
        ("    automatic_restart = false\n", "", "drops scheduling.automatic_restart = false"),
    ],
)
def test_an_argument_that_said_something_is_not_taken_out(old: str, new: str, said: str) -> None:
    assert old in MACHINE
    assert said in objected(MACHINE, MACHINE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('  colour  = "blue"\n', '  labels = { colour = "blue" }\n'),
        ("  spare   = false\n", ""),
        ("    preemptible       = false\n", ""),
        ("    disk_size_gb = 100\n", "    initialize_params {\n      size = 100\n    }\n"),
    ],
    ids=["said elsewhere", "off anyway", "the default", "moved and renamed"],
)
def test_an_argument_may_move_be_renamed_or_go_where_it_said_nothing(old: str, new: str) -> None:
    assert old in MACHINE
    assert objected(MACHINE, MACHINE.replace(old, new)) == ""


def test_what_the_provider_took_away_may_go() -> None:
    text = 'resource "google_container_cluster" "c" {\n  name = "c"\n%s}\n'
    gone = "  pod_security_policy_config {\n    enabled = true\n  }\n"

    assert objected(text % gone, text % "") == ""
    assert "drops" in objected(text % gone.replace("pod_security_policy", "pod_curfew"), text % "")


@pytest.mark.parametrize("use", ["var.login", '"${var.login}!"', "local.whole", 'sha256("x${local.whole}")'])
def test_a_variable_that_goes_into_a_secret_gets_no_value(use: str) -> None:
    text = 'locals {\n  whole = "a${var.login}"\n}\n' + USER % use

    assert "makes up a secret: var.login" in objected(
        text, text.replace("  type = string\n", '  type = string\n  default = "europe-west1"\n')
    )


def test_a_variable_of_a_module_that_goes_into_a_secret_gets_no_value() -> None:
    root = 'variable "x" {}\nmodule "m" {\n  source = "./m"\n  login  = var.x\n}\n'
    before = Bundle(files={"main.tf": root, "m/main.tf": USER % "var.login"})
    after = before.with_files({"main.tf": root.replace("{}", '{\n  default = "app"\n}')})

    assert "var.x" in objected(before, after)


@pytest.mark.parametrize("name", ["db_pwd", "admin_pass", "passwd", "api_token", "client_secret", "API_KEY"])
def test_a_variable_called_a_secret_gets_no_value(name: str) -> None:
    before = f'variable "{name}" {{}}\n'

    assert "makes up" in objected(before, before.replace("{}", '{\n  default = "app"\n}'))


@pytest.mark.parametrize("name", ["region", "bypass", "secret_id", "compass", "monkey_count"])
def test_a_variable_that_is_no_secret_may_get_a_value(name: str) -> None:
    before = f'variable "{name}" {{}}\n'

    assert objected(before, before.replace("{}", '{\n  default = "app"\n}')) == ""


def test_a_password_is_not_written_where_there_was_none_and_one_that_moves_is_not_made_up() -> None:
    without = USER.replace("  password = %s\n", "")

    assert "makes up a secret" in objected(without, USER % '"hunter2"')
    assert objected((USER % '"hunter2"').replace("password", "passwrod"), USER % '"hunter2"') == ""
    assert objected(without, USER % "random_password.db.result") == ""


def test_references_stay_with_the_block_of_their_own_file() -> None:
    before = Bundle(files=TWO)
    first = before.with_files({"a.tf": TWO["a.tf"].replace('"data"', '"one"')})
    second = before.with_files({"b.tf": TWO["b.tf"].replace('"data"', '"two"')})
    both = before.with_files(
        {"b.tf": TWO["b.tf"].replace('"data"', '"two"').replace("bucket.data", "bucket.two")}
    )

    assert objected(before, first) == ""
    assert "cannot be told" in objected(before, second)
    assert objected(before, both) == ""


def test_a_grant_to_one_does_not_become_the_rule_for_all() -> None:
    text = 'resource "google_project_iam_%s" "g" {\n  project = "p"\n  role = "roles/viewer"\n  member%s\n}\n'
    one, many = ' = "user:a@example.com"', 's = ["user:a@example.com"]'

    assert "from everybody else" in objected(text % ("binding", one), text % ("binding", many))
    assert "from everybody else" in objected(text % ("member", one), text % ("binding", many))
    assert objected(text % ("binding", one), text % ("member", one)) == ""
    assert objected(text % ("binding", many), text % ("binding", many)) == ""


async def test_a_missing_secret_ends_with_how_to_give_it_and_no_model_is_asked() -> None:
    said = Diagnostic(
        summary="No value for required variable",
        detail='The root module input variable "login" is not set, and has no default value.',
        file="main.tf",
        line=1,
    )
    model = FakeModel()
    bundle = Bundle(files={"main.tf": USER % "var.login"})

    ended = await mended(bundle, lambda _: Report(diagnostics=(said,)), model)

    assert (ended.update["status"], model.prompts, ended.bundle) == ("failed", [], bundle)
    message = ended.update["message"]
    assert all(
        one in message for one in ("variable login", "--var login=", "TF_VAR_login", "terraform.tfvars")
    )
    assert "converging" not in message


async def test_a_merge_conflict_is_named_with_its_line_and_left_alone() -> None:
    text = "locals {\n  a = 1\n<<<<<<< HEAD\n  b = 1\n=======\n  b = 2\n>>>>>>> x\n}\n"
    said = Diagnostic(summary="Invalid syntax", file="main.tf", line=3)
    bundle, model = Bundle(files={"main.tf": text}), FakeModel()

    ended = await mended(bundle, lambda _: Report(diagnostics=(said,)), model)

    assert (ended.bundle, model.prompts) == (bundle, [])
    assert "Merge conflict at line 3 of main.tf: choose one side" in ended.update["message"]


async def test_a_model_that_takes_something_out_is_told_and_its_answer_not_taken() -> None:
    said = Diagnostic(
        summary="Unsupported argument",
        detail='An argument named "colour" is not expected here.',
        file="main.tf",
        line=3,
    )
    without = FileText(name="main.tf", content=MACHINE.replace('  colour  = "blue"\n', ""))
    model = FakeModel().says("mend", MendDraft(files=(without,)))

    ended = await mended(Bundle(files={"main.tf": MACHINE}), lambda _: Report(diagnostics=(said,)), model)

    assert ended.bundle.files["main.tf"] == MACHINE
    assert 'not taken: it drops colour = "blue"' in ended.update["message"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("deploy", "infraai files run shows the files"), ("apply", "correct that in your files")],
)
async def test_what_to_do_next_is_said_by_whose_files_they_are(
    kind: Literal["deploy", "apply"], said: str
) -> None:
    odd = Diagnostic(summary="Odd", detail="nobody knows", file="main.tf", line=1)
    kept = Kept()
    state: Validated = {
        "run_id": "run",
        "deployment_id": "run",
        "request": Request(kind=kind),
        "bundle": await kept.put_bundle(Bundle(files={"main.tf": MACHINE})),
        "findings": [],
        "report": Report(diagnostics=(odd,)),
        "fixes": 0,
        "notes": [],
        "seen": [],
    }

    update = await fixer(FakeModel().says("mend", MendDraft(files=())), kept)(state)

    assert said in update["message"]
