"""Filters and pages of the Compute API's lists."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sandbox.compute_api.representation import name_of
from sandbox.services.service import ApiError

if TYPE_CHECKING:
    from sandbox.compute_api.server import Call

Json = dict[str, Any]
_FILTER = re.compile(r"\s*\(?\s*([\w.]+)\s*(!=|=|:|eq|ne)\s*\"?([^\s\")]+)\"?\s*\)?\s*")
_DEFAULT_PAGE = 500


def filtered(call: "Call", every: list[Json]) -> list[Json]:
    """Return what passes the call's `filter`: conditions on fields, joined by AND or put in parentheses."""
    asked = call.query.get("filter", "")
    for condition in re.split(r"\s+AND\s+|\)\s*\(", asked) if asked else []:
        found = _FILTER.fullmatch(condition)
        if found is None:
            raise ApiError(400, f"Invalid value for field 'filter': '{asked}'.", "invalid")
        field, operator, value = found.groups()
        wanted = operator not in {"!=", "ne"}
        every = [one for one in every if (_matches(_value(one, field.split(".")), value)) is wanted]
    return every


def _value(one: Any, path: Iterable[str]) -> object:
    for step in path:
        one = one.get(step) if isinstance(one, dict) else None
    return one


def _matches(value: object, pattern: str) -> bool:
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, text) is not None or name_of(text) == pattern


def paged(call: "Call", every: list[Json]) -> tuple[list[Json], Json]:
    """Return one page, and `nextPageToken` where there are more."""
    start = _whole(call, "pageToken", 0)
    size = _whole(call, "maxResults", _DEFAULT_PAGE)
    end = start + size
    return every[start:end], ({"nextPageToken": str(end)} if end < len(every) else {})


def _whole(call: "Call", name: str, usual: int) -> int:
    text = call.query.get(name) or str(usual)
    if not text.isdigit():
        raise ApiError(400, f"Invalid value for field '{name}': '{text}'.", "invalid")
    return int(text)
