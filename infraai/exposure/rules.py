"""Rules of the policy that the values of a change meet, whatever the configuration looked like."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infraai.exposure.kinds import permission
from infraai.exposure.logins import login_changed
from infraai.exposure.ranges import covers_world
from infraai.exposure.values import UNKNOWN, Node, node

_MAKING = frozenset({"create", "replace"})


def value_rules(
    resource_type: str,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    unknown: Mapping[str, Any],
) -> tuple[str, ...]:
    """Return which of iam, public_database, public_control_plane and service_account_key a change meets.

    What stays as open as it was is not asked about again. What the plan does not know yet counts as open.
    """
    return tuple(dict.fromkeys(_rules(resource_type, action, node(before), node(after, unknown))))


def _rules(resource_type: str, action: str, old: Node, new: Node) -> Iterator[str]:
    kind = permission(resource_type)
    if kind == "iam":
        yield "iam"
    if kind == "key" and action in _MAKING | {"update"}:
        yield "service_account_key"
    if resource_type in _LOGINS and any(_is_cloud_login(one, _LOGINS[resource_type]) for one in (old, new)):
        yield "iam"
    of_project = resource_type.startswith("google_compute_project_metadata")
    if (action != "delete" or of_project) and login_changed(resource_type, old, new):
        yield "iam"
    if action == "delete":
        return
    if resource_type == "google_bigquery_dataset" and _access_changed(old, new):
        yield "iam"
    for rule, is_open in _DOORS.get(resource_type, ()):
        if is_open(new) and not is_open(old):
            yield rule


def _is_cloud_login(user: Node, name: str) -> bool:
    """https://cloud.google.com/sql/docs/postgres/iam-authentication."""
    return user.get(name) is UNKNOWN or "IAM" in str(user.get(name) or "").upper()


def _access_changed(old: Node, new: Node) -> bool:
    """A new dataset without access blocks gets the project's own defaults, which the plan shows as unknown."""
    wanted, marks = new.values.get("access") or [], new.marks.get("access")
    if marks is True:
        return bool(old.values)
    unknown = any(
        isinstance(one, Mapping) and any(mark is True for mark in one.values()) for one in marks or []
    )
    return unknown or _as_set(wanted) != _as_set(old.values.get("access") or [])


def _as_set(blocks: list[Any]) -> frozenset[str]:
    return frozenset(
        repr(sorted((name, repr(value)) for name, value in one.items() if value not in (None, "", [], {})))
        for one in blocks
        if isinstance(one, Mapping)
    )


def _sql(instance: Node) -> bool:
    """https://cloud.google.com/sql/docs/mysql/authorize-networks."""
    return any(
        not one.is_false("ipv4_enabled") and covers_world(one.reach("authorized_networks", "value"))
        for one in instance.blocks("settings", "ip_configuration")
    )


def _migrated_sql(profile: Node) -> bool:
    return any(
        covers_world(one.reach("authorized_networks", "value"))
        for one in profile.blocks("cloudsql", "settings", "ip_config")
    )


def _alloydb(instance: Node) -> bool:
    """https://cloud.google.com/alloydb/docs/connect-public-ip."""
    return any(
        not one.is_false("enable_public_ip")
        and covers_world(one.reach("authorized_external_networks", "cidr_range"))
        for one in instance.blocks("network_config")
    )


def _gke(cluster: Node) -> bool:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/authorized-networks."""
    configured = cluster.blocks("master_authorized_networks_config")
    return any(covers_world(one.reach("cidr_blocks", "cidr_block")) for one in configured)


def _gke_to_clouds(cluster: Node) -> bool:
    """Every machine of every customer of Google Cloud."""
    configured = cluster.blocks("master_authorized_networks_config")
    return any(one.get("gcp_public_cidrs_access_enabled") is True for one in configured)


def _composer(environment: Node) -> bool:
    return any(
        not one.is_false("enabled") and covers_world(one.reach("cidr_blocks", "cidr_block"))
        for one in environment.blocks("config", "master_authorized_networks_config")
    )


_LOGINS = {"google_sql_user": "type", "google_alloydb_user": "user_type"}
_DOORS: dict[str, tuple[tuple[str, Callable[[Node], bool]], ...]] = {
    "google_sql_database_instance": (("public_database", _sql),),
    "google_database_migration_service_connection_profile": (("public_database", _migrated_sql),),
    "google_alloydb_instance": (("public_database", _alloydb),),
    "google_container_cluster": (("public_control_plane", _gke), ("public_control_plane", _gke_to_clouds)),
    "google_composer_environment": (("public_control_plane", _composer),),
}
