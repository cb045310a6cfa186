"""Orders to the planner hidden in a goal: they are set aside and named, never followed."""

import re

_OPENERS = (
    r"(?:please\s+)?(?:ignore|disregard|forget|override|bypass|print|reveal|show me your|tell me your|"
    r"repeat your|act as|pretend|add an? (?:local|remote|provisioner|external|null)|"
    r"run (?:curl|wget|rm|bash|sh)\b|you are now|curl|do not ask|auto[- ]?approve)"
)
_BUILDERS = r"(?:then\s+)?(?:please\s+)?(?:deploy|create|build|provision|set up)\b"
_CUT = re.compile(
    r"[.;!?\n]+(?!\w)|"
    rf",?\s+(?:and|then|but|also)\s+(?:(?:then|also)\s+)?(?={_OPENERS})|"
    rf",\s*(?={_OPENERS})|"
    rf",?\s+(?:and|then|but)\s+(?={_BUILDERS})"
)
_RULES = (
    r"(?:rules?|instructions?|prompts?|polic(?:y|ies)|guard(?:rails?)?|previous|above|constraints?|"
    r"restrictions?|everything|safety|approvals?)"
)
_SECRETS = (
    r"(?:system prompt|your prompt|instructions|api keys?|credentials|your rules|environment variables?|"
    r"the prompt)"
)
_WORLD = r"(?:allusers|everyone|anybody|anyone|the world)"
_ORDERS = tuple(
    map(
        re.compile,
        (
            rf"\b(?:ignore|disregard|forget|override|bypass|skip)\b.{{0,30}}\b{_RULES}\b",
            rf"\b(?:print|reveal|show|output|repeat|tell|display|leak|give)\b.{{0,30}}\b{_SECRETS}\b",
            r"\b(?:local|remote)[- _]?exec\b",
            r"\bprovisioners?\b",
            r"\byou are (?:now|no longer)\b",
            r"\b(?:pretend|act as|roleplay|jailbreak|developer mode)\b",
            r"\b(?:system|assistant)\s*:|<\s*/?\s*(?:system|instructions?)\s*>",
            r"\b(?:curl|wget)\b.{0,60}\b(?:sh|bash)\b|\brm -rf\b|\b(?:exfiltrate|reverse shell)\b",
            r"\bauto[- ]?approve|\bapprove (?:it|this|everything) (?:yourself|automatically)\b",
            r"\bwithout (?:asking|approval)\b|\bdo not ask (?:for )?(?:me|approval)\b",
            r"\bdata\s+\"?external\"?\b|\bexternal data source\b",
            rf"\b(?:give|grant|make)\b.{{0,40}}\bowner\b.{{0,30}}\b{_WORLD}\b",
        ),
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
