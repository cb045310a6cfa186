"""What the rules answer, and how sure they may be of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.gemini.decider.case import Case, Json, Piece, mapping, number

HELPED, DID_NOT = 0.08, 0.25
MOST, LEAST = 0.95, 0.1
SURE_ENOUGH = 0.7


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One recommendation, before precedents and the budget are held against it."""

    action: str
    why: str
    confidence: float
    cites: Sequence[Piece | None] = ()
    option: Json = field(default_factory=dict)
    effect: str = ""
    risk: str = ""
    severity: str = ""
    asks: bool = False
    others: Sequence[tuple[str, str]] = ()  # (action, why not)


def draft(case: Case, advice: Advice) -> dict[str, Any]:
    """Return the reply: the reasoning ends in what happened before and in what it would cost."""
    cited = [one for one in advice.cites if one is not None]
    confidence, words = advice.confidence, [advice.why]
    if advice.option:
        lift, said, found = precedent(case, advice.option)
        confidence += lift
        words += said
        cited += found
    over = over_budget(case, advice.option)
    if over:
        words.append(over)
    confidence = round(min(max(confidence, LEAST), MOST), 2)
    acts = advice.action not in {"ask", "ignore"}
    asks = advice.asks or advice.action == "ask" or (acts and (bool(over) or confidence < SURE_ENOUGH))
    return {
        "severity": advice.severity or ("high" if case.critical else "medium"),
        "recommended_action": advice.action,
        "parameters": dict(mapping(advice.option.get("parameters"))),
        "requires_approval": asks,
        "confidence": confidence,
        "reasoning": " ".join(words),
        "evidence": list(dict.fromkeys(one.id for one in cited)),
        "alternatives": [{"action": name, "why_not": why} for name, why in alternatives(case, advice)],
        "predicted_effect": advice.effect,
        "could_go_wrong": advice.risk,
    }


def precedent(case: Case, option: Json) -> tuple[float, list[str], list[Piece]]:
    """Return how much past actions of this kind raise or lower the confidence, in words, and which they are."""
    same = [one for one in case.precedents if one.data.get("action") == option.get("action")]
    alike = [one for one in same if one.data.get("cause") == case.cause]
    near = [one for one in alike if one.data.get("same_resource")] or alike
    if not near:
        return 0.0, [], []
    newest = near[0]
    where = "on this resource" if newest.data.get("same_resource") else f"on {newest.data.get('resource')}"
    if newest.data.get("resolved") is True:
        return HELPED, [f"The same helped before, {where} [{newest.id}]."], [newest]
    if newest.data.get("resolved") is False or newest.data.get("status") in {"failed", "rolled_back"}:
        return -DID_NOT, [f"It was done before {where} and did not help [{newest.id}]."], [newest]
    return 0.0, [], []


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
    """Return a sentence where the option would cost more than the budget, else ""."""
    budget, now = number(case.block.get("budget_usd")), number(case.block.get("cost_usd_month"))
    delta = number(option.get("cost_delta_usd_month")) if option else None
    if budget is None or now is None or delta is None or delta <= 0 or now + delta <= budget:
        return ""
    return f"It would cost ${now + delta:.2f} a month, over the budget of ${budget:.2f}."


def alternatives(case: Case, advice: Advice) -> list[tuple[str, str]]:
    """Return what else was weighed: what the rule names, then the known fixes, each once."""
    found = [one for one in advice.others if one[0] != advice.action]
    named = {name for name, _ in found} | {advice.action}
    for fix in case.known_fixes:
        if fix in named:
            continue
        if case.was_tried(fix):
            why = "It was tried for this incident and did not help."
        elif case.offered(fix):
            why = "It is a known fix of this cause; what is recommended fits the evidence better."
        else:
            why = "It is a known fix of this cause, but cannot be done on this resource."
        found.append((fix, why))
    return found
