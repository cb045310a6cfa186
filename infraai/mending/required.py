"""Arguments that are missing, where the configuration itself says what they must be."""

import re
from collections.abc import Mapping

from infraai.configuration import Block
from infraai.mending.arguments import module_inputs
from infraai.mending.fault import Fault, Mend, join, path_of
from infraai.mending.text import add_to_body

_NAMED = re.compile(r'The argument "([\w-]+)" is required, but no definition was found')
_HOMES: Mapping[str, tuple[str, str]] = {  # what an argument of this name means by its only candidate
    "network": ("google_compute_network", "id"),
    "subnetwork": ("google_compute_subnetwork", "id"),
    "instance": ("google_sql_database_instance", "name"),
    "cluster": ("google_container_cluster", "name"),
    "bucket": ("google_storage_bucket", "name"),
    "topic": ("google_pubsub_topic", "id"),
    "managed_zone": ("google_dns_managed_zone", "name"),
    "dataset_id": ("google_bigquery_dataset", "dataset_id"),
    "secret": ("google_secret_manager_secret", "id"),
    "service_account_id": ("google_service_account", "name"),
    "key_ring": ("google_kms_key_ring", "id"),
    "router": ("google_compute_router", "name"),
    "repository": ("google_artifact_registry_repository", "name"),
    "url_map": ("google_compute_url_map", "id"),
    "instance_group_manager": ("google_compute_instance_group_manager", "id"),
}
_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "project": ("project_id", "project", "gcp_project", "gcp_project_id"),
    "region": ("region", "gcp_region", "location"),
    "zone": ("zone", "gcp_zone"),
    "location": ("location", "region", "gcp_region", "zone"),
}
_NAMES = ("name", "account_id", "display_name", "secret_id", "repository_id", "cluster_id")
SHORTEST_ACCOUNT = 6  # https://cloud.google.com/iam/docs/service-accounts-create
_FREE_NAMES = ("display_name",)


def mend_required(fault: Fault) -> Mend | None:
    """Write a missing argument whose value follows from the label, a variable or the only candidate."""
    found = _NAMED.search(fault.words)
    block = _lacking(fault, found[1]) if found else None
    if not found or block is None or _has_stranger(fault, block):
        return None
    name = found[1]
    value = _module_value(fault, block, name) if block.type == "module" else _value(fault, block, name)
    if not value:
        return None
    line = f"{name} = {value}"
    return Mend((add_to_body(block, [line], fault.source),), f"{line} added to {fault.chain[0].address}")


def _lacking(fault: Fault, name: str) -> Block | None:
    starting = [one for one in fault.chain if one.span.line == fault.line]
    return next((one for one in reversed(starting or fault.chain) if not one.attribute(name)), None)


def _has_stranger(fault: Fault, block: Block) -> bool:
    """A misspelt argument in the block may be the missing one; it is put right first."""
    chain = fault.chain[: fault.chain.index(block) + 1]
    path, shape = path_of(chain), fault.shape
    return shape.known and any(
        not shape.has(join(path, one.name))
        and one.name not in {"count", "for_each", "provider", "depends_on"}
        for one in block.attributes
    )


def _module_value(fault: Fault, block: Block, name: str) -> str:
    if name == "source":
        return _source(fault, block)
    inputs = module_inputs(fault, block)
    if any(
        one.name not in (*inputs, "source", "version", "providers", "count", "for_each", "depends_on")
        for one in block.attributes
    ):
        return ""
    return _variable(fault, (name,)) or _place(fault, name)


def _source(fault: Fault, block: Block) -> str:
    """Return the only folder of the bundle that has the module's name."""
    home = fault.file.rpartition("/")[0]
    folders = {file.rpartition("/")[0] for file in fault.bundle.files if file.endswith(".tf") and "/" in file}
    named = [one for one in folders if one.rpartition("/")[2] == block.labels[0]] if block.labels else []
    return f'"./{named[0]}"' if len(named) == 1 and not home else ""


def _value(fault: Fault, block: Block, name: str) -> str:
    if block.type != "resource":
        return _place(fault, name) if block.type == "data" else ""
    nested = fault.chain[0] is not block
    if name in _NAMES and not nested and len(block.labels) > 1:
        return _named(name, block)
    if found := _place(fault, name):
        return found
    if home := _HOMES.get(name):
        known = [one for one in fault.siblings("resource") if one.labels[:1] == home[:1] and one is not block]
        if len(known) == 1 and not known[0].attribute("count") and not known[0].attribute("for_each"):
            return f"{known[0].address}.{home[1]}"
        if name == "network" and not known:
            return '"default"'
    return _variable(fault, (name,)) if name == "machine_type" else ""


def _named(name: str, block: Block) -> str:
    label = block.labels[1]
    if name in _FREE_NAMES:
        return f'"{label.replace("_", " ").replace("-", " ")}"'
    slug = re.sub(r"[^a-z0-9-]+", "-", label.lower()).strip("-")
    slug = slug if slug[:1].isalpha() else f"r-{slug}"
    if name == "account_id":
        slug = (slug if len(slug) >= SHORTEST_ACCOUNT else f"{slug}-account")[:30].rstrip("-")
    counted = block.attribute("count")
    each = block.attribute("for_each")
    suffix = "-${count.index}" if counted else "-${each.key}" if each else ""
    return f'"{slug[: 63 - 16 * bool(suffix)]}{suffix}"'


def _place(fault: Fault, name: str) -> str:
    """Return where things stand, as the configuration says it: a variable, or the provider's own setting."""
    if name not in _VARIABLES:
        return ""
    if found := _variable(fault, _VARIABLES[name]):
        return found
    for provider in fault.siblings("provider"):
        own = provider.attribute("region" if name == "location" else name)
        if own and not provider.attribute("alias"):
            return own.expression.text
    return f'"{fault.project}"' if name == "project" and fault.project else ""


def _variable(fault: Fault, names: tuple[str, ...]) -> str:
    declared = [one.labels[0] for one in fault.siblings("variable") if one.labels]
    found = next((one for one in names if one in declared), "")
    return f"var.{found}" if found else ""
