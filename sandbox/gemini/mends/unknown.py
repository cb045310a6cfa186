"""Arguments, blocks and attributes that the schema does not have: replaced, renamed, or moved."""

import posixpath
import re
from collections.abc import Mapping
from difflib import get_close_matches

from sandbox.gemini.mends.case import Case, Edit, Mend, add, append, cut, put
from sandbox.gemini.mends.tree import Argument, Block
from sandbox.gemini.writer.generic import META
from sandbox.gemini.writer.shape import at, shape

_ARGUMENT = re.compile(r'An argument named "([\w-]+)" is not expected here')
_BLOCK = re.compile(r'Blocks of type "([\w-]+)" are not expected here')
_ATTRIBUTE = re.compile(r'(?:exported attribute|have an attribute) named "([\w-]+)"')
_UNCONFIGURABLE = re.compile(r'Can\'t configure a value for "([\w.]+)"')
# What the provider had once, and has under another name or in another place now; "": it needs no successor.
# https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides (upgrade guides 3 to 8)
_SUCCESSORS: Mapping[tuple[str, str], str] = {
    ("google_container_cluster", "enable_binary_authorization"): "binary_authorization.evaluation_mode = "
    '"PROJECT_SINGLETON_POLICY_ENFORCE"',
    ("google_container_cluster", "additional_zones"): "node_locations",
    ("google_container_cluster", "zone"): "location",
    ("google_container_cluster", "region"): "location",
    ("google_container_node_pool", "zone"): "location",
    ("google_container_node_pool", "region"): "location",
    ("google_storage_bucket", "bucket_policy_only"): "uniform_bucket_level_access",
    ("google_storage_bucket", "region"): "location",
    ("google_compute_instance", "startup_script"): "metadata_startup_script",
    ("google_compute_instance", "user_data"): "metadata_startup_script",
    ("google_compute_instance", "instance_type"): "machine_type",
    ("google_compute_instance", "type"): "machine_type",
    ("google_compute_instance", "size"): "machine_type",
    ("google_compute_instance", "availability_zone"): "zone",
    ("google_compute_instance", "create_timeout"): "",
    ("google_compute_subnetwork", "cidr_block"): "ip_cidr_range",
    ("google_compute_subnetwork", "cidr"): "ip_cidr_range",
    ("google_compute_network", "ipv4_range"): "",
    ("google_redis_instance", "memory_size"): "memory_size_gb",
    ("google_sql_database_instance", "engine_version"): "database_version",
    ("google_sql_database_instance", "engine"): "database_version",
    ("google_sql_database_instance", "instance_class"): "settings.tier",
    ("google_sql_user", "username"): "name",
    ("google_cloud_run_v2_service", "port"): "ports.container_port",
    ("google_cloud_run_v2_service", "container_port"): "ports.container_port",
    ("google_cloud_run_service", "port"): "ports.container_port",
    ("google_project_service", "api"): "service",
    ("google_service_account", "name"): "account_id",
    ("google_pubsub_subscription", "topic_name"): "topic",
    ("google_secret_manager_secret", "name"): "secret_id",
    ("*", "tags"): "labels",
    ("*", "server_id"): "",
    ("*", "name_prefix"): "name",
}
_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "google_compute_instance": {
        "public_ip": "network_interface[0].access_config[0].nat_ip",
        "external_ip": "network_interface[0].access_config[0].nat_ip",
        "ip_address": "network_interface[0].access_config[0].nat_ip",
        "nat_ip": "network_interface[0].access_config[0].nat_ip",
        "ip": "network_interface[0].network_ip",
        "private_ip": "network_interface[0].network_ip",
        "internal_ip": "network_interface[0].network_ip",
        "network_ip": "network_interface[0].network_ip",
    },
    "google_compute_address": {"ip": "address", "ip_address": "address"},
    "google_compute_global_address": {"ip": "address", "ip_address": "address"},
    "google_cloud_run_v2_service": {"url": "uri", "service_url": "uri", "status": "uri"},
    "google_cloud_run_service": {"url": "status[0].url", "uri": "status[0].url"},
    "google_sql_database_instance": {
        "public_ip": "public_ip_address",
        "private_ip": "private_ip_address",
        "ip": "first_ip_address",
        "address": "first_ip_address",
        "endpoint": "first_ip_address",
        "host": "first_ip_address",
    },
    "google_container_cluster": {"host": "endpoint", "url": "endpoint", "ip": "endpoint"},
    "google_storage_bucket": {"arn": "self_link", "bucket_url": "url", "link": "self_link"},
    "google_redis_instance": {"ip": "host", "endpoint": "host", "address": "host"},
}


def unknown_argument(case: Case) -> Mend | None:
    """Give an argument its present name or place; take it out where it has none."""
    found = _ARGUMENT.search(case.words)
    if not found:
        return None
    if case.top is None:
        return _outside(case, found[1])
    placed = case.argument(found[1])
    return _inside(case, case.top, *placed) if placed else None


def _inside(case: Case, top: Block, block: Block, argument: Argument) -> Mend | None:
    kind = top.labels[0] if top.labels else top.type
    for key in ((kind, argument.name), ("*", argument.name)):
        if key in _SUCCESSORS and (mended := _succeeded(case, block, argument, _SUCCESSORS[key])):
            return mended
    if new := _near(case, block, argument):
        return Mend((_renamed(block, argument, new),), f"{argument.name} is {new}")
    if moved := _nested(case, block, argument):
        return moved
    return _off(case, top, block, argument)


def _off(case: Case, top: Block, block: Block, argument: Argument) -> Mend | None:
    """Take out an argument that says nothing, or says it again; one that says something is for a person to place."""
    near = get_close_matches(argument.name, [one.name for one in block.arguments if one is not argument], n=1)
    twin = block.get(near[0]) if near else None
    again = twin is not None and twin.value == argument.value
    if not again and argument.value not in {"false", "null", '""', "[]", "{}"}:
        return None
    gone = cut(case, block.file, argument.start, argument.end)
    return Mend((gone,), f"took out {argument.name} of {top.address}: its type has no such argument")


def _near(case: Case, block: Block, argument: Argument) -> str:
    shape = case.shape_at()
    names = [one.name for one in (shape.children.values() if shape else ()) if one.settable and not one.block]
    if argument.name in {"member", "members"}:
        return ""  # one adds to a role, the other owns it
    free = [one for one in names if not block.get(one)]
    found = get_close_matches(argument.name, free, n=1, cutoff=0.75)
    return found[0] if found else ""


def _nested(case: Case, block: Block, argument: Argument) -> Mend | None:
    """Put an argument, and those lost beside it, into the first nested block that has them all."""
    above = case.shape_at()
    own = set(above.children) if above else set[str]()
    lost = [one for one in block.arguments if one.name not in own and one.name not in META]
    homes = [
        one
        for one in (above.children.values() if above else ())
        if one.block and argument.name in one.children
    ]
    homes.sort(
        key=lambda one: (
            -sum(arg.name in one.children for arg in lost),
            any(inner.type == one.name for inner in block.blocks),
        )
    )
    if not homes or any(inner.type == homes[0].name for inner in block.blocks):
        return None
    home = homes[0]
    source = case.source(block.file)
    moved = [one for one in lost if one.name in home.children]
    lines = "".join(f"  {source[one.start : one.end].decode()}\n" for one in moved)
    cuts = [cut(case, block.file, one.start, one.end) for one in moved]
    return Mend(
        (*cuts, add(case, block, f"{home.name} {{\n{lines}}}")),
        f"{', '.join(one.name for one in moved)} belong in {home.name}",
    )


def _renamed(block: Block, argument: Argument, new: str) -> Edit:
    return Edit(block.file, argument.start, argument.start + len(argument.name.encode()), new)


def _succeeded(case: Case, block: Block, argument: Argument, new: str) -> Mend | None:
    gone = cut(case, block.file, argument.start, argument.end)
    if not new:
        return Mend((gone,), f"took out {argument.name}: it no longer exists")
    path, _, value = new.partition(" = ")
    *above, name = path.split(".")
    if not above and not value:
        return (
            None
            if block.get(name)
            else Mend((_renamed(block, argument, name),), f"{argument.name} is {name}")
        )
    if value and argument.value not in {"true", "false"}:
        return None
    if argument.value == "false":
        return Mend((gone,), f"took out {argument.name}: it is off by default")
    text = f"{name} = {value or argument.value}"
    for one in reversed(above):
        text = (
            f"{one} {{\n  {text}\n}}"
            if "\n" not in text
            else f"{one} {{\n" + "".join(f"  {line}\n" for line in text.split("\n")) + "}"
        )
    return Mend((gone, add(case, block, text)), f"{argument.name} is now {path}")


def _outside(case: Case, name: str) -> Mend | None:
    """An argument outside any block is the provider's, or a local value."""
    whole = next((one for one in case.trees.get(case.file, ()) if not one.type), None)
    argument = whole.get(name) if whole else None
    known = {
        "resource",
        "data",
        "variable",
        "output",
        "locals",
        "module",
        "provider",
        "terraform",
        "moved",
        "import",
        "removed",
        "check",
    }
    if (
        whole is None
        or argument is None
        or "\n" in argument.value
        or any(one.type not in known for one in whole.blocks)
    ):
        return None
    gone = cut(case, case.file, argument.start, argument.end)
    text = f"{name} = {argument.value}"
    if name in {"project", "region", "zone"}:
        providers = [one for one in case.module("provider") if one.labels == ("google",)]
        if providers:
            if providers[0].get(name):
                return Mend((gone,), f"took out {name}: the provider has its own")
            return Mend((gone, add(case, providers[0], text)), f"{name} is the provider's")
        return Mend(
            (gone, append(case, case.file, f'provider "google" {{\n  {text}\n}}\n')),
            f"{name} is the provider's",
        )
    return Mend((gone, append(case, case.file, f"locals {{\n  {text}\n}}\n")), f"{name} is a local value")


def unknown_block(case: Case) -> Mend | None:
    """Rename a block to the nearest there is; take it out where there is none."""
    found = _BLOCK.search(case.words)
    block = case.block
    if not found or block is None or block.type != found[1] or len(case.chain) <= 1:
        return None

    above = at(case.root(), case.path(case.chain[:-1]))
    names = [one.name for one in (above.children.values() if above else ()) if one.block]
    near = get_close_matches(block.type, names, n=1, cutoff=0.8)
    if near:
        new = Edit(block.file, block.start, block.start + len(block.type.encode()), near[0])
        return Mend((new,), f"block {block.type} is {near[0]}")
    if block.arguments or block.blocks:
        return None
    gone = cut(case, block.file, block.start, block.end)
    return Mend((gone,), f"took out the empty block {block.type} of {case.chain[0].address}")


def unconfigurable(case: Case) -> Mend | None:
    """Take out what the provider decides by itself."""
    found = _UNCONFIGURABLE.search(case.words)
    placed = case.argument(found[1].rsplit(".", 1)[-1]) if found else None
    if not placed:
        return None
    block, argument = placed
    return Mend(
        (cut(case, block.file, argument.start, argument.end),),
        f"took out {argument.name}: the provider sets it",
    )


def unknown_attribute(case: Case) -> Mend | None:
    """Put the attribute a resource does have in the place of one it has not."""
    found = _ATTRIBUTE.search(case.words)
    placed = case.argument() if found else None
    if not found or not placed:
        return None
    block, argument = placed
    reference = re.search(
        rf"(google_\w+)\.([\w-]+)((?:\[[^\]]*\])?(?:\.[\w-]+(?:\[[^\]]*\])?)*?)\.{re.escape(found[1])}(?![\w-])",
        argument.value,
    )
    if not reference:
        return None
    new = _ATTRIBUTES.get(reference[1], {}).get(found[1], "") or _similar(case, reference[1], found[1])
    if not new or new == found[1]:
        return None
    text = argument.value[: reference.end() - len(found[1])] + new + argument.value[reference.end() :]
    return Mend((put(block, argument, text),), f"{reference[1]} has {new}, not {found[1]}")


_OUTPUT = re.compile(r"module\.([\w-]+)(?:\[[^\]]*\])?\.([\w-]+)")


def unknown_output(case: Case) -> Mend | None:
    """Put a local module's own output in the place of one it has not."""
    found = _ATTRIBUTE.search(case.words)
    placed = case.argument() if found else None
    if not found or not placed:
        return None
    block, argument = placed
    for reference in _OUTPUT.finditer(argument.value):
        if reference[2] != found[1]:
            continue
        names = _outputs(case, reference[1])
        words = set(found[1].split("_"))
        near = sorted(
            (one for one in names if words & set(one.split("_"))),
            key=lambda one: -len(words & set(one.split("_"))),
        )
        new = near[0] if near else names[0] if len(names) == 1 else ""
        if new:
            text = argument.value[: reference.start(2)] + new + argument.value[reference.end(2) :]
            return Mend((put(block, argument, text),), f"module.{reference[1]} has the output {new}")
    return None


def _outputs(case: Case, name: str) -> list[str]:
    module = next((one for one in case.module("module") if one.labels == (name,)), None)
    source = module.get("source") if module else None
    if module is None or source is None or not (source.literal or "").startswith("."):
        return []
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(module.file), source.literal or ""))
    return [one.labels[0] for one in case.module("output", folder) if one.labels]


def _similar(case: Case, kind: str, name: str) -> str:

    names = list(shape(case.schemas.get(kind) or {}).children)
    words = set(name.split("_"))
    best = sorted(names, key=lambda one: (-len(words & set(one.split("_"))), len(one)))
    return best[0] if best and words & set(best[0].split("_")) else ""
