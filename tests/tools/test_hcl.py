"""Reading Terraform's language: what is there, where it stands, and what cannot be read."""

import time

import pytest

from infraai.configuration import Block, Configuration, Expression
from infraai.models import Bundle
from tools.hcl import HclTreeSitter

TEXT = """# a comment
resource "google_compute_instance" "web" {
  name         = "web-1"
  machine_type = var.machine_type
  tags         = ["web", local.tag]
  metadata = {
    startup-script = file("${path.module}/a.sh")
    "quoted key"   = upper("x")
  }
  network_interface { network = google_compute_network.main[0].id }
  dynamic "disk" {
    for_each = var.disks
    content {
      size = disk.value
    }
  }
}
"""


def parse(text: str, name: str = "main.tf") -> Configuration:
    return HclTreeSitter().parse(Bundle(files={name: text}))


def value(text: str) -> Expression:
    configuration = parse(f"locals {{\n  a = {text}\n}}\n")
    assert configuration.faults == ()
    return configuration.blocks[0].attributes[0].expression


@pytest.fixture
def web() -> Block:
    (block,) = parse(TEXT).blocks
    return block


def test_a_block_knows_its_address_and_place(web: Block) -> None:
    assert (web.address, web.span.line, web.span.end_line) == ("google_compute_instance.web", 2, 17)
    assert TEXT.encode()[web.span.start : web.span.end].startswith(b'resource "google')
    assert TEXT.encode()[web.body.start : web.body.end].strip().startswith(b"name ")


def test_attributes_know_what_they_say(web: Block) -> None:
    assert web.literal("name") == "web-1"
    assert web.attribute("machine_type").expression.references == ("var.machine_type",)  # type: ignore[union-attr]
    tags = web.attribute("tags")
    assert tags is not None
    assert (tags.expression.literal, tags.expression.strings) == (None, ("web",))


def test_calls_are_seen_with_their_arguments_wherever_they_stand(web: Block) -> None:
    metadata = web.attribute("metadata")
    assert metadata is not None
    assert metadata.expression.functions == ("file", "upper")
    assert metadata.expression.calls[0] == ("file", ('"${path.module}/a.sh"',))
    script = metadata.expression.item("startup-script")
    assert script is not None
    assert [
        one if isinstance(one, str) else one.text for one in script.invocations[0].arguments[0].parts
    ] == [
        "path.module",
        "/a.sh",
    ]


def test_indexes_and_splats_are_left_out_of_references(web: Block) -> None:
    assert web.of("network_interface")[0].attributes[0].expression.references == (
        "google_compute_network.main.id",
    )
    assert value("a.b[*].c[var.i].d").references == ("a.b.c.d", "var.i")
    assert value("a.b.*.c").references == ("a.b.c",)
    assert value("a.b.0.c").references == ("a.b.c",)


def test_the_content_of_a_dynamic_block_is_seen_as_a_block_of_its_type(web: Block) -> None:
    (disk,) = web.of("disk")
    assert disk.generated
    assert disk.attributes[0].name == "size"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a\\tb\\n\\"c\\" \\\\ \\u00e9 \\U0001F600"', 'a\tb\n"c" \\ é 😀'),
        ('"$${x} %%{y} $5 100%"', "${x} %{y} $5 100%"),
        ("-1.5e3", -1500.0),
        ("1e3", 1000.0),
        ("<<-EOT\n\t\ta\n\t\n\t\t b\n  EOT\n", "a\n\t\n b\n"),
        ("42", 42),
        ("true", True),
        ('[1, "a", [true], { b = 2 }]', [1, "a", [True], {"b": 2}]),
        ('{ a = 1, "b c" : "d" }', {"a": 1, "b c": "d"}),
        ("[]", []),
        ("{}", {}),
        ("<<EOT\n  a\\n $${b}\n\n c\nEOT\n", "  a\\n ${b}\n\n c\n"),
        ("<<-EOT\n      a\n\n        b\n      EOT\n", "a\n\n  b\n"),
        ("<<EOT\nEOT\n", ""),
        ('("x")', "x"),
    ],
)
def test_literals_are_read_as_terraform_reads_them(text: str, expected: object) -> None:
    assert value(text).literal == expected


@pytest.mark.parametrize(
    "text", ['"${var.a}"', "var.a", "1 + 1", 'upper("a")', "[var.a]", "{ a = var.b }", "true ? 1 : 2"]
)
def test_what_must_be_evaluated_is_no_literal(text: str) -> None:
    assert value(text).literal is None


def test_a_flush_heredoc_with_interpolations_loses_its_indent() -> None:
    read = value("<<-EOT\n    a ${var.x}\n      b ${var.y} c\n    EOT\n")
    assert [one if isinstance(one, str) else one.text for one in read.parts] == [
        "a ",
        "var.x",
        "\n  b ",
        "var.y",
        " c\n",
    ]
    assert read.references == ("var.x", "var.y")


def test_names_that_a_for_binds_are_no_references() -> None:
    read = value('[for k, v in var.m : "${k}-${v.name}-${local.x}" if v.on]')
    assert read.references == ("var.m", "local.x")
    assert read.bound == ("k", "v")


def test_what_a_for_goes_through_is_outside_its_names_reach() -> None:
    read = value('[for data in [data.x.y] : "${data.z}-%{ for local in local.m }${local.n}%{ endfor }"]')
    assert read.references == ("data.x.y", "local.m")


def test_a_call_knows_the_fors_it_stands_in() -> None:
    read = value("{ for k, v in f(local.m) : k => [for w in g(v) : h(w)] if i(k) }")
    assert {call.function: [loop.names for loop in call.loops] for call in read.invocations} == {
        "f": [],
        "g": [("k", "v")],
        "h": [("k", "v"), ("w",)],
        "i": [("k", "v")],
    }
    assert read.loop is not None
    assert (read.loop.key and read.loop.key.text, read.loop.collection.text) == ("k", "f(local.m)")
    assert value("{ for k, v in a.b : k => v... }").loop is None


@pytest.mark.parametrize("text", ['a.b ? "x" : y.z', '(a.b == 1 ? "x" : y.z)', '!a.b ? ("x") : (y.z)'])
def test_a_conditional_has_two_arms(text: str) -> None:
    assert [one.text for one in value(text).arms] == ['"x"', "y.z"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('"a ${b.c}"', "template"),
        ('"a ${~ b.c}"', "other"),
        ('"a ${b.c ~} d"', "other"),
        ("<<EOT\na ${b.c ~}\n c\nEOT\n", "other"),
    ],
)
def test_a_template_that_takes_white_space_away_is_not_what_its_parts_say(text: str, kind: str) -> None:
    assert value(text).kind == kind


def test_what_is_spread_into_arguments_is_none_itself() -> None:
    spread, plain = value("merge([{ a = 1 }]...)"), value("merge({ a = 1 })")
    assert [one.kind for one in spread.invocations[0].arguments] == ["other"]
    assert [one.kind for one in plain.invocations[0].arguments] == ["object"]


def test_comments_between_the_names_of_a_traversal_are_no_part_of_them() -> None:
    assert value("(a./* b */c./* d */e)").references == ("a.c.e",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('resource "a" "b" {\n  x = \n}\n', 2),
        ('resource "a" "b" {\n  x = 1\n', 1),
        ("a = [1,\n  2\nb = 3\n", 1),
        ('x {\n  a = "b\n}\n', 2),
        ("x {\n  a = <<EOT\n  b\n}\n", 2),
        ("}\n", 1),
        ("x {\n  a = 1 b = 2\n}\n", 2),
    ],
)
def test_a_fault_names_its_line(text: str, line: int) -> None:
    (fault,) = parse(text).faults
    assert (fault.file, fault.line) == ("main.tf", line)


def test_a_broken_file_still_gives_the_blocks_that_stand_whole() -> None:
    configuration = parse('variable "a" {}\nresource "b" "c" {\n  x = \n}\noutput "d" {\n  value = 1\n}\n')
    assert configuration.faults
    assert [block.address for block in configuration.blocks] == ["variable.a", "output.d"]
    assert configuration.blocks[1].span.line == 5


def test_only_the_files_terraform_reads_count() -> None:
    files = dict.fromkeys(
        ["a.tf", "m/b.tf", "c.tofu", ".d.tf", "e.tf~", "#f.tf#", "G.TF", "h.tf.bak", "i.txt"], "locals {}\n"
    )
    read = HclTreeSitter().parse(Bundle(files=files))
    assert read.files == ("a.tf", "c.tofu", "m/b.tf")


def test_variable_files_and_tests_are_read_apart() -> None:
    files = {
        "terraform.tfvars": 'a = "b"\n',
        "x.auto.tfvars.json": '{"c": "${d}"}',
        "m/terraform.tfvars": "broken {",
        "t.tftest.hcl": 'run "r" {}\n',
    }
    read = HclTreeSitter().parse(Bundle(files=files))
    assert [(one.file, one.attributes[0].expression.literal) for one in read.values] == [
        ("terraform.tfvars", "b"),
        ("x.auto.tfvars.json", "${d}"),
    ]
    assert [one.address for one in read.tests] == ["run.r"]
    assert read.blocks == ()


def test_json_syntax_gives_the_same_blocks() -> None:
    text = '{"//": "x", "resource": {"google_compute_network": [{"n": {"name": "a-${var.b}", "timeouts": {"create": "5m"}}}]},\n "locals": {"c": [1, true, null]}}'
    read = parse(text, "main.tf.json")
    network, local = read.blocks
    assert network.address == "google_compute_network.n"
    assert network.attributes[0].expression.references == ("var.b",)
    assert network.of("timeouts")[0].literal("create") == "5m"
    assert (local.literal("c"), local.span.line) == ([1, True, None], 2)


def test_a_hundred_resources_are_read_in_well_under_a_second() -> None:
    text = "\n".join(TEXT.replace('"web"', f'"web{number}"') for number in range(100))
    started = time.perf_counter()
    assert len(parse(text).resources) == 100
    assert time.perf_counter() - started < 0.5
