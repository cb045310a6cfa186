"""The loop on the real engine: what the record says is what Terraform says."""

from pathlib import Path

import pytest

from tests.mending.cases import cases
from tests.mending.engine import Engine
from tests.mending.facts import missing_facts
from tests.mending.loop import mended, rules
from tools.hcl import HclTreeSitter

NAMES = (
    "misspelt resource type, referred to",
    "undeclared variables of several types",
    "missing boot disk and network interface",
    "missing closing brace of a nested block",
    "undeclared service account and data source",
    "provider: run",
)


@pytest.mark.parametrize("name", NAMES)
async def test_terraform_takes_what_was_mended(name: str, tmp_path: Path) -> None:
    case = next(one for one in cases() if one.name == name)
    (tmp_path / "work").mkdir()

    ended = await mended(case.bundle, Engine(tmp_path / "work").check, rules())

    assert ended.report.passed, ended.report.errors
    assert missing_facts(HclTreeSitter().parse(ended.bundle), case.expect) == []
