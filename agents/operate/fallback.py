"""What is decided where the model cannot be used: a person is asked, with the evidence and the known fixes."""

from collections.abc import Sequence

from infraai.operations.fixes import KNOWN_FIXES
from infraai.operations.shapes import Alert, Alternative, Cause, Evidence, OpsDecision, Option

_TELLING = ("alert", "series", "resource", "probe")
_MOST = 5


def asked_instead(
    why: str,
    alert: Alert | None,
    cause: Cause,
    evidence: Sequence[Evidence],
    options: Sequence[Option],
) -> OpsDecision:
    """Return the decision to ask: why there is no other, what the evidence shows, what is known to help."""
    telling = [one for one in evidence if one.kind in _TELLING and not one.data.get("failed")][:_MOST]
    shown = " ".join(f"{one.summary} [{one.id}]" for one in telling)
    critical = alert is None or alert.severity == "critical"
    return OpsDecision(
        severity="high" if critical else "medium",
        recommended_action="ask",
        requires_approval=True,
        confidence=0,
        reasoning=f"{why} {shown or 'There is no evidence either.'}",
        alternatives=tuple(_known_fixes(cause, options)),
        evidence=tuple(one.id for one in telling),
        fallback=why,
    )


def _known_fixes(cause: Cause, options: Sequence[Option]) -> list[Alternative]:
    found: list[Alternative] = []
    for action in KNOWN_FIXES[cause]:
        same = [one for one in options if one.action == action]
        priced = sorted(same, key=lambda one: one.cost_delta_usd_month or 0)
        found += [
            Alternative(
                action=action,
                parameters=one.parameters,
                why_not=f"It is known to help against {cause}; nobody has weighed it yet. {one.summary}",
            )
            for one in priced[:1]
        ]
    return found
