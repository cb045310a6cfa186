"""Sensible values: what to write where a value is wanted and nobody gave one."""

import re
from collections.abc import Mapping

from sandbox.gemini.mends.case import Case
from sandbox.gemini.mends.tree import Block
from sandbox.gemini.writer.shape import Argument as Shape

_HELLO = '"us-docker.pkg.dev/cloudrun/container/hello"'
_BY_PATH: Mapping[str, str] = {  # "type.path" or the end of a path
    "google_cloud_run_service.image": _HELLO,
    "google_cloud_run_v2_service.image": _HELLO,
    "google_cloud_run_v2_job.image": '"us-docker.pkg.dev/cloudrun/container/job"',
    "google_compute_instance_template.source_image": '"debian-cloud/debian-12"',
    "google_compute_region_instance_template.source_image": '"debian-cloud/debian-12"',
    "google_sql_database_instance.tier": '"db-f1-micro"',
    "google_redis_instance.tier": '"BASIC"',
    "google_monitoring_alert_policy.combiner": '"OR"',
    "google_monitoring_alert_policy.display_name": "",
    "google_monitoring_notification_channel.type": '"email"',
    "google_dns_record_set.type": '"A"',
    "google_dns_record_set.ttl": "300",
    "google_project_iam_member.role": '"roles/viewer"',
    "google_storage_bucket_iam_member.role": '"roles/storage.objectViewer"',
    "google_kms_key_ring.location": '"global"',
}
_BY_NAME: Mapping[str, str] = {
    "machine_type": '"e2-medium"',
    "image": '"debian-cloud/debian-12"',
    "initialize_params.image": '"debian-cloud/debian-12"',
    "source_image": '"debian-cloud/debian-12"',
    "database_version": '"POSTGRES_15"',
    "memory_size_gb": "1",
    "protocol": '"tcp"',
    "comparison": '"COMPARISON_GT"',
    "duration": '"60s"',
    "alignment_period": '"60s"',
    "threshold_value": "0.8",
    "combiner": '"OR"',
    "ip_cidr_range": '"10.0.0.0/24"',
    "initial_node_count": "1",
    "target_size": "1",
    "min_replicas": "1",
    "max_replicas": "3",
    "cooldown_period": "60",
    "base_instance_name": "name",
    "byte_length": "4",
    "length": "24",
    "runtime": '"python312"',
    "entry_point": '"main"',
    "format": '"DOCKER"',
    "schedule": '"0 3 * * *"',
    "mode": '"READ_WRITE"',
    "num_nodes": "1",
    "port": "80",
    "service": '"compute.googleapis.com"',
    "rotation_period": '"7776000s"',
    "source_ip_ranges_to_nat": '"ALL_SUBNETWORKS_ALL_IP_RANGES"',
    "nat_ip_allocate_option": '"AUTO_ONLY"',
    "load_balancing_scheme": '"EXTERNAL"',
    "condition_threshold.filter": "",
}
_NAMES = {
    "name",
    "display_name",
    "account_id",
    "secret_id",
    "cluster_id",
    "repository_id",
    "key_ring_id",
    "title",
    "hostname",
}
_ONLY = {
    "network": ("google_compute_network", "id"),
    "subnetwork": ("google_compute_subnetwork", "id"),
    "instance": ("google_sql_database_instance", "name"),
    "cluster": ("google_container_cluster", "name"),
    "bucket": ("google_storage_bucket", "name"),
    "topic": ("google_pubsub_topic", "id"),
    "router": ("google_compute_router", "name"),
    "url_map": ("google_compute_url_map", "id"),
    "managed_zone": ("google_dns_managed_zone", "name"),
    "key_ring": ("google_kms_key_ring", "id"),
    "secret": ("google_secret_manager_secret", "id"),
    "instance_template": ("google_compute_instance_template", "id"),
    "instance_group_manager": ("google_compute_instance_group_manager", "id"),
    "dataset_id": ("google_bigquery_dataset", "dataset_id"),
    "service_account_id": ("google_service_account", "name"),
    "target": ("google_compute_target_http_proxy", "id"),
    "default_service": ("google_compute_backend_service", "id"),
    "repository": ("google_artifact_registry_repository", "name"),
}
SHORTEST_ACCOUNT = 6  # https://cloud.google.com/iam/docs/service-accounts-create
SECRET = re.compile(r"(?i)passw|secret_data|private_key|api_key|token|credential")


def slug(text: str, longest: int = 63) -> str:
    """Return the text as Google wants names: small letters, digits and hyphens, a letter first."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    plain = plain if plain[:1].isalpha() else f"r-{plain}".rstrip("-")
    return plain[:longest].rstrip("-")


def place(case: Case) -> tuple[str, str]:
    """Return the region and zone of the configuration, or of the plan, as they would be written."""
    region, zone = str(case.plan.get("region") or "us-central1"), ""
    for block in case.module("provider"):
        for name in ("region", "zone"):
            own = block.get(name)
            if own and own.literal:
                region, zone = (own.literal, zone) if name == "region" else (region, own.literal)
    return region, zone or f"{region}-a"


def written_place(case: Case, name: str) -> str:
    """Return region, zone, location or project as the module says it: a variable where there is one."""
    declared = {one.labels[0] for one in case.module("variable") if one.labels}
    for one in {"location": ("location", "region"), "project": ("project_id", "project")}.get(name, (name,)):
        if one in declared:
            return f"var.{one}"
    region, zone = place(case)
    return {"region": f'"{region}"', "location": f'"{region}"', "zone": f'"{zone}"'}.get(name, "")


def value_for(case: Case, top: Block, path: tuple[str, ...], argument: Shape | None) -> str:
    """Return what to write for an argument, "" where there is no honest choice."""
    leaf = path[-1]
    if SECRET.search(leaf):
        return _secret(case)
    return _from_files(case, top, leaf) or _from_schema(argument) or _usual(top, leaf) or _last(argument)


def _from_files(case: Case, top: Block, leaf: str) -> str:
    """Return what the configuration itself says: its names, its place, its only resource of a type."""
    kind = top.labels[0] if top.labels else ""
    if found := _BY_PATH.get(f"{kind}.{leaf}"):
        return found
    if leaf in _NAMES and len(top.labels) > 1:
        return _name(top, leaf)
    if leaf == "member" and (account := _one(case, "google_service_account")):
        return f'"serviceAccount:${{{account}.email}}"'
    found = written_place(case, leaf) or (_only(case, top, leaf) if leaf in _ONLY else "")
    return found or ('"default"' if leaf == "network" else "")


def _from_schema(argument: Shape | None) -> str:
    empty = argument is None or argument.default in (None, "", [], {})
    return "" if argument is None or empty else _literal(argument.default)


def _usual(top: Block, leaf: str) -> str:
    value = _BY_NAME.get(leaf, "")
    return f'"{slug(top.labels[-1], 50)}"' if value == "name" else value


def _last(argument: Shape | None) -> str:
    return f'"{_best(argument.enum)}"' if argument is not None and argument.enum else _by_type(argument)


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _by_type(argument: Shape | None) -> str:
    kind = argument.type if argument else ""
    return {"bool": "false", "number": "1"}.get(kind, "")


def _best(values: list[str]) -> str:
    kept = [one for one in values if one and "UNSPECIFIED" not in one]
    return kept[0] if kept else values[0]


def _name(top: Block, leaf: str) -> str:
    label = top.labels[1]
    if leaf in {"display_name", "title"}:
        return f'"{label.replace("_", " ").capitalize()}"'
    name = slug(label, 30 if leaf == "account_id" else 50)
    name = f"{name}-account" if leaf == "account_id" and len(name) < SHORTEST_ACCOUNT else name
    return (
        f'"{name}-${{count.index}}"'
        if top.get("count")
        else f'"{name}-${{each.key}}"'
        if top.get("for_each")
        else f'"{name}"'
    )


def _only(case: Case, top: Block, leaf: str) -> str:
    kind, attribute = _ONLY[leaf]
    address = _one(case, kind)
    return f"{address}.{attribute}" if address and address != top.address else ""


def _one(case: Case, kind: str) -> str:
    """Return the address of the module's only resource of a type."""
    found = [one for one in case.module("resource") if one.labels[:1] == (kind,)]
    return (
        found[0].address
        if len(found) == 1 and not (found[0].get("count") or found[0].get("for_each"))
        else ""
    )


def _secret(case: Case) -> str:
    """A secret is never written down: it comes from a variable or a generated password that is there."""
    for one in case.module("variable"):
        if one.labels and SECRET.search(one.labels[0]):
            return f"var.{one.labels[0]}"
    generated = _one(case, "random_password")
    return f"{generated}.result" if generated else ""


def block_text(case: Case, top: Block, path: tuple[str, ...], shape: Shape | None) -> str:
    """Return a block with what its schema requires, and what it makes no sense without."""
    lines: list[str] = []
    own = _contents(case, top, path)
    for name, argument in (shape.children if shape else {}).items():
        if not argument.required or any(line.split(" ")[0] == name for line in own):
            continue
        if argument.block:
            lines += block_text(case, top, (*path, name), argument).split("\n")
        elif value := value_for(case, top, (*path, name), argument):
            lines.append(f"{name} = {value}")
    lines = [*own, *lines]
    inner = "".join(f"  {line}\n" for line in lines)
    return f"{path[-1]} {{\n{inner}}}" if lines else f"{path[-1]} {{}}"


_CONTENTS: Mapping[tuple[str, str], tuple[str, ...]] = {  # (type, block): what it holds in practice
    ("*", "boot_disk"): ("initialize_params {", '  image = "debian-cloud/debian-12"', "}"),
    ("google_compute_instance_template", "disk"): ('source_image = "debian-cloud/debian-12"', "boot = true"),
    ("google_compute_firewall", "allow"): ('protocol = "tcp"', 'ports    = ["443"]'),
    ("google_sql_database_instance", "settings"): ('tier = "db-f1-micro"',),
    ("google_cloud_run_v2_service", "template"): ("containers {", f"  image = {_HELLO}", "}"),
    ("google_cloud_run_service", "template"): (
        "spec {",
        "  containers {",
        f"    image = {_HELLO}",
        "  }",
        "}",
    ),
    ("google_secret_manager_secret", "replication"): ("auto {}",),
}


def _contents(case: Case, top: Block, path: tuple[str, ...]) -> list[str]:
    """Return what blocks of this name hold in practice, beyond what the schema requires."""
    name = path[-1]
    if name == "network_interface":
        subnetwork = _one(case, "google_compute_subnetwork")
        network = value_for(case, top, ("network",), None)
        return [f"subnetwork = {subnetwork}.id" if subnetwork else f"network = {network}"]
    return list(_CONTENTS.get((top.labels[0], name)) or _CONTENTS.get(("*", name), ()))
