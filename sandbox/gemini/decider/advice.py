"""What the rules answer, and how sure they may be of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.gemini.decider.case import Case, Json, Piece, mapping, number
from sandbox.gemini.decider.weighing import next_best, reason_against
from sandbox.gemini.decider.wording import sentence

HELPED_HERE, HELPED_BESIDE, HELPED_ELSEWHERE, DID_NOT = 0.08, 0.05, 0.03, 0.25
MOST, LEAST = 0.95, 0.1
SURE_ENOUGH = 0.7


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One recommendation, before precedents and the budget are held against it."""

    action: str
    why: str  # what was seen, what it means, what is proposed
    confidence: float
    cites: Sequence[Piece | None] = ()
    option: Json = field(default_factory=dict)
    effect: str = ""
    risk: str = ""
    severity: str = ""
    doubt: str = ""  # what a person should look at before this is done
    rather: str = ""  # why this and not the next best
    others: Sequence[tuple[str, str]] = ()  # (action, why not)


def draft(case: Case, advice: Advice) -> dict[str, Any]:
    """Return the reply: the reasoning ends in why not the next best, what happened before, and what is in doubt."""
    cited = [one for one in advice.cites if one is not None]
    lift, said, found, failed = precedent(case, advice.option) if advice.option else (0.0, "", [], "")
    confidence = round(min(max(advice.confidence + lift, LEAST), MOST), 2)
    acts = advice.action not in {"ask", "ignore"}
    doubts = [one for one in (advice.doubt, over_budget(case, advice.option), failed) if one] if acts else []
    if acts and confidence < SURE_ENOUGH and not doubts:
        doubts = [f"this is a guess, by no more than {confidence * 100:.0f} %"]
    words = [sentence(advice.why), sentence(_rather(case, advice)), sentence(said)]
    if doubts:
        words.append(f"A person should look first: {'; '.join(one.rstrip('.') for one in doubts)}.")
    reasoning = " ".join(one for one in words if one)
    named = [one for one in case.pieces if f"[{one.id}]" in reasoning]
    return {
        "severity": advice.severity or ("high" if case.critical else "medium"),
        "recommended_action": advice.action,
        "parameters": dict(mapping(advice.option.get("parameters"))),
        "requires_approval": advice.action == "ask" or bool(doubts),
        "confidence": confidence,
        "reasoning": reasoning,
        "evidence": list(dict.fromkeys(one.id for one in (*cited, *named, *found))),
        "alternatives": [{"action": name, "why_not": why} for name, why in alternatives(case, advice)],
        "predicted_effect": advice.effect,
        "could_go_wrong": advice.risk,
    }


def precedent(case: Case, option: Json) -> tuple[float, str, list[Piece], str]:
    """Return how much a past action of this kind weighs, what it says, which it is, and the doubt it raises.

    Only one on this resource, or on one of its type, against the same cause; the less the farther away it is.
    """
    alike = [
        one
        for one in case.precedents
        if one.data.get("action") == option.get("action") and one.data.get("cause") == case.cause
    ]
    kind = case.target.get("type")
    near = [one for one in alike if one.data.get("same_resource")]
    near = near or [one for one in alike if kind and one.data.get("resource_type") == kind]
    if not near:
        return 0.0, "", [], ""
    newest = max(near, key=lambda one: bool(one.data.get("same_deployment")))
    data, action = newest.data, option.get("action")
    if data.get("same_resource"):
        where, lift = "on this resource", HELPED_HERE
    elif data.get("same_deployment"):
        where, lift = f"on {data.get('resource')} of this deployment", HELPED_BESIDE
    else:
        where, lift = f"on {data.get('resource')} of another deployment", HELPED_ELSEWHERE
    if data.get("resolved") is True:
        return lift, f"{action} helped against the same cause before, {where} [{newest.id}]", [newest], ""
    if data.get("resolved") is False or data.get("status") in {"failed", "rolled_back"}:
        said = f"{action} was done against the same cause before, {where}, and did not help [{newest.id}]"
        share = 1.0 if data.get("same_resource") else lift / HELPED_HERE
        return -DID_NOT * share, "", [newest], said
    return 0.0, "", [], ""


def failed_before(case: Case, option: Json) -> bool:
    """Return whether exactly this was done on this resource before, against the same cause, and did not help."""
    return any(
        one.data.get("same_resource")
        and one.data.get("cause") == case.cause
        and one.data.get("action") == option.get("action")
        and mapping(one.data.get("parameters")) == mapping(option.get("parameters"))
        and (one.data.get("resolved") is False or one.data.get("status") in {"failed", "rolled_back"})
        for one in case.precedents
    )


def over_budget(case: Case, option: Json) -> str:
    """Return a clause where the option would cost more than the budget, else ""."""
    budget, now = number(case.block.get("budget_usd")), number(case.block.get("cost_usd_month"))
    delta = number(option.get("cost_delta_usd_month")) if option else None
    if budget is None or now is None or delta is None or delta <= 0 or now + delta <= budget:
        return ""
    return f"it would cost ${now + delta:.2f} a month, over the budget of ${budget:.2f}"


def alternatives(case: Case, advice: Advice) -> list[tuple[str, str]]:
    """Return what else was weighed: what the rule names, then known fixes and the next best, with a reason."""
    found = [one for one in advice.others if one[0] != advice.action]
    named = {name for name, _ in found} | {advice.action}
    for fix in dict.fromkeys((*case.known_fixes, next_best(case, advice.option) if advice.option else "")):
        if not fix or fix in named:
            continue
        why = _against(case, advice, fix)
        if why:
            found.append((fix, sentence(why)))
    return found


def _against(case: Case, advice: Advice, fix: str) -> str:
    if case.was_tried(fix):
        return "it was tried for this incident and did not help"
    if not case.offered(fix):
        return "nothing of this kind can be done on this resource"
    return reason_against(case, advice.option, fix) if advice.option else ""


def _rather(case: Case, advice: Advice) -> str:
    """Return why this and not the next best, "" where there is none or no reason is known."""
    if advice.rather or not advice.option:
        return advice.rather
    name = next_best(case, advice.option)
    why = reason_against(case, advice.option, name) if name else ""
    return f"The next best, {name}, is not taken, because {why}" if why else ""
