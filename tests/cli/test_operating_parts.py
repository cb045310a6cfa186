"""The small parts of operating at the terminal: spans, series, replies, ids, the story."""

import pytest

from api.cli.asking import Reply, approving, chosen, pairs, parsed
from api.cli.ops_cards import cost_change, number, weighed
from api.cli.results import changes
from api.cli.short_ids import full_id
from api.cli.spans import APART, cloud_time, parse_span, span
from api.cli.sparkline import sparkline
from api.cli.story import story
from infraai.errors import AmbiguousError, InputError, NotFoundError
from infraai.operations.shapes import Alternative
from infraai.registry.approvals import Approval, Subject
from tests.cli import operating


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("1.5 d", 129_600)]
)
def test_a_span_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "-1h", "0s", "2 weeks", "2h and a bit", "999999d"])
def test_what_is_no_span_is_said_so(text: str) -> None:
    with pytest.raises(InputError, match="no span"):
        parse_span(text)


def test_a_span_is_told_in_two_units() -> None:
    assert [span(one) for one in (0, 45.2, 130, 3 * 3600 + 300, 90_000)] == [
        "0 s",
        "45 s",
        "2 min 10 s",
        "3 h 5 min",
        "1 d 1 h",
    ]


def test_a_series_is_drawn_against_its_threshold() -> None:
    assert sparkline([0, 0.5, 1]) == "▁▅█"
    assert sparkline([0.4, 0.4], threshold=0.8) == "▅▅"
    assert sparkline([]) == ""
    assert sparkline([0.0, 0.0]) == "▁▁"
    assert len(sparkline(list(range(1000)))) == 40
    peak = [0.0] * 500
    peak[250] = 1.0
    assert "█" in sparkline(peak)


def asked(subject: Subject) -> Approval:
    options = [
        {"id": f"O{index}", **one.model_dump(mode="json")}
        for index, one in enumerate(operating.OPTIONS, start=1)
    ]
    return Approval(
        approval_id="a",
        run_id="r",
        interrupt_id="",
        plan_digest="",
        state_lineage="",
        state_serial=0,
        policy_version="",
        hard_floor=(),
        status="pending",
        reason="",
        decided_by="",
        channel="",
        epoch=0,
        created_at=0,
        expires_at=0,
        subject=subject,
        card={"action_requests": [{"args": {"options": options}}]},
    )


def test_only_a_whole_yes_is_a_yes() -> None:
    approval = asked("apply")
    assert parsed("yes", approval, ()) == Reply(decision="approve")
    assert parsed("no", approval, ()) == Reply(decision="reject")
    for line in ("", "y", "ye", "yes please", "ok", "1", "yesno", "approve"):
        assert isinstance(parsed(line, approval, ()), str)


def test_a_question_is_answered_by_a_number_and_never_by_yes() -> None:
    approval = asked("question")
    assert isinstance(parsed("yes", approval, operating.OPTIONS), str)
    assert isinstance(parsed("3", approval, operating.OPTIONS), str)
    assert parsed("1 machine_type=e2-standard-2", approval, operating.OPTIONS) == Reply(
        decision="approve", choice={"action": "scale_up", "parameters": {"machine_type": "e2-standard-2"}}
    )
    assert "no name=value" in str(parsed("1 bigger", approval, operating.OPTIONS))


def test_a_question_is_approved_only_by_a_choice_it_offers() -> None:
    approval = asked("question")
    commands = [command for command, _ in approving(approval)]
    assert commands[0].endswith("approve a --choose O1")
    assert commands[-1].endswith("--choose ignore")
    with pytest.raises(InputError, match="--choose O2"):
        chosen(approval, "", {})
    with pytest.raises(InputError, match="O9"):
        chosen(approval, "O9", {})
    assert chosen(approval, "o1", {"machine_type": "e2-large"}) == {
        "action": "scale_up",
        "parameters": {"machine_type": "e2-large"},
    }
    assert chosen(asked("apply"), "", {}) is None
    assert approving(asked("apply")) == [("infraai approvals approve a", "")]


def test_where_nothing_is_recommended_nothing_fits_better() -> None:
    other = Alternative(action="scale_up", why_not="what is recommended fits better")
    asks = operating.DECISION.model_copy(update={"recommended_action": "ask", "alternatives": (other,)})
    assert weighed(asks) == ()
    assert weighed(operating.DECISION) == operating.DECISION.alternatives


def test_a_time_of_the_clouds_clock_is_marked_where_that_shows_another_one() -> None:
    for apart in (True, False):
        token = APART.set(apart)
        assert cloud_time(0).endswith("cloud time") is apart
        APART.reset(token)


def test_parameters_are_json_where_they_can_be() -> None:
    assert pairs(["size_gb=40", "name=web", 'ranges=["10.0.0.0/8"]', "machine-type=e2-small"]) == {
        "size_gb": 40,
        "name": "web",
        "ranges": ["10.0.0.0/8"],
        "machine_type": "e2-small",
    }
    with pytest.raises(InputError, match="name=value"):
        pairs(["size_gb"])


def test_a_short_id_has_to_be_long_enough_and_alone() -> None:
    known = ["abcdef-1", "abcdef-2", "fedcba-1"]
    assert full_id("fedcba", known, kind="thing", command="list") == "fedcba-1"
    assert full_id("abcdef-1", known, kind="thing", command="list") == "abcdef-1"
    with pytest.raises(AmbiguousError):
        full_id("abcdef", known, kind="thing", command="list")
    with pytest.raises(NotFoundError, match="list"):
        full_id("fed", known, kind="thing", command="list")


def test_numbers_costs_and_changes_are_told_plainly() -> None:
    assert [number(one) for one in (0, 0.934, 142, 1.2e9, 0.00001)] == [
        "0",
        "0.934",
        "142",
        "1.2e+09",
        "1e-05",
    ]
    assert cost_change(-12.5) == "-$12.50 a month by list price"
    assert (cost_change(0), cost_change(None)) == ("no change", "not priced")
    applied = {"vm": {"action": "update", "machine_type": {"before": "e2-small", "after": "e2-medium"}}}
    assert changes(applied) == "machine_type: e2-small → e2-medium"


def test_the_story_tells_everything_in_order() -> None:
    approval = {
        "status": "used",
        "subject": "apply",
        "decided_by": "ada",
        "channel": "cli",
        "reason": "go",
        "expires_at": 0,
    }
    action = {
        "action": operating.REQUEST.model_dump(mode="json"),
        "allowed_by": "ada",
        "status": "success",
        "result": None,
        "started_at": 1_795_000_060,
    }
    told = story(
        {
            "status": "resolved",
            "message": "It is under its threshold.",
            "opened_at": 1_795_000_000,
            "closed_at": 1_795_000_150,
            "alerts": [{"id": "x", "status": "resolved", **operating.ALERT.model_dump(mode="json")}],
            "evidence": [one.model_dump(mode="json") for one in operating.EVIDENCE],
            "decision": operating.DECISION.model_dump(mode="json"),
            "approvals": [approval],
            "actions": [action],
            "recheck": operating.RECHECK.model_dump(mode="json"),
        }
    )
    assert list(told) == [
        "What fired",
        "What was seen",
        "What was decided, and why",
        "Who allowed it",
        "What was done",
        "Did it help",
        "How it stands",
    ]
    words = "\n".join(line for lines in told.values() for line in lines)
    for said in (
        "cpu_high 0.934, over 0.8",
        "[E2]",
        "86% sure",
        "approved by ada (cli): go",
        "Yes: 0.46",
        "2 min 30 s",
    ):
        assert said in words
