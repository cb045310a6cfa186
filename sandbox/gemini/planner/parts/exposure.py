"""Whether what runs is for the internet, or for inside."""

from sandbox.gemini.planner.blueprint import Blueprint

# what "private" may be said of without meaning what runs
DATA = (
    "sql",
    "postgres",
    "mysql",
    "sqlserver",
    "redis",
    "memcache",
    "network",
    "bucket",
    "dns",
    "registry",
    "filestore",
    "nat",
    "vpn",
    "alloydb",
    "firestore",
    "bastion",
    "gke",
)
SERVED = ("api", "web", "website", "server", "vm", "public", "lb", "static")
MACHINES = ("vm", "server", "group")


def is_public(blueprint: Blueprint) -> bool:
    """Return whether what runs is meant to be reached from the internet."""
    reading = blueprint.reading
    if reading.wants("schedule") and not reading.wants(*SERVED):
        return False
    return not reading.apart("private", DATA) or reading.apart("public", DATA)


def is_balanced_only(blueprint: Blueprint) -> bool:
    """Return whether only the machines are private, and a load balancer before them is not."""
    return blueprint.reading.wants("lb") and blueprint.reading.attached("private", MACHINES)
