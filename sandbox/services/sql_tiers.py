"""Cloud SQL's tiers: which go with which database and edition."""

import re

from sandbox.services.service import ApiError

_SHARED = {"db-f1-micro", "db-g1-small"}
_CUSTOM = re.compile(r"db-custom-(?P<cpus>\d+)-(?P<memory>\d+)")
_N1 = re.compile(r"db-n1-(standard-(1|2|4|8|16|32|64|96)|highmem-(2|4|8|16|32|64|96))")
_PLUS = re.compile(
    r"db-perf-optimized-N-(2|4|8|16|32|48|64|80|96|128)|db-c4a-highmem-(4|8|16|32|48|64|72)"
    r"|db-memory-optimized-N-(4|8|16|32|48|64)"
)
_MAX_CPUS, _MEMORY_STEP, _MIN_MEMORY = 128, 256, 3840


def check_tier(tier: str, version: str, edition: str) -> None:
    """Raise Cloud SQL's answer to a tier that does not exist or does not go with version and edition."""
    guide = {"P": "postgres", "M": "mysql", "S": "sqlserver"}.get(version[:1], "mysql")
    link = f"https://cloud.google.com/sql/docs/{guide}/create-instance#machine-types"
    if edition == "ENTERPRISE_PLUS":
        if not _PLUS.fullmatch(tier):
            raise ApiError(
                400,
                f"Invalid request: Invalid Tier ({tier}) for (ENTERPRISE_PLUS) Edition. Use a predefined"
                " Tier like"
                f" db-perf-optimized-N-* instead. Learn more at {link}.",
                "invalid",
            )
        return
    custom = _CUSTOM.fullmatch(tier)
    if custom and _fits(int(custom["cpus"]), int(custom["memory"])):
        return
    if guide == "postgres" and _N1.fullmatch(tier):
        raise ApiError(
            400,
            "Invalid request: Only custom or shared-core instance Billing Tier type allowed for PostgreSQL"
            " database."
            f" Learn more at {link}.",
            "invalid",
        )
    if guide == "sqlserver" and (_N1.fullmatch(tier) or tier in _SHARED):
        raise ApiError(
            400,
            "Invalid request: Only custom instance Billing Tier type allowed for SQL Server database."
            f" Learn more at {link}.",
            "invalid",
        )
    if tier in _SHARED or (guide == "mysql" and _N1.fullmatch(tier)):
        return
    raise ApiError(
        400,
        f"Invalid request: Invalid Tier ({tier}) for (ENTERPRISE) Edition. Learn more at {link}.",
        "invalid",
    )


def _fits(cpus: int, memory_mb: int) -> bool:
    """Return whether Cloud SQL makes this size: 1 or an even number of CPUs, 0.9 to 6.5 GB each."""
    if memory_mb % _MEMORY_STEP or memory_mb < _MIN_MEMORY or not 1 <= cpus <= _MAX_CPUS:
        return False
    return (cpus == 1 or cpus % 2 == 0) and 0.9 * 1024 * cpus <= memory_mb <= 6.5 * 1024 * cpus
