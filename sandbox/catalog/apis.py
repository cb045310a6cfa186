"""Names of Google's APIs, to tell a slip of the pen from a service that is merely unknown here."""

from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("apis.txt")
_DOMAIN = ".googleapis.com"
_LONG_ENOUGH = 5


@cache
def _names() -> frozenset[str]:
    return frozenset(_FILE.read_text(encoding="utf-8").split())


def suggestion(service: str) -> str:
    """Return the API that an unknown service name is one letter away from; "" where there is none."""
    name = service.removesuffix(_DOMAIN)
    if name in _names() or len(name) < _LONG_ENOUGH:
        return ""
    found = next(
        (known for known in sorted(_names()) if len(known) >= _LONG_ENOUGH and _one_off(name, known)), ""
    )
    return found + _DOMAIN if found else ""


def _one_off(one: str, other: str) -> bool:
    """Return whether two words differ by one letter added, left out, changed or swapped with the next."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    rest, other_rest = one[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )
