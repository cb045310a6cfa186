"""The policy of actions: what may be done by itself, what is asked, what is refused. Pure; a doubt is never a yes.

Three things are judged apart: the action itself (here, before any preview), the exact change (`infraai.policy`, on
the preview of an action by Terraform), and the kill-switch (right before the effect). All have to say yes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from infraai.models import Preview, Verdict
from infraai.operations.extent import Extent, within
from infraai.operations.fixes import KNOWN_FIXES
from infraai.operations.shapes import ActionRequest, ActionVerdict, Alert, Cause, OpsDecision, Option
from infraai.policy import HARD_FLOOR, Autonomy
from infraai.pricing import leaves_open

MIN_CONFIDENCE = 0.7
MAX_TRIES = 2  # of an incident, without a person's word

CAUTION: dict[str, str] = {
    "critical_alert": "answers a critical alert",
    "stops_machine": "stops what runs now for a while",
    "irreversible": "cannot be taken back",
}
BLIND: dict[str, str] = {
    "no_decision": "comes without a decision of the model's, or with one that asks a person",
    "unknown_fix": "is no known fix of this cause",
    "low_confidence": f"is recommended with a confidence below {MIN_CONFIDENCE:g}",
    "model_asks": "is something the model wants a person to look at",
    "repeated_action": "was done on this resource within the last hour already",
    "failed_before": "was tried on this resource before and did not help",
    "flapping": "answers an alert that comes and goes",
    "not_offered": "is not one of the options that were reckoned from the configuration",
    "unpriced_change": "changes something whose price is not known",
    "touches_others": "changes more than the request says",
    "not_an_update": "makes, removes or takes over resources",
    "mended_after": "is not the request's own edit and nothing more: the files were changed after it",
}
FLOOR: dict[str, str] = {"cost_over_budget": HARD_FLOOR["cost_over_budget"]}
REFUSED: dict[str, str] = {
    "too_many_tries": f"would be more than {MAX_TRIES} tries without a person's word: a person takes over",
    "gone": "is about something that does not stand any more",
    "observe": "would be an action, and the autonomy level is `observe`, which never acts",
}
MESSAGES = CAUTION | BLIND | FLOOR | REFUSED
_PAST_YES = frozenset({"cost_over_budget", "unpriced_change", "gone"})  # what `--yes` by hand does not cover
GROWING = frozenset({"scale_up", "resize_disk", "rollback"})  # what may cost more afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionQuestion:
    """All that the policy looks at.

    `tries` counts what was carried out for this incident without a person's word; `repeats` the same action on the
    same resource within the last hour; `yes` is the word of who acts by hand, given beforehand; `critical` says that
    any alert of the incident is; costs are USD a month, what stands now.
    """

    action: ActionRequest
    advice: OpsDecision
    alert: Alert | None = None
    cause: Cause = "unknown"
    option: Option | None = None
    autonomy: Autonomy = "assisted"
    tries: int = 0
    repeats: int = 0
    flapping: bool = False
    failed_before: bool = False
    by_hand: bool = False
    yes: bool = False
    critical: bool = False
    gone: bool = False
    cost_usd: float = 0
    budget_usd: float | None = None


def judge_action(question: ActionQuestion) -> ActionVerdict:
    """Return whether an action may be done by itself, is asked, or is refused.

    - By hand: asked, except an API call with `--yes`, which is the person's own word; Terraform asks at its preview.
    - `observe` refuses. So does every level once an incident had its two tries without a person's word.
    - `supervised` asks, always.
    - `assisted` acts only where no rule matched: a known fix, reversible, that interrupts nothing, for a warning, which
      the model is sure of and does not want looked at.
    - `autonomous` is the operator's word that ordinary risk is theirs: an alert's severity, an interruption and a
      change that only grows are no reason to ask. What no operator can have meant still is: acting without knowing
      (no decision, an unknown fix, low confidence, a model that wants a person) and going round in circles
      (repeated, failed before, flapping). The hard floor is asked by the preview's own policy at this level too.

    The model's words can match more rules and never fewer: whatever it says, the rules that come from the alert, the
    option and the history stand.
    """
    rules = tuple(dict.fromkeys(_matched(question)))
    return ActionVerdict(
        decision=_decision(question, rules),
        rules=rules,
        messages=tuple(f"{rule}: it {MESSAGES[rule]}" for rule in rules),
    )


def stricter(now: ActionVerdict, before: ActionVerdict | None) -> ActionVerdict:
    """Return the verdict of now; what a person was to be asked about, or was refused, stays so."""
    if before is None or before.decision == "auto":
        return now
    return before.model_copy(
        update={
            "rules": tuple(dict.fromkeys((*before.rules, *now.rules))),
            "messages": tuple(dict.fromkeys((*before.messages, *now.messages))),
        }
    )


def combined(
    preview: Verdict, action: ActionVerdict | None, beyond: Sequence[tuple[str, str]] = ()
) -> Verdict:
    """Return one verdict on an action by Terraform: auto only if both say so, refused if either refuses.

    A preview that matches no rule is asked by `infraai.policy` since nobody has judged what it is for; here the
    action's verdict has. `beyond` are (rule, what) that the exact change has matched: those are asked at every level.
    """
    if action is None:
        return preview
    extra = dict.fromkeys(rule for rule, _ in beyond)
    rules = tuple(dict.fromkeys((*preview.rules, *action.rules, *extra)))
    said = [f"{rule}: it {MESSAGES[rule]}{_named(rule, beyond)}" for rule in extra]
    messages = tuple(dict.fromkeys((*preview.messages, *_beside(preview, action), *said)))
    decision: Literal["auto", "ask", "refuse"] = "ask"
    if "refuse" in {preview.decision, action.decision}:
        decision = "refuse"
    elif (
        action.decision == "auto"
        and not preview.hard_floor
        and set(preview.rules) <= set(action.rules)  # what the preview shows was judged with the action
        and not beyond
    ):
        decision = "auto"
    return preview.model_copy(update={"decision": decision, "rules": rules, "messages": messages})


def _named(rule: str, beyond: Sequence[tuple[str, str]]) -> str:
    what = list(dict.fromkeys(one for name, one in beyond if name == rule and one))
    return f" ({', '.join(what[:5])})" if what else ""


def _beside(preview: Verdict, action: ActionVerdict) -> tuple[str, ...]:
    """Return the action's messages for the rules that the preview's do not name already."""
    return tuple(one for one in action.messages if one.partition(":")[0] not in preview.rules)


def beyond_of(
    preview: Preview, request: ActionRequest, extent: Extent | None, *, mended: bool = False
) -> tuple[tuple[str, str], ...]:
    """Return (rule, address) of all that a preview does besides what the request's own edit says.

    `extent` is None where the files are not that edit and nothing more. A rollback means the whole configuration, so
    nothing strays there, and `mended` says whether its files were changed since.
    """
    return tuple(dict.fromkeys(_beyond(preview, request, extent, mended=mended)))


def _beyond(
    preview: Preview, request: ActionRequest, extent: Extent | None, *, mended: bool
) -> Iterator[tuple[str, str]]:
    if preview.empty:
        return
    back = request.action_type == "rollback"
    if mended or (extent is None and not back):
        yield "mended_after", ""
    for change in preview.changes:
        if change.action != "update":
            yield "not_an_update", change.address
        elif not back and extent is not None and not within(change, extent):
            yield "touches_others", change.address
    if request.action_type in GROWING:
        about = {request.resource_id, *(change.address for change in preview.changes)}
        for sentence in preview.unpriced:
            address = sentence.partition(": ")[0]
            if address in about and leaves_open(sentence):
                yield "unpriced_change", address


def _decision(question: ActionQuestion, rules: tuple[str, ...]) -> Literal["auto", "ask", "refuse"]:
    if question.by_hand:
        own_word = question.yes and question.action.method == "api"
        return "auto" if own_word and not any(rule in _PAST_YES for rule in rules) else "ask"
    if any(rule in REFUSED for rule in rules):
        return "refuse"
    if question.autonomy == "autonomous":
        return "ask" if any(rule in BLIND | FLOOR for rule in rules) else "auto"
    return "auto" if question.autonomy == "assisted" and not rules else "ask"


def _matched(question: ActionQuestion) -> Iterator[str]:
    if not question.by_hand:
        yield from _limits(question)
        yield from _blind(question)
    yield from _costs(question)
    if question.critical or (question.alert is not None and question.alert.severity == "critical"):
        yield "critical_alert"
    if _interrupts(question):
        yield "stops_machine"
    if question.option is None or not question.option.reversible:
        yield "irreversible"
    if question.repeats:
        yield "repeated_action"
    if question.failed_before:
        yield "failed_before"
    if question.flapping:
        yield "flapping"


def _costs(question: ActionQuestion) -> Iterator[str]:
    """Yield what the action's cost comes to; of an API call no preview will show it."""
    option, budget, by_hand = question.option, question.budget_usd, question.by_hand
    delta = option.cost_delta_usd_month if option else None
    if delta is not None and delta > 0 and budget is not None and question.cost_usd + delta > budget:
        yield "cost_over_budget"
    grows = question.action.action_type in GROWING and question.action.action_type != "rollback"
    if delta is None and grows and (budget is not None if by_hand else option is not None):
        yield "unpriced_change"


def _limits(question: ActionQuestion) -> Iterator[str]:
    if question.autonomy == "observe":
        yield "observe"
    if question.tries >= MAX_TRIES:
        yield "too_many_tries"
    if question.gone:
        yield "gone"


def _blind(question: ActionQuestion) -> Iterator[str]:
    advice = question.advice
    if advice.fallback or advice.recommended_action != question.action.action_type:
        yield "no_decision"
    if question.action.action_type not in KNOWN_FIXES[question.cause]:
        yield "unknown_fix"
    if not advice.confidence >= MIN_CONFIDENCE:
        yield "low_confidence"
    if advice.requires_approval:
        yield "model_asks"
    if question.option is None:
        yield "not_offered"


def _interrupts(question: ActionQuestion) -> bool:
    """Return whether something that runs is interrupted; what stands still is only started."""
    if question.action.action_type == "restart" and question.cause == "stopped":
        return False
    return question.option is None or question.option.stops
