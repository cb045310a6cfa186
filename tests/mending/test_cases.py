"""Every kind of broken Terraform, mended by the node that the graph runs, against what Terraform said."""

import pytest

from tests.mending.cases import Case, Replay, cases
from tests.mending.facts import missing_facts
from tests.mending.loop import mended, rules
from tools.hcl import HclTreeSitter


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
async def test_what_is_broken_is_valid_after_mending_and_still_says_what_it_said(case: Case) -> None:
    ended = await mended(case.bundle, Replay().check, rules())

    assert ended.report.passed != case.unmendable, ended.report.errors
    assert missing_facts(HclTreeSitter().parse(ended.bundle), case.expect) == []
    assert ended.fixes == case.tries, ended.notes


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
async def test_every_mend_leaves_a_note_of_what_and_where_and_by_whom(case: Case) -> None:
    ended = await mended(case.bundle, Replay().check, rules())

    if ended.bundle != case.bundle:
        assert ended.notes
    assert all(note.startswith(("code: ", "model: ")) for note in ended.notes)
