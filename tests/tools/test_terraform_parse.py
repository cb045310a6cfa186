"""Terraform's JSON and its files' outline as our values."""

import json

import pytest

from infraai.models import Event
from tools.terraform.blocks import top_level_blocks
from tools.terraform.parse import parse_diagnostic, parse_validate
from tools.terraform.stream import Stream


def line(**fields: object) -> bytes:
    return json.dumps({"@level": "info", "@message": "said", "@module": "terraform.ui", **fields}).encode()


def test_lines_that_are_no_json_are_kept_as_notes_and_end_nothing() -> None:
    events: list[Event] = []
    stream = Stream(events.append)
    for raw in (
        b"plain",
        b"",
        b"[1]",
        b'{"no": "message"}',
        b"\xff",
        line(type="version"),
        line(type="new_kind"),
    ):
        stream.line(raw)
    assert stream.notes == ["plain", "[1]", '{"no": "message"}', "\N{REPLACEMENT CHARACTER}"]
    assert [event.kind for event in events] == ["note"] * 4 + ["terraform"]
    assert stream.report.passed


def test_an_address_is_completed_once_even_where_it_is_replaced() -> None:
    stream = Stream(lambda _: None)
    for action in ("delete", "create"):
        stream.line(line(type="apply_complete", hook={"resource": {"addr": "a.b[0]"}, "action": action}))
    assert list(stream.completed) == ["a.b[0]"]


@pytest.mark.parametrize(
    ("detail", "code", "attribute"),
    [
        ('The argument "network" is required, but no definition was found.', 'resource "a" "b" {', "network"),
        ('An argument named "nam" is not expected here.', '  nam = "x"', "nam"),
        ('Inappropriate value for attribute "size": a number is required.', '  size = "x"', "size"),
        ('expected machine to be one of ["a"]', '  machine = "z"', "machine"),
        ("Blocks of type disk are not expected here.", "  disk {", ""),
        ("x", "  a == b", ""),
    ],
)
def test_the_attribute_is_the_one_terraform_names(detail: str, code: str, attribute: str) -> None:
    raw = {"severity": "error", "summary": "s", "detail": detail, "snippet": {"code": code, "context": None}}
    assert parse_diagnostic(raw).attribute == attribute


@pytest.mark.parametrize(
    ("context", "address"),
    [
        ('resource "google_compute_instance" "web"', "google_compute_instance.web"),
        ('data "google_project" "p"', "data.google_project.p"),
        ('module "net"', "module.net"),
        ('variable "region"', "variable.region"),
        ("locals", ""),
        ("terraform", ""),
        ("", ""),
    ],
)
def test_the_address_is_read_from_the_blocks_heading(context: str, address: str) -> None:
    assert parse_diagnostic({"summary": "s", "snippet": {"context": context, "code": ""}}).address == address


def test_validate_with_nothing_to_say_passes() -> None:
    assert parse_validate(b'{"valid": true, "diagnostics": []}').passed


HARD = """# not "a" { block
terraform {
  required_version = ">= 1.0" // }
}
/* { { */
resource "a_b" "c" {
  x = "${foo("}", { y = "${z}" })} }"
  y = <<-EOT
    } " {
  EOT
  z = "$${literal {"
  w = "a\\"}"
}
module "m" { source = "./m" }
open {
"""


def test_blocks_are_cut_where_they_really_end() -> None:
    headings = [block.partition("{")[0].strip() for block in top_level_blocks(HARD)]
    assert headings == ["terraform", 'resource "a_b" "c"', 'module "m"', "open"]


def test_any_text_can_be_cut_into_blocks() -> None:
    for end in range(len(HARD)):
        list(top_level_blocks(HARD[:end]))
        list(top_level_blocks(HARD[end:]))


def test_no_token_of_a_command_goes_on_in_any_form() -> None:
    token = "ya29." + "a0AfH6SMBx-_" * 4
    events: list[Event] = []
    stream = Stream(events.append)
    stream.line(f"plain {token}".encode())
    stream.line(line(**{"@message": f"read {token}"}, type="apply_progress", hook={"id_value": token}))
    snippet = {"code": f'token = "{token}"', "context": 'resource "google_x" "web"'}
    stream.line(
        line(
            type="diagnostic",
            diagnostic={"summary": f"no {token}", "detail": token, "snippet": snippet, "severity": "error"},
        )
    )
    kept = repr((events, stream.notes, stream.report, stream.created))
    assert token not in kept
    assert kept.count("[masked: a Google OAuth token 1]") >= 6
    assert stream.report.diagnostics[0].attribute == "token"
    assert stream.report.diagnostics[0].address == "google_x.web"
