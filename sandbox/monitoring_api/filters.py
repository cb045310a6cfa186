"""Monitoring filters: `metric.type = "…" AND resource.labels.zone = starts_with("…")`.

Syntax: https://cloud.google.com/monitoring/api/v3/filters. NOT binds strongest, then OR, then AND.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

Lookup = Callable[[str], str | None]
Test = Callable[[Lookup], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<string>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|(?P<operator>!=~|=~|!=|<=|>=|=|<|>|:)"
    r"|(?P<mark>[(),])|(?P<word>-?[\w./*@-]+))"
)
_LABEL = re.compile(r"^(metric|resource)\.label\.")


class FilterError(ValueError):
    """The filter does not follow the syntax."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter, and the values its plain `field = "value"` comparisons demand."""

    test: Test
    demands: dict[str, str]

    def matches(self, lookup: Lookup) -> bool:
        """Return whether something with these fields (`metric.type`, `resource.labels.zone` …) passes."""
        return self.test(lookup)


def parse_filter(text: str) -> Filter:
    """Return the parsed filter; an empty one passes everything; raise `FilterError` for bad syntax."""
    reader = _Reader(text)
    if not reader.tokens:
        return Filter(lambda _: True, {})
    test = reader.all_of()
    if reader.place < len(reader.tokens):
        raise FilterError(f"unexpected {reader.tokens[reader.place][1]!r}")
    return Filter(test, reader.demands)


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.place = 0
        self.demands: dict[str, str] = {}
        self.negated = False

    def all_of(self) -> Test:
        tests = [self.any_of()]
        while self.place < len(self.tokens) and self.tokens[self.place][1] != ")":
            self.skip("AND")
            tests.append(self.any_of())
        return lambda lookup: all(test(lookup) for test in tests)

    def any_of(self) -> Test:
        tests = [self.one()]
        while self.skip("OR"):
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda lookup: any(test(lookup) for test in tests)

    def one(self) -> Test:
        if self.skip("NOT"):
            test = self.one()
            return lambda lookup: not test(lookup)
        if self.skip("("):
            test = self.all_of()
            if not self.skip(")"):
                raise FilterError("a parenthesis is not closed")
            return test
        return self.comparison()

    def comparison(self) -> Test:
        field = _LABEL.sub(r"\1.labels.", self.take("word", "string"))
        operator = self.take("operator")
        value = self.take("word", "string")
        if self.skip("("):
            return _called(field, operator, value, self.arguments())
        if operator == "=":
            self.demands.setdefault(field, value)
        return lambda lookup: _compared(lookup(field), operator, value)

    def arguments(self) -> list[str]:
        found: list[str] = []
        while not self.skip(")"):
            found.append(self.take("word", "string"))
            self.skip(",")
        return found

    def skip(self, text: str) -> bool:
        if self.place < len(self.tokens) and self.tokens[self.place] in {("word", text), ("mark", text)}:
            self.place += 1
            return True
        return False

    def take(self, *kinds: str) -> str:
        if self.place >= len(self.tokens) or self.tokens[self.place][0] not in kinds:
            found = self.tokens[self.place][1] if self.place < len(self.tokens) else "the end"
            raise FilterError(f"{' or '.join(kinds)} expected, not {found!r}")
        self.place += 1
        return self.tokens[self.place - 1][1]


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    text = text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise FilterError(f"cannot read {text[place:]!r}")
        value = match[match.lastgroup]
        if match.lastgroup == "string":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.append((match.lastgroup, value))
        place = match.end()
    return found


def _called(field: str, operator: str, function: str, arguments: list[str]) -> Test:
    functions: dict[str, Callable[[str], bool]] = {
        "starts_with": lambda value: value.startswith(tuple(arguments)),
        "ends_with": lambda value: value.endswith(tuple(arguments)),
        "has_substring": lambda value: any(one in value for one in arguments),
        "one_of": lambda value: value in arguments,
        "monitoring.regex.full_match": lambda value: any(re.fullmatch(one, value) for one in arguments),
        "has_prefix": lambda value: value.startswith(tuple(arguments)),
    }
    if function not in functions or operator not in {"=", "!=", ":"}:
        raise FilterError(f"{function} cannot be used here")
    if function == "monitoring.regex.full_match":
        _check_patterns(arguments)
    wanted = operator != "!="
    return lambda lookup: functions[function](lookup(field) or "") is wanted


def _check_patterns(patterns: list[str]) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as fault:
            raise FilterError(f"{pattern!r} is not a regular expression") from fault


def _compared(value: str | None, operator: str, wanted: str) -> bool:
    found = value or ""
    if operator in {"=", "!="}:
        return (found == wanted) is (operator == "=")
    if operator in {"=~", "!=~"}:
        return (re.search(wanted, found) is not None) is (operator == "=~")
    if operator == ":":
        return wanted.lower() in found.lower() if wanted != "*" else value is not None
    try:
        left, right = float(found), float(wanted)
    except ValueError:
        return False
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]
