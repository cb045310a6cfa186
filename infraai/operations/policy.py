"""The policy of actions: what may be done by itself, what is asked, what is refused. Pure; a doubt is never a yes.

Three things are judged apart: the action itself (here, before any preview), the exact change (`infraai.policy`, on
the preview of an action by Terraform), and the kill-switch (right before the effect). All have to say yes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from infraai.models import Preview, Verdict
from infraai.operations.fixes import KNOWN_FIXES
from infraai.operations.shapes import ActionRequest, ActionVerdict, Alert, Cause, OpsDecision, Option
from infraai.policy import Autonomy

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
}
REFUSED: dict[str, str] = {
    "too_many_tries": f"would be more than {MAX_TRIES} tries without a person's word: a person takes over",
    "observe": "would be an action, and the autonomy level is `observe`, which never acts",
}
MESSAGES = CAUTION | BLIND | REFUSED
# What one action on a group or a cluster may change besides the resource it names.
COMPANIONS = frozenset(
    {
        "google_compute_instance_template",
        "google_compute_region_instance_template",
        "google_compute_instance_group_manager",
        "google_compute_region_instance_group_manager",
        "google_compute_autoscaler",
        "google_compute_region_autoscaler",
        "google_compute_disk",
        "google_compute_region_disk",
        "google_container_node_pool",
        "google_monitoring_alert_policy",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionQuestion:
    """All that the policy looks at.

    `tries` counts what was carried out for this incident without a person's word; `repeats` the same action on the
    same resource within the last hour; `yes` is the word of who acts by hand, given beforehand.
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


def operational_rules(verdict: ActionVerdict | None) -> tuple[str, ...]:
    """Return the rules an action matched, to be joined to those of its preview; none of them is on the hard floor."""
    return verdict.rules if verdict else ()


def combined(preview: Verdict, action: ActionVerdict | None, strays: tuple[str, ...] = ()) -> Verdict:
    """Return one verdict on an action by Terraform: auto only if both say so, refused if either refuses.

    A preview that matches no rule is asked by `infraai.policy` since nobody has judged what it is for; here the
    action's verdict has. `strays` are addresses the change touches that the action does not mean: those are asked.
    """
    if action is None:
        return preview
    rules = (*preview.rules, *(rule for rule in action.rules if rule not in preview.rules))
    messages = tuple(dict.fromkeys((*preview.messages, *_beside(preview, action))))
    if strays:
        rules = (*rules, "touches_others")
        messages = (*messages, f"touches_others: it also changes {', '.join(strays[:5])}")
    decision: Literal["auto", "ask", "refuse"] = "ask"
    if "refuse" in {preview.decision, action.decision}:
        decision = "refuse"
    elif action.decision == "auto" and not preview.rules and not strays:
        decision = "auto"
    return preview.model_copy(update={"decision": decision, "rules": rules, "messages": messages})


def _beside(preview: Verdict, action: ActionVerdict) -> tuple[str, ...]:
    """Return the action's messages for the rules that the preview's do not name already."""
    return tuple(one for one in action.messages if one.partition(":")[0] not in preview.rules)


def strays_of(preview: Preview, request: ActionRequest) -> tuple[str, ...]:
    """Return the addresses a preview changes besides the action's resource and what belongs to it.

    A rollback means the whole configuration, so nothing strays there.
    """
    if request.action_type == "rollback":
        return ()
    own = request.resource_id.partition("[")[0]
    return tuple(
        change.address
        for change in preview.changes
        if change.address.partition("[")[0] != own and change.type not in COMPANIONS
    )


def _decision(question: ActionQuestion, rules: tuple[str, ...]) -> Literal["auto", "ask", "refuse"]:
    if question.by_hand:
        return "auto" if question.yes and question.action.method == "api" else "ask"
    if any(rule in REFUSED for rule in rules):
        return "refuse"
    if question.autonomy == "autonomous":
        return "ask" if any(rule in BLIND for rule in rules) else "auto"
    return "auto" if question.autonomy == "assisted" and not rules else "ask"


def _matched(question: ActionQuestion) -> Iterator[str]:
    if not question.by_hand:
        yield from _limits(question)
        yield from _blind(question)
    if question.alert is not None and question.alert.severity == "critical":
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


def _limits(question: ActionQuestion) -> Iterator[str]:
    if question.autonomy == "observe":
        yield "observe"
    if question.tries >= MAX_TRIES:
        yield "too_many_tries"


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


def _interrupts(question: ActionQuestion) -> bool:
    """Return whether something that runs is interrupted; what stands still is only started."""
    if question.action.action_type == "restart" and question.cause == "stopped":
        return False
    return question.option is None or question.option.stops
