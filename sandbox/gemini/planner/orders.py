"""Orders to the planner hidden in a goal: they are set aside and named, never followed."""

import re

_OPENERS = (
    r"ignore|disregard|forget|override|bypass|print|reveal|show me your|tell me your|repeat your|act as|pretend|"
    r"add an? (?:local|remote|provisioner|external|null)|run (?:curl|wget|rm|bash|sh)\b|you are now|curl|do not ask|auto[- ]?approve"
)
_CUT = re.compile(
    rf"[.;!?\n]+(?!\w)|,?\s+(?:and|then|but|also)\s+(?:then\s+)?(?=(?:please\s+)?(?:{_OPENERS}))|"
    rf",\s*(?=(?:please\s+)?(?:{_OPENERS}))|,?\s+(?:and|then|but)\s+(?=(?:then\s+)?(?:please\s+)?(?:deploy|create|build|provision|set up)\b)"
)
_ORDERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,30}\b(?:rules?|instructions?|prompts?|polic(?:y|ies)|"
        r"guard(?:rails?)?|previous|above|constraints?|restrictions?|everything|safety|approvals?)\b",
        r"\b(?:print|reveal|show|output|repeat|tell|display|leak|give)\b.{0,30}\b(?:system prompt|your prompt|instructions|"
        r"api keys?|credentials|your rules|environment variables?|the prompt)\b",
        r"\b(?:local|remote)[- _]?exec\b",
        r"\bprovisioners?\b",
        r"\byou are (?:now|no longer)\b",
        r"\b(?:pretend|act as|roleplay|jailbreak|developer mode)\b",
        r"\b(?:system|assistant)\s*:|<\s*/?\s*(?:system|instructions?)\s*>",
        r"\b(?:curl|wget)\b.{0,60}\b(?:sh|bash)\b|\brm -rf\b|\b(?:exfiltrate|reverse shell)\b",
        r"\b(?:auto[- ]?approve|approve (?:it|this|everything) (?:yourself|automatically)|without (?:asking|approval)|"
        r"do not ask (?:for )?(?:me|approval))\b",
        r"\bdata\s+\"?external\"?\b|\bexternal data source\b",
        r"\b(?:give|grant|make)\b.{0,40}\bowner\b.{0,30}\b(?:allusers|everyone|anybody|anyone|the world)\b",
    )
)


def find_orders(text: str) -> tuple[list[str], str]:
    """Return the orders in a normalised goal, and the goal with them blanked out."""
    edges = [0, *(edge for cut in _CUT.finditer(text) for edge in cut.span()), len(text)]
    orders: list[str] = []
    left = list(text)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        clause = text[start:end]
        if any(pattern.search(clause) for pattern in _ORDERS):
            orders.append(" ".join(clause.split()))
            left[start:end] = " " * (end - start)
    return orders, "".join(left)
