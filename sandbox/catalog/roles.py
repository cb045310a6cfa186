"""Predefined IAM roles: all of the services used most, and the form of the rest."""

import json
import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("roles.json")
_BASIC = {"owner", "editor", "viewer", "browser", "reader", "writer", "admin"}
_FORM = re.compile(r"roles/(?P<service>[a-zA-Z]+)(?:\.(?P<name>[a-zA-Z0-9_.]+))?")


@cache
def _roles() -> dict[str, frozenset[str]]:
    raw: dict[str, str] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {service: frozenset(names.split()) for service, names in raw.items()}


def is_role(name: str) -> bool:
    """Return whether a predefined role may exist; for a service not listed here every name may."""
    found = _FORM.fullmatch(name)
    if found is None:
        return False
    service, role = found["service"], found["name"]
    if role is None:
        return service in _BASIC
    known = _roles().get(service)
    return known is None or role in known or role.lower().endswith("serviceagent")
