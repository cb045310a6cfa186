"""Who may log in to machines and call services, wherever in a resource it is said.

https://cloud.google.com/compute/docs/connect/add-ssh-keys and
https://cloud.google.com/run/docs/securing/managing-access#invoker_check.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from infraai.exposure.values import UNKNOWN, Node

_KEYS = frozenset({"ssh-keys", "sshkeys", "windows-keys"})
_GUARDS = frozenset({"enable-oslogin", "enable-oslogin-2fa", "block-project-ssh-keys", "iap_enabled"})
_GATES_OFF = frozenset({"invoker_iam_disabled", "run.googleapis.com/invoker-iam-disabled"})
_NAMES = _KEYS | _GUARDS | _GATES_OFF
# A machine's whole metadata that is not known yet may have keys in it.
_MAPS = frozenset({"metadata", "common_instance_metadata"})


def login_changed(old: Node, new: Node) -> bool:
    """Return whether a change adds or changes a login, takes a guard away, or lets anybody call a service."""
    before, after = dict(_said(old.values, {})), dict(_said(new.values, new.marks))
    return any(_is_loosened(path[-1], before.get(path), after.get(path)) for path in {*before, *after})


def _is_loosened(name: str, before: Any, after: Any) -> bool:
    if before == after:
        return False
    if name in _GUARDS:
        return _is_on(before) and not _is_on(after)
    if name in _GATES_OFF:
        return after is UNKNOWN or (_is_on(after) and not _is_on(before))
    return bool(after) or bool(before)


def _is_on(value: Any) -> bool:
    return str(value).lower() in {"true", "1", "y", "yes"}


def _said(values: Any, marks: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(values, Mapping) or isinstance(marks, Mapping):
        yield from _of_mapping(values or {}, marks, path)
    elif isinstance(values, list) or isinstance(marks, list):
        known, unknown = values if isinstance(values, list) else [], marks if isinstance(marks, list) else []
        for index in range(max(len(known), len(unknown))):
            one = known[index] if index < len(known) else None
            mark = unknown[index] if index < len(unknown) else None
            yield from _said(one, mark, (*path, str(index)))


def _of_mapping(values: Any, marks: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    known = values if isinstance(values, Mapping) else {}
    unknown = marks if isinstance(marks, Mapping) else {}
    for name in {*known, *unknown}:
        here, mark = str(name).lower(), unknown.get(name)
        if here in _NAMES:
            yield (*path, here), UNKNOWN if mark is True else known.get(name)
        elif here in _MAPS and mark is True:
            yield (*path, here), UNKNOWN
        elif isinstance(known.get(name), Mapping | list) or isinstance(mark, Mapping | list):
            yield from _said(known.get(name), mark, (*path, here))
    # A project's metadata item has its key as a value.
    if str(known.get("key", "")).lower() in _NAMES and "value" in {*known, *unknown}:
        value = UNKNOWN if unknown.get("value") is True else known.get("value")
        yield (*path, str(known["key"]).lower()), value
