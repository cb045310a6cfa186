"""Who may log in to machines and call services, wherever in a resource it is said.

https://cloud.google.com/compute/docs/connect/add-ssh-keys and
https://cloud.google.com/run/docs/securing/managing-access#invoker_check.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from infraai.exposure.values import UNKNOWN, Node

_KEYS = frozenset({"ssh-keys", "sshkeys", "windows-keys"})
_GUARDS = frozenset({"enable-oslogin", "enable-oslogin-2fa", "block-project-ssh-keys", "iap_enabled"})
_GATES_OFF = frozenset({"invoker_iam_disabled", "run.googleapis.com/invoker-iam-disabled"})
_NAMES = _KEYS | _GUARDS | _GATES_OFF
# Types whose metadata the provider never fills in: what is not known of it, the configuration computes.
_OWN_METADATA = re.compile(
    r"google_compute_(project_metadata|(region_)?instance(_template|_group_manager)?|(region_)?per_instance_config)"
)


class _Said(NamedTuple):
    path: tuple[str, ...]
    value: Any


def login_changed(resource_type: str, old: Node, new: Node) -> bool:
    """Return whether a change adds or changes a login, takes a guard away, or lets anybody call a service."""
    own = _OWN_METADATA.fullmatch(resource_type) is not None
    before = dict(_said(old.values, None, (), own=own))
    after = dict(_said(new.values, new.marks, (), own=own))
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


def _said(values: Any, marks: Any, path: tuple[str, ...], *, own: bool) -> Iterator[_Said]:
    if isinstance(values, Mapping) or isinstance(marks, Mapping):
        yield from _in_object(Node(_object(values), _object(marks)), path, own=own)
    elif isinstance(values, list) or isinstance(marks, list):
        known, unknown = _list(values), _list(marks)
        for index in range(max(len(known), len(unknown))):
            one = known[index] if index < len(known) else None
            mark = unknown[index] if index < len(unknown) else None
            yield from _said(one, mark, (*path, str(index)), own=own)


def _in_object(block: Node, path: tuple[str, ...], *, own: bool) -> Iterator[_Said]:
    for name in {*block.values, *block.marks}:
        here, value = str(name).lower(), block.get(name)
        if here in _NAMES or (own and here == "metadata" and value is UNKNOWN):
            yield _Said((*path, here), value)
        elif value is not UNKNOWN:
            yield from _said(value, block.marks.get(name), (*path, here), own=own)
    # An item of a project's metadata has its key as a value.
    item = str(block.values.get("key", "")).lower()
    if item in _NAMES:
        yield _Said((*path, item), block.get("value"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
