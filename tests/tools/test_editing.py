"""Edits touch one thing, and leave every other byte as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infraai.configuration import Block
from infraai.editing import (
    Edit,
    append,
    apply_edits,
    attribute_edit,
    insert_block,
    removal_edit,
    remove,
    rename,
    rename_label,
    replace,
    set_attribute,
)
from infraai.models import Bundle
from tests.guard.honest import HONEST
from tools.hcl import HclTreeSitter

TEXT = """# the web server, grüße
resource "google_compute_instance" "web" { # keep me
  name = "web-1" # and me

  machine_type   =   "e2-small"
  script = <<-EOT
    hello
  EOT
  boot_disk {
    size = 10
  }
}

# the other
variable "a" { default = "x" }
"""


def block(text: str, index: int = 0) -> Block:
    read = HclTreeSitter().parse(Bundle(files={"main.tf": text}))
    assert read.faults == ()
    return read.blocks[index]


def test_an_attribute_is_changed_where_it_stands() -> None:
    assert set_attribute(TEXT, block(TEXT), "machine_type", '"e2-medium"') == TEXT.replace(
        "e2-small", "e2-medium"
    )


def test_any_span_is_replaced() -> None:
    assert replace(TEXT, block(TEXT, 1).body, "") == TEXT.replace(' default = "x" ', "")


def test_a_heredoc_is_replaced_whole() -> None:
    assert set_attribute(TEXT, block(TEXT), "script", '"x"') == TEXT.replace(
        "<<-EOT\n    hello\n  EOT", '"x"'
    )


def test_a_new_attribute_follows_the_last_one() -> None:
    assert set_attribute(TEXT, block(TEXT), "zone", '"a"') == TEXT.replace("  EOT\n", '  EOT\n  zone = "a"\n')


def test_a_new_attribute_in_a_block_of_blocks_comes_first() -> None:
    text = "a {\n  # why\n  b {\n  }\n}\n"
    assert set_attribute(text, block(text), "c", "1") == "a {\n  c = 1\n  # why\n  b {\n  }\n}\n"


def test_a_block_on_one_line_is_opened() -> None:
    changed = set_attribute(TEXT, block(TEXT, 1), "type", "string")
    assert changed == TEXT.replace('{ default = "x" }', '{\n  default = "x"\n  type = string\n}')
    assert set_attribute("a {}\n", block("a {}\n"), "b", "1") == "a {\n  b = 1\n}\n"


def test_a_nested_block_is_edited_by_its_own_span() -> None:
    disk = block(TEXT).of("boot_disk")[0]
    assert set_attribute(TEXT, disk, "size", "20") == TEXT.replace("size = 10", "size = 20")
    assert set_attribute(TEXT, disk, "type", '"pd-ssd"') == TEXT.replace(
        "size = 10\n", 'size = 10\n    type = "pd-ssd"\n'
    )


def test_a_line_is_removed_with_what_it_held() -> None:
    name = block(TEXT).attributes[1]
    assert remove(TEXT, name.span) == TEXT.replace('  machine_type   =   "e2-small"\n', "")


def test_a_comment_beside_what_is_removed_stays() -> None:
    assert remove(TEXT, block(TEXT).attributes[0].span) == TEXT.replace('name = "web-1" #', " #")


def test_removing_a_block_leaves_one_blank_line() -> None:
    text = "a {\n}\n\nb {\n}\n\nc {\n}\n"
    assert remove(text, block(text, 1).span) == "a {\n}\n\nc {\n}\n"


def test_names_types_and_labels_are_renamed() -> None:
    assert rename(TEXT, block(TEXT).attributes[0], "hostname") == TEXT.replace("name =", "hostname =", 1)
    assert rename(TEXT, block(TEXT).blocks[0], "disk") == TEXT.replace("boot_disk", "disk")
    assert rename_label(TEXT, block(TEXT), 1, "api") == TEXT.replace('"web"', '"api"')
    assert (
        rename_label("resource a b {\n}\n", block("resource a b {\n}\n"), 0, "c") == 'resource "c" b {\n}\n'
    )


def test_a_name_that_is_not_there_is_not_renamed() -> None:
    with pytest.raises(ValueError, match="another text"):
        rename("# " + TEXT, block(TEXT).attributes[0], "hostname")


def test_a_block_is_put_in_before_the_closing_brace() -> None:
    added = "network_interface {\n  s = <<EOT\nas it is\nEOT\n}"
    expected = "  network_interface {\n    s = <<EOT\nas it is\nEOT\n  }\n"
    assert insert_block(TEXT, block(TEXT), added) == TEXT.replace(
        "    size = 10\n  }\n", "    size = 10\n  }\n" + expected
    )
    assert insert_block("a {}\n", block("a {}\n"), "b {}") == "a {\n  b {}\n}\n"


def test_a_block_is_appended_after_one_blank_line() -> None:
    assert append("a {}", "b {}\n") == "a {}\n\nb {}\n"
    assert append("", "b {}") == "b {}\n"
    assert append("a {}\r\n", "b {\n}") == "a {}\r\n\r\nb {\r\n}\r\n"


def test_several_edits_are_made_from_the_end() -> None:
    web = block(TEXT)
    edits = [
        attribute_edit(TEXT, web, "name", '"api"'),
        removal_edit(TEXT, web.attributes[1].span),
        attribute_edit(TEXT, web, "zone", '"b"'),
        attribute_edit(TEXT, block(TEXT, 1), "default", '"y"'),
    ]
    expected = TEXT.replace('"web-1"', '"api"').replace('  machine_type   =   "e2-small"\n', "")
    expected = expected.replace("  EOT\n", '  EOT\n  zone = "b"\n').replace('"x"', '"y"')
    assert apply_edits(TEXT, edits) == expected


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply_edits("abcdef", [Edit(0, 4, ""), Edit(3, 5, "")])


def test_a_file_with_other_line_ends_keeps_them() -> None:
    text = "a {\r\n  b = 1\r\n}\r\n"
    assert set_attribute(text, block(text), "c", "2") == "a {\r\n  b = 1\r\n  c = 2\r\n}\r\n"
    assert remove(text, block(text).attributes[0].span) == "a {\r\n}\r\n"


SAMPLES = [
    text
    for _, files in HONEST
    for name, text in files.items()
    if name.endswith(".tf") and not name.startswith(".")
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_what_is_not_edited_stays_as_it_was(text: str, data: st.DataObject) -> None:
    read = HclTreeSitter().parse(Bundle(files={"main.tf": text}))
    inside = [(one, attribute) for top in read.blocks for one in top.walk() for attribute in one.attributes]
    if not inside:
        return
    owner, attribute = data.draw(st.sampled_from(inside))
    changed = set_attribute(text, owner, attribute.name, '"né w"').encode()
    source, span = text.encode(), attribute.expression.span
    assert changed[: span.start] == source[: span.start]
    assert changed[len(changed) - (len(source) - span.end) :] == source[span.end :]
    again = HclTreeSitter().parse(Bundle(files={"main.tf": changed.decode()}))
    assert again.faults == ()
    assert len(again.blocks) == len(read.blocks)
    added = set_attribute(text, owner, "brand_new", "1")
    assert (
        sum(
            b.attribute("brand_new") is not None
            for t in HclTreeSitter().parse(Bundle(files={"main.tf": added})).blocks
            for b in t.walk()
            if not b.generated
        )
        == 1
    )
