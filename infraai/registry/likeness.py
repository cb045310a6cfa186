"""What in an alert names a resource, strongest first. Pure.

Labels by monitored resource: https://cloud.google.com/monitoring/api/resources.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from infraai.models import DeploymentId, RecordedResource
from infraai.operations.shapes import Alert

GROUPS = frozenset({"google_compute_instance_group_manager", "google_compute_region_instance_group_manager"})
MACHINE = "google_compute_instance"
DATABASE = "google_sql_database_instance"
RUN = frozenset({"google_cloud_run_v2_service", "google_cloud_run_service"})
CLUSTER = "google_container_cluster"
_CLUSTER_TYPES = frozenset({"k8s_cluster", "k8s_node", "k8s_pod", "k8s_container", "gke_container"})
# What an alert's monitored resource type can be in Terraform; other types are not narrowed by it.
_KINDS: dict[str, frozenset[str]] = {
    "gce_instance": frozenset({MACHINE}) | GROUPS,
    "instance_group": GROUPS,
    "autoscaler": GROUPS,
    "cloudsql_database": frozenset({DATABASE}),
    "cloudsql_instance_database": frozenset({DATABASE}),
    "cloud_run_revision": RUN,
    "cloud_run_job": frozenset({"google_cloud_run_v2_job"}),
    "redis_instance": frozenset({"google_redis_instance"}),
    "gcs_bucket": frozenset({"google_storage_bucket"}),
    "pubsub_topic": frozenset({"google_pubsub_topic"}),
    "pubsub_subscription": frozenset({"google_pubsub_subscription"}),
    "spanner_instance": frozenset({"google_spanner_instance"}),
    "cloud_function": frozenset({"google_cloudfunctions_function", "google_cloudfunctions2_function"}),
    **dict.fromkeys(_CLUSTER_TYPES, frozenset({CLUSTER})),
}
_MONITORED = frozenset().union(*_KINDS.values())
# Of several things of one name, what runs is what fails: a bare name means it, not its firewall rule or its disk.
_RUNNING = frozenset({MACHINE, DATABASE, CLUSTER, "google_redis_instance"}) | GROUPS | RUN
_NAMES = (
    "instance_name",
    "name",
    "node_name",
    "hostname",
    "host",
    "instance",
    "resource_name",
    "vm",
    "vm_name",
)
_GROUP_NAMES = ("instance_group_manager_name", "instance_group_name")
_BALANCERS = ("forwarding_rule_name", "url_map_name", "backend_target_name", "backend_name")
_OWN_NAMES = ("bucket_name", "topic_id", "subscription_id", "job_name", "function_name")
_SUFFIX = re.compile(r"-[a-z0-9]{4}")  # what a group adds to its base name for each machine
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A resource that stands, and whose it is."""

    deployment_id: DeploymentId
    project: str
    resource: RecordedResource

    def said(self, name: str) -> str:
        """Return what the registry keeps of an attribute, as text."""
        return str(self.resource.metadata.get(name) or "")


@dataclass(frozen=True, slots=True)
class Match:
    """What fits: one is found, several are none; `member` is the machine of a group that was named."""

    by: str
    candidates: tuple[Candidate, ...]
    member: str = ""


def label(alert: Alert, *names: str) -> str:
    """Return the first of these labels that the alert has, whoever set it, by its last part."""
    for name in names:
        for prefix in ("resource.labels.", "metric.labels.", "metadata.system_labels.", "labels.", ""):
            if alert.labels.get(prefix + name):
                return alert.labels[prefix + name]
    return ""


def is_group(one: Candidate) -> bool:
    """Return whether it is a managed group of machines."""
    return one.resource.type in GROUPS


def plain_id(text: str) -> str:
    """Return `projects/…` of a link or a full resource name, or the text as it is."""
    _, found, rest = text.partition("/projects/")
    return f"projects/{rest}" if found else text


def names_of(alert: Alert) -> list[str]:
    """Return everything in the alert that may name a resource, strongest first."""
    labels = (*_NAMES, "instance_id", "database_id", "service_name", "cluster_name")
    said = [
        alert.resource,
        *(label(alert, name) for name in (*labels, *_GROUP_NAMES, *_BALANCERS, *_OWN_NAMES)),
    ]
    return list(dict.fromkeys(name for name in said if name))


def elsewhere(alert: Alert, one: Candidate) -> bool:
    """Return whether the alert names a project that the resource is not in; a project's number tells nothing."""
    of_database = label(alert, "database_id").rpartition(":")[0]
    stated, own = alert.project or label(alert, "project_id") or of_database, _project(one)
    return bool(stated and own) and not stated.isdigit() and stated != own


def contradicts(alert: Alert, one: Candidate) -> bool:
    """Return whether the alert names another resource than this one: by its kind, its place, its number or its name."""
    kind = one.resource.type
    kinds = _kinds(alert)
    if kinds is not None and kind in _MONITORED and kind not in kinds and kind != CLUSTER:
        return True
    if not _lies_in(one, alert):
        return True
    if kind != MACHINE:
        return False
    number, recorded = label(alert, "instance_id"), one.said("instance_id")
    if number.isdigit() and recorded:
        return number != recorded
    name = label(alert, "instance_name")
    return bool(name) and name != one.resource.name


def match(alert: Alert, among: Sequence[Candidate]) -> Match | None:
    """Return what the strongest name in the alert fits that fits anything; None where none does."""
    kinds = _kinds(alert)
    fitting = [
        one for one in among if (kinds is None or one.resource.type in kinds) and not contradicts(alert, one)
    ]
    for by, find in _WAYS:
        found = find(alert, fitting)
        if found is not None and found.candidates:
            return Match(by, _running(found.candidates), found.member)
    return None


def match_name(name: str, among: Sequence[Candidate]) -> Match | None:
    """Return what a person's word fits: a name, address, id or link of anything, a number, a machine of a group."""
    plain = plain_id(name)
    exact = tuple(
        one
        for one in among
        if name in {one.resource.name, one.resource.address} or plain == plain_id(one.resource.id)
    )
    if exact and name:
        return Match("name", _running(exact))
    return match(Alert(resource=name), among) if name else None


def member_of(alert: Alert, among: Sequence[Candidate]) -> str:
    """Return the machine of one of these groups that the alert names, or nothing."""
    found = _by_member(alert, among)
    return found.member if found else ""


def _project(one: Candidate) -> str:
    recorded = one.said("project")
    if recorded:
        return recorded
    kept = re.match(r"projects/([^/]+)/", plain_id(one.resource.id))
    return kept[1] if kept else one.project


def _kinds(alert: Alert) -> frozenset[str] | None:
    """Return the Terraform types that the alert can be about; None where its resource type does not tell."""
    said = alert.resource_type
    return frozenset({said}) if said.startswith("google_") else _KINDS.get(said)


def _running(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return, of several in one deployment, the one that runs."""
    running = tuple(one for one in candidates if one.resource.type in _RUNNING)
    same_owner = len({one.deployment_id for one in candidates}) == 1
    return running if same_owner and len(running) == 1 else candidates


def _lies_in(one: Candidate, alert: Alert) -> bool:
    """Return whether the resource is, or may be, in the zone or region that the monitored resource's labels name."""
    places = {alert.labels.get(f"resource.labels.{name}", "") for name in ("zone", "location", "region")}
    own = {one.said(name).rpartition("/")[2] for name in ("zone", "location", "region")} - {""}
    stated = places - {"", "global"}
    return not stated or not own or any(_near(here, there) for here in own for there in stated)


def _near(one: str, other: str) -> bool:
    """Return whether they are the same zone or region, or the one lies in the other."""
    return f"{one}-".startswith(f"{other}-") or f"{other}-".startswith(f"{one}-")


def _where(among: Sequence[Candidate], fits: Callable[[Candidate], bool]) -> Match:
    return Match("", tuple(one for one in among if fits(one)))


def _by_number(alert: Alert, among: Sequence[Candidate]) -> Match | None:
    said = (label(alert, "instance_id"), alert.resource)
    number = next((one for one in said if one.isdigit() and len(one) <= _MOST_DIGITS), "")
    return _where(among, lambda one: one.said("instance_id") == number) if number else None


def _by_id(alert: Alert, among: Sequence[Candidate]) -> Match | None:
    said = {plain_id(name) for name in (alert.resource, *alert.labels.values()) if "/" in name}
    return _where(
        among, lambda one: bool(said & {plain_id(one.resource.id), plain_id(one.said("self_link"))} - {""})
    )


def _by_database(alert: Alert, among: Sequence[Candidate]) -> Match | None:
    project, _, name = (label(alert, "database_id") or alert.resource).rpartition(":")
    if not project:
        return None
    return _where(
        among,
        lambda one: (
            (one.resource.type, one.resource.name) == (DATABASE, name) and _project(one) in {"", project}
        ),
    )


def _by_machine(alert: Alert, among: Sequence[Candidate]) -> Match | None:
    names = {label(alert, "instance_name"), alert.resource} - {""}
    return _where(among, lambda one: one.resource.type == MACHINE and one.resource.name in names)


def _by_member(alert: Alert, among: Sequence[Candidate]) -> Match | None:
    for name in (label(alert, "instance_name"), alert.resource, *(label(alert, one) for one in _NAMES)):
        groups = tuple(one for one in among if is_group(one) and _is_machine_of(one, name))
        if groups:
            return Match("", groups, name)
    return None


def _is_machine_of(group: Candidate, name: str) -> bool:
    base = group.said("base_instance_name")
    return bool(base) and name.startswith(base) and _SUFFIX.fullmatch(name[len(base) :]) is not None


def _named(kinds: frozenset[str] | None, *names: str) -> Callable[[Alert, Sequence[Candidate]], Match | None]:
    def find(alert: Alert, among: Sequence[Candidate]) -> Match | None:
        name = label(alert, *names).rpartition("/")[2]
        if not name:
            return None
        return _where(
            among, lambda one: one.resource.name == name and (kinds is None or one.resource.type in kinds)
        )

    return find


def _by_name(alert: Alert, among: Sequence[Candidate]) -> Match | None:
    every = [alert.resource] if alert.resource else [label(alert, one) for one in _NAMES]
    for said in every:
        name = (
            said if "[" in said else said.partition(":")[0]
        )  # `web-1:9100`, as Prometheus names its targets
        fits = {said, name} - {""}
        found = tuple(one for one in among if fits & {one.resource.name, one.resource.address})
        if found:
            return Match("", found)
    return None


_WAYS: tuple[tuple[str, Callable[[Alert, Sequence[Candidate]], Match | None]], ...] = (
    ("instance_id", _by_number),
    ("google_id", _by_id),
    ("database_id", _by_database),
    ("name", _by_machine),
    ("group_member", _by_member),
    ("group_name", _named(GROUPS, *_GROUP_NAMES)),
    ("service_name", _named(RUN, "service_name")),
    ("cluster_name", _named(frozenset({CLUSTER}), "cluster_name", "cluster")),
    ("balancer", _named(None, *_BALANCERS)),
    ("name", _named(None, *_OWN_NAMES)),
    ("name", _by_name),
)
