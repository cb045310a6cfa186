"""What a type of resource is by its name: permissions, credentials, or what keeps nothing.

The tables are reviewed by hand over the provider's types; the first pattern that fits decides.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

from infraai.exposure.values import node

Permission = Literal["iam", "key", "no"]
# Words in the names of types that give access; such a name has to be decided in the table.
LOOKS_LIKE_ACCESS = re.compile(
    r"iam|(?<!or)acl|access|polic|role|key|token|identit|permission|grant|entitlement|membership|auth|cred"
)
# A boot disk of this size is meant to hold more than a system.
BOOT_DISK_GB = 100
_MACHINES = frozenset(
    f"google_compute_instance{one}" for one in ("", "_from_machine_image", "_from_template")
)


def permission(resource_type: str) -> Permission:
    """Return whether changing such a resource changes who may do what, or makes a credential ("key").

    A name that looks like access and is in no table counts as permissions: it is asked about.
    """
    found = decided(resource_type)
    if found is None:
        return "iam" if LOOKS_LIKE_ACCESS.search(resource_type) else "no"
    return found


@lru_cache(maxsize=4096)
def decided(resource_type: str) -> Permission | None:
    """Return the table's decision on a type; None where no pattern fits."""
    for pattern, decision, *_ in _table("permission_types.tsv"):
        if fnmatchcase(resource_type, pattern):
            return cast("Permission", decision)
    return None


def is_stateful(resource_type: str, values: Mapping[str, Any] | None = None) -> bool:
    """Return whether losing such a resource loses data; a type that nobody has decided does.

    `values` are the resource's attributes, for the types whose values decide: a machine holds data when it has
    more disks than the one it boots from, or a boot disk of 100 GB or more that goes with it; a topic does when
    it keeps messages. Without them, neither does.
    """
    if not _is_stateless(resource_type):
        return True
    if resource_type in _MACHINES:
        return _holds_data(values or {})
    return resource_type == "google_pubsub_topic" and bool((values or {}).get("message_retention_duration"))


def _holds_data(values: Mapping[str, Any]) -> bool:
    machine = node(values)
    if any(True for name in ("attached_disk", "scratch_disk") for _ in machine.blocks(name)):
        return True
    for boot in machine.blocks("boot_disk"):
        sizes = (one.get("size") for one in boot.blocks("initialize_params"))
        kept = boot.get("auto_delete") is False
        if not kept and any(_number(size) >= BOOT_DISK_GB for size in sizes):
            return True
    return False


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


@lru_cache(maxsize=4096)
def _is_stateless(resource_type: str) -> bool:
    return any(fnmatchcase(resource_type, pattern) for pattern, *_ in _table("stateless_types.tsv"))


@cache
def _table(name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_rows(name))


def _rows(name: str) -> Iterator[tuple[str, ...]]:
    text = (files("infraai") / "data" / name).read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        yield tuple(line.split("\t"))
