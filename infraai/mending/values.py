"""Values written in another type than the one wanted."""

import re

from infraai.configuration import Expression
from infraai.mending.fault import Fault, Mend, join, path_of
from infraai.mending.objects import split_items_by_comma
from infraai.mending.text import replace

_NAMED = re.compile(
    r'Inappropriate value for attribute "(?P<name>[\w-]+)": '
    r'(?:element "?[\w-]+"?: )?(?:incorrect \w+ element type: )?'
    r"(?:an? (?P<one>number|bool|string) is required|(?P<many>[\w ]+?) required)"
)
_UNNAMED = re.compile(
    r"(?P<name>)Invalid expression value: "
    r"(?:an? (?P<one>number|bool|string) is required|(?P<many>[\w ]+?) required)"
)
_TRUE = {"yes", "on", "true", "1", "enabled", "enable", "y", "t"}
_FALSE = {"no", "off", "false", "0", "disabled", "disable", "n", "f", "none"}
_NUMBER = re.compile(r"(?i)^\s*(\d+(?:\.\d+)?)\s*([a-z%]*)\s*$")
_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
    "w": 604800,
    "week": 604800,
}
_BYTES = {"mb": 1, "mib": 1, "g": 1024, "gb": 1024, "gib": 1024, "tb": 1024 * 1024, "tib": 1024 * 1024}
_UNITS = (  # by the end of an argument's name: its unit, in seconds or in MiB
    (re.compile(r"(?:sec|seconds|retention_period|_ttl|^ttl|timeout|interval)$"), _SECONDS, 1),
    (re.compile(r"(?:min|minutes|mins)$"), _SECONDS, 60),
    (re.compile(r"hours?$"), _SECONDS, 3600),
    (re.compile(r"(?:days?|^age|days_since\w*)$"), _SECONDS, 86400),
    (re.compile(r"(?:_gb|^size|disk_size|_gib)$"), _BYTES, 1024),
    (re.compile(r"(?:_mb|_mib)$"), _BYTES, 1),
)
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_RESOURCE = re.compile(r"^(google_\w+)\.[\w-]+(?:\[[^\]]+\])?$")
_IDS = {
    "service_account": "email",
    "service_account_email": "email",
    "member": "member",
    "bucket": "name",
    "instance": "name",
    "cluster": "name",
}


def mend_value(fault: Fault) -> Mend | None:
    """Write a value as its argument's type wants it, where it can be read in one way only."""
    found = _NAMED.search(fault.words) or _UNNAMED.search(fault.words)
    attribute = fault.attribute_at(found["name"] or "") if found else None
    if not found or attribute is None:
        return None
    text = fitted(attribute.expression, found["one"] or found["many"], attribute.name)
    if text is None or text == attribute.expression.text:
        return None
    return Mend(
        (replace(fault.file, attribute.expression.span, text),), f"{attribute.name} = {text}{_where(fault)}"
    )


def _where(fault: Fault) -> str:
    top = fault.top
    return f" in {join(top.address, path_of(fault.chain))}" if top else ""


def fitted(expression: Expression, wanted: str, name: str) -> str | None:
    """Return an expression's text in the wanted type ("list of string", "number", …), None where unclear."""
    literal, text = expression.literal, expression.text.strip()
    if wanted == "number":
        return _number(literal, name)
    if wanted == "bool":
        return _bool(literal) or _branches(text)
    if wanted == "string":
        return _string(expression, name)
    if wanted.startswith(("list of", "set of")):
        return _many(literal, text, wanted.split(" of ", 1)[1])
    return _map(literal) if wanted.startswith("map of") else None


def _number(literal: object, name: str) -> str | None:
    """Return a number in the argument's own unit; None where the unit written has no place there."""
    if not isinstance(literal, str):
        return None
    if literal.lower() in _WORDS:
        return str(_WORDS.index(literal.lower()))
    found = _NUMBER.match(literal)
    if not found or found[2] in {"", "%"}:
        return found[1] if found else None
    written = found[2].lower()
    for pattern, units, size in _UNITS:
        factor = units.get(written) or units.get(written.removesuffix("s"))
        if pattern.search(name) and factor:
            value = float(found[1]) * factor / size
            return str(int(value)) if value == int(value) else None
    return None


def _bool(literal: object) -> str | None:
    if not isinstance(literal, str | int):
        return None
    word = str(literal).lower().strip()
    return "true" if word in _TRUE else "false" if word in _FALSE else None


def _branches(text: str) -> str | None:
    """Return a conditional whose quoted yes and no are written as true and false."""
    if "?" not in text or "${" in text:
        return None
    question, branches = text.split("?", 1)
    new = re.sub(r'"(\w+)"', lambda one: _bool(one[1]) or one[0], branches)
    return f"{question}?{new}" if new != branches else None


def _string(expression: Expression, name: str) -> str | None:
    text = expression.text.strip()
    if text.startswith("[") and text.endswith("]"):
        inner = text[1:-1].encode()
        items = [inner[start:end].strip().decode() for start, end in split_items_by_comma(inner)]
        return items[0] if len(items) == 1 and not items[0].startswith(("{", "[", "for")) else None
    if _RESOURCE.match(text):
        return f"{text}.{_IDS.get(name, 'id')}"
    return None


def _many(literal: object, text: str, element: str) -> str | None:
    if isinstance(literal, bool) or (text.startswith("{") and element != "map of string"):
        return None
    if isinstance(literal, str) and "," in literal:
        return "[" + ", ".join(f'"{one.strip()}"' for one in literal.split(",") if one.strip()) + "]"
    if isinstance(literal, int | float) and element == "string":
        return f'["{text}"]'
    if text.startswith("["):
        return _of_elements(literal, element)
    if element in {"string", "number"} and _RESOURCE.match(text):
        return f"[{text}.id]"
    return f"[{text}]"


def _of_elements(literal: object, element: str) -> str | None:
    if not isinstance(literal, list):
        return None
    flat: list[str] = []
    for one in literal:
        inner = one if isinstance(one, list) else [one]
        if any(isinstance(part, dict | list) for part in inner):
            return None
        flat += [f'"{part}"' if element == "string" else str(part) for part in inner]
    return "[" + ", ".join(flat) + "]"


def _map(literal: object) -> str | None:
    if isinstance(literal, list) and len(literal) == 1 and isinstance(literal[0], dict):
        return _map_text({str(key): value for key, value in literal[0].items()})
    if not isinstance(literal, list) or not literal:
        return None
    pairs = [
        re.match(r"^\s*([\w.-]+)\s*[=:]\s*(.*?)\s*$", one) if isinstance(one, str) else None
        for one in literal
    ]
    return None if not all(pairs) else _map_text({one[1]: one[2] for one in pairs if one})


def _map_text(values: dict[str, object]) -> str | None:
    if any(isinstance(one, dict | list) for one in values.values()):
        return None
    return "{ " + ", ".join(f'"{key}" = "{value}"' for key, value in values.items()) + " }"
