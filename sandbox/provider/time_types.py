"""`hashicorp/time`: moments that are kept, and waiting."""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.provider.codec import Values
from sandbox.provider.local import Argument, LocalType

_PARTS = ("year", "month", "day", "hour", "minute", "second")
_UNITS_S = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([\d.]+)(ns|us|ms|s|m|h)")
_SPANS = ("years", "months", "days", "hours", "minutes", "seconds")


def _arguments(**own: Argument) -> Mapping[str, Argument]:
    parts = {name: Argument("number", "c") for name in (*_PARTS, "unix")}
    return {"id": Argument("string", "c"), "triggers": Argument(["map", "string"], "of"), **parts, **own}


def duration_s(text: str | None) -> float:
    """Return the seconds of a Go duration such as `1m30s`; 0 for none."""
    return sum(float(number) * _UNITS_S[unit] for number, unit in _DURATION.findall(text or ""))


def _parse(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.now(UTC).replace(microsecond=0)


def _format(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _shifted(moment: datetime, values: Mapping[str, Any], prefix: str) -> datetime:
    spans = {name: int(values.get(prefix + name) or 0) for name in _SPANS}
    months = moment.month - 1 + spans["months"] + 12 * spans["years"]
    year, month = moment.year + months // 12, months % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    rest = {name: spans[name] for name in ("days", "hours", "minutes", "seconds")}
    return moment.replace(year=year, month=month, day=day) + timedelta(**rest)


def _set(values: Values, moment: datetime) -> None:
    utc = moment.astimezone(UTC)
    values |= {name: getattr(utc, name) for name in _PARTS}
    values["unix"] = int(utc.timestamp())


def _static(values: Values) -> None:
    moment = _parse(values.get("rfc3339"))
    values["rfc3339"] = values["id"] = _format(moment)
    _set(values, moment)


def _offset(values: Values) -> None:
    base = _parse(values.get("base_rfc3339"))
    moment = _shifted(base, values, "offset_")
    values |= {"base_rfc3339": _format(base), "rfc3339": _format(moment), "id": _format(base)}
    _set(values, moment)


def _rotating(values: Values) -> None:
    moment = _parse(values.get("rfc3339"))
    values["rfc3339"] = values["id"] = _format(moment)
    if not values.get("rotation_rfc3339"):
        values["rotation_rfc3339"] = _format(_shifted(moment, values, "rotation_"))
    _set(values, moment)


def _not_due(values: Values) -> bool:
    due = values.get("rotation_rfc3339")
    return not due or _parse(due) > datetime.now(UTC)


def _sleep(values: Values) -> None:
    values["id"] = _format(datetime.now(UTC))


def _sleep_s(values: Values, verb: str) -> float:
    return duration_s(values.get(f"{verb}_duration"))


TIME_TYPES: Final[Mapping[str, LocalType]] = {
    "time_static": LocalType(arguments=_arguments(rfc3339=Argument("string", "ocf")), make=_static),
    "time_offset": LocalType(
        arguments=_arguments(
            base_rfc3339=Argument("string", "ocf"),
            rfc3339=Argument("string", "c"),
            **{f"offset_{name}": Argument("number", "o") for name in _SPANS},
        ),
        make=_offset,
        update=_offset,
    ),
    "time_rotating": LocalType(
        arguments=_arguments(
            rfc3339=Argument("string", "ocf"),
            rotation_rfc3339=Argument("string", "oc"),
            **{f"rotation_{name}": Argument("number", "o") for name in _SPANS if name != "seconds"},
        ),
        make=_rotating,
        update=_rotating,
        valid=_not_due,
    ),
    "time_sleep": LocalType(
        arguments={
            "id": Argument("string", "c"),
            "triggers": Argument(["map", "string"], "of"),
            "create_duration": Argument("string", "o", limits="go_duration"),
            "destroy_duration": Argument("string", "o", limits="go_duration"),
        },
        make=_sleep,
        wait_s=_sleep_s,
    ),
}
