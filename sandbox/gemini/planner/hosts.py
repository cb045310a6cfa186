"""What runs a goal's code: a cluster, containers, a group of machines, machines, a bucket of files."""

from sandbox.gemini.planner.parts.databases import ENGINES
from sandbox.gemini.planner.reading import Reading

DYNAMIC = ("sql", "redis", "memcache", "lb", "group", "vm", "server", "api", "web", *ENGINES)
SERVED = ("api", "web", "website", "server", "vm")
BEHIND_STATIC = ("api", "web", "vm", "server", "group", "sql", *ENGINES)
OWN_CLUSTERS = ("group", "vm", "server", "redis", "dataproc", "dataflow")
EVENT_CODE = ("function", "job", "appengine")
MACHINES = ("vm", "server", "web", "lb", "group")
STRONG = ("vm", "web", "group", "lb", "autoscale", *ENGINES)
PLUMBING = (
    "schedule",
    "job",
    "function",
    "pubsub",
    "bigquery",
    "registry",
    "secret",
    "kms",
    "tasks",
    "dns",
    "uptime",
    "logsink",
    "account",
    "vpn",
    "armor",
    "bucket",
    "workflow",
)
_OF_ANOTHER = (
    "for",
    "of",
    "from",
    "to",
    "by",
    "between",
    "calls",
    "call",
    "hits",
    "pings",
    "existing",
    "invokes",
    "our",
    "my",
    "your",
)
_OWNER_REACH = 4


def hosts_of(reading: Reading) -> list[str]:
    """Return gke, run, group, vm and static, as far as the goal needs them."""
    hosts: list[str] = []
    static = wants_static(reading)
    if _wants_cluster(reading):
        hosts.append("gke")
    elif _wants_containers(reading):
        hosts.append("run")
    elif not _runs_elsewhere(reading) and (not static or _serves_too(reading)):
        hosts += _machines(reading, static=static)
    if hosts in (["gke"], ["run"]) and reading.wants("vm"):
        hosts.append("vm")
    if static:
        hosts.append("static")
    return hosts


def wants_static(reading: Reading) -> bool:
    """Return whether files in a bucket do: the goal says static, or says website and nothing that runs."""
    if reading.wants("wordpress"):
        return False
    plain_site = reading.wants("website") and not reading.wants(
        *DYNAMIC, "run", "container", "gke", "private"
    )
    if plain_site and reading.wants("alerts", *PLUMBING) and is_of_another(reading, "website"):
        return reading.wants("static")
    return reading.wants("static") or (plain_site and not reading.concepts("stack"))


def _wants_cluster(reading: Reading) -> bool:
    return reading.wants("gke") or (reading.wants("cluster") and not reading.wants(*OWN_CLUSTERS))


def _wants_containers(reading: Reading) -> bool:
    if reading.wants("run"):
        return True
    if reading.wants("schedule") and not reading.wants(*SERVED, *ENGINES, "public"):
        return False
    own = reading.wants("container") and not reading.wants("vm", "server", "group", "registry")
    return own and not (reading.wants(*EVENT_CODE) and not reading.wants(*SERVED))


def _runs_elsewhere(reading: Reading) -> bool:
    """True where functions or jobs run the code, or what runs is there already: "a queue for my service"."""
    if reading.wants(*EVENT_CODE) and not reading.wants(*MACHINES):
        return True
    strong = reading.wants(*STRONG) or bool(reading.concepts("stack"))
    there = all(is_of_another(reading, one) for one in ("api", "server", "website"))
    return reading.wants("alerts", *PLUMBING) and not strong and there


def is_of_another(reading: Reading, concept: str) -> bool:
    """True where every mention of it comes after a word such as "for" or "my": it is there already."""
    found = [one for one in reading.mentions if one.concept == concept and not one.negated]
    return all(
        any(word.text in _OF_ANOTHER for word in reading.words[max(0, one.first - _OWNER_REACH) : one.first])
        for one in found
    )


def _serves_too(reading: Reading) -> bool:
    """True where a static frontend has something behind it that runs."""
    return reading.wants(*BEHIND_STATIC) or bool(set(reading.concepts("stack")) - {"node"})


def _machines(reading: Reading, *, static: bool) -> list[str]:
    served = reading.wants(*SERVED) or bool(reading.concepts("stack"))
    if reading.wants("group", "cluster") or (served and _spread(reading)):
        return ["group"]
    if reading.wants("lb") and not static:
        return ["group"]
    if served or (reading.wants("gpu") and not reading.wants("vertex", "template")):
        return ["vm"]
    return []


def _spread(reading: Reading) -> bool:
    """True where one machine is not enough: several behind a balancer, growing with load, or never down."""
    if reading.denies("lb") and not reading.wants("autoscale"):
        return False
    edge = reading.wants("lb", "autoscale", "cdn", "armor") or (
        reading.wants("tls") and bool(reading.amounts.domain)
    )
    own = reading.apart("ha", ("sql", "redis", *ENGINES))
    return edge or (own and not reading.denies("ha"))
