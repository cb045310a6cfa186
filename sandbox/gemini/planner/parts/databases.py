"""Cloud SQL: PostgreSQL, MySQL, SQL Server."""

from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.sizing import SQL_STORAGE_USD_GB, budget, price, sql_tier

SQL = "google_sql_database_instance"
ENGINES = {
    "postgres": ("PostgreSQL", "POSTGRES_16"),
    "mysql": ("MySQL", "MYSQL_8_0"),
    "sqlserver": ("SQL Server", "SQLSERVER_2022_STANDARD"),
}
SQLSERVER_TIER = "db-custom-2-8192"
MIN_SQL_GB = 10


def engines_wanted(blueprint: Blueprint) -> list[str]:
    """Return the engines the goal asks for; a database of no named kind is PostgreSQL."""
    reading = blueprint.reading
    named = [engine for engine in ENGINES if reading.wants(engine)]
    if named:
        return named
    if reading.wants("sql") and not reading.wants("firestore", "spanner", "bigtable", "bigquery"):
        blueprint.note("PostgreSQL was chosen, as the goal names no database engine.")
        return ["postgres"]
    if reading.wants("wordpress") and not reading.denies("sql", "mysql"):
        return ["mysql"]
    return []


def plan_databases(blueprint: Blueprint, *, shared_budget: bool, private: bool) -> float:
    """Plan the goal's database instances; return their USD a month."""
    total = 0.0
    engines = engines_wanted(blueprint)
    for engine in engines:
        copies = blueprint.reading.count(engine, "sql") or 1
        for number in range(1, copies + 1):
            suffix = f"-{number}" if copies > 1 else ""
            suffix = suffix if len(engines) == 1 else f"-{engine}{suffix}"
            many = copies * len(engines)
            total += _database(blueprint, engine, suffix, many, shared_budget=shared_budget, private=private)
    return total


def _database(
    blueprint: Blueprint, engine: str, suffix: str, many: int, *, shared_budget: bool, private: bool
) -> float:
    reading = blueprint.reading
    title, version = ENGINES[engine]
    doubled = (reading.wants("ha") or reading.wants("production")) and not reading.wants("cheap", "dev")
    limit = budget(blueprint)
    if doubled and not reading.wants("ha") and limit is not None and limit < 2 * 50 * many:
        doubled = False
        blueprint.note("The database has no standby: one would not fit the budget.")
    doubled = doubled and not reading.denies("ha")
    tier = sql_tier(blueprint, many, doubled=doubled, shared_budget=shared_budget)
    if engine == "sqlserver" and tier in ("db-f1-micro", "db-g1-small"):
        tier = SQLSERVER_TIER
        blueprint.note("SQL Server does not run on shared-core tiers; the smallest fitting one was chosen.")
    disk = max(MIN_SQL_GB, reading.amounts.disk_gb or MIN_SQL_GB)
    instance = _instance(blueprint, title, version, suffix, tier, disk, doubled=doubled, private=private)
    blueprint.add(
        "google_sql_database", f"app{suffix.replace('-', '_')}", f"the application's {title} database",
        name="app", instance=instance,
    )  # fmt: skip
    cost = price(blueprint.table("sql_tiers"), tier) + disk * SQL_STORAGE_USD_GB
    return cost * (2 if doubled else 1)


def _instance(
    blueprint: Blueprint,
    title: str,
    version: str,
    suffix: str,
    tier: str,
    disk: int,
    *,
    doubled: bool,
    private: bool,
) -> str:
    reading = blueprint.reading
    backups = not reading.denies("backup") and (not reading.wants("dev", "cheap") or reading.wants("backup"))
    settings: dict[str, str | int | bool | dict[str, str]] = {
        "name": f"{blueprint.app}-db{suffix}",
        "region": blueprint.region,
        "database_version": version,
        "tier": tier,
        "edition": "ENTERPRISE",
        "availability_type": "REGIONAL" if doubled else "ZONAL",
        "disk_size": disk,
        "disk_type": "PD_SSD",
        "disk_autoresize": True,
        "backup_configuration.enabled": backups or doubled,
        "deletion_protection": False,
    }
    if backups or doubled:
        point = "binary_log_enabled" if version.startswith("MYSQL") else "point_in_time_recovery_enabled"
        settings[f"backup_configuration.{point}"] = True
        settings["backup_configuration.start_time"] = "03:00"
    settings["ip_configuration.ipv4_enabled"] = not private
    if private:
        settings["ip_configuration.private_network"] = blueprint.network()[0]
        private_services(blueprint)
    settings["ip_configuration.ssl_mode"] = "ENCRYPTED_ONLY"
    settings["user_labels"] = blueprint.labels
    blueprint.note(
        "Deletion protection of the database is off, so that it can be destroyed after an approval; "
        "destroying it is always asked."
    )
    name = f"db{suffix.replace('-', '_')}"
    return blueprint.plan(
        SQL, name, f"{title}, {'with a standby in another zone' if doubled else 'one zone'}", settings
    )


def private_services(blueprint: Blueprint) -> str:
    """Plan what Google's own services need to have private addresses; return the connection's reference."""
    connection = "google_service_networking_connection.private"
    if connection in blueprint.refs("google_service_networking_connection"):
        return connection
    network, _ = blueprint.network()
    reserved = blueprint.add(
        "google_compute_global_address", "private", "addresses for Google's managed services",
        name=f"{blueprint.app}-private-services", purpose="VPC_PEERING", address_type="INTERNAL", prefix_length=16,
        network=network,
    )  # fmt: skip
    return blueprint.add(
        "google_service_networking_connection", "private", "gives managed services private addresses",
        network=network, service="servicenetworking.googleapis.com", reserved_peering_ranges=[reserved],
    )  # fmt: skip
