"""What the model is asked to reply with about an incident, and the typed block it is asked with.

decide  {"task": "decide", "now" (epoch seconds), "alert": Alert or null, "cause", "target": {"address", "type", "name",
         "member"}, "evidence": [Evidence], "options": [Option], "known_fixes": [action], "tried": [{"action",
         "parameters", "resolved"}], "budget_usd", "cost_usd_month"}                            → DecisionDraft
"""

from typing import Any, Literal

from pydantic import Field

from infraai.models import Value
from infraai.operations.shapes import Recommendation


class Weighed(Value):
    """An action that was weighed and not chosen."""

    action: Recommendation
    why_not: str = ""


class DecisionDraft(Value):
    """The model's decision, before code checks its citations, prices it and the policy has its say."""

    severity: Literal["low", "medium", "high"]
    recommended_action: Recommendation = Field(
        description="one of the options' actions; ignore: nothing is wrong; ask: a person has to say"
    )
    parameters: dict[str, Any] = Field(
        default_factory=dict, description="as the option has them, or near them"
    )
    requires_approval: bool = True
    confidence: float = Field(ge=0, le=1)
    reasoning: str = Field(description="why, citing evidence ids in brackets: [E2]")
    evidence: tuple[str, ...] = Field(default=(), description="ids of the pieces it leans on")
    alternatives: tuple[Weighed, ...] = ()
    predicted_effect: str = ""
    could_go_wrong: str = ""
