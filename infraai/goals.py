"""What counts as a goal at all, before any model is asked."""

import unicodedata

from infraai.errors import GoalError

MAX_CHARACTERS = 20_000
EXAMPLE = 'Say what you want to run, such as "a Node API with PostgreSQL for 10k users under $100 a month".'


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
        raise GoalError(f"The goal is not text: it holds {len(odd)} control characters.", next_step=EXAMPLE)
    return text
