"""The budget a goal names, in USD a month."""

import re

_AMOUNT = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(k\b)?"
_MONEY = re.compile(
    rf"(?:(?:US)?\$\s*{_AMOUNT}|\bUSD\s*{_AMOUNT}|{_AMOUNT}\s*(?:\$|USD\b|US dollars?\b|dollars?\b|bucks\b))"
    r"(?:\s*(?:/|per|a|each|every)?\s*(hour|hr|day|week|month|mo|year|yr|annum)\b"
    r"|\s*(hourly|daily|weekly|monthly|yearly|annually))?",
    re.IGNORECASE,
)
_CAP = re.compile(
    r"\b(?:under|below|less than|at most|no more than|max(?:imum)?|up to|within|budget|cheaper than"
    r"|not exceed(?:ing)?|cap(?:ped)?|for|spend(?:ing)?|limit|costs?)"
    r"(?:\s+(?:of|is|at|about|around|only))*\W*$",
    re.IGNORECASE,
)
_OTHER_CURRENCY = re.compile(
    r"[€£₹¥]\s*\d|\d\s*(?:[€£₹¥]|(?:EUR|GBP|INR|JPY|CHF|euros?|pounds|rupees|yen)\b)|\b(?:EUR|GBP|INR|CHF)\s*\d",
    re.IGNORECASE,
)
_LOOK_BACK = 40
_HOUR, _DAY, _WEEK, _YEAR = 730.0, 365 / 12, 52 / 12, 1 / 12
_PERIODS = {
    **dict.fromkeys(("hour", "hr", "hourly"), _HOUR),
    **dict.fromkeys(("day", "daily"), _DAY),
    **dict.fromkeys(("week", "weekly"), _WEEK),
    **dict.fromkeys(("year", "yr", "annum", "yearly", "annually"), _YEAR),
}


def names_other_currency(goal: str) -> bool:
    """Return whether the goal names an amount in a currency that the price table does not have."""
    return bool(_OTHER_CURRENCY.search(goal))


def budget_of(goal: str) -> float | None:
    """Return the budget in USD a month, or None; other periods are converted, 730 hours to the month.

    An amount counts where "under" or its like stands before it, or a period after it; the least one holds.
    """
    found = [usd for match in _MONEY.finditer(goal) if (usd := _usd_month(goal, match)) > 0]
    return round(min(found), 2) if found else None


def _usd_month(goal: str, match: re.Match[str]) -> float:
    """Return what this amount is a month; 0 where it is no budget."""
    period = (match[7] or match[8] or "").lower()
    if not period and not _CAP.search(goal[max(0, match.start() - _LOOK_BACK) : match.start()]):
        return 0
    digits = match[1] or match[3] or match[5]
    thousand = match[2] or match[4] or match[6]
    return float(digits.replace(",", "")) * (1000 if thousand else 1) * _PERIODS.get(period, 1.0)
