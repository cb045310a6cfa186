"""What counts as a goal at all, and the budget it names, before any model is asked."""

import re
import unicodedata

from infraai.errors import GoalError

MAX_CHARACTERS = 20_000
EXAMPLE = 'Say what you want to run, such as "a Node API with PostgreSQL for 10k users under $100 a month".'

_AMOUNT = r"(?P<{0}>\d[\d,]*(?:\.\d+)?)\s*(?P<{0}_k>k\b)?"
_MONEY = re.compile(
    rf"(?:\$|US\$|USD\s*|€|EUR\s*|£)\s*{_AMOUNT.format('before')}"
    rf"|{_AMOUNT.format('after')}\s*(?:\$|USD\b|dollars?\b|bucks?\b|EUR\b|euros?\b|€)",
    re.IGNORECASE,
)
_YEARLY = re.compile(
    r"^\s*(?:/|per|a|an|each)\s*(?:year|yr|annum)\b|^\s*(?:yearly|annually)\b", re.IGNORECASE
)
_DAILY = re.compile(r"^\s*(?:/|per|a|each)\s*day\b|^\s*daily\b", re.IGNORECASE)
_HOURLY = re.compile(r"^\s*(?:/|per|an|each)\s*h(?:ou)?r\b|^\s*hourly\b", re.IGNORECASE)
MONTHS_A_YEAR, DAYS_A_MONTH, HOURS_A_MONTH = 12, 365 / 12, 730


def budget_of(goal: str) -> float | None:
    """Return the smallest amount of money the goal names, in USD a month; None where it names none.

    A yearly, daily or hourly amount is turned into a monthly one; other currencies are read as USD.
    """
    amounts: list[float] = []
    for match in _MONEY.finditer(goal):
        name = "before" if match["before"] else "after"
        amount = float(match[name].replace(",", "")) * (1000 if match[f"{name}_k"] else 1)
        rest = goal[match.end() :]
        if _YEARLY.match(rest):
            amount /= MONTHS_A_YEAR
        elif _DAILY.match(rest):
            amount *= DAYS_A_MONTH
        elif _HOURLY.match(rest):
            amount *= HOURS_A_MONTH
        amounts.append(amount)
    return min(amounts) if amounts else None


def check_goal(goal: str) -> str:
    """Return the goal without the blanks around it; raise `GoalError` for one that is empty, huge or not text."""
    text = goal.strip()
    if not any(character.isalnum() for character in text):
        raise GoalError("The goal is empty.", next_step=EXAMPLE)
    if len(text) > MAX_CHARACTERS:
        raise GoalError(
            f"The goal has {len(text):,} characters; {MAX_CHARACTERS:,} are allowed.",
            next_step="Say it shorter; details can follow in the review.",
        )
    odd = [
        one for one in text if one not in "\n\r\t" and unicodedata.category(one) in {"Cc", "Cs", "Co", "Cn"}
    ]
    if odd:
        raise GoalError(
            f"The goal is not text: it holds {len(odd)} control or undefined characters.", next_step=EXAMPLE
        )
    return text
