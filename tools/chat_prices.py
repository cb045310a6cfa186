"""What Gemini's tokens cost: list prices, USD per million, for the paid tier and prompts up to 200k tokens.

Source: https://ai.google.dev/gemini-api/docs/pricing as known in 2025 for the 2.5 family. A model that is not
here has no known price and its cost is told as unknown, not as nothing. Thinking tokens are billed as output,
and the client counts them there. Longer prompts cost more on 2.5 Pro: with them a sum is a lower bound.
"""

_USD_PER_MILLION: dict[str, tuple[float, float]] = {
    "gemini-2.5-pro": (1.25, 10.0),
    "gemini-2.5-flash": (0.30, 2.50),
    "gemini-2.5-flash-lite": (0.10, 0.40),
    "sandbox-rules": (0.0, 0.0),
}


def cost_usd(model: str, input_tokens: int, output_tokens: int) -> float | None:
    """Return the list price of one call in USD, or None where the model's price is not known."""
    prices = _USD_PER_MILLION.get(model)
    if prices is None:
        return None
    return (input_tokens * prices[0] + output_tokens * prices[1]) / 1_000_000
