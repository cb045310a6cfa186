"""The numbers in a goal: users, requests, money, sizes, counts, ports, times."""

import re
from dataclasses import dataclass, field

Span = tuple[int, int]

NUMBER_WORDS = {
    "a": 1, "an": 1, "one": 1, "single": 1, "two": 2, "couple": 2, "pair": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "fifteen": 15,
    "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
}  # fmt: skip
_SCALES = {
    "k": 1e3, "thousand": 1e3, "thousands": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6,
    "lakh": 1e5, "crore": 1e7, "b": 1e9, "bn": 1e9, "billion": 1e9, "hundred": 1e2, "hundreds": 1e2,
}  # fmt: skip
_PERIOD_MONTHS = {
    "year": 1 / 12,
    "annum": 1 / 12,
    "week": 365 / 12 / 7,
    "day": 365 / 12,
    "hour": 730.0,
    "month": 1.0,
}
_NUM = r"(\d[\d,]*(?:\.\d+)?|\d*\.\d+)"
_SCALE = r"(?:\s*(k|m|mn|mio|b|bn|thousand|million|billion|lakh|crore|hundred)s?\b)?"
_WORDNUM = "|".join(word for word in NUMBER_WORDS if word not in ("a", "an", "single"))
_WHO = (
    r"(?:(?:daily|monthly|weekly|concurrent|simultaneous|active|registered|paying|global|worldwide|unique|internal|"
    r"mobile|web|online|total|expected|regular|different)\s+)*"
    r"(?:users?|customers?|visitors?|people|clients?|players?|students?|employees?|devices?|sessions?|subscribers?|members?|"
    r"readers?|daus?|maus?|viewers?|shoppers?|buyers?|sensors?|colleagues?|guests?|patients?|usres|useres|uesrs|usrs|users?s)\b"
)
_USERS = re.compile(rf"{_NUM}\s*\+?{_SCALE}\s*\+?\s*(?:of\s+)?{_WHO}")
_USERS_WORDS = re.compile(
    rf"\b(?:(a|an|one|{_WORDNUM}|few|several|some|many|half a)\s+)?(?:(hundred|thousand|million|billion)s?)\s+(?:of\s+)?"
    rf"(?:(thousand|million)s?\s+(?:of\s+)?)?{_WHO}"
)
_FEW_USERS = re.compile(
    rf"\b(a handful|a few|few|some|several|{_WORDNUM}|a dozen|dozens?)\s+(?:of\s+)?{_WHO}"
)
_RATE = re.compile(
    rf"{_NUM}{_SCALE}\s*(?:(?:http|api|read|write)\s+)?(?:(?:requests?|reqs?|queries|transactions?|hits|messages?|events?|calls?|orders?|page ?views|"
    r"writes?|reads?|msgs?)\s*(?:per|/|an?|each|every)\s*(second|sec|s|minute|min|hour|day|month)\b|(rps|qps|tps|req/s|r/s))"
)
_MONEY_BEFORE = (
    r"(?:under|below|less than|at most|up to|max(?:imum)?(?: of)?|within|no more than|not more than|around|about|approximately|roughly|"
    r"budget(?:\s+(?:of|is|:|around|about|under|max|cap(?:ped)? at|limit(?:ed)? to))*|cheaper than|not exceed(?:ing)?|cap(?:ped)? at|<=?|"
    r"spend(?:ing)?|cost(?:s|ing)?|pay|afford|for|limit(?: of)?)"
)
_MONEY = re.compile(
    rf"(?:({_MONEY_BEFORE})\s*:?\s*)?(?:(us\$|[$€£]|usd|eur|gbp)\s*)?{_NUM}\s*(k\b)?\s*(us dollars?|usd|dollars?|dolars?|bucks|eur(?:os?)?|"
    r"pounds?|gbp|\$|€|£)?\s*(?:(?:/|per|a|an|each|every|pr)\s*(month|mo|mth|monthly|year|yr|annum|week|wk|day|hour|hr)\b|"
    r"(monthly|yearly|annually|weekly|daily))?"
)
_PERIODS = {
    "mo": "month", "mth": "month", "monthly": "month", "yr": "year", "yearly": "year", "annually": "year", "wk": "week",
    "weekly": "week", "daily": "day", "hr": "hour",
}  # fmt: skip
_SIZE = re.compile(
    rf"{_NUM}\s*-?\s*(gb|gib|g|tb|tib|t|mb|mib|mi|gi|gigabytes?|terabytes?|gigs?)\b(?:\s+(?:of\s+)?(\w+)(?:\s+(\w+))?)?"
)
_CPUS = re.compile(rf"(?:{_NUM}|\b({_WORDNUM}))\s*-?\s*(?:v?cpus?|cores?)\b")
_PORTS = re.compile(r"\b(?:ports?|listen(?:ing|s)? on|on\s*:)\s*:?(\d{2,5}(?:\s*(?:,|and|&|/)\s*\d{2,5})*)")
_RANGE = re.compile(
    rf"(?:between\s+|from\s+|min(?:imum)?(?:\s+of)?\s+|at least\s+)?(\d+|{_WORDNUM})\s*(?:-|to|and|up to|\.\.)\s*(?:max(?:imum)?(?:\s+of)?\s+|a maximum of\s+)?"
    rf"(\d+|{_WORDNUM})\s+(?:small\s+|big\s+|worker\s+)?(nodes?|replicas?|instances?|vms?|machines?|servers?|pods?|containers?)"
)
_MIN = re.compile(
    rf"(?:min(?:imum)?(?:\s+of)?|at least|starting (?:at|with|from)|no less than)\s+(\d+|{_WORDNUM})\b(?!\s*(?:gb|tb|users|usd|%))"
)
_MAX = re.compile(
    rf"(?:max(?:imum)?(?:\s+of)?|up to|at most|no more than)\s+(\d+|{_WORDNUM})\b(?!\s*(?:\$|gb|tb|k\b|users|usd|dollars?|euros?|eur|bucks|%|\d|,|\.|per|/))"
)
_NODES = re.compile(rf"(\d+|{_WORDNUM})\s*-?\s*nodes?\b")
_DAYS = re.compile(
    rf"(?:(?:retention|retain|keep|kept|delete|deleted|expire|expires|after|older than|for|remove|removed)\D{{0,30}}?)(\d+|{_WORDNUM})\s*-?\s*(days?|weeks?|months?|years?)\b|(\d+)\s*-?\s*(days?)\s+(?:retention|lifecycle)"
)
_NAMED = re.compile(r"\b(?:called|named|name it|call it)\s+[\"'`]?([a-z][a-z0-9_-]{1,40})")
_CIDR = re.compile(r"\b(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})\b")
_DOMAIN = re.compile(
    r"\b((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|de|fr|uk|in|eu|ai|cloud|co|info|biz|shop|tech|me|us|jp|test|example))\b"
)


@dataclass(frozen=True, slots=True)
class Size:
    """An amount of storage, and where it stands."""

    gb: int
    start: int
    end: int


@dataclass(slots=True)
class Quantities:
    """What the numbers say; None or empty where the goal is silent. `spans` are the places they were read from."""

    users: int | None = None
    requests_per_s: float | None = None
    budget_usd: float | None = None
    currency: str = ""
    budget_words: str = ""
    memory_gb: float | None = None
    sizes: list[Size] = field(default_factory=list[Size])
    cpus: int | None = None
    ports: list[int] = field(default_factory=list[int])
    low: int | None = None
    high: int | None = None
    nodes: int | None = None
    days: int | None = None
    name: str = ""
    cidrs: list[str] = field(default_factory=list[str])
    domain: str = ""
    spans: list[Span] = field(default_factory=list[Span])


def number(text: str) -> float:
    """Return the number that digits or a word stand for."""
    return float(NUMBER_WORDS[text]) if text in NUMBER_WORDS else float(text.replace(",", ""))


def read_quantities(text: str) -> Quantities:
    """Return the numbers of a normalised goal."""
    found = Quantities()
    for read in (_read_domain, _read_money, _read_load, _read_sizes, _read_ports, _read_replicas, _read_rest):
        read(text, found)
    return found


def _free(found: Quantities, match: re.Match[str]) -> bool:
    return not any(start < match.end() and match.start() < end for start, end in found.spans)


def _read_domain(text: str, found: Quantities) -> None:
    for match in _DOMAIN.finditer(text):
        if match.group() not in ("node.js", "socket.io", "asp.net") and not match.group().endswith(".js"):
            found.domain = match.group(1)
            found.spans.append(match.span())
            break
    for match in _CIDR.finditer(text):
        found.cidrs.append(match.group(1))
        found.spans.append(match.span())


def _read_money(text: str, found: Quantities) -> None:
    """Take the first amount that has a currency, or stands after the word budget."""
    for match in _MONEY.finditer(text):
        before, sign, amount, thousand, unit, period, adverb = match.groups()
        if not (sign or unit or (before or "").startswith("budget")) or not _free(found, match):
            continue
        every = period or adverb or "month"
        money = number(amount) * (1000 if thousand else 1) * _PERIOD_MONTHS[_PERIODS.get(every, every)]
        found.budget_usd, found.budget_words = round(money, 2), match.group().strip()
        if (sign or unit or "$").startswith(("€", "eur", "£", "gbp", "pound")):
            found.currency = "EUR" if (sign or unit or "").startswith(("€", "eur")) else "GBP"
        found.spans.append(match.span())
        return


def _read_load(text: str, found: Quantities) -> None:
    for match in _RATE.finditer(text):
        amount, scale, period, short = match.groups()
        per_s = {"minute": 60, "min": 60, "hour": 3600, "day": 86400, "month": 2628000}.get(period or "", 1)
        found.requests_per_s = number(amount) * _SCALES.get(scale or "", 1) / (1 if short else per_s)
        found.spans.append(match.span())
    for match in _USERS.finditer(text):
        if _free(found, match):
            users = number(match.group(1)) * _SCALES.get(match.group(2) or "", 1)
            found.users = max(found.users or 0, int(users))
            found.spans.append(match.span())
    if found.users is None:
        _read_worded_users(text, found)


def _read_worded_users(text: str, found: Quantities) -> None:
    """Read "two million users", "hundreds of thousands of visitors", "a few users"."""
    match = _USERS_WORDS.search(text)
    if match:
        many, scale, scale_2 = match.groups()
        times = {"half a": 0.5, "few": 3, "several": 5, "some": 3, "many": 5}.get(
            many or ""
        ) or NUMBER_WORDS.get(many or "", 2)
        found.users = int(times * _SCALES[scale] * _SCALES.get(scale_2 or "", 1))
    else:
        match = _FEW_USERS.search(text)
        if match:
            found.users = max(10, NUMBER_WORDS.get(match.group(1), 10))
    if match:
        found.spans.append(match.span())


def _read_sizes(text: str, found: Quantities) -> None:
    for match in _SIZE.finditer(text):
        amount, unit, *following = match.groups()
        size = number(amount) * (1024 if unit.startswith("t") else 1 / 1024 if unit.startswith("m") else 1)
        if any(word in ("ram", "memory", "mem") for word in following[:2]) or unit in ("mi", "mib", "gi"):
            found.memory_gb = size
        else:
            found.sizes.append(Size(max(1, round(size)), match.start(), match.end(2)))
        found.spans.append((match.start(), match.end(2)))
    match = _CPUS.search(text)
    if match:
        found.cpus = int(number(match.group(1) or match.group(2)))
        found.spans.append(match.span())


def _read_ports(text: str, found: Quantities) -> None:
    for match in _PORTS.finditer(text):
        ports = [int(port) for port in re.findall(r"\d+", match.group(1))]
        found.ports.extend(port for port in ports if 0 < port < 65536)  # noqa: PLR2004
        found.spans.append(match.span(1))


def _read_replicas(text: str, found: Quantities) -> None:
    match = next((one for one in _RANGE.finditer(text) if _free(found, one)), None)
    if match:
        found.low, found.high = sorted((int(number(match.group(1))), int(number(match.group(2)))))
        found.spans.append((match.start(1), match.end(2)))
    for pattern, attribute in ((_MIN, "low"), (_MAX, "high")):
        match = next((one for one in pattern.finditer(text) if _free(found, one)), None)
        if match and getattr(found, attribute) is None:
            setattr(found, attribute, int(number(match.group(1))))
            found.spans.append(match.span())
    match = next((one for one in _NODES.finditer(text) if _free(found, one)), None)
    if match:
        found.nodes = int(number(match.group(1)))
        found.spans.append(match.span(1))


def _read_rest(text: str, found: Quantities) -> None:
    match = _DAYS.search(text)
    if match:
        amount, unit = match.group(1) or match.group(3), match.group(2) or match.group(4)
        days = {"week": 7, "month": 30, "year": 365}.get(unit.rstrip("s"), 1)
        found.days = int(number(amount)) * days
        found.spans.append(match.span(1) if match.group(1) else match.span())
    match = _NAMED.search(text)
    if match:
        found.name = match.group(1)
        found.spans.append(match.span())
