"""What code asks of the model's decision before anybody sees it: real citations, a possible action, caution."""

import re
from collections.abc import Sequence

from infraai.errors import ModelMalformedError
from infraai.masking import mask
from infraai.operations.drafts import DecisionDraft
from infraai.operations.shapes import Alternative, Evidence, OpsDecision, Option

_BRACKETS = re.compile(r"[\[(]([^\])]*)[\])]")
_ID = re.compile(r"\bE\d+\b")
_LONGEST = 2000
_TOOL = "The model's decision"


def checked_draft(
    draft: DecisionDraft, evidence: Sequence[Evidence], options: Sequence[Option]
) -> OpsDecision:
    """Return the decision; raise `ModelMalformedError` for a citation or an action that does not exist.

    To ignore is allowed only where the evidence itself says that all is well now; else a person is asked.
    """
    known = {one.id: one for one in evidence}
    cited = tuple(dict.fromkeys((*draft.evidence, *cited_ids(draft.reasoning))))
    unknown = [one for one in (*cited, *cited_ids(_words(draft))) if one not in known]
    if unknown:
        raise ModelMalformedError(_TOOL, f"it cites {', '.join(unknown)}, which is no piece of evidence")
    acts = draft.recommended_action not in {"ask", "ignore"}
    if draft.recommended_action != "ask" and not cited:
        raise ModelMalformedError(_TOOL, f"it recommends {draft.recommended_action} and cites no evidence")
    if acts and not any(one.action == draft.recommended_action for one in options):
        raise ModelMalformedError(_TOOL, f"{draft.recommended_action} is none of what can be done here")
    decision = _decision(draft, cited, known)
    if draft.recommended_action == "ignore" and not fine_now(evidence):
        said = "It was recommended to ignore this, but the evidence does not show that all is well now."
        changed = {
            "recommended_action": "ask",
            "requires_approval": True,
            "reasoning": f"{said} {decision.reasoning}",
        }
        return decision.model_copy(update=changed)
    return decision


def cited_ids(text: str) -> tuple[str, ...]:
    """Return the evidence ids that a text cites in brackets: `[E2]`, `[E2, E5]`, `(E3)`."""
    return tuple(dict.fromkeys(one for group in _BRACKETS.findall(text) for one in _ID.findall(group)))


def fine_now(evidence: Sequence[Evidence]) -> bool:
    """Return whether the alert's own metric has fresh data on the good side, and nothing else says otherwise."""
    measured = [one.data for one in evidence if one.kind == "series" and one.data.get("role") == "alerted"]
    fresh = [one for one in measured if one.get("over_now") is False and not one.get("stale")]
    good = [one.data.get("healthy") for one in evidence if one.kind == "probe"]
    good += [
        one.data["status"] == "RUNNING" for one in evidence if one.kind == "resource" and "status" in one.data
    ]
    return bool(fresh) and len(fresh) == len(measured) and all(good)


def _decision(draft: DecisionDraft, cited: tuple[str, ...], known: dict[str, Evidence]) -> OpsDecision:
    asks = draft.recommended_action == "ask"
    return OpsDecision(
        severity=draft.severity,
        recommended_action=draft.recommended_action,
        requires_approval=draft.requires_approval or asks,
        confidence=min(max(draft.confidence, 0.0), 1.0),
        reasoning=_said(draft.reasoning),
        parameters={} if draft.recommended_action in {"ask", "ignore"} else draft.parameters,
        alternatives=tuple(
            Alternative(action=one.action, why_not=_said(one.why_not)) for one in draft.alternatives
        ),
        evidence=cited,
        predicted_effect=_said(draft.predicted_effect),
        could_go_wrong=_said(draft.could_go_wrong),
        precedent=_precedent(draft, [known[one] for one in cited]),
    )


def _precedent(draft: DecisionDraft, cited: Sequence[Evidence]) -> str:
    leaned = [one for one in cited if one.kind == "precedent" and one.data.get("action")]
    same = [one for one in leaned if one.data["action"] == draft.recommended_action]
    found = next(iter(same or leaned), None)
    return f"[{found.id}] {found.summary}" if found else ""


def _words(draft: DecisionDraft) -> str:
    return " ".join(
        (draft.predicted_effect, draft.could_go_wrong, *(one.why_not for one in draft.alternatives))
    )


def _said(text: str) -> str:
    return mask(" ".join(text.split()))[:_LONGEST]
