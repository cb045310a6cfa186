"""What may be done by itself: the table, and that a model can raise caution and never lower it."""

import itertools
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infraai.models import Verdict
from infraai.operations.fixes import KNOWN_FIXES
from infraai.operations.policy import (
    BLIND,
    CAUTION,
    MAX_TRIES,
    ActionQuestion,
    combined,
    judge_action,
    stricter,
)
from infraai.operations.shapes import (
    ACTIONS,
    ActionRequest,
    ActionType,
    ActionVerdict,
    Alert,
    Cause,
    OpsDecision,
    Option,
)
from infraai.policy import HARD_FLOOR, Autonomy

VM = "google_compute_instance.vm"
ORDER = {"auto": 0, "ask": 1, "refuse": 2}
AUTONOMIES: tuple[Autonomy, ...] = get_args(Autonomy)
CAUSES: tuple[Cause, ...] = get_args(Cause)


def question(kind: ActionType = "resize_disk", **changed: Any) -> ActionQuestion:
    """A known fix, reversible, for a warning, that the model is sure of: nothing to object to."""
    asked: dict[str, Any] = {
        "action": ActionRequest(action_type=kind, resource_id=VM, run_id="r"),
        "advice": advice(kind),
        "alert": Alert(severity="warning", metric="x"),
        "cause": next((cause for cause, fixes in KNOWN_FIXES.items() if kind in fixes), "unknown"),
        "option": Option(action=kind, summary="s", cost_delta_usd_month=1),
    }
    return ActionQuestion(**(asked | changed))


def advice(action: str = "resize_disk", **changed: Any) -> OpsDecision:
    said: dict[str, Any] = {
        "severity": "medium",
        "recommended_action": action,
        "requires_approval": False,
        "confidence": 0.9,
        "reasoning": "[E1]",
    }
    return OpsDecision(**(said | changed))


def test_assisted_acts_by_itself_only_where_no_rule_matched() -> None:
    verdict = judge_action(question())
    assert (verdict.decision, verdict.rules) == ("auto", ())


@pytest.mark.parametrize(
    ("changed", "rule", "autonomous"),
    [
        ({"alert": Alert(severity="critical")}, "critical_alert", "auto"),
        (
            {"option": Option(action="resize_disk", summary="s", cost_delta_usd_month=1, stops=True)},
            "stops_machine",
            "auto",
        ),
        (
            {"option": Option(action="resize_disk", summary="s", cost_delta_usd_month=1, reversible=False)},
            "irreversible",
            "auto",
        ),
        ({"cause": "cpu"}, "unknown_fix", "ask"),
        ({"advice": advice(confidence=0.69)}, "low_confidence", "ask"),
        ({"advice": advice(requires_approval=True)}, "model_asks", "ask"),
        ({"advice": advice(fallback="the model is down")}, "no_decision", "ask"),
        ({"advice": advice("ask")}, "no_decision", "ask"),
        ({"repeats": 1}, "repeated_action", "ask"),
        ({"failed_before": True}, "failed_before", "ask"),
        ({"flapping": True}, "flapping", "ask"),
    ],
)
def test_each_rule_is_told_and_asked(changed: dict[str, Any], rule: str, autonomous: str) -> None:
    verdict = judge_action(question(**changed))
    assert verdict.decision == "ask"
    assert verdict.rules == (rule,)
    assert verdict.messages[0].startswith(f"{rule}: it ")
    assert judge_action(question(**changed, autonomy="autonomous")).decision == autonomous
    assert judge_action(question(**changed, autonomy="supervised")).decision == "ask"
    assert judge_action(question(**changed, autonomy="observe")).decision == "refuse"


@pytest.mark.parametrize(
    ("autonomy", "severity", "action"), list(itertools.product(AUTONOMIES, ("warning", "critical"), ACTIONS))
)
def test_the_table(autonomy: Autonomy, severity: str, action: ActionType) -> None:
    """Every level, severity and action, otherwise without objection: what stops a machine is asked if assisted."""
    stops = action in {"scale_up", "scale_down", "restart", "recreate", "rollback"}
    asked = question(
        action,
        autonomy=autonomy,
        alert=Alert.model_validate({"severity": severity}),
        option=Option(action=action, summary="s", cost_delta_usd_month=1, stops=stops),
        cause="errors" if action in KNOWN_FIXES["errors"] else question(action).cause,
    )
    known = action not in {"scale_down", "recreate"}
    expected = {
        "observe": "refuse",
        "supervised": "ask",
        "assisted": "auto" if known and not stops and severity == "warning" else "ask",
        "autonomous": "auto" if known else "ask",
    }
    assert judge_action(asked).decision == expected[autonomy]


def test_what_stands_still_is_not_interrupted_by_a_start() -> None:
    stopping = Option(action="restart", summary="s", cost_delta_usd_month=1, stops=True)
    assert judge_action(question("restart", cause="stopped", option=stopping)).decision == "auto"
    assert judge_action(question("restart", cause="restarts", option=stopping)).rules == ("stops_machine",)


def test_what_no_option_describes_is_asked() -> None:
    verdict = judge_action(question(option=None))
    assert verdict.rules == ("not_offered", "stops_machine", "irreversible")
    assert judge_action(question(option=None, autonomy="autonomous")).decision == "ask"


def call(delta: float | None, **changed: Any) -> ActionQuestion:
    """A disk that grows by a call of the API, which no preview shows the cost of."""
    request = ActionRequest(action_type="resize_disk", resource_id=VM, run_id="r", method="api")
    option = Option(action="resize_disk", summary="s", method="api", cost_delta_usd_month=delta)
    return question(action=request, option=option, cost_usd=15, **changed)


def test_a_call_is_held_to_the_budget_and_to_a_price() -> None:
    free = {"autonomy": "autonomous"}
    assert judge_action(call(4, budget_usd=20, **free)).decision == "auto"
    assert judge_action(call(6, budget_usd=20, **free)).rules == ("cost_over_budget",)
    assert judge_action(call(6, budget_usd=20, **free)).decision == "ask"
    assert judge_action(call(None, **free)).rules == ("unpriced_change",)
    assert judge_action(call(None, **free)).decision == "ask"
    assert judge_action(call(0, budget_usd=10, **free)).decision == "auto"


def test_a_yes_by_hand_covers_neither_the_budget_nor_what_has_no_price_under_one() -> None:
    by_hand = {"by_hand": True, "alert": None, "yes": True}
    assert judge_action(call(6, budget_usd=20, **by_hand)).decision == "ask"
    assert judge_action(call(None, budget_usd=20, **by_hand)).decision == "ask"
    assert judge_action(call(None, **by_hand)).decision == "auto"


@pytest.mark.parametrize("autonomy", AUTONOMIES)
def test_what_does_not_stand_any_more_is_not_acted_on(autonomy: Autonomy) -> None:
    assert judge_action(question(gone=True, autonomy=autonomy)).decision == "refuse"


def test_one_critical_alert_of_an_incident_makes_it_critical() -> None:
    assert judge_action(question(critical=True)).rules == ("critical_alert",)


def test_what_was_to_be_asked_stays_asked_whatever_changed() -> None:
    auto, ask = ActionVerdict(decision="auto"), ActionVerdict(decision="ask", rules=("chosen",))
    refuse = ActionVerdict(decision="refuse", rules=("gone",))
    assert stricter(auto, None) == auto
    assert stricter(ask, auto) == ask
    assert stricter(refuse, auto) == refuse
    assert stricter(auto, ask).decision == "ask"
    assert stricter(refuse, ask).rules == ("chosen", "gone")


@pytest.mark.parametrize("autonomy", AUTONOMIES)
def test_after_two_tries_nothing_is_done_without_a_person(autonomy: Autonomy) -> None:
    assert judge_action(question(autonomy=autonomy, tries=MAX_TRIES)).decision == "refuse"
    if autonomy in {"assisted", "autonomous"}:
        assert judge_action(question(autonomy=autonomy, tries=MAX_TRIES - 1)).decision == "auto"


@pytest.mark.parametrize("autonomy", AUTONOMIES)
def test_by_hand_is_asked_unless_it_is_a_call_that_was_said_yes_to(autonomy: Autonomy) -> None:
    call = ActionRequest(action_type="restart", resource_id=VM, run_id="r", method="api")
    change = call.model_copy(update={"method": "terraform"})
    by_hand = {"by_hand": True, "alert": None, "autonomy": autonomy, "tries": 9}
    assert judge_action(question("restart", action=call, **by_hand)).decision == "ask"
    assert judge_action(question("restart", action=call, yes=True, **by_hand)).decision == "auto"
    assert judge_action(question("restart", action=change, yes=True, **by_hand)).decision == "ask"


facts = st.fixed_dictionaries(
    {
        "action": st.sampled_from(ACTIONS).map(
            lambda one: ActionRequest(action_type=one, resource_id=VM, run_id="r")
        ),
        "alert": st.none() | st.sampled_from(["warning", "critical"]).map(lambda one: Alert(severity=one)),
        "cause": st.sampled_from(CAUSES),
        "option": st.none()
        | st.builds(
            Option,
            action=st.just("restart"),
            summary=st.just(""),
            stops=st.booleans(),
            reversible=st.booleans(),
        ),
        "autonomy": st.sampled_from(AUTONOMIES),
        "tries": st.integers(0, 4),
        "repeats": st.integers(0, 2),
        "flapping": st.booleans(),
        "failed_before": st.booleans(),
    }
)
said = st.builds(
    OpsDecision,
    severity=st.sampled_from(["low", "medium", "high"]),
    recommended_action=st.sampled_from([*ACTIONS, "ignore", "ask"]),
    requires_approval=st.booleans(),
    confidence=st.floats(0, 1),
    reasoning=st.text(max_size=20),
    fallback=st.sampled_from(["", "down"]),
)


@given(facts, said)
@settings(max_examples=200, deadline=None)
def test_a_model_raises_caution_and_never_lowers_it(known: dict[str, Any], words: OpsDecision) -> None:
    """Whatever the model says, the verdict is at least that on the most assured words about the same facts."""
    assured = advice(known["action"].action_type, confidence=1.0)
    least = judge_action(ActionQuestion(advice=assured, **known))
    verdict = judge_action(ActionQuestion(advice=words, **known))
    assert ORDER[verdict.decision] >= ORDER[least.decision]
    assert set(least.rules) <= set(verdict.rules)
    hesitant = words.model_copy(update={"requires_approval": True})
    asked = judge_action(ActionQuestion(advice=hesitant, **known))
    assert asked.decision != "auto"


@given(facts, said)
@settings(max_examples=200, deadline=None)
def test_more_autonomy_never_asks_more(known: dict[str, Any], words: OpsDecision) -> None:
    verdicts = [
        ORDER[judge_action(ActionQuestion(advice=words, **(known | {"autonomy": level}))).decision]
        for level in AUTONOMIES
    ]
    assert verdicts == sorted(verdicts, reverse=True)


def test_a_change_is_made_by_itself_only_if_action_and_preview_both_allow_it() -> None:
    free, floor = Verdict(decision="ask"), Verdict(decision="ask", rules=("iam",), hard_floor=("iam",))
    auto, ask = ActionVerdict(decision="auto"), ActionVerdict(decision="ask", rules=("low_confidence",))
    assert combined(free, auto).decision == "auto"
    assert combined(floor, auto).decision == "ask"
    assert combined(floor, auto).hard_floor == ("iam",)
    assert combined(free, ask).decision == "ask"
    assert combined(free, ask).rules == ("low_confidence",)
    assert combined(Verdict(decision="auto"), ask).decision == "ask"
    assert combined(Verdict(decision="refuse"), auto).decision == "refuse"
    assert combined(free, ActionVerdict(decision="refuse")).decision == "refuse"
    assert combined(floor, None) == floor


def test_what_a_change_does_beyond_the_request_is_asked_and_named() -> None:
    beyond = (("touches_others", "google_compute_instance.db"), ("unpriced_change", VM))
    verdict = combined(Verdict(decision="ask"), ActionVerdict(decision="auto"), beyond)
    assert (verdict.decision, verdict.rules) == ("ask", ("touches_others", "unpriced_change"))
    assert "google_compute_instance.db" in verdict.messages[0]


def test_no_rule_of_an_action_is_on_the_hard_floor_of_changes() -> None:
    assert not set(CAUTION | BLIND) & set(HARD_FLOOR)
