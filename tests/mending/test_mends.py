import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infraai.mending.lexer import tokens
from infraai.mending.mend import Mended, mend
from infraai.mending.nearest import nearest
from infraai.mending.syntax.repair import repair
from infraai.mending.values import fitted
from infraai.models import Bundle, Diagnostic, Report
from sandbox.schema.describe import ShippedSchemas
from tests.mending.cases import cases
from tools.hcl import HclTreeSitter

HCL = HclTreeSitter()
COMMENTED = """# The shop's network. “Curly” quotes and 'single' ones stay in comments;
resource   "google_compute_network"  "main" { # all of it
    nmae = "main"   // odd spacing stays
  description="a; b, c: 'd' ${var.x}"
}
"""


def parses(text: str) -> bool:
    return not HCL.parse(Bundle(files={"main.tf": text})).faults


def run(text: str, summary: str, detail: str, line: int) -> Mended:
    said = Diagnostic(summary=summary, detail=detail, file="main.tf", line=line)
    return mend(Report(diagnostics=(said,)), Bundle(files={"main.tf": text}), HCL, ShippedSchemas())


def test_a_mend_changes_its_own_bytes_and_no_others() -> None:
    done = run(COMMENTED, "Unsupported argument", 'An argument named "nmae" is not expected here.', 3)

    assert done.bundle.files["main.tf"] == COMMENTED.replace("nmae", "name")


def test_a_repair_of_syntax_leaves_comments_spacing_and_strings_alone() -> None:
    broken = COMMENTED.replace('"main"   //', '"main   //').replace("nmae", "name")
    done = repair("main.tf", broken.replace('"main   //', "'main'   //"), parses)

    assert done
    assert done.text == COMMENTED.replace("nmae", "name")


def test_line_endings_stay_as_they_are() -> None:
    text = 'resource "google_compute_network" "main" {\r\n  auto_create_subnetworks = false\r\n}\r\n'
    done = run(
        text, "Missing required argument", 'The argument "name" is required, but no definition was found.', 1
    )

    assert done.bundle.files["main.tf"] == text.replace("{\r\n", '{\r\n  name = "main"\r\n')


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("machne_type", ("machine_type", "min_cpu_platform"), "machine_type"),
        ("MachineType", ("machine_type", "zone"), "machine_type"),
        ("nam", ("name", "nat"), ""),
        ("cost_center", ("name", "zone"), ""),
        ("url", ("uri", "urls"), ""),
    ],
)
def test_a_name_is_put_right_only_where_one_is_clearly_the_nearest(
    name: str, known: tuple[str, ...], meant: str
) -> None:
    assert nearest(name, known) == meant


@pytest.mark.parametrize(
    ("written", "name", "wanted"),
    [
        ("30d", "retention_period", "2592000"),
        ("2 weeks", "age", "14"),
        ("90 min", "timeout_sec", "5400"),
        ("2TB", "disk_size_gb", "2048"),
        ("80%", "target", "80"),
        ("12h", "age", None),
        ("5 apples", "age", None),
        ("3d", "min_replicas", None),
    ],
)
def test_a_number_with_a_unit_is_written_in_the_arguments_own_unit_or_not_at_all(
    written: str, name: str, wanted: str | None
) -> None:
    (block,) = HCL.parse(Bundle(files={"main.tf": f'locals {{\n  a = "{written}"\n}}\n'})).blocks

    assert fitted(block.attributes[0].expression, "number", name) == wanted


def test_a_secret_never_gets_a_default() -> None:
    text = 'resource "google_sql_user" "u" {\n  name     = "u"\n  instance = "db"\n  password = var.db_password\n}\n'
    detail = 'An input variable with the name "db_password" has not been declared.'
    done = run(text, "Reference to undeclared input variable", detail, 4)

    added = done.bundle.files["main.tf"].removeprefix(text)
    assert "sensitive = true" in added
    assert "default" not in added


def test_a_mend_by_code_that_would_lower_a_guard_is_left_alone() -> None:
    text = 'resource "google_compute_instance" "vm" {\n  count = 2\n  for_each = toset(["a"])\n  deletion_protection = true\n}\n'
    detail = 'Can\'t configure a value for "deletion_protection": its value will be decided automatically.'
    done = run(text, "Value for unconfigurable attribute", detail, 4)

    assert done.notes == ()


def test_a_diagnostic_without_a_file_or_of_another_bundle_changes_nothing() -> None:
    assert run(COMMENTED.replace("nmae", "name"), "Something", "", 0).notes == ()
    said = Diagnostic(
        summary="Unsupported argument",
        detail='An argument named "x" is not expected here',
        file="a.tf",
        line=9,
    )
    done = mend(Report(diagnostics=(said,)), Bundle(files={"main.tf": COMMENTED}), HCL, ShippedSchemas())
    assert done.notes == ()


@pytest.mark.parametrize(
    "case",
    [one for one in cases() if not one.unmendable and not parses("".join(one.bundle.files.values()))],
    ids=lambda case: case.name,
)
def test_what_the_guard_could_not_read_is_repaired_from_its_finding_alone(case) -> None:  # noqa: ANN001
    faults = HCL.parse(case.bundle).faults
    said = tuple(
        Diagnostic(summary="Invalid syntax", detail=one.message, file=one.file, line=one.line)
        for one in faults
    )
    done = mend(Report(diagnostics=said), case.bundle, HCL, ShippedSchemas())

    assert HCL.parse(done.bundle).faults == ()


@given(st.text(alphabet="{}[]()\"$%\\\n\r #/*<-=,.:;'“ab1é", max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_is_too_broken_to_be_read_or_loses_a_byte(text: str) -> None:
    source = text.encode()

    assert "".join(one.text for one in tokens(source)).encode("latin-1") == source
    repair("main.tf", text, parses)


def test_a_repaired_file_needs_no_repair() -> None:
    good = 'locals {\n  a = [for one in ["x"] : one if one != ""]\n  b = true ? { c = 1 } : null\n}\n'

    assert repair("main.tf", good, parses) is None
