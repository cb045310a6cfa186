"""What one call of the model cost."""

from typing import Literal

from infraai.models import RunId, Sha256, Value

CallOutcome = Literal[
    "ok", "unavailable", "timeout", "refused", "truncated", "malformed", "unknown_model", "failed"
]


class ModelCall(Value):
    """One request to the model, answered or not."""

    run_id: RunId
    task: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None  # None: the price of this model is not known
    seconds: float = 0
    outcome: CallOutcome
    prompt_sha256: Sha256
