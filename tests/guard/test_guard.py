"""The guard on bundles that mean harm, on honest ones, and on those nobody can read."""

import pytest

from infraai.guard import inspect
from infraai.models import Bundle, Finding
from tests.guard.honest import HONEST
from tests.guard.hostile import HOSTILE, UNREADABLE
from tools.hcl import HclTreeSitter


def findings(files: dict[str, str], **assets: str) -> list[Finding]:
    bundle = Bundle(files=files, assets=assets)
    return inspect(HclTreeSitter().parse(bundle), bundle)


def verdicts(found: list[Finding]) -> set[str]:
    return {one.verdict for one in found}


@pytest.mark.parametrize(("rule", "files"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_bundle_is_refused_by_its_rule(rule: str, files: dict[str, str]) -> None:
    refused = [one for one in findings(files) if one.verdict == "refuse"]
    assert rule in {one.rule for one in refused}
    assert all(one.file and len(one.message) > 20 for one in refused)


@pytest.mark.parametrize("files", [case[1] for case in HONEST], ids=[case[0] for case in HONEST])
def test_an_honest_bundle_passes(files: dict[str, str]) -> None:
    assert [one for one in findings(files) if one.verdict != "flag"] == []


@pytest.mark.parametrize("files", [case[1] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_what_cannot_be_read_is_not_run(files: dict[str, str]) -> None:
    assert verdicts(findings(files)) == {"unparsed"}


def test_terraform_hidden_in_what_is_not_text_is_refused() -> None:
    assert {one.rule for one in findings({"main.tf": ""}, **{"evil.tf": "cmVzb3VyY2U="})} == {"hidden_text"}


def test_a_template_that_is_not_text_is_refused() -> None:
    files = {"main.tf": 'output "x" {\n  value = templatefile("a.tftpl", {})\n}\n'}
    assert {one.rule for one in findings(files, **{"a.tftpl": "JHtmaWxlKCIvIil9"})} == {"file_computed"}


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case[0] for case in (*HOSTILE, *UNREADABLE, *HONEST)]
    assert len(names) == len(set(names))


def test_there_are_more_than_forty_of_each() -> None:
    assert len(HOSTILE) >= 40
    assert len(HONEST) >= 40
