"""Values the provider refuses in words that leave one answer: a spelling, a name's form, a range's mask."""

import ipaddress
import re

from infraai.configuration import Attribute
from infraai.mending.fault import Fault, Mend
from infraai.mending.text import remove_lines, replace

_ENUM = re.compile(r"expected ([\w.\[\]-]+) to be one of \[([^\]]+)\], got (.*?)\s*$", re.MULTILINE)
_PATTERN = re.compile(r'"([\w.-]+)" \("([^"]*)"\) doesn\'t match regexp "(.+)"')
_CIDR = re.compile(r"(?i)(?=[^\n]*(?:cidr|range|network address))[^\n]*?(\d+\.\d+\.\d+\.\d+/\d+)")
_DURATION = re.compile(r'(?:missing|unknown) unit\b[^\n]*?in duration \\?"?(\d+)([a-z]*)')
_IN_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_BRACE = re.compile(r"\$((?:var|local|each|count)\.[\w.]+)\}")  # an interpolation that lost its opening brace
_FIXED = re.compile(r'Can\'t configure a value for "([\w.]+)"|"([\w.]+)": this field cannot be set')


def mend_refused(fault: Fault) -> Mend | None:
    """Write the one allowed value that a value means, or the one form of a name that passes."""
    if found := _ENUM.search(fault.words):
        return _put(fault, found[1], found[3].strip('"'), _allowed(found[3].strip('"'), found[2]))
    if found := _PATTERN.search(fault.words):
        return _put(fault, found[1], found[2], _name(found[2], found[3]))
    if (found := _DURATION.search(fault.words)) and found[2] in _IN_SECONDS:
        return _put(fault, "", found[1] + found[2], f"{int(found[1]) * _IN_SECONDS[found[2]]}s")
    if found := _CIDR.search(fault.words):
        text = found[1]
        return _put(fault, "", text, str(ipaddress.ip_network(text, strict=False)) if _is_range(text) else "")
    return None


def _allowed(value: str, listed: str) -> str:
    choices = re.findall(r'"([^"]+)"', listed) or re.split(r"[,\s]+", listed.strip())
    plain = _plain(value)
    same = [one for one in choices if one and _plain(one) == plain]
    ending = [
        one for one in choices if plain and re.search(rf"(?:^|[_-]){re.escape(value)}$", one, re.IGNORECASE)
    ]
    found = same or ending
    return found[0] if len(found) == 1 else ""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _name(value: str, pattern: str) -> str:
    """Return the value in small letters, with hyphens, cut: the first of these that the pattern takes."""
    lower = value.strip().lower()
    hyphens = re.sub(r"[^a-z0-9-]+", "-", lower).strip("-")
    unders = re.sub(r"[^a-z0-9_]+", "_", lower).strip("_")
    lettered = hyphens if hyphens[:1].isalpha() else f"r-{hyphens}"
    candidates = [
        *([f"{lower}s"] if lower.isdecimal() else []),  # a duration in seconds
        lower,
        hyphens,
        unders,
        lettered,
        *(one[:size].rstrip("-_") for size in (63, 62, 40, 30) for one in (hyphens, lettered)),
    ]
    try:
        wanted = re.compile(pattern.replace("\\\\", "\\"))  # as Go quotes it
    except re.error:
        return ""
    return next((one for one in candidates if one and wanted.search(one)), "")


def _is_range(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _put(fault: Fault, path: str, old: str, new: str) -> Mend | None:
    if not new or new == old:
        return None
    new = _BRACE.sub(r"${\1}", old) if _BRACE.search(old) else new
    for attribute in _written(fault, path):
        if str(attribute.expression.literal) == old or f'"{old}"' in attribute.expression.text:
            text = attribute.expression.text.replace(f'"{old}"', f'"{new}"')
            text = f'"{new}"' if attribute.expression.text == old else text
            return Mend(
                (replace(_file(fault), attribute.expression.span, text),), f"{attribute.name}: {old} → {new}"
            )
    return None


def _file(fault: Fault) -> str:
    return fault.top.file if fault.top else fault.file


def _written(fault: Fault, path: str) -> list[Attribute]:
    """Return the arguments of this name in the block, the ones on the line first."""
    leaf = re.sub(r"\.\d+$|\[\d+\]$", "", path).rsplit(".", 1)[-1]
    top = fault.top
    blocks = list(top.walk()) if top else []
    found = [one for block in blocks for one in block.attributes if leaf in {"", one.name}]
    return sorted(found, key=lambda one: one.span.line != fault.line)


def mend_fixed(fault: Fault) -> Mend | None:
    """Take out an argument whose value the provider decides."""
    found = _FIXED.search(fault.words)
    attribute = fault.attribute_at((found[1] or found[2]).rsplit(".", 1)[-1]) if found else None
    if attribute is None:
        return None
    return Mend(
        (remove_lines(fault.file, attribute.span, fault.source),),
        f"{attribute.name} removed: the provider sets it",
    )
