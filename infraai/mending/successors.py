"""What the google provider's arguments are called now, and which it took away; reviewed against its guides.

Sources: https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides (upgrade guides 3 to 7), and
the names other clouds' providers have for the same thing.
"""

import re
from typing import NamedTuple

_VM = r"google_compute_instance"
_GKE = r"google_container_cluster"
_POOL = r"google_container_node_pool"
_SQL = r"google_sql_database_instance"
_BUCKET = r"google_storage_bucket"
_RUN = r"google_cloud_run_v2_service"


class Successor(NamedTuple):
    """An argument at `path` of types that match `types` stands at `to` now."""

    types: str
    path: str
    to: str
    value: str = ""  # what stands for `true`; "" where the value stays
    beside: tuple[str, ...] = ()  # what a new block needs besides


SUCCESSORS: tuple[Successor, ...] = (
    Successor(_GKE, "workload_identity_config.identity_namespace", "workload_identity_config.workload_pool"),
    Successor(
        _GKE,
        "enable_binary_authorization",
        "binary_authorization.evaluation_mode",
        '"PROJECT_SINGLETON_POLICY_ENFORCE"',
    ),
    Successor(_GKE, "additional_zones", "node_locations"),
    Successor(_GKE, "node_count", "initial_node_count"),
    Successor(_GKE, "machine_type", "node_config.machine_type"),
    Successor(f"{_GKE}|{_POOL}", "zone", "location"),
    Successor(f"{_GKE}|{_POOL}", "region", "location"),
    Successor(_POOL, "autoscaling.min_nodes", "autoscaling.min_node_count"),
    Successor(_POOL, "autoscaling.max_nodes", "autoscaling.max_node_count"),
    Successor(_POOL, "autoscaling.min_count", "autoscaling.min_node_count"),
    Successor(_POOL, "autoscaling.max_count", "autoscaling.max_node_count"),
    Successor(_POOL, "min_node_count", "autoscaling.min_node_count"),
    Successor(_POOL, "max_node_count", "autoscaling.max_node_count"),
    *(
        Successor(_VM, f"{place}{old}", f"boot_disk.initialize_params.{new}")
        for place in ("", "boot_disk.", "boot_disk.initialize_params.")
        for old, new in (
            ("disk_size_gb", "size"),
            ("disk_size", "size"),
            ("boot_disk_size_gb", "size"),
            ("boot_disk_size", "size"),
            ("size_gb", "size"),
            ("disk_type", "type"),
            ("boot_disk_type", "type"),
            ("image", "image"),
            ("source_image", "image"),
            ("disk_image", "image"),
            ("boot_disk_image", "image"),
            *((("size", "size"), ("type", "type")) if place else ()),
        )
        if f"{place}{old}" != f"boot_disk.initialize_params.{new}"
    ),
    Successor(
        f"{_VM}(_template)?",
        "service_account_email",
        "service_account.email",
        beside=('scopes = ["cloud-platform"]',),
    ),
    Successor(
        f"{_VM}(_template)?",
        "service_account",
        "service_account.email",
        beside=('scopes = ["cloud-platform"]',),
    ),
    Successor(f"{_VM}(_template)?", "security_groups", "tags"),
    Successor(f"{_VM}(_template)?", "user_data", "metadata_startup_script"),
    Successor(f"{_VM}(_template)?", "startup_script", "metadata_startup_script"),
    Successor(f"{_VM}(_template)?", "instance_type", "machine_type"),
    Successor(f"{_VM}(_template)?", "preemptible", "scheduling.preemptible"),
    Successor(_VM, "availability_zone", "zone"),
    Successor(f"{_VM}(_template)?", "network_interface.subnet", "network_interface.subnetwork"),
    Successor(f"{_VM}(_template)?", "network_interface.subnet_id", "network_interface.subnetwork"),
    Successor(
        _SQL,
        "settings.ip_configuration.require_ssl",
        "settings.ip_configuration.ssl_mode",
        '"ENCRYPTED_ONLY"',
    ),
    Successor(_SQL, "engine", "database_version"),
    Successor(_SQL, "engine_version", "database_version"),
    Successor(_SQL, "instance_class", "settings.tier"),
    Successor("google_sql_user", "username", "name"),
    Successor(_BUCKET, "encryption.kms_key_name", "encryption.default_kms_key_name"),
    Successor(_BUCKET, "retention_policy.is_lock", "retention_policy.is_locked"),
    Successor(_BUCKET, "retention_policy.locked", "retention_policy.is_locked"),
    Successor(_BUCKET, "lifecycle_rule.action", "lifecycle_rule.action.type"),
    Successor(_BUCKET, "bucket_policy_only", "uniform_bucket_level_access"),
    Successor(_BUCKET, "region", "location"),
    Successor("google_compute_subnetwork", "cidr_block", "ip_cidr_range"),
    Successor("google_compute_subnetwork", "cidr", "ip_cidr_range"),
    Successor(
        "google_compute_subnetwork", "enable_flow_logs", "log_config.metadata", '"INCLUDE_ALL_METADATA"'
    ),
    Successor("google_redis_instance", "memory_size", "memory_size_gb"),
    Successor(_RUN, "template.containers.port", "template.containers.ports.container_port"),
    Successor(_RUN, "template.containers.container_port", "template.containers.ports.container_port"),
    Successor(_RUN, "template.min_instances", "template.scaling.min_instance_count"),
    Successor(_RUN, "template.max_instances", "template.scaling.max_instance_count"),
    Successor(_RUN, "template.scaling.min_instances", "template.scaling.min_instance_count"),
    Successor(_RUN, "template.scaling.max_instances", "template.scaling.max_instance_count"),
    Successor(_RUN, "service_account", "template.service_account"),
    Successor(_RUN, "image", "template.containers.image"),
    Successor("google_project_service", "api", "service"),
    Successor("google_pubsub_subscription", "topic_name", "topic"),
    Successor("google_secret_manager_secret", "name", "secret_id"),
    Successor("google_service_account", "name", "account_id"),
    Successor(r"google_\w+", "tags", "labels"),
)
# Blocks by another name: (types, dotted path, name now).
BLOCKS: tuple[tuple[str, str, str], ...] = (
    (_VM, "disk", "boot_disk"),
    (_VM, "disks", "boot_disk"),
    ("google_compute_firewall", "allowed", "allow"),
    ("google_compute_firewall", "denied", "deny"),
)
# Taken away with nothing in its place: (types, dotted path of the argument or block, what became of it).
REMOVED: tuple[tuple[str, str, str], ...] = (
    (
        _GKE,
        "pod_security_policy_config",
        "Kubernetes 1.25 has no pod security policies; provider 5.0 dropped it",
    ),
    (
        _GKE,
        "master_auth.username",
        "basic authentication ended with Kubernetes 1.19; provider 4.0 dropped it",
    ),
    (
        _GKE,
        "master_auth.password",
        "basic authentication ended with Kubernetes 1.19; provider 4.0 dropped it",
    ),
    (_GKE, "instance_group_urls", "provider 4.0 dropped it; the node pools have their own"),
    (_VM, "create_timeout", "provider 3.0 dropped it; a timeouts block has taken over"),
    ("google_compute_network", "ipv4_range", "legacy networks are gone; provider 3.0 dropped it"),
    (r"google_\w+", "self_link", "the provider sets it"),
    (r"google_\w+", "creation_timestamp", "the provider sets it"),
    (r"google_\w+", "fingerprint", "the provider sets it"),
    (r"google_\w+", "etag", "the provider sets it"),
    (r"google_\w+", "id", "the provider sets it"),
    (r"google_\w+", "server_id", "the provider sets it"),
    (r"google_\w+", "unique_id", "the provider sets it"),
    (r"google_\w+", "generation", "the provider sets it"),
    (r"google_\w+", "effective_labels", "the provider sets it"),
    (r"google_\w+", "terraform_labels", "the provider sets it"),
    ("google_service_account", "email", "the provider sets it"),
    (_GKE, "endpoint", "the provider sets it"),
)


def successor(kind: str, path: str) -> Successor | None:
    """Return where an argument stands now; None where nothing is known of it."""
    return next((one for one in SUCCESSORS if one.path == path and re.fullmatch(one.types, kind)), None)


def block_now(kind: str, path: str) -> str:
    """Return what a block is called now, "" where nothing is known of it."""
    found = (new for types, old, new in BLOCKS if old == path and re.fullmatch(types, kind))
    return next(found, "")


def removed(kind: str, path: str) -> str:
    """Return why the provider no longer has an argument or block, or what it stands in; "" if it has."""
    for types, gone, why in REMOVED:
        if re.fullmatch(types, kind) and (path == gone or path.startswith(gone + ".")):
            return why
    return ""


def says_too(present: str, former: str) -> bool:
    """Return whether the text under the present name holds what stands under a former one."""
    own, other = (re.sub(r"[^a-z0-9]", "", one.lower()) for one in (present, former))
    return other != "" and other in own
