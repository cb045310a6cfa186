"""The numbers in a goal: users, requests, money, sizes, counts, ports, times."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from sandbox.gemini.planner.lifecycle import Lifecycle, read_lifecycle
from sandbox.gemini.planner.patterns import (
    ADDRESS,
    CIDR,
    CPUS,
    DOMAIN,
    EMAIL,
    FEW_USERS,
    LEAST,
    MONEY,
    MOST,
    NAMED,
    NEGATIVE,
    NO_DOMAINS,
    NODES,
    NUMBER_WORDS,
    PORT_ONLY,
    PORTS,
    RANGE,
    RATE,
    REPLICAS,
    SIZE,
    SOURCE_BEFORE,
    USERS,
    USERS_IN_WORDS,
)

Span = tuple[int, int]

# RFC 1918
PRIVATE_RANGES = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
SMALLEST_SUBNET = 29
_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "thousands": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "lakh": 1e5,
    "crore": 1e7,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "hundred": 1e2,
    "hundreds": 1e2,
}
_PERIOD_MONTHS = {
    "year": 1 / 12,
    "annum": 1 / 12,
    "week": 365 / 12 / 7,
    "day": 365 / 12,
    "hour": 730.0,
    "month": 1.0,
}
_PERIODS = {
    "mo": "month",
    "mth": "month",
    "monthly": "month",
    "yr": "year",
    "yearly": "year",
    "annually": "year",
    "wk": "week",
    "weekly": "week",
    "daily": "day",
    "hr": "hour",
}


@dataclass(frozen=True, slots=True)
class Size:
    """An amount of storage, and where it stands."""

    gb: int
    start: int
    end: int


@dataclass(slots=True)
class Quantities:
    """What the numbers say; None or empty where the goal is silent. `spans` are where they were read."""

    users: int | None = None
    requests_per_s: float | None = None
    budget_usd: float | None = None
    currency: str = ""
    memory_gb: float | None = None
    sizes: list[Size] = field(default_factory=list[Size])
    cpus: int | None = None
    ports: list[int] = field(default_factory=list[int])
    low: int | None = None
    high: int | None = None
    nodes: int | None = None
    replicas: int | None = None
    lifecycle: Lifecycle = field(default_factory=lambda: Lifecycle({}, None, None, []))
    negative: list[str] = field(default_factory=list[str])
    odd: list[str] = field(default_factory=list[str])
    ips: list[str] = field(default_factory=list[str])
    sources: list[str] = field(default_factory=list[str])
    name: str = ""
    cidrs: list[str] = field(default_factory=list[str])
    domain: str = ""
    spans: list[Span] = field(default_factory=list[Span])
    sizing: list[Span] = field(
        default_factory=list[Span]
    )  # names, people, rates and money: they size the whole

    @property
    def days(self) -> int | None:
        """For how many days data is kept, None where the goal does not say."""
        return self.lifecycle.days


def number(text: str) -> float:
    """Return the number that digits or a word stand for."""
    return float(NUMBER_WORDS[text]) if text in NUMBER_WORDS else float(text.replace(",", ""))


def read_quantities(text: str) -> Quantities:
    """Return the numbers of a normalised goal."""
    found = Quantities()
    for read in (_read_domain, _read_money, _read_load):
        read(text, found)
    found.sizing = list(found.spans)
    for read in (_read_sizes, _read_ports, _read_replicas, _read_rest):
        read(text, found)
    return found


def _free(found: Quantities, match: re.Match[str]) -> bool:
    return not any(start < match.end() and match.start() < end for start, end in found.spans)


def _read_domain(text: str, found: Quantities) -> None:
    found.spans.extend(match.span() for match in EMAIL.finditer(text))
    for match in DOMAIN.finditer(text):
        if match.group() not in NO_DOMAINS:
            found.domain = match.group(1)
            found.spans.append(match.span())
            break
    for match in CIDR.finditer(text):
        _read_range(match.group(1), text[: match.start()], found)
        found.spans.append(match.span())
    for match in ADDRESS.finditer(text):
        found.ips.append(match.group())
        found.spans.append(match.span())


def _read_range(cidr: str, before: str, found: Quantities) -> None:
    """Tell a subnet's own range from the addresses that a rule lets in: only private ranges can be a subnet's."""
    try:
        network = IPv4Network(cidr, strict=False)
    except ValueError:
        found.odd.append(cidr)
        return
    inside = any(network.subnet_of(one) for one in PRIVATE_RANGES) and network.prefixlen <= SMALLEST_SUBNET
    if inside and not SOURCE_BEFORE.search(before):
        found.cidrs.append(str(network))
    else:
        found.sources.append(str(network))


def _read_money(text: str, found: Quantities) -> None:
    """Take the first amount that has a currency, or stands after the word budget."""
    for match in MONEY.finditer(text):
        before, sign, amount, thousand, unit, period, adverb = match.groups()
        if not (sign or unit or (before or "").startswith("budget")) or not _free(found, match):
            continue
        every = period or adverb or "month"
        money = number(amount) * (1000 if thousand else 1) * _PERIOD_MONTHS[_PERIODS.get(every, every)]
        found.budget_usd = round(money, 2)
        if (sign or unit or "$").startswith(("€", "eur", "£", "gbp", "pound")):
            found.currency = "EUR" if (sign or unit or "").startswith(("€", "eur")) else "GBP"
        found.spans.append(match.span())
        return


def _read_load(text: str, found: Quantities) -> None:
    for match in RATE.finditer(text):
        amount, scale, period, short = match.groups()
        per_s = {"minute": 60, "min": 60, "hour": 3600, "day": 86400, "month": 2628000}.get(period or "", 1)
        found.requests_per_s = number(amount) * _SCALES.get(scale or "", 1) / (1 if short else per_s)
        found.spans.append(match.span())
    for match in USERS.finditer(text):
        if _free(found, match):
            users = number(match.group(1)) * _SCALES.get(match.group(2) or "", 1)
            found.users = max(found.users or 0, int(users))
            found.spans.append(match.span())
    if found.users is None:
        _read_worded_users(text, found)


def _read_worded_users(text: str, found: Quantities) -> None:
    """Read "two million users", "hundreds of thousands of visitors", "a few users"."""
    match = USERS_IN_WORDS.search(text)
    if match:
        many, scale, scale_2 = match.groups()
        times = {"half a": 0.5, "few": 3, "several": 5, "some": 3, "many": 5}.get(
            many or ""
        ) or NUMBER_WORDS.get(many or "", 2)
        found.users = int(times * _SCALES[scale] * _SCALES.get(scale_2 or "", 1))
    else:
        match = FEW_USERS.search(text)
        if match:
            found.users = max(10, NUMBER_WORDS.get(match.group(1), 10))
    if match:
        found.spans.append(match.span())


def _read_sizes(text: str, found: Quantities) -> None:
    for match in SIZE.finditer(text):
        amount, unit, *following = match.groups()
        size = number(amount) * (1024 if unit.startswith("t") else 1 / 1024 if unit.startswith("m") else 1)
        if any(word in ("ram", "memory", "mem") for word in following[:2]) or unit in ("mi", "mib", "gi"):
            found.memory_gb = size
        else:
            found.sizes.append(Size(max(1, round(size)), match.start(), match.end(2)))
        found.spans.append((match.start(), match.end(2)))
    cpus = CPUS.search(text)
    if cpus:
        found.cpus = int(number(cpus.group(1) or cpus.group(2)))
        found.spans.append(cpus.span())


def _read_ports(text: str, found: Quantities) -> None:
    for match in PORTS.finditer(text):
        ports = [int(port) for port in re.findall(r"\d+", match.group(1))]
        found.ports.extend(port for port in ports if 0 < port < 65536)  # noqa: PLR2004
        found.spans.append(match.span(1))
    alone = PORT_ONLY.search(text)
    if alone and not found.ports:
        found.ports.append(int(alone.group(1) or alone.group(2)))
        found.spans.append(alone.span())


def _read_replicas(text: str, found: Quantities) -> None:
    between = _first_free(RANGE, text, found)
    if between:
        found.low, found.high = sorted((int(number(between.group(1))), int(number(between.group(2)))))
        found.spans.append((between.start(1), between.end(2)))
    least = _first_free(LEAST, text, found)
    if least and found.low is None:
        found.low = int(number(least.group(1)))
        found.spans.append(least.span())
    most = _first_free(MOST, text, found)
    if most and found.high is None:
        found.high = int(number(most.group(1)))
        found.spans.append(most.span())
    copies = _first_free(REPLICAS, text, found)
    if copies:
        found.replicas = int(number(copies.group(1)))
        found.spans.append(copies.span(1))
    nodes = _first_free(NODES, text, found)
    if nodes:
        found.nodes = int(number(nodes.group(1)))
        found.spans.append(nodes.span(1))


def _first_free(pattern: re.Pattern[str], text: str, found: Quantities) -> re.Match[str] | None:
    return next((one for one in pattern.finditer(text) if _free(found, one)), None)


def _read_rest(text: str, found: Quantities) -> None:
    found.lifecycle = read_lifecycle(text)
    found.spans.extend(found.lifecycle.spans)
    found.negative = [match.group() for match in NEGATIVE.finditer(text)]
    named = NAMED.search(text)
    if named:
        found.name = named.group(1)
        found.sizing.append(named.span())
        found.spans.append(named.span())
