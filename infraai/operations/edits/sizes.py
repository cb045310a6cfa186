"""The next size up or down: machine types of Compute Engine, tiers of Cloud SQL.

Sources: https://cloud.google.com/compute/docs/general-purpose-machines and
https://cloud.google.com/sql/docs/mysql/instance-settings.
"""

import re
from collections.abc import Iterator

from infraai.machines import MachineType, find_machine_type, find_sql_tier, known_machine_types

_CHAINS = (
    ("e2-micro", "e2-small", "e2-medium", "e2-standard-2"),
    ("f1-micro", "g1-small", "n1-standard-1"),
)
_NAMED = re.compile(r"^([a-z]\d[a-z]?)-(standard|highmem|highcpu)-(\d+)$")
_CUSTOM = re.compile(r"^((?:[a-z]\d[a-z]?-)?custom)-(\d+)-(\d+)$")
_CUSTOM_MOST_VCPUS = 32
_ARM = ("t2a", "c4a", "n4a")
_HYPERDISK_ONLY = ("c4", "c4a", "c4d", "n4", "n4a", "n4d", "x4", "m4", "h4d")
_SQL_MOST_VCPUS = 96
_SQL_MOST_GB_A_VCPU = 6.5
_SQL_CLASSIC = re.compile(r"^(db-n1-(?:standard|highmem)|db-perf-optimized-N)-(\d+)$")
_SQL_SIZES = (1, 2, 4, 8, 16, 32, 48, 64, 80, 96, 128)
_SQL_N1_SIZES = (1, 2, 4, 8, 16, 32, 64, 96)


def machine(name: str) -> MachineType | None:
    """Return the machine type if its size is known."""
    found = find_machine_type(name)
    return found if found and found.vcpus else None


def next_machine(name: str) -> str | None:
    """Return the machine type one step up in the family, or None."""
    for chain in _CHAINS:
        if name in chain[:-1]:
            return chain[chain.index(name) + 1]
    if custom := _CUSTOM.match(name):
        doubled = int(custom[2]) * 2
        return f"{custom[1]}-{doubled}-{int(custom[3]) * 2}" if doubled <= _CUSTOM_MOST_VCPUS else None
    return next(iter(_beside(name, up=True)), None)


def previous_machine(name: str) -> str | None:
    """Return the machine type one step down in the family, or None."""
    for chain in _CHAINS:
        if name in chain[1:]:
            return chain[chain.index(name) - 1]
    return next(iter(_beside(name, up=False)), None)


def more_memory(name: str) -> str | None:
    """Return the machine type of the family with as many vCPUs and more memory, or None."""
    named = _NAMED.match(name)
    if not named:
        return None
    richer = {"highcpu": "standard", "standard": "highmem"}.get(named[2])
    found = f"{named[1]}-{richer}-{named[3]}"
    return found if richer and machine(found) else None


def _beside(name: str, *, up: bool) -> Iterator[str]:
    named = _NAMED.match(name)
    if not named:
        return
    head, own = f"{named[1]}-{named[2]}-", int(named[3])
    counts = sorted(int(one[len(head) :]) for one in known_machine_types() if one.startswith(head))
    larger = [one for one in counts if (one > own if up else one < own)]
    yield from (f"{head}{one}" for one in (larger if up else reversed(larger)))


def family(name: str) -> str:
    """Return the family of a machine type, such as e2; n1 for a custom type without one."""
    first = name.split("-", 1)[0]
    return {"custom": "n1", "f1": "n1", "g1": "n1"}.get(first, first)


def misfit(old: str, new: str) -> str:
    """Return why a machine cannot become one of another type, "" where it can."""
    before, after = family(old), family(new)
    if (before in _ARM) != (after in _ARM):
        return f"{new} and {old} have processors of different kinds (Arm, x86): the boot disk would not start"
    if after in _HYPERDISK_ONLY and before not in _HYPERDISK_ONLY:
        return f"{new} needs Hyperdisk, and the disks of a machine on {old} are none"
    if before in _HYPERDISK_ONLY and after not in _HYPERDISK_ONLY:
        return f"{new} cannot use the Hyperdisks of {old}"
    return ""


def next_tier(tier: str) -> str | None:
    """Return the Cloud SQL tier one step up, or None."""
    shared = {"db-f1-micro": "db-g1-small", "db-g1-small": "db-custom-1-3840"}
    if tier in shared:
        return shared[tier]
    if classic := _SQL_CLASSIC.match(tier):
        return next(
            (f"{classic[1]}-{one}" for one in _classic_sizes(classic[1]) if one > int(classic[2])), None
        )
    size = find_sql_tier(tier)
    if size is None:
        return None
    vcpus = 2 if size.vcpus == 1 else size.vcpus * 2
    if size.vcpus == _SQL_MOST_VCPUS or vcpus > 2 * _SQL_MOST_VCPUS:
        return None
    vcpus = min(vcpus, _SQL_MOST_VCPUS)
    return f"db-custom-{vcpus}-{_mb(size.memory_gb / size.vcpus * vcpus)}"


def previous_tier(tier: str) -> str | None:
    """Return the Cloud SQL tier one step down, or None."""
    shared = {"db-g1-small": "db-f1-micro", "db-custom-1-3840": "db-g1-small"}
    if tier in shared:
        return shared[tier]
    if classic := _SQL_CLASSIC.match(tier):
        sizes = [one for one in _classic_sizes(classic[1]) if one < int(classic[2])]
        return f"{classic[1]}-{sizes[-1]}" if sizes else None
    size = find_sql_tier(tier)
    if size is None or size.vcpus < 2 or size.vcpus % 2 or (size.vcpus > 2 and size.vcpus % 4):  # noqa: PLR2004
        return None
    half = size.vcpus // 2
    return f"db-custom-{half}-{max(_mb(size.memory_gb / 2), 3840)}"


def tier_with_more_memory(tier: str) -> str | None:
    """Return the custom tier with as many vCPUs and twice the memory, at most 6.5 GB a vCPU; or None."""
    size = find_sql_tier(tier)
    if size is None or not tier.startswith("db-custom-"):
        return None
    most = size.vcpus * _SQL_MOST_GB_A_VCPU
    wanted = _mb(min(size.memory_gb * 2, most))
    return f"db-custom-{size.vcpus}-{wanted}" if wanted > size.memory_gb * 1024 * 1.2 else None


def tier_fault(tier: str) -> str:
    """Return why a custom tier cannot be, "" where it can: vCPUs 1 or even, 0.9 to 6.5 GB each, 256 MB steps."""
    custom = re.match(r"^db-custom-(\d+)-(\d+)$", tier)
    if not custom:
        return "" if find_sql_tier(tier) or _classic(tier) else "Cloud SQL has no such tier"
    vcpus, megabytes = int(custom[1]), int(custom[2])
    if not 1 <= vcpus <= _SQL_MOST_VCPUS or (vcpus > 1 and vcpus % 2):
        return f"a tier has 1 vCPU or an even number up to {_SQL_MOST_VCPUS}"
    if megabytes % 256 or megabytes < 3840 or not 0.9 <= megabytes / 1024 / vcpus <= _SQL_MOST_GB_A_VCPU:  # noqa: PLR2004
        return "its memory has to be a multiple of 256 MB, at least 3840 MB, and 0.9 to 6.5 GB for each vCPU"
    return ""


def _classic(tier: str) -> bool:
    found = _SQL_CLASSIC.match(tier)
    return found is not None and int(found[2]) in _classic_sizes(found[1])


def _classic_sizes(head: str) -> tuple[int, ...]:
    return _SQL_SIZES[1:] if "perf" in head else _SQL_N1_SIZES


def _mb(gigabytes: float) -> int:
    """Return a size in MB, in the steps of 256 that a custom tier takes."""
    return int(gigabytes * 1024 // 256 * 256)
