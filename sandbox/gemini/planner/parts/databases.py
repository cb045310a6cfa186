"""Cloud SQL: PostgreSQL, MySQL, SQL Server."""

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.sizing import SQL_STORAGE_USD_GB, budget, price, sql_tier

SQL = "google_sql_database_instance"
ENGINES = {
    "postgres": ("PostgreSQL", "POSTGRES_16"),
    "mysql": ("MySQL", "MYSQL_8_0"),
    "sqlserver": ("SQL Server", "SQLSERVER_2022_STANDARD"),
}
VERSIONS = {
    "postgres": {str(one): f"POSTGRES_{one}" for one in range(13, 18)},
    "mysql": {"5.7": "MYSQL_5_7", "8.0": "MYSQL_8_0", "8": "MYSQL_8_0", "8.4": "MYSQL_8_4"},
    "sqlserver": {
        "2017": "SQLSERVER_2017_STANDARD",
        "2019": "SQLSERVER_2019_STANDARD",
        "2022": "SQLSERVER_2022_STANDARD",
    },
}
SQLSERVER_TIER = "db-custom-2-8192"
SHARED_CORE = ("db-f1-micro", "db-g1-small")
MIN_SQL_GB = 10
STANDBY_USD = 100.0


def engines_wanted(blueprint: Blueprint) -> list[str]:
    """Return the engines the goal asks for; a database of no named kind is PostgreSQL."""
    reading = blueprint.reading
    named = [engine for engine in ENGINES if reading.wants(engine)]
    if named:
        return named
    other = reading.wants("firestore", "spanner", "bigtable", "bigquery", "alloydb")
    if reading.wants("sql") and not other:
        if reading.wants("wordpress", "php"):
            return ["mysql"]
        blueprint.note("PostgreSQL was chosen, as the goal names no database engine.")
        return ["postgres"]
    if reading.wants("wordpress") and not reading.denies("sql", "mysql"):
        blueprint.note("A MySQL database was added, as WordPress needs one.")
        return ["mysql"]
    return []


def plan_databases(blueprint: Blueprint, *, shared_budget: bool) -> None:
    """Plan the goal's database instances; `shared_budget` leaves half of the budget to what runs."""
    engines = engines_wanted(blueprint)
    for engine in engines:
        names = blueprint.named(engine, "sql", default="db")
        for name in names:
            called = name if len(engines) == 1 else f"{name}-{engine}"
            _database(blueprint, engine, called, len(names) * len(engines), shared_budget=shared_budget)


def is_private(blueprint: Blueprint) -> bool:
    """Return whether databases get private addresses only: unless a public one is asked for."""
    return not blueprint.reading.attached("public", ("sql", *ENGINES))


def _standby(blueprint: Blueprint, many: int) -> bool:
    """Return whether the database gets a standby in another zone."""
    reading = blueprint.reading
    if reading.denies("ha") or (reading.wants("cheap", "dev") and not reading.wants("ha")):
        return False
    limit = budget(blueprint)
    if (
        reading.wants("production")
        and not reading.wants("ha")
        and limit is not None
        and limit < STANDBY_USD * many
    ):
        blueprint.note("The database has no standby: one would not fit the budget.")
        return False
    return reading.wants("ha", "production")


def _database(blueprint: Blueprint, engine: str, called: str, many: int, *, shared_budget: bool) -> None:
    reading = blueprint.reading
    doubled = _standby(blueprint, many)
    tier = sql_tier(blueprint, many, doubled=doubled, shared_budget=shared_budget)
    if engine == "sqlserver" and (tier in SHARED_CORE or tier == "db-custom-1-3840"):
        tier = SQLSERVER_TIER
        blueprint.note("SQL Server needs at least two dedicated vCPUs; the smallest such tier was chosen.")
    if doubled and tier in SHARED_CORE:
        blueprint.note("Shared-core tiers have no service-level agreement, even with a standby.")
    disk = max(MIN_SQL_GB, reading.size_of("sql", *ENGINES) or MIN_SQL_GB)
    instance = _instance(blueprint, engine, called, tier, disk, doubled=doubled)
    label = called.replace("-", "_")
    blueprint.add(
        "google_sql_database",
        "app" if label == "db" else f"{label}_app",
        f"the application's {ENGINES[engine][0]} database",
        name="app",
        instance=instance,
    )
    replicas = _replicas(blueprint, engine, instance)
    cost = price(blueprint.table("sql_tiers"), tier) + disk * SQL_STORAGE_USD_GB
    blueprint.spent_usd += cost * ((2 if doubled else 1) + replicas)


def _version(blueprint: Blueprint, engine: str) -> str:
    """Return the engine's version: the one the goal names right after it, else the usual one."""
    reading = blueprint.reading
    for mention in reading.mentions:
        if mention.concept == engine and mention.last < len(reading.words):
            named = VERSIONS[engine].get(reading.words[mention.last].text)
            if named:
                return named
    return ENGINES[engine][1]


def _instance(blueprint: Blueprint, engine: str, called: str, tier: str, disk: int, *, doubled: bool) -> str:
    reading = blueprint.reading
    backups = doubled or (
        not reading.denies("backup")
        and (reading.wants("backup", "production") or not reading.wants("dev", "cheap"))
    )
    private = is_private(blueprint)
    settings: dict[str, Setting] = {
        "name": called if called.startswith(blueprint.app) else f"{blueprint.app}-{called}",
        "region": blueprint.region,
        "database_version": _version(blueprint, engine),
        "tier": tier,
        "edition": "ENTERPRISE",
        "availability_type": "REGIONAL" if doubled else "ZONAL",
        "disk_size": disk,
        "disk_type": "PD_SSD",
        "disk_autoresize": True,
        "deletion_protection": False,
        "backup_configuration.enabled": backups,
    }
    if backups:
        settings["backup_configuration.start_time"] = "03:00"
        point = "binary_log_enabled" if engine == "mysql" else "point_in_time_recovery_enabled"
        settings[f"backup_configuration.{point}"] = True
    settings["ip_configuration.ipv4_enabled"] = not private
    if private:
        settings["ip_configuration.private_network"] = blueprint.network()[0]
        private_services(blueprint)
    else:
        blueprint.note(
            "The database has a public address; name the networks that may connect before it is used."
        )
    if engine == "sqlserver":
        settings["root_password"] = _password(blueprint, called)
    else:
        settings["ip_configuration.ssl_mode"] = "ENCRYPTED_ONLY"
    settings["user_labels"] = blueprint.labels
    title = ENGINES[engine][0]
    blueprint.note(
        "Deletion protection of the database is off, so that it can be destroyed; that is always asked."
    )
    if engine != "sqlserver":
        blueprint.note(
            "No database user is planned, so that no password lies in Terraform: "
            "add one with `gcloud sql users create`."
        )
    place = "with a standby in another zone" if doubled else "in one zone"
    return blueprint.plan(SQL, called.replace("-", "_"), f"runs {title} {place}", settings)


def _replicas(blueprint: Blueprint, engine: str, instance: str) -> int:
    """Plan the read replicas the goal asks for; return how many."""
    reading = blueprint.reading
    said = "read replica" in reading.text or reading.attached("dr", ("sql", engine))
    if engine == "sqlserver" or not reading.says("replica") or not said:
        return 0
    wanted = blueprint.reading.count("dr") or 1
    name = instance.rpartition(".")[2]
    settings = next(one.settings for one in blueprint.resources if (one.type, one.name) == (SQL, name))
    kept = {
        key: value
        for key, value in settings.items()
        if not key.startswith("backup_configuration") and key not in ("availability_type", "name")
    }
    for number in range(1, wanted + 1):
        blueprint.plan(
            SQL,
            f"{name}_replica",
            "answers reads from a copy",
            {
                "name": f"{settings['name']}-replica-{number}",
                **kept,
                "master_instance_name": instance,
                "availability_type": "ZONAL",
            },
        )
    return wanted


def _password(blueprint: Blueprint, called: str) -> str:
    """Plan a random password; SQL Server cannot be made without one."""
    blueprint.note("The database administrator's password is made at random and lies in Terraform's state.")
    return blueprint.add(
        "random_password",
        called.replace("-", "_"),
        "the administrator's password",
        length=24,
        special=False,
        min_numeric=2,
        min_upper=2,
        min_lower=2,
    )


def private_services(blueprint: Blueprint) -> str:
    """Plan what Google's own services need to have private addresses; return the connection's reference."""
    connection = "google_service_networking_connection.private"
    if connection in blueprint.refs("google_service_networking_connection"):
        return connection
    network, _ = blueprint.network()
    reserved = blueprint.add(
        "google_compute_global_address",
        "private",
        "addresses for Google's managed services",
        name=f"{blueprint.app}-private-services",
        purpose="VPC_PEERING",
        address_type="INTERNAL",
        prefix_length=16,
        network=network,
    )
    return blueprint.add(
        "google_service_networking_connection",
        "private",
        "gives managed services private addresses",
        network=network,
        service="servicenetworking.googleapis.com",
        reserved_peering_ranges=[reserved],
    )
