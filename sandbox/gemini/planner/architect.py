"""Which resources fulfil which wishes, and how they hang together."""

from collections.abc import Callable

from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.hosts import hosts_of
from sandbox.gemini.planner.parts import (
    analytics,
    clusters,
    databases,
    datastores,
    disks,
    groups,
    jobs,
    machines,
    messaging,
    networks,
    observing,
    security,
    serverless,
    special,
    storage,
)
from sandbox.gemini.planner.reading import Reading
from sandbox.gemini.planner.wanted import is_wanted

Part = Callable[[Blueprint], object]
# what stands before the machines that use it …
BEFORE: tuple[tuple[str, Part], ...] = (
    ("network", networks.plan_network),
    ("vpn", networks.plan_vpn),
    ("redis", datastores.plan_redis),
    ("memcache", datastores.plan_memcache),
    ("filestore", datastores.plan_filestore),
    ("alloydb", datastores.plan_alloydb),
    ("firestore", datastores.plan_firestore),
    ("spanner", datastores.plan_spanner),
    ("bigtable", datastores.plan_bigtable),
    ("kms", security.plan_keys),
    ("secret", security.plan_secrets),
    ("registry", security.plan_registry),
    ("armor", security.plan_armor),
)
# … and what needs them
AFTER: tuple[tuple[str, Part], ...] = (
    ("bucket", storage.plan_buckets),
    ("pubsub", messaging.plan_messaging),
    ("bigquery", analytics.plan_warehouse),
    ("function", jobs.plan_function),
    ("job", jobs.plan_job),
    ("schedule", jobs.plan_schedule),
    ("tasks", jobs.plan_tasks),
    ("workflow", jobs.plan_workflow),
    ("composer", special.plan_composer),
    ("dataproc", special.plan_dataproc),
    ("vertex", special.plan_workbench),
    ("appengine", special.plan_app_engine),
    ("bastion", networks.plan_bastion),
    ("nat", networks.plan_nat),
    ("disk", disks.plan_disks),
    ("snapshot", disks.plan_snapshots),
    ("address", networks.plan_address),
    ("dns", networks.plan_dns),
    ("uptime", observing.plan_uptime),
    ("alerts", observing.plan_channel),
    ("logsink", observing.plan_log_export),
    ("account", security.plan_accounts),
)
UNPLANNED = {
    "dataflow": "Dataflow jobs need a template of yours and are not planned.",
    "build": "Build triggers need a connected repository and are not planned.",
}
STACK_TYPES = {"gke": "kubernetes", "run": "serverless", "static": "static_site", "group": "autoscaled_web"}


def draw(blueprint: Blueprint) -> str:
    """Plan everything the goal asks for; return the stack type."""
    reading = blueprint.reading
    hosts = hosts_of(reading)
    _note_choice(blueprint, hosts)
    for concept, part in BEFORE:
        if reading.wants(concept):
            part(blueprint)
    if databases.engines_wanted(blueprint):
        databases.plan_databases(blueprint, shared_budget=bool(hosts))
    for host in hosts:
        _plan_host(blueprint, host)
    for concept, part in AFTER:
        if is_wanted(reading, concept, hosts):
            part(blueprint)
    if not hosts:
        _plan_remainder(blueprint)
    for concept, note in UNPLANNED.items():
        if reading.wants(concept):
            blueprint.note(note)
    return _stack_type(reading, hosts)


def _plan_host(blueprint: Blueprint, host: str) -> None:
    reading = blueprint.reading
    if host == "static":
        site = storage.plan_site(blueprint)
        if reading.wants("cdn", "tls", "lb") and "group" not in hosts_of(reading):
            groups.plan_balancer(blueprint, {}, bucket=site)
    elif host == "gke":
        clusters.plan_cluster(blueprint)
    elif host == "run":
        serverless.plan_run(blueprint)
    elif host == "group":
        groups.plan_group(blueprint)
    else:
        machines.plan_machines(blueprint)


def _plan_remainder(blueprint: Blueprint) -> None:
    """Plan for goals that name only something that belongs to a bigger whole."""
    reading = blueprint.reading
    buckets = blueprint.refs(storage.BUCKET)
    if reading.wants("cdn", "lb") and buckets:
        storage.open_bucket(blueprint, buckets[0])
        groups.plan_balancer(blueprint, {}, bucket=buckets[0])
    if blueprint.resources:
        return
    if reading.wants("template"):
        groups.plan_template(blueprint)
    elif reading.wants("firewall"):
        machines.plan_firewall(blueprint)
    elif reading.wants("lb", "cdn", "tls", "armor"):
        groups.plan_group(blueprint)
    elif reading.wants("plain_disk", "disk"):
        disks.plan_disks(blueprint)
    else:
        machines.plan_machines(blueprint)


def _note_choice(blueprint: Blueprint, hosts: list[str]) -> None:
    reading = blueprint.reading
    if "static" in hosts and not reading.wants("static"):
        blueprint.note(
            "The website is taken to be static files; name a language or a database to get servers."
        )
    if hosts == ["vm"] and not reading.wants("vm", "server"):
        blueprint.note("One virtual machine was chosen as the plainest place to run it.")
    if "group" in hosts and reading.wants("ha") and not reading.wants("lb", "group"):
        blueprint.note("A group of machines behind a load balancer was chosen, so that one may fail.")


def _stack_type(reading: Reading, hosts: list[str]) -> str:
    host = hosts[0] if hosts else ""
    if host in ("gke", "run", "static") and not (
        host == "run"
        and reading.wants("web")
        and databases.ENGINES.keys() & set(reading.concepts("capability"))
    ):
        return STACK_TYPES[host]
    if reading.wants("web", "website") or (
        reading.concepts("stack") and reading.wants("sql", *databases.ENGINES)
    ):
        return "web_app"
    if host == "group":
        return STACK_TYPES[host]
    if host == "vm":
        return "backend_api" if reading.wants("api") else "virtual_machine"
    for concepts, name in (
        (("pubsub",), "messaging"),
        (("bigquery",), "data_warehouse"),
        (("function", "job", "schedule"), "scheduled_job"),
        (("sql", "alloydb", "spanner", "bigtable", "firestore", *databases.ENGINES), "database"),
        (("redis", "memcache"), "cache"),
        (("bucket", "filestore", "disk", "snapshot"), "storage"),
        (("network", "vpn", "nat", "bastion", "dns", "firewall"), "network"),
    ):
        if reading.wants(*concepts):
            return name
    return "infrastructure"
