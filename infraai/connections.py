"""How many connections a Cloud SQL instance takes by itself, where its flag `max_connections` says nothing.

Sources: https://cloud.google.com/sql/docs/postgres/flags (by memory) and
https://cloud.google.com/sql/docs/mysql/quotas (by machine type).
"""

from infraai.machines import find_sql_tier

_POSTGRES_SHARED = {"db-f1-micro": 25, "db-g1-small": 50}
# Memory in GB below which, connections.
_POSTGRES = ((3.75, 50), (6, 100), (7.5, 200), (15, 400), (30, 500), (60, 600), (120, 800))
_POSTGRES_MOST = 1000
_MYSQL_SHARED = {"db-f1-micro": 250, "db-g1-small": 1000}
_MYSQL = 4000


def default_connections(engine: str, tier: str) -> int | None:
    """Return the limit that Google sets by engine (POSTGRES, MYSQL) and tier, None where it is not known."""
    if engine == "MYSQL":
        return _MYSQL_SHARED.get(tier, _MYSQL)
    size = find_sql_tier(tier)
    if engine != "POSTGRES" or size is None:
        return None
    by_memory = next((count for below, count in _POSTGRES if size.memory_gb < below), _POSTGRES_MOST)
    return _POSTGRES_SHARED.get(tier, by_memory)
