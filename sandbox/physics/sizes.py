"""How much machines and databases can bear.

Shared-core machine types: https://cloud.google.com/compute/docs/general-purpose-machines#e2-shared-core.
"""

import re

from sandbox.catalog.machines import machine

_SQL_CUSTOM = re.compile(r"db-custom-(\d+)-(\d+)")
_SQL_N1 = re.compile(r"db-n1-(standard|highmem)-(\d+)")
_SQL_PLUS = re.compile(r"db-(?:perf-optimized-N|c4a-highmem|memory-optimized-N)-(\d+)")
_SQL_SHARED = {"db-f1-micro": (0.2, 0.6), "db-g1-small": (0.5, 1.7)}
_N1_GB = {"standard": 3.75, "highmem": 6.5}
_PLUS_GB = 8.0
_UNKNOWN, _UNKNOWN_TIER = (1.0, 4.0), (1.0, 3.75)


def machine_size(machine_type: str) -> tuple[float, float]:
    """Return the vCPUs' worth and the memory in GB of a machine type; those of an e2-medium if unknown."""
    found = machine(machine_type.rsplit("/", 1)[-1])
    return (float(found.cpus), found.memory_mb / 1024) if found else _UNKNOWN


def tier_size(tier: str) -> tuple[float, float]:
    """Return the vCPUs' worth and the memory in GB of a Cloud SQL tier."""
    if tier in _SQL_SHARED:
        return _SQL_SHARED[tier]
    if found := _SQL_CUSTOM.fullmatch(tier):
        return float(found[1]), int(found[2]) / 1024
    if found := _SQL_N1.fullmatch(tier):
        return float(found[2]), int(found[2]) * _N1_GB[found[1]]
    if found := _SQL_PLUS.fullmatch(tier):
        return float(found[1]), int(found[1]) * _PLUS_GB
    return _UNKNOWN_TIER
