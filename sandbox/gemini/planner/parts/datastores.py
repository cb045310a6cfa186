"""Caches and databases other than Cloud SQL, and shared files."""

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.databases import private_services
from sandbox.gemini.planner.sizing import load_users

REDIS_USD_GB = 35.8
FILESTORE_GB = 1024
FILESTORE_USD_GB = 0.2


def plan_redis(blueprint: Blueprint) -> None:
    """Plan a Memorystore for Redis instance inside the network."""
    reading = blueprint.reading
    doubled = reading.wants("ha", "production") and not reading.wants("cheap", "dev")
    users = load_users(blueprint) or 0
    asked = reading.size_of("redis") or (round(reading.amounts.memory_gb) if reading.amounts.memory_gb else 0)
    memory = max(1, asked or min(16, users // 50_000 + 1))
    network, _ = blueprint.network()
    for name in blueprint.named("redis", default="cache"):
        blueprint.add(
            "google_redis_instance",
            name.replace("-", "_"),
            "the cache" + (", with a standby" if doubled else ""),
            name=f"{blueprint.app}-{name}",
            region=blueprint.region,
            tier="STANDARD_HA" if doubled else "BASIC",
            memory_size_gb=memory,
            redis_version="REDIS_7_2",
            authorized_network=network,
            labels=blueprint.labels,
        )
        blueprint.spent_usd += memory * REDIS_USD_GB * (2 if doubled else 1)


def plan_memcache(blueprint: Blueprint) -> None:
    """Plan a Memorystore for Memcached instance inside the network."""
    reading = blueprint.reading
    network, _ = blueprint.network()
    private_services(blueprint)
    memory = reading.amounts.memory_gb or reading.size_of("memcache") or 1
    blueprint.plan(
        "google_memcache_instance",
        "cache",
        "the cache",
        {
            "name": f"{blueprint.app}-cache",
            "region": blueprint.region,
            "node_count": reading.amounts.nodes or 1,
            "node_config.cpu_count": 1,
            "node_config.memory_size_mb": round(memory * 1024),
            "authorized_network": network,
            "labels": blueprint.labels,
        },
    )


def plan_firestore(blueprint: Blueprint) -> None:
    """Plan a Firestore database in native mode."""
    if blueprint.reading.says("mongodb", "mongo"):
        blueprint.note(
            "MongoDB is no managed service of Google Cloud: Firestore, a document database, was chosen."
        )
    blueprint.add(
        "google_firestore_database",
        "main",
        "a document database",
        name=f"{blueprint.app}-documents",
        location_id=blueprint.region,
        type="FIRESTORE_NATIVE",
        deletion_policy="DELETE",
        point_in_time_recovery_enablement="POINT_IN_TIME_RECOVERY_ENABLED"
        if blueprint.reading.wants("backup", "production")
        else None,
    )


def plan_spanner(blueprint: Blueprint) -> None:
    """Plan a Spanner instance with one database."""
    size: dict[str, Setting] = (
        {"num_nodes": blueprint.reading.amounts.nodes or 1}
        if blueprint.reading.amounts.nodes or blueprint.reading.wants("production", "ha")
        else {"processing_units": 100}
    )
    instance = blueprint.plan(
        "google_spanner_instance",
        "main",
        "runs the database",
        {
            "name": f"{blueprint.app}-spanner",
            "config": f"regional-{blueprint.region}",
            "display_name": f"{blueprint.app} spanner",
            "labels": blueprint.labels,
            **size,
        },
    )
    blueprint.add(
        "google_spanner_database",
        "app",
        "the application's database",
        name="app",
        instance=instance,
        deletion_protection=False,
    )


def plan_bigtable(blueprint: Blueprint) -> None:
    """Plan a Bigtable instance with one cluster and one table."""
    instance = blueprint.plan(
        "google_bigtable_instance",
        "main",
        "a wide-column database",
        {
            "name": f"{blueprint.app}-bigtable",
            "deletion_protection": False,
            "labels": blueprint.labels,
            "cluster.cluster_id": f"{blueprint.app}-c1",
            "cluster.zone": blueprint.zone,
            "cluster.num_nodes": blueprint.reading.amounts.nodes or 1,
            "cluster.storage_type": "SSD",
        },
    )
    blueprint.plan(
        "google_bigtable_table",
        "main",
        "the first table",
        {"name": "events", "instance_name": instance, "column_family.family": "data"},
    )


def plan_filestore(blueprint: Blueprint) -> None:
    """Plan a shared file system inside the network."""
    network, _ = blueprint.network()
    size = max(FILESTORE_GB, blueprint.reading.size_of("filestore") or FILESTORE_GB)
    blueprint.plan(
        "google_filestore_instance",
        "share",
        "files that several machines share",
        {
            "name": f"{blueprint.app}-files",
            "location": blueprint.zone,
            "tier": "BASIC_HDD",
            "file_shares.capacity_gb": size,
            "file_shares.name": "share",
            "networks.network": network,
            "networks.modes": ["MODE_IPV4"],
            "labels": blueprint.labels,
        },
    )
    if size == FILESTORE_GB:
        blueprint.note("A basic Filestore share has at least 1024 GB.")
    blueprint.spent_usd += size * FILESTORE_USD_GB


def plan_alloydb(blueprint: Blueprint) -> None:
    """Plan an AlloyDB cluster with a primary instance inside the network."""
    network, _ = blueprint.network()
    private_services(blueprint)
    cluster = blueprint.plan(
        "google_alloydb_cluster",
        "main",
        "a PostgreSQL-compatible cluster",
        {
            "cluster_id": f"{blueprint.app}-alloydb",
            "location": blueprint.region,
            "network_config.network": network,
            "deletion_protection": False,
            "labels": blueprint.labels,
        },
    )
    blueprint.plan(
        "google_alloydb_instance",
        "primary",
        "the primary instance",
        {
            "cluster": cluster,
            "instance_id": f"{blueprint.app}-primary",
            "instance_type": "PRIMARY",
            "machine_config.cpu_count": 2,
        },
    )
