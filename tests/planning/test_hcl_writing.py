"""What is written is what is read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infraai.blocks.hcl import Raw, Written, heredoc, quoted, render_file, template
from infraai.labels import label_value, resource_label
from infraai.models import Bundle
from tools.hcl import HclTreeSitter

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from('\n\t"\\${}%'),
    max_size=40,
)


def read_back(expression: str) -> object:
    configuration = HclTreeSitter().parse(Bundle(files={"main.tf": f"locals {{\n  x = {expression}\n}}\n"}))
    assert configuration.faults == ()
    found = configuration.blocks[0].attribute("x")
    assert found is not None
    return found.expression.literal


@settings(deadline=None, max_examples=60)
@given(TEXT)
def test_any_text_is_a_literal_and_no_interpolation(text: str) -> None:
    assert read_back(quoted(text)) == text


@settings(deadline=None, max_examples=60)
@given(TEXT.filter(lambda text: "\r" not in text and text.strip()))
def test_any_text_is_a_heredoc(text: str) -> None:
    assert read_back(heredoc(text)) == text.rstrip() + "\n"


def test_only_raw_parts_are_interpolated() -> None:
    assert template("a ${x} ", Raw("var.y"), ' "q"') == r'"a $${x} ${var.y} \"q\""'


def test_a_block_is_written_as_terraform_formats_it() -> None:
    block = Written(
        "resource", ("a", "b"), {"x": 1, "long": True, "tags": {"k": "v"}, "list": ["a", Raw("var.b")]},
        (Written("inner", (), {"y": 0.5}), Written("empty")),
    )  # fmt: skip
    assert render_file([block]) == (
        'resource "a" "b" {\n  x    = 1\n  long = true\n  tags = {\n    k = "v"\n  }\n  list = ["a", var.b]\n\n'
        "  inner {\n    y = 0.5\n  }\n\n  empty {}\n}\n"
    )


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.text(max_size=200))
def test_label_values_fit_and_long_ones_stay_apart(one: str, other: str) -> None:
    first, second = label_value("x" * 60 + one), label_value("x" * 60 + other)
    assert len(first) <= 63
    assert set(first) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    if len(one) > 3 and len(other) > 3 and one != other:
        assert first != second


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("google_compute_instance.web", "google_compute_instance-web"),
        ("google_compute_instance.web[0]", "google_compute_instance-web"),
        ('module.a.google_compute_instance.web["x"]', "module-a-google_compute_instance-web"),
    ],
)
def test_a_resources_label_is_its_address_without_an_index(address: str, label: str) -> None:
    assert resource_label(address) == label
