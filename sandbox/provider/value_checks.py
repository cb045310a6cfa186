"""Whether one value is allowed, in the words of the plugin SDK and of the google provider."""

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from sandbox.schema.archive import CtyType, Fact

_GO_DURATION = re.compile(r"[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+|0")
_TERM = re.compile(
    r" & (?=(?:int|float|len|regex|not_regex|in|not_in|cidr|rfc|func|seconds|ip|json|or_empty|map_keys|elem)"
    r"\b)"
)
_RANGE = re.compile(r"(-?[\d.e+]*?)\.\.(-?[\d.e+]*)$")


def check_value(key: str, value: Any, kind: CtyType, fact: Fact) -> Iterator[str]:
    """Yield what is wrong with a known value at `key`."""
    if fact.enum:
        yield from _in_enum(key, value, kind, fact)
    terms = _TERM.split(fact.range_or_regex) if fact.range_or_regex else []
    if "or_empty" in terms and value == "":
        return
    for term in terms:
        if term.startswith("map_keys "):
            items = [(key, one) for one in value] if isinstance(value, dict) else []
        elif term.startswith("elem ") or isinstance(value, list):
            items = [(f"{key}.{i}", one) for i, one in enumerate(value)] if isinstance(value, list) else []
        else:
            items = [(key, value)]
        for where, one in items:
            if isinstance(one, str | int | float) and (
                problem := _check(
                    term.split(" ", 1)[-1] if term.startswith(("elem ", "map_keys ")) else term, where, one
                )
            ):
                yield problem


def _in_enum(key: str, value: Any, kind: CtyType, fact: Fact) -> Iterator[str]:
    ignore_case = "ignore_case" in fact.range_or_regex
    allowed = {one.lower() if ignore_case else one for one in map(str, fact.enum)}
    items = enumerate(value) if isinstance(value, list) else [(None, value)]
    for index, one in items:
        text = str(one).lower() if ignore_case else str(one)
        if isinstance(one, str | int | float) and not isinstance(one, bool) and text not in allowed:
            where = key if index is None else f"{key}.{index}"
            names = " ".join(_quoted(str(name)) for name in fact.enum)
            shown = one if kind != "number" else int(one)
            yield f"expected {where} to be one of [{names}], got {shown}"


def _check(term: str, key: str, value: Any) -> str:
    name, _, rest = term.partition(":")
    check = _CHECKS.get(name)
    return check(key, value, rest) if check else ""


def _range(text: str) -> tuple[float | None, float | None]:
    found = _RANGE.match(text)
    low, high = (float(one) if one else None for one in found.groups()) if found else (None, None)
    return low, high


def _integer(key: str, value: Any, text: str) -> str:
    return _between(key, value, text, "d")


def _float(key: str, value: Any, text: str) -> str:
    return _between(key, value, text, "f")


def _between(key: str, value: Any, text: str, style: str) -> str:
    low, high = _range(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if (low is None or value >= low) and (high is None or value <= high):
        return ""
    shown = [f"{one:{style}}" if style == "f" else str(int(one)) for one in (low or 0, high or 0, value)]
    if low is not None and high is not None:
        return f"expected {key} to be in the range ({shown[0]} - {shown[1]}), got {shown[2]}"
    bound = f"at least ({shown[0]})" if low is not None else f"at most ({shown[1]})"
    return f"expected {key} to be {bound}, got {shown[2]}"


def _length(key: str, value: Any, text: str) -> str:
    low, high = _range(text)
    if not isinstance(value, str) or high == 0:  # some facts say so of paths that may well be longer
        return ""
    size = len(value.encode())
    if (low is None or size >= low) and (high is None or size <= high):
        return ""
    if high is None:
        return f"expected length of {key} to be at least {int(low or 0)}, got {value}"
    return f"expected length of {key} to be in the range ({int(low or 0)} - {int(high)}), got {value}"


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    r"""Return an RE2 pattern for Python, None where it cannot be said (such as `\p{Ll}`)."""
    try:
        return re.compile(pattern.replace(r"\z", r"\Z").replace("[[:alnum:]]", "[0-9A-Za-z]"))
    except re.error:
        return None


def _regex(key: str, value: Any, pattern: str) -> str:
    compiled = _compiled(pattern)
    if compiled is None or not isinstance(value, str) or compiled.search(value):
        return ""
    return f"{_quoted(key)} ({_quoted(value)}) doesn't match regexp {_quoted(pattern)}"


def _not_regex(key: str, value: Any, pattern: str) -> str:
    compiled = _compiled(pattern)
    if compiled is None or not isinstance(value, str) or not compiled.search(value):
        return ""
    return f"{_quoted(key)} ({_quoted(value)}) must not match regexp {_quoted(pattern)}"


def _json(key: str, value: Any, rest: str) -> str:
    del rest
    if not isinstance(value, str) or not value:
        return ""
    try:
        json.loads(value)
    except ValueError as error:
        return f"{_quoted(key)} contains an invalid JSON: {error}"
    return ""


def _cidr(key: str, value: Any, rest: str) -> str:
    low, high = _range(rest)
    try:
        network = ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return f"expected {key} to be a valid IPv4 Value, got {value}: invalid CIDR address: {value}"
    if "/" not in str(value):
        return f"expected {key} to be a valid IPv4 Value, got {value}: invalid CIDR address: {value}"
    size = network.prefixlen
    if (low is not None and size < low) or (high is not None and size > high):
        return (
            f"expected {_quoted(key)} to contain a network Value with between {int(low or 0)} and"
            f" {int(high or 32)} significant bits, got: {size}"
        )
    return ""


def _private(key: str, value: Any, rest: str) -> str:
    del rest
    try:
        network = ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return ""
    inside = any(
        isinstance(network, ipaddress.IPv4Network) and network.subnet_of(ipaddress.IPv4Network(one))
        for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    )
    return "" if inside else f"expected {_quoted(key)} to be an RFC 1918-compliant CIDR, got: {value}"


def _ip(key: str, value: Any, rest: str) -> str:
    del rest
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return f"expected {key} to contain a valid IP, got: {value}"
    return ""


def _base64(key: str, value: Any, rest: str) -> str:
    del rest
    try:
        base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        return f"expected {_quoted(key)} to be a base64 string, got {value}"
    return ""


def _rfc3339(key: str, value: Any, rest: str) -> str:
    del rest
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return f"expected {_quoted(key)} to be a valid RFC3339 date, got {_quoted(str(value))}"
    return (
        ""
        if moment.tzinfo
        else f"expected {_quoted(key)} to be a valid RFC3339 date, got {_quoted(str(value))}"
    )


def _go_duration(key: str, value: Any, rest: str) -> str:
    del rest
    if _GO_DURATION.fullmatch(str(value)):
        return ""
    why = f"time: invalid duration {_quoted(str(value))}"
    return f"expected {_quoted(key)} to be a duration, but parsing gave an error: {why}"


def _clock(key: str, value: Any, form: str) -> str:
    pattern = "([0-1][0-9]|2[0-3]):00" if form == "HH:00" else "([0-1][0-9]|2[0-3]):[0-5][0-9]"
    if re.fullmatch(pattern, str(value)):
        return ""
    return f"{_quoted(key)} ({_quoted(str(value))}) must be in the format {form}"


def _not_empty(key: str, value: Any, rest: str) -> str:
    del rest
    return f"expected {_quoted(key)} to not be an empty string, got {value}" if value == "" else ""


def _not_in(key: str, value: Any, rest: str) -> str:
    refused = json.loads(rest)
    names = " ".join(map(_quoted, map(str, refused)))
    return f"expected {key} to not be any of [{names}], got {value}" if value in refused else ""


def _in(key: str, value: Any, rest: str) -> str:
    allowed = json.loads(rest)
    shown = " ".join(json.dumps(one) for one in allowed)
    return "" if value in allowed else f"expected {key} to be one of [{shown}], got {json.dumps(value)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_CHECKS: dict[str, Callable[[str, Any, str], str]] = {
    "int": _integer,
    "float": _float,
    "len": _length,
    "regex": _regex,
    "not_regex": _not_regex,
    "json": _json,
    "cidr": _cidr,
    "cidr_prefix": _cidr,
    "rfc1918": _private,
    "ip": _ip,
    "base64": _base64,
    "rfc3339": _rfc3339,
    "go_duration": _go_duration,
    "format": _clock,
    "nonempty": _not_empty,
    "not_in": _not_in,
    "in": _in,
}
