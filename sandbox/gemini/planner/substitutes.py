"""Products that are no service of Google Cloud, and what is planned in the place of each."""

from collections.abc import Mapping

from sandbox.gemini.planner.reading import Reading

# by the capability that stands in: the words, and what that is called
SUBSTITUTES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "pubsub": (
        ("kafka", "rabbitmq", "nats", "activemq", "zeromq", "pulsar", "mqtt", "amqp"),
        "Pub/Sub",
    ),
    "firestore": (("mongodb", "mongo", "couchdb", "couchbase", "rethinkdb", "firebase"), "Firestore"),
    "bigtable": (("cassandra", "hbase", "scylla", "scylladb", "influxdb"), "Bigtable"),
    "spanner": (("cockroachdb", "tidb", "yugabyte", "yugabytedb"), "Spanner"),
    "mysql": (("mariadb", "maria"), "Cloud SQL for MySQL"),
    "bigquery": (("snowflake", "clickhouse", "druid", "teradata", "vertica"), "BigQuery"),
    "redis": (("valkey", "dragonfly", "keydb"), "Memorystore for Redis"),
    "bucket": (("minio", "ceph"), "Cloud Storage"),
}


def substituted(reading: Reading) -> dict[str, str]:
    """Return what stands in for each foreign product that the goal names: {"kafka": "Pub/Sub"}."""
    return {
        word: title
        for concept, (words, title) in SUBSTITUTES.items()
        if reading.wants(concept)
        for word in words
        if reading.says(word)
    }
